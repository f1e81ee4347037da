"""One pass through the tree, a step at a time, while the tree changes. Pure.

A step puts some hundreds of paths, or of previews of data, into one text with
a line for each, and searches that: a call for each znode would take seconds.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from itertools import accumulate, repeat
from typing import Protocol

import msgspec

from zkbridge.search.query import Query
from zkbridge.znode import STAT, Packed, Znode, join

BEFORE, AFTER = 40, 120
"""Bytes of data that are shown before a match, and from its beginning on."""


class Found(msgspec.Struct, frozen=True):
    """The first match in a znode: characters ``start`` to ``end`` of ``text``, or of ``path`` where that is ''."""

    path: str
    start: int
    end: int
    text: str = ""


class TreeReader(Protocol):
    """The side of `zkbridge.tree.Tree` that is searched."""

    epoch: int

    def __len__(self) -> int: ...

    def get(self, path: str) -> Znode | None: ...

    def parents(self) -> list[str]: ...

    def children(self, path: str) -> Mapping[str, Packed]: ...


class Scan:
    """Looks at each znode that is in the tree all the while once. One that comes or goes may be missed."""

    def __init__(self, tree: TreeReader, query: Query) -> None:
        self.searched = 0
        self.done = False
        self._tree, self._query = tree, query
        self._parents = iter(tree.parents())
        self._parent = ""
        self._names: list[str] = []
        self._at = 0
        self._root = ["/"] if tree.get("/") is not None else []

    def step(self, most: int) -> list[Found]:
        """Look at ``most`` further znodes, and tell what was found."""
        found = look(self._query, self._tree, self._root)
        self.searched += len(self._root)
        self._root = []
        chosen: list[tuple[str, list[str]]] = []
        left = most
        while left > 0 and not self.done:
            names = self._names[self._at : self._at + left]
            self._at += len(names)
            left -= len(names) or 1
            if names:
                chosen.append((self._parent, names))
                self.searched += len(names)
            else:
                self._next()
        found += self._paths(chosen) if self._query.where == "path" else self._data(chosen)
        return found

    def _next(self) -> None:
        parent = next(self._parents, None)
        if parent is None:
            self.done = True
        else:
            self._parent, self._at, self._names = parent, 0, list(self._tree.children(parent))

    def _paths(self, chosen: list[tuple[str, list[str]]]) -> Iterator[Found]:
        parts = []
        for parent, names in chosen:
            prefix = "/" if parent == "/" else f"{parent}/"
            parts.append(prefix + f"\n{prefix}".join(names))
        return _in_paths(self._query, "\n".join(parts).encode(errors="surrogatepass"))

    def _data(self, chosen: list[tuple[str, list[str]]]) -> Iterator[Found]:
        data: list[bytes] = []
        for parent, names in chosen:
            children = self._tree.children(parent)
            data += [packed[: -STAT.size] for packed in map(children.get, names, repeat(b""))]
        firsts = list(accumulate((len(names) for _, names in chosen), initial=0))

        def path(index: int) -> str:
            at = bisect_right(firsts, index) - 1
            parent, names = chosen[at]
            return join(parent, names[index - firsts[at]])

        for index, start, end, text in _in_data(self._query, data):
            yield Found(path(index), start, end, text)


def look(query: Query, tree: TreeReader, paths: Sequence[str]) -> list[Found]:
    """What is found in a few znodes, all of which are in the tree."""
    if query.where == "path":
        return list(_in_paths(query, "\n".join(paths).encode(errors="surrogatepass")))
    znodes = (tree.get(path) for path in paths)
    data = [znode.data if znode is not None else b"" for znode in znodes]
    return [Found(paths[index], start, end, text) for index, start, end, text in _in_data(query, data)]


def _in_paths(query: Query, lines: bytes) -> Iterator[Found]:
    for line, _, start, end in _matches(query, lines):
        path = line.decode(errors="surrogatepass")
        first = len(line[:start].decode(errors="surrogatepass"))
        yield Found(path, first, first + len(line[start:end].decode(errors="surrogatepass")))


def _in_data(query: Query, data: Sequence[bytes]) -> Iterator[tuple[int, int, int, str]]:
    """The index of each that has a match, and the match in the text round it."""
    ends: list[int] = []
    last = -1
    for line, at, start, end in _matches(query, b"\n".join(data)):
        ends = ends or list(accumulate(len(one) + 1 for one in data))
        index = bisect_right(ends, at)
        if index != last and data[index]:
            yield index, *_excerpt(line, start, end)
        last = index


def _matches(query: Query, lines: bytes) -> Iterator[tuple[bytes, int, int, int]]:
    """Each line with a match, where it begins, and where in it the first match is."""
    at = 0
    while at <= len(lines) and lines:
        found = query.find(lines, at)
        if found is None:
            return
        begin = lines.rfind(b"\n", 0, found[0]) + 1
        end = lines.find(b"\n", found[1])
        end = len(lines) if end < 0 else end
        yield lines[begin:end], begin, found[0] - begin, found[1] - begin
        at = end + 1


def _excerpt(line: bytes, start: int, end: int) -> tuple[int, int, str]:
    """The match with some of its line on both sides; bytes that are no characters as U+FFFD."""
    before = line[max(0, start - BEFORE) : start].decode(errors="replace")
    match = line[start : min(end, start + AFTER)].decode(errors="replace")
    after = line[min(end, start + AFTER) : start + AFTER].decode(errors="replace")
    if start > BEFORE:
        before = before.lstrip("\ufffd")  # half of a character
    return len(before), len(before) + len(match), before + match + after
