"""Java's serialisation, described: what classes and fields the stream names, and its strings. Nothing is made of it.

The grammar is that of Java's Object Serialization Stream Protocol, version 5.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator

from dashboard.decoding.decoder import Result, Text, Undecodable

MAGIC = b"\xac\xed\x00\x05"
_FIRST_HANDLE = 0x7E0000
_WRITES, _EXTERNAL, _BLOCKS = 0x01, 0x04, 0x08
"""Flags of a class."""
_DEEPEST = 60
"""Of values in values, and of classes above a class."""

_MOST_STRINGS = 200

_WIDTHS = {"B": 1, "C": 2, "D": 8, "F": 4, "I": 4, "J": 8, "S": 2, "Z": 1}
_WORDS = {
    "B": "byte", "C": "char", "D": "double", "F": "float", "I": "int", "J": "long", "S": "short", "Z": "boolean",
}  # fmt: skip


class JavaObject:
    name = "java"
    label = "Java serialisation"
    quick = False

    def detect(self, data: bytes, path: str) -> float:
        return 1.0 if data.startswith(MAGIC) else 0

    def decode(self, data: bytes, limit: int) -> Result:
        if not data.startswith(MAGIC):
            raise Undecodable("It is not Java's serialisation: its first bytes are others.")
        stream = _Stream(data)
        stream.read_all()
        words = "\n".join(stream.described())
        cut = len(words) > limit
        return Text(words[:limit], cut=cut)


class _ClassDesc:
    def __init__(self, name: str, serial: int) -> None:
        self.name = name
        self.serial = serial
        self.flags = 0
        self.fields: list[tuple[str, str, str]] = []
        """Of each its code, its type in words, its name."""
        self.above: _ClassDesc | None = None


class _Unreadable(Exception):
    pass


class _Stream:
    def __init__(self, data: bytes) -> None:
        self._data = data
        self._at = len(MAGIC)
        self._depth = 0
        self._handles: list[object] = []
        self._classes: list[_ClassDesc] = []
        self._strings: list[str] = []
        self._tops: list[str] = []
        self._stopped = ""

    def read_all(self) -> None:
        """As far as it can be followed; `described` says where it could not."""
        try:
            while self._at < len(self._data):
                self._tops.append(_named(self._content()))
        except (_Unreadable, struct.error, IndexError) as error:
            why = str(error) if isinstance(error, _Unreadable) else "it ends too soon"
            self._stopped = f"From byte {self._at:,} of {len(self._data):,} on it was not read: {why}."

    def described(self) -> Iterator[str]:
        yield "Serialised by Java. It is described here, and was not deserialised."
        for top in self._tops[:20]:
            yield f"It holds {top}."
        for described in self._classes:
            yield ""
            above = f" extends {described.above.name}" if described.above else ""
            yield f"class {described.name}{above}"
            yield f"    serialVersionUID {described.serial}"
            for _, kind, name in described.fields:
                yield f"    {kind} {name}"
        if self._strings:
            yield ""
            yield "Strings in it:"
            yield from (f"    {_shown(one)}" for one in self._strings[:_MOST_STRINGS])
            if len(self._strings) > _MOST_STRINGS:
                yield f"    and {len(self._strings) - _MOST_STRINGS:,} more"
        if self._stopped:
            yield ""
            yield self._stopped

    # the grammar

    def _content(self) -> object:
        self._depth += 1
        if self._depth > _DEEPEST:
            raise _Unreadable("it nests too deeply")
        try:
            return self._one(self._byte())
        finally:
            self._depth -= 1

    def _one(self, kind: int) -> object:
        match kind:
            case 0x70:  # TC_NULL
                return None
            case 0x71:  # TC_REFERENCE
                place = self._number(">I") - _FIRST_HANDLE
                return self._handles[place] if 0 <= place < len(self._handles) else None
            case 0x72 | 0x7D:  # TC_CLASSDESC, TC_PROXYCLASSDESC
                return self._class_desc(kind)
            case 0x73:  # TC_OBJECT
                described = self._class()
                self._handles.append(described)
                self._values(described)
                return described
            case 0x74 | 0x7C:  # TC_STRING, TC_LONGSTRING
                return self._string(">H" if kind == 0x74 else ">Q")
            case 0x75:  # TC_ARRAY
                return self._array()
            case 0x76:  # TC_CLASS
                described = self._class()
                self._handles.append(described)
                return described
            case 0x77 | 0x7A:  # TC_BLOCKDATA, TC_BLOCKDATALONG
                length = self._byte() if kind == 0x77 else self._number(">I")
                self._bytes(length)
                return f"{length:,} bytes of its own"
            case 0x79:  # TC_RESET
                self._handles.clear()
                return None
            case 0x7E:  # TC_ENUM
                described = self._class()
                self._handles.append(described)
                self._content()
                return described
        raise _Unreadable(f"0x{kind:02x} has no meaning here")

    def _class(self) -> _ClassDesc | None:
        found = self._content()
        if found is None or isinstance(found, _ClassDesc):
            return found
        raise _Unreadable("a class was expected")

    def _class_desc(self, kind: int) -> _ClassDesc:
        if kind == 0x7D:
            described = _ClassDesc("a proxy", 0)
            self._handles.append(described)
            names = [self._utf(self._number(">H")) for _ in range(self._counted(">i", 2))]
            described.name = f"a proxy of {', '.join(names)}"
        else:
            described = _ClassDesc(_spelled(self._utf(self._number(">H"))), self._number(">q"))
            self._handles.append(described)
            described.flags = self._byte()
            for _ in range(self._counted(">H", 3)):
                code = chr(self._byte())
                name = self._utf(self._number(">H"))
                if code in "[L":
                    written = self._content()
                    described.fields.append((code, _spelled(str(written)), name))
                elif code in _WORDS:
                    described.fields.append((code, _WORDS[code], name))
                else:
                    raise _Unreadable("a field is of no known type")
        self._classes.append(described)
        self._annotations()
        described.above = self._class()
        return described

    def _values(self, described: _ClassDesc | None) -> None:
        chain: list[_ClassDesc] = []
        while described is not None:
            chain.insert(0, described)
            described = described.above
            if len(chain) > _DEEPEST:
                raise _Unreadable("it nests too deeply")
        for one in chain:
            if one.flags & _EXTERNAL:
                if not one.flags & _BLOCKS:
                    raise _Unreadable(f"{one.name} writes itself in a form of its own")
                self._annotations()
                continue
            for code, _, _ in one.fields:
                self._value(code)
            if one.flags & _WRITES:
                self._annotations()

    def _value(self, code: str) -> object:
        return self._bytes(_WIDTHS[code]) if code in _WIDTHS else self._content()

    def _annotations(self) -> None:
        while self._data[self._at] != 0x78:  # TC_ENDBLOCKDATA
            self._content()
        self._at += 1

    def _array(self) -> object:
        described = self._class()
        if described is None:
            raise _Unreadable("an array is of no class")
        self._handles.append(described)
        kind = described.name.removesuffix("[]")
        width = _WIDTHS.get(next((code for code, word in _WORDS.items() if word == kind), ""), 0)
        length = self._counted(">i", width or 1)
        if width:
            self._bytes(length * width)
        else:
            for _ in range(length):
                self._content()
        return f"{kind}[{length:,}]"

    def _string(self, form: str) -> str:
        # Its handle comes first, as it is written.
        place = len(self._handles)
        self._handles.append(None)
        found = self._utf(self._number(form))
        self._handles[place] = found
        self._strings.append(found)
        return found

    # bytes

    def _byte(self) -> int:
        byte = self._data[self._at]
        self._at += 1
        return byte

    def _bytes(self, length: int) -> bytes:
        if length > len(self._data) - self._at:
            raise _Unreadable("it ends too soon")
        found = self._data[self._at : self._at + length]
        self._at += length
        return found

    def _number(self, form: str) -> int:
        (value,) = struct.unpack_from(form, self._data, self._at)
        self._at += struct.calcsize(form)
        return int(value)

    def _counted(self, form: str, each: int) -> int:
        """A count of things that take ``each`` bytes at least."""
        count = self._number(form)
        if not 0 <= count * each <= len(self._data) - self._at:
            raise _Unreadable("it ends too soon")
        return count

    def _utf(self, length: int) -> str:
        return self._bytes(length).decode("utf-8", "replace")


def _spelled(name: str) -> str:
    """'[Ljava.lang.String;' as 'java.lang.String[]'."""
    arrays = len(name) - len(name.lstrip("["))
    bare = name[arrays:]
    if bare.startswith("L") and bare.endswith(";"):
        bare = bare[1:-1].replace("/", ".")
    elif arrays and bare in _WORDS:
        bare = _WORDS[bare]
    return bare + "[]" * arrays


def _named(top: object) -> str:
    if isinstance(top, _ClassDesc):
        return f"an object of {top.name}"
    return "a string" if top and not str(top).endswith(("own", "]")) else str(top or "nothing")


def _shown(one: str) -> str:
    return one if len(one) <= 200 else f"{one[:200]} … ({len(one):,} characters)"
