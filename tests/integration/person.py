"""Somebody in front of a demo: joins by a link, looks through a socket, acts over HTTP."""

from __future__ import annotations

import json
import re
from http.cookiejar import CookieJar
from typing import Any
from urllib.error import HTTPError
from urllib.request import HTTPCookieProcessor, Request, build_opener

from tests.integration.ensemble import SCALE


class Person:
    """Has ``origin`` and ``cookie``, which is all that a `tests.integration.stack.Page` needs."""

    def __init__(self, link: str) -> None:
        self.origin = re.match(r"https?://[^/]+", link).group()  # type: ignore[union-attr]
        self._jar = CookieJar()
        self._opener = build_opener(HTTPCookieProcessor(self._jar))
        with self._opener.open(link, timeout=10 * SCALE) as answer:
            page = answer.read().decode()
        found = re.search(r'name="csrf-token" content="([^"]+)"', page)
        self.csrf = found.group(1) if found else ""

    @property
    def cookie(self) -> str:
        return "; ".join(f"{cookie.name}={cookie.value}" for cookie in self._jar)

    def get(self, path: str) -> dict[str, Any]:
        """What a GET is answered, where that is JSON."""
        with self._opener.open(self.origin + path, timeout=15 * SCALE) as answer:
            found: dict[str, Any] = json.loads(answer.read())
            return found

    def post(self, path: str, body: dict[str, Any] | None = None, *, csrf: bool = True) -> tuple[int, dict[str, Any]]:
        """Status and answer of a POST."""
        return self.send("POST", path, body, csrf=csrf)

    def send(
        self, verb: str, path: str, body: Any = None, *, csrf: bool = True, headers: dict[str, str] | None = None
    ) -> tuple[int, dict[str, Any]]:
        """Status and answer of any request that is answered in JSON."""
        data = None if body is None else json.dumps(body).encode()
        if verb == "POST" and data is None:
            data = b""
        request = Request(self.origin + path, data, headers or {}, method=verb)
        if body is not None:
            request.add_header("Content-Type", "application/json")
        if csrf:
            request.add_header("X-CSRFToken", self.csrf)
        request.add_header("Origin", self.origin)
        try:
            # Longer than any action takes: of those that start servers a hub waits 50 s.
            with self._opener.open(request, timeout=60 * SCALE) as answer:
                return answer.status, json.loads(answer.read())
        except HTTPError as error:
            with error:
                return error.code, json.loads(error.read())

    def raw(self, path: str) -> bytes:
        """The body of a GET."""
        with self._opener.open(self.origin + path, timeout=20 * SCALE) as answer:
            body: bytes = answer.read()
            return body
