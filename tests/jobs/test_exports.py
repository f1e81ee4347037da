"""The format of exports: what is written is read the same, to the byte; what is not whole is told by its line."""

from __future__ import annotations

import json
from collections.abc import Iterable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboard.jobs import exports
from dashboard.jobs.exports import BadExport, Header, Reader, Writer
from dashboard.jobs.item import Item, at, below, place
from zkbridge.protocol.editing import Ace

HEADER = Header("export", 1, "/app", "tested", "2026-01-02T03:04:05Z", "0x1")
aces = st.builds(
    Ace, st.sampled_from(["world", "digest", "ip"]), st.text(max_size=8),
    st.sets(st.sampled_from("cdrwa")).map(lambda letters: "".join(sorted(letters))),
)  # fmt: skip
segments = st.text(
    st.characters(exclude_categories=["Cs", "Cc", "Co", "Cn"], exclude_characters="/"), min_size=1, max_size=5
).filter(lambda text: text not in (".", "..") and max(text) < "\ufff0")


@st.composite
def items(draw: st.DrawFn, path: str) -> Item:
    kind = draw(st.sampled_from(["persistent", "ephemeral", "container", "ttl"]))
    locked = draw(st.booleans())
    data = None if locked else draw(st.binary(max_size=30) | st.text(max_size=20).map(lambda text: text.encode()))
    ttl = draw(st.integers(1, (1 << 40) - 1)) if kind == "ttl" else 0
    acl = draw(st.none() | st.lists(aces, min_size=1, max_size=3))
    return Item(path, kind, ttl, data, acl, locked, "0x1f" if kind == "ephemeral" else "")  # type: ignore[arg-type]


@st.composite
def subtrees(draw: st.DrawFn) -> list[Item]:
    whole = {""}
    for path in draw(st.lists(st.lists(segments, min_size=1, max_size=3), max_size=8)):
        whole.update("/".join(path[: depth + 1]) for depth in range(len(path)))
    return [draw(items(path)) for path in sorted(whole, key=place)]


def written(items: Iterable[Item], header: Header = HEADER) -> bytes:
    writer = Writer()
    return writer.begin(header) + writer.lines(list(items)) + writer.end()


def read(text: bytes) -> list[Item]:
    return list(Reader(text.splitlines(keepends=True) if b"\r" not in text else split(text)))


def split(text: bytes) -> list[bytes]:
    return [line + b"\n" for line in text.split(b"\n")[:-1]]


def why(text: bytes) -> str:
    with pytest.raises(BadExport) as bad:
        read(text)
    return str(bad.value)


@given(subtrees())
def test_what_is_written_is_read_the_same(subtree: list[Item]) -> None:
    text = written(subtree)
    assert text.count(b"\n") == len(subtree) + 2, "a znode is a line"
    reader = Reader(split(text))
    assert reader.header == HEADER
    assert list(reader) == subtree


@given(subtrees(), st.data())
def test_a_file_that_was_cut_or_changed_is_never_taken_for_whole(subtree: list[Item], data: st.DataObject) -> None:
    text = written(subtree)
    cut = data.draw(st.integers(0, len(text) - 2))
    with pytest.raises(BadExport):
        read(text[:cut])
    lines = split(text)
    del lines[data.draw(st.integers(0, len(lines) - 1))]
    with pytest.raises(BadExport):
        read(b"".join(lines))


def test_text_is_text_and_bytes_are_base64() -> None:
    data = {"": b'{"a": "\xc3\xa9"}\n', "b": b"\xff", "c": b"\x00", "d": b""}
    found = written(Item(path, data=bytes_) for path, bytes_ in data.items())
    lines = [json.loads(line) for line in found.splitlines()]
    assert lines[1] == {"path": "", "text": '{"a": "é"}\n'}
    assert [line.get("base64") for line in lines[2:5]] == ["/w==", "AA==", None]
    assert lines[5]["end"] is True and lines[5]["znodes"] == 4 and len(lines[5]["sha256"]) == 64


