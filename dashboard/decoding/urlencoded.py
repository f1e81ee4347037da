"""URLs, and text that is percent-encoded, as Dubbo writes both; a long query stands over lines."""

from __future__ import annotations

import re
from urllib.parse import unquote

from dashboard.decoding.decoder import Result, Text, Undecodable
from dashboard.decoding.readable import readable

_ESCAPE = re.compile(r"%[0-9A-Fa-f]{2}")
_URL = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://[^\s?]+\?[^\s]+")
_SOME = 2
"""Parameters of a query from which on each stands on a line of its own."""


class UrlEncoded:
    name = "url"
    label = "URL"
    quick = True

    def detect(self, data: bytes, path: str) -> float:
        found = (readable(data) or "").strip()
        if not found or re.search(r"\s", found):
            return 0
        escapes = len(_ESCAPE.findall(found))
        if escapes != found.count("%"):
            return 0
        if re.match(r"[A-Za-z][A-Za-z0-9+.-]*%3[aA]%2[fF]%2[fF]", found):
            return 0.9
        if _URL.fullmatch(found) and found.count("&") >= _SOME - 1:
            return 0.7
        return 0.6 if escapes > 1 else 0.2 if escapes else 0

    def decode(self, data: bytes, limit: int) -> Result:
        found = readable(data)
        if found is None:
            raise Undecodable("It is not text in UTF-8.")
        found = found.strip()
        if not _ESCAPE.search(found) and not _URL.fullmatch(found):
            raise Undecodable("It has no percent-encoded character, and is no URL.")
        # A URL that was encoded as a whole, to be the name of a znode, has its own encoding within.
        if "://" not in found and not re.search(r"\s", found):
            found = _decoded(found)
        if _URL.fullmatch(found):
            place, _, query = found.partition("?")
            pairs = query.split("&")
            if len(pairs) >= _SOME:
                return Text("\n".join([_decoded(place), *map(_decoded, pairs)]), "properties")
        return Text(_decoded(found))


def _decoded(words: str) -> str:
    try:
        return unquote(words, errors="strict")
    except UnicodeDecodeError:
        raise Undecodable("What is percent-encoded is not text in UTF-8.") from None
