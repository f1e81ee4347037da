"""Builds the parts and marks of a chapter, so that numerals count themselves. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal

from zkbridge.protocol.base import Ms
from zkbridge.protocol.story import Mark, MarkOn, Part
from zkbridge.views.words import clean, short_name
from zkbridge.znode import name_of


class Sentence:
    """Append runs in reading order; `mark` sets the next numeral where the happening just told took place."""

    def __init__(self) -> None:
        self.marks: list[Mark] = []
        self._parts: list[tuple[str, str, str]] = []

    @property
    def parts(self) -> list[Part]:
        return [Part(text, kind, ref) for text, kind, ref in self._parts]  # type: ignore[arg-type]

    def text(self, words: str) -> Sentence:
        if words and self._parts and self._parts[-1][1] == "text":
            self._parts[-1] = (self._parts[-1][0] + words, "text", "")
        elif words:
            self._parts.append((words, "text", ""))
        return self

    def node(self, ident: str, name: str) -> Sentence:
        return self._named(clean(name), "node", ident)

    def server(self, ident: str) -> Sentence:
        return self._named(clean(f"server {ident}"), "server", ident)

    def znode(self, path: str, *, whole: bool = False) -> Sentence:
        return self._named(clean(path) if whole else short_name(name_of(path) or path), "znode", path)

    def nodes(self, named: Iterable[tuple[str, str]]) -> Sentence:
        """A list of (id, name): 'a, b and c'."""
        every = list(named)
        for index, (ident, name) in enumerate(every):
            if index:
                self.text(" and " if index == len(every) - 1 else ", ")
            self.node(ident, name)
        return self

    def mark(self, on: MarkOn, ref: str, at: Ms, moment: str = "", path: str = "", label: str = "") -> Sentence:
        number = len(self.marks) + 1
        self.marks.append(Mark(number, at, on, ref, moment, path, clean(label)))
        return self.text(" ")._named(str(number), "numeral", "")

    def _named(self, text: str, kind: Literal["node", "server", "znode", "numeral"], ref: str) -> Sentence:
        self._parts.append((text, kind, ref))
        return self


def plain(parts: Iterable[Part]) -> str:
    """The sentence as one line, numerals in parentheses: for logs, tests and screen readers."""
    return "".join(f"({part.text})" if part.kind == "numeral" else part.text for part in parts)
