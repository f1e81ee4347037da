"""XML, laid out over lines. Nothing is looked up: a document type declaration, and so any entity, is refused."""

from __future__ import annotations

from dataclasses import dataclass, field
from xml.parsers import expat

from dashboard.decoding.decoder import DEEPEST, UNCHANGED, Result, Text, Undecodable
from dashboard.decoding.readable import text


class Xml:
    name = "xml"
    label = "XML"
    quick = False

    def detect(self, data: bytes, path: str) -> float:
        start = data[:256].removeprefix(b"\xef\xbb\xbf").lstrip(b" \t\r\n")
        if start.startswith((b"<?xml", b"<!--")):
            return 0.95
        return 0.8 if start[:1] == b"<" and (start[1:2].isalpha() or start[1:2] == b"_") else 0

    def decode(self, data: bytes, limit: int) -> Result:
        laid = _Layout(limit).of(data)
        if laid is None:
            found = text(data)
            if found is None:
                raise Undecodable("It is too long to be laid out.")
            return Text(found, "xml", warning=f"It is too long to be laid out. {UNCHANGED}")
        return Text(laid, "xml")


@dataclass
class _Element:
    start: str
    keeps: bool
    """Its white space says something: it holds text, or asks for it by xml:space."""
    end: str = ""
    inside: list[str | _Element] = field(default_factory=list)
    asked: bool = False


class _TooLong(Exception):
    pass


class _Layout:
    """Takes in one document, once."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._top = _Element("", keeps=False)
        self._open = [self._top]
        self._cdata: list[str] | None = None
        self._length = 0

    def of(self, data: bytes) -> str | None:
        """The document over lines, None where it would be longer than the limit."""
        parser = expat.ParserCreate()
        parser.buffer_text = True
        parser.ordered_attributes = True
        parser.XmlDeclHandler = self._declaration
        parser.StartDoctypeDeclHandler = self._doctype
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.CharacterDataHandler = self._text
        parser.CommentHandler = lambda words: self._piece(f"<!--{words}-->")
        parser.ProcessingInstructionHandler = lambda target, words: self._piece(f"<?{target} {words}".rstrip() + "?>")
        parser.StartCdataSectionHandler = lambda: setattr(self, "_cdata", [])
        parser.EndCdataSectionHandler = self._end_cdata
        try:
            parser.Parse(data, True)
        except _TooLong:
            return None
        except expat.ExpatError as error:
            words = expat.ErrorString(error.code)
            raise Undecodable(f"It is not XML: {words}, line {error.lineno}, column {error.offset + 1}.") from None
        except (LookupError, ValueError):
            raise Undecodable("It is not XML: its encoding is not known.") from None
        lines: list[str] = []
        for piece in self._top.inside:
            self._lay(piece, 0, lines)
        laid = "\n".join(lines)
        return laid if len(laid) <= self._limit else None

    def _lay(self, piece: str | _Element, depth: int, lines: list[str]) -> None:
        indent = "  " * depth
        if isinstance(piece, _Element) and not piece.keeps and piece.inside:
            lines.append(indent + piece.start)
            for inner in piece.inside:
                self._lay(inner, depth + 1, lines)
            lines.append(indent + piece.end)
        else:
            lines.append(indent + _flat(piece))

    def _start(self, name: str, attributes: list[str]) -> None:
        if len(self._open) > DEEPEST:
            raise Undecodable("It nests too deeply to be read.")
        pairs = list(zip(attributes[::2], attributes[1::2], strict=True))
        written = "".join(f' {key}="{_attribute(value)}"' for key, value in pairs)
        space = dict(pairs).get("xml:space")
        asked = self._open[-1].asked if space is None else space == "preserve"
        self._length += len(name) + len(written) + 2 + len(self._open)
        if self._length > self._limit:
            raise _TooLong
        element = _Element(f"<{name}{written}", keeps=asked, asked=asked)
        self._open[-1].inside.append(element)
        self._open.append(element)

    def _end(self, name: str) -> None:
        element = self._open.pop()
        if not element.keeps and all(isinstance(piece, str) and not piece.strip() for piece in element.inside):
            element.keeps = True  # a leaf of white space alone
        if not element.keeps:
            element.inside = [piece for piece in element.inside if not isinstance(piece, str) or piece.strip()]
        element.start += ">" if element.inside else "/>"
        element.end = f"</{name}>" if element.inside else ""

    def _text(self, words: str) -> None:
        if self._cdata is not None:
            self._cdata.append(words)
            return
        inside = self._open[-1]
        if inside is self._top:
            return
        if words.strip():
            inside.keeps = True
        inside.inside.append(_escaped(words))

    def _end_cdata(self) -> None:
        words, self._cdata = "".join(self._cdata or []), None
        self._open[-1].keeps = True
        self._piece(f"<![CDATA[{words}]]>")

    def _piece(self, piece: str) -> None:
        self._open[-1].inside.append(piece)

    def _declaration(self, version: str, encoding: str | None, standalone: int) -> None:
        named = f' encoding="{encoding}"' if encoding else ""
        alone = "" if standalone < 0 else f' standalone="{"yes" if standalone else "no"}"'
        self._piece(f'<?xml version="{version}"{named}{alone}?>')

    def _doctype(self, *declaration: object) -> None:
        raise Undecodable("It has a document type declaration, which is not read: it could name entities and files.")


def _flat(piece: str | _Element) -> str:
    if isinstance(piece, str):
        return piece
    return piece.start + "".join(map(_flat, piece.inside)) + piece.end


def _escaped(words: str) -> str:
    escaped = words.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return escaped.replace("\r", "&#13;")


def _attribute(words: str) -> str:
    escaped = _escaped(words).replace('"', "&quot;")
    return escaped.replace("\t", "&#9;").replace("\n", "&#10;")
