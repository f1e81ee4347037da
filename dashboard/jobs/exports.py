"""The format of exports, docs/export-format.md: a line of JSON for each znode, between a header and an end. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from hashlib import sha256
from typing import Literal, TypeVar

import msgspec

from dashboard.jobs.item import Item, place
from zkbridge.protocol.editing import Ace
from zkbridge.protocol.topics import BadTopic, check_path
from zkbridge.protocol.znodes import Kind

FORMAT = 1
MAX_LINE = 8 * 1024 * 1024
"""Bytes of the longest line. A znode has less than 1 MB, and each of its characters is escaped by six at most."""

MAX_DATA = 1_048_575

Kept = TypeVar("Kept")

_CONTROL = re.compile(rb"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_END = re.compile(rb'\s*\{\s*"end"')


class BadExport(ValueError):
    """This is no whole, sound export; the text says where and why. ``line`` counts from 1."""

    def __init__(self, line: int, text: str) -> None:
        super().__init__(f"Line {line}: {text}")
        self.line = line


class Header(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The first line."""

    zooscope: Literal["export"]
    format: int
    path: str
    """Where it was exported from."""
    cluster: str = ""
    at: str = ""
    """When, UTC."""
    zxid: str = ""
    """The last transaction known before the first znode was read. Later ones may show."""
    acl: bool = True
    """Whether it has ACLs."""
    partial: bool = False
    """Whether what configuration hides or redacts was kept from the exporter: of it there is nothing, or no data."""


class Line(msgspec.Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True):
    """A znode. No data: neither ``text`` nor ``base64``. ``locked``: it could not be read."""

    path: str
    kind: Kind = "persistent"
    ttl: int = 0
    owner: str = ""
    acl: list[Ace] | None = None
    text: str | None = None
    base64: bytes | None = None
    locked: bool = False


class End(msgspec.Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True):
    """The last line: how many znodes there are, and the digest of all that is before it."""

    end: Literal[True]
    znodes: int
    sha256: str = ""


_header, _line, _end = (msgspec.json.Decoder(kind) for kind in (Header, Line, End))
_encoder = msgspec.json.Encoder()


class Writer:
    """`begin`, `lines` as often as needed, `end`: the bytes of an export, in pieces."""

    def __init__(self) -> None:
        self.znodes = 0
        self._digest = sha256()

    def begin(self, header: Header) -> bytes:
        return self._add(_encoder.encode_lines([header]))

    def lines(self, items: Sequence[Item]) -> bytes:
        self.znodes += len(items)
        return self._add(_encoder.encode_lines([line(item) for item in items]))

    def end(self) -> bytes:
        return _encoder.encode_lines([End(True, self.znodes, self._digest.hexdigest())])

    def _add(self, text: bytes) -> bytes:
        self._digest.update(text)
        return text


class Reader:
    """Reads an export line by line; iterate, and it has all been checked once the iteration ends by itself.

    ``lines`` gives lines with their ends, none longer than `MAX_LINE` + 1. Raises `BadExport`.
    """

    def __init__(self, lines: Iterable[bytes]) -> None:
        self._lines = iter(lines)
        self._digest = sha256()
        self._number = 1
        self.header = self._begin()

    def __iter__(self) -> Iterator[Item]:
        before: list[str] | None = None
        count = 0
        for text in self._lines:
            self._number += 1
            self._whole(text)
            if _END.match(text):
                self._finish(_read(text, _end, self._number), count)
                return
            found = _read(text, _line, self._number)
            here = self._placed(found, before)
            before, count = here, count + 1
            self._digest.update(text)
            yield self._item(found)
        raise BadExport(self._number + 1, "the file ends before its last line, {\"end\": …}: it was cut off.")

    def _begin(self) -> Header:
        text = next(self._lines, b"")
        self._whole(text)
        header = _read(text, _header, 1)
        if header.format != FORMAT:
            raise BadExport(1, f"this is format {header.format}, and only {FORMAT} is known here.")
        self._digest.update(text)
        return header

    def _whole(self, text: bytes) -> None:
        if len(text) > MAX_LINE:
            raise BadExport(self._number, f"it has more than {MAX_LINE:,} bytes.")

    def _placed(self, found: Line, before: list[str] | None) -> list[str]:
        """Its place, which must be after the last one, and below a znode that was there."""
        if found.path:
            try:
                check_path(f"/{found.path}")
            except BadTopic as bad:
                raise BadExport(self._number, f"its path is no relative path. {bad.problem.text}") from None
        here = place(found.path)
        if before is None:
            if here:
                raise BadExport(self._number, "the first znode must be the top of the subtree, with path \"\".")
        elif here <= before:
            raise BadExport(self._number, f"{found.path!r} is out of order: by segments, parents first.")
        elif here[:-1] != before[: len(here) - 1]:
            raise BadExport(self._number, f"what is above {found.path!r} is missing.")
        return here

    def _item(self, found: Line) -> Item:
        if found.text is not None and found.base64 is not None:
            raise BadExport(self._number, "it has both text and base64.")
        if (found.kind == "ttl") != (0 < found.ttl < 1 << 40):
            raise BadExport(self._number, "znodes of kind ttl, and no others, have a ttl of 1 to 2**40 - 1 ms.")
        data = found.text.encode() if found.text is not None else found.base64 or b""
        if len(data) > MAX_DATA:
            raise BadExport(self._number, f"its data has {len(data):,} bytes; a znode takes {MAX_DATA:,} at the most.")
        if found.acl is not None and not (found.acl and all(ace.perms.strip("cdrwa") == "" for ace in found.acl)):
            raise BadExport(self._number, "its ACL is empty, or has permissions that are not letters out of 'cdrwa'.")
        return Item(found.path, found.kind, found.ttl, None if found.locked else data, found.acl, found.locked,
                    found.owner)  # fmt: skip

    def _finish(self, end: End, count: int) -> None:
        if end.znodes != count:
            raise BadExport(self._number, f"it counts {end.znodes:,} znodes, and {count:,} are here.")
        if end.sha256 and end.sha256 != self._digest.hexdigest():
            words = "the digest does not fit: the file was changed. If that was meant, take sha256 out of this line."
            raise BadExport(self._number, words)
        for rest in self._lines:
            if rest.strip():
                raise BadExport(self._number + 1, "there is more after the end.")


def line(item: Item) -> Line:
    text, blob = None, None
    if item.data:
        text = readable(item.data)
        blob = item.data if text is None else None
    return Line(item.path, item.kind, item.ttl, item.owner, item.acl, text, blob, item.locked)


def readable(data: bytes) -> str | None:
    """The text that these bytes are, unless they are none, or one with control characters."""
    if _CONTROL.search(data):
        return None
    try:
        return data.decode()
    except UnicodeDecodeError:
        return None


def _read(text: bytes, decoder: msgspec.json.Decoder[Kept], number: int) -> Kept:
    try:
        return decoder.decode(text)
    except msgspec.ValidationError as error:
        raise BadExport(number, f"{error}.") from None
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        raise BadExport(number, "it is not a line of JSON.") from None
