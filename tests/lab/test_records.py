"""Following the file of records."""

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from zkbridge.lab import records
from zkbridge.lab.records import Tail, Writer
from zkbridge.records import Record, write

ANY_RECORD = st.builds(
    Record, at=st.floats(0, 2e12), who=st.text(max_size=20), kind=st.sampled_from(["spawned", "joined", "fired"]),
    pid=st.none() | st.integers(1, 99999), path=st.text(max_size=40),
)  # fmt: skip


def test_a_file_that_is_not_there_yet_has_nothing_new(tmp_path: Path) -> None:
    tail = Tail(tmp_path / "records")
    assert tail.read_new() == []
    Writer(tmp_path / "records").write(Record(1.0, "node-1", "starting", pid=7))
    assert [record.pid for record in tail.read_new()] == [7]
    assert tail.read_new() == []


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(st.lists(ANY_RECORD | st.binary(max_size=30), max_size=20), st.lists(st.integers(0, 2000), max_size=8))
def test_however_the_bytes_arrive_the_records_come_whole_and_in_order(
    tmp_path: Path, lines: list[Record | bytes], cuts: list[int]
) -> None:
    path = tmp_path / "records"
    whole = b"".join(
        write(line) if isinstance(line, Record) else line.replace(b"\n", b"").replace(b"{", b"") + b"\n"
        for line in lines
    )  # fmt: skip
    path.write_bytes(b"")
    tail = Tail(path)
    found: list[Record] = []
    edges = [0, *sorted(min(cut, len(whole)) for cut in cuts), len(whole)]
    with path.open("ab", buffering=0) as file:
        for start, stop in zip(edges, edges[1:], strict=False):
            file.write(whole[start:stop])
            found += tail.read_new()
    assert found == [line for line in lines if isinstance(line, Record)]
    tail.close()


def test_a_line_without_end_is_given_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(records, "LONGEST", 100)
    path = tmp_path / "records"
    path.write_bytes(b"x" * 200)
    tail = Tail(path)
    assert tail.read_new() == []
    with path.open("ab") as file:
        file.write(b"\n" + write(Record(1.0, "node-1", "joined")))
    assert [record.who for record in tail.read_new()] == ["node-1"]


def test_a_long_file_is_read_in_parts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(records, "CHUNK", 100)
    writer = Writer(tmp_path / "records")
    for number in range(50):
        writer.write(Record(float(number), "node-1", "members", count=number))
    tail = Tail(tmp_path / "records")
    parts = [tail.read_new() for _ in range(200)]
    assert [record.count for part in parts for record in part] == list(range(50))
    assert max(len(part) for part in parts) < 5