GOOD = [
    b'{"zooscope":"export","format":1,"path":"/app"}\n',
    b'{"path":"","text":"top"}\n',
    b'{"path":"a"}\n',
    b'{"path":"a/b","base64":"AP8="}\n',
    b'{"end":true,"znodes":3}\n',
]


def test_a_file_written_by_hand_is_taken() -> None:
    assert [(item.path, item.data) for item in read(b"".join(GOOD))] == [("", b"top"), ("a", b""), ("a/b", b"\0\xff")]


@pytest.mark.parametrize(
    ("number", "line", "words"),
    [
        (1, b"", "Line 1: "),
        (1, b"PK\x03\x04\n", "Line 1: it is not a line of JSON."),
        (1, b'{"zooscope":"export","format":2,"path":"/"}\n', "Line 1: this is format 2"),
        (2, b'{"path":"x"}\n', "Line 2: the first znode must be the top"),
        (3, b'{"path":"a","colour":"red"}\n', "Line 3: Object contains unknown field `colour`."),
        (3, b'{"path":"a","kind":"sequential"}\n', "Line 3: Invalid enum value 'sequential'"),
        (3, b'{"path":"a","text":"x","base64":"eA=="}\n', "Line 3: it has both"),
        (3, b'{"path":"a","base64":"x"}\n', "Line 3: Invalid base64"),
        (3, b'{"path":"a","kind":"ttl"}\n', "Line 3: znodes of kind ttl"),
        (3, b'{"path":"a","ttl":5}\n', "Line 3: znodes of kind ttl"),
        (3, b'{"path":"a","acl":[]}\n', "Line 3: its ACL is empty"),
        (3, b'{"path":"a","acl":[{"scheme":"world","id":"anyone","perms":"x"}]}\n', "Line 3: its ACL is empty, or has"),
        (3, b'{"path":"../../etc"}\n', "Line 3: its path is no relative path."),
        (3, b'{"path":"/a"}\n', "Line 3: its path is no relative path."),
        (3, b'{"path":"0"}\n', "Line 4: what is above 'a/b' is missing."),
        (4, b'{"path":"Z"}\n', "Line 4: 'Z' is out of order"),
        (4, b'{"path":"a"}\n', "Line 4: 'a' is out of order"),
        (4, b"\xff\xfe\n", "Line 4: it is not a line of JSON."),
        (4, b"[" * 100_000 + b"\n", "Line 4: Expected `object`"),
        (5, b'{"end":true,"znodes":4}\n', "Line 5: it counts 4 znodes, and 3 are here."),
        (5, b'{"end":true,"znodes":3,"sha256":"00"}\n', "Line 5: the digest does not fit"),
        (5, b'{"end":true,"znodes":3}\n{"path":"z"}\n', "Line 6: there is more after the end."),
        (5, b"", "Line 5: the file ends before its last line"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_told_by_its_line(number: int, line: bytes, words: str) -> None:
    lines = [*GOOD]
    lines[number - 1] = line
    assert words in why(b"".join(lines))


def test_a_line_without_end_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(exports, "MAX_LINE", 50)
    lines = [*GOOD]
    lines[1] = b'{"path":"","text":"' + b"x" * 40 + b'"}\n'
    assert why(b"".join(lines)) == "Line 2: it has more than 50 bytes."


def test_data_that_no_znode_takes_is_refused() -> None:
    lines = [*GOOD]
    lines[1] = b'{"path":"","text":"' + b"x" * 1_048_576 + b'"}\n'
    assert "1,048,576 bytes" in why(b"".join(lines))


@given(st.sampled_from(["/", "/a", "/a/b"]), st.sampled_from(["", "c", "c/d"]))
def test_relative_paths(top: str, path: str) -> None:
    assert below(at(top, path), top) == path
