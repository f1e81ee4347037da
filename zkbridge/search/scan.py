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

LIGHT = 256
"""Bytes that znodes take in the tree, on average, at most, where as many as were said are searched for data."""

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

    @property
    def epoch(self) -> int: ...

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
        """Look at ``most`` further znodes, at fewer where their data are long, and tell what was found."""
        found = look(self._query, self._tree, self._root)
        self.searched += len(self._root)
        self._root = []
        return found + list(self._paths(most) if self._query.where == "path" else self._data(most))

    def _next(self) -> None:
        parent = next(self._parents, None)
        if parent is None:
            self.done = True
        else:
            self._parent, self._at, self._names = parent, 0, list(self._tree.children(parent))

    def _went(self, count: int) -> None:
        self._at += count
        self.searched += count

    def _paths(self, most: int) -> Iterator[Found]:
        parts = []
        while most > 0 and not self.done:
            names = self._names[self._at : self._at + most]
            most -= len(names) or 1
            if names:
                prefix = "/" if self._parent == "/" else f"{self._parent}/"
                parts.append(prefix + f"\n{prefix}".join(names))
                self._went(len(names))
            else:
                self._next()
        return _in_paths(self._query, "\n".join(parts).encode(errors="surrogatepass"))

    def _data(self, most: int) -> Iterator[Found]:
        data: list[bytes] = []
        chosen: list[tuple[str, list[str]]] = []
        while most > 0 and not self.done:
            names = self._names[self._at : self._at + most]
            if not names:
                self._next()
                most -= 1
                continue
            packed = list(map(self._tree.children(self._parent).get, names, repeat(b"")))
            weight = sum(map(len, packed)) // LIGHT
            if weight > most:
                weights = list(accumulate(map(len, packed)))
                fitting = bisect_right(weights, most * LIGHT) or 1
                names, packed, weight = names[:fitting], packed[:fitting], weights[fitting - 1] // LIGHT
            most -= max(len(names), weight)
            data += [one[: -STAT.size] for one in packed]
            chosen.append((self._parent, names))
            self._went(len(names))
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
