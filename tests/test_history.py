"""Plots on disk: what was written comes back, whatever became of the file's end; and a bad folder harms nobody."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from zkbridge import history
from zkbridge.history import Folder, Keeper, Unusable, folder_of
from zkbridge.protocol.base import Problem
from zkbridge.protocol.plots import LENGTHS, STEPS
from zkbridge.views.rings import Row

LINES = (("rate", ""), ("latency", "1"))


def rows(first: int, count: int) -> list[tuple[str, Row]]:
    return [("10m", Row(number, LINES, f"{number} 0.5/1/2")) for number in range(first, first + count)]


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    made = Folder(tmp_path / "kept")
    made.open()
    return made


def test_what_was_written_is_read(folder: Folder) -> None:
    folder.append([*rows(1, 3), ("24h", Row(9, (), ""))])
    folder.append(rows(4, 2))
    assert folder.read() == [*rows(1, 5), ("24h", Row(9, (), ""))]


def test_a_torn_line_and_spoilt_ones_are_skipped_and_what_follows_is_whole(folder: Folder) -> None:
    folder.append(rows(1, 3))
    (file,) = folder.path.glob("10m.*")
    content = file.read_bytes()
    file.write_bytes(content[:-7])
    folder.append(rows(4, 1))
    assert folder.read() == [*rows(1, 2), *rows(4, 1)]
    spoilt = content.replace(b"0.5/1/2", b"9.9/1/2", 1)
    file.write_bytes(b"\xff\x00garbage\n" + spoilt + b"00000000 {}\n" + b"x" * 200_000)
    assert folder.read() == rows(2, 2)


def test_it_is_bounded_and_keeps_at_least_the_span(folder: Folder) -> None:
    size = LENGTHS["10m"] // STEPS["10m"]
    for first in range(0, 5 * size, 100):
        folder.append(rows(first, 100))
    kept = [row.number for _, row in folder.read()]
    assert kept == sorted(kept) and kept[-1] == 5 * size - 1
    assert size <= len(kept) <= 2 * size
    assert sum(file.stat().st_size for file in folder.path.iterdir()) < 2 * size * 100


def test_a_clock_that_was_set_back_costs_nothing_that_is_kept(folder: Folder) -> None:
    """The file that was written last may have the earlier date."""
    size = LENGTHS["10m"] // STEPS["10m"]
    folder.append(rows(0, size))
    folder.append(rows(size, 50))
    for date, file in enumerate(sorted(folder.path.glob("10m.*"))):
        os.utime(file, (1_000 - date, 1_000 - date))
    for number in range(5):
        folder.append(rows(size + 50 + number, 1))
    assert len(folder.read()) == size + 55


def test_one_bridge_at_a_time(folder: Folder) -> None:
    other = Folder(folder.path)
    with pytest.raises(Unusable, match="another bridge"):
        other.open()
    folder.close()
    other.open()


def test_names_of_clusters_stay_inside(tmp_path: Path) -> None:
    assert folder_of(str(tmp_path), "../a/b").parent.parent == tmp_path
    assert folder_of("/h", "a") == Path("/h/a/all") and folder_of("/h", "a", True) == Path("/h/a/shown")


class Told:
    """A keeper with a clock that stands, whose rows a test gives."""

    def __init__(self, path: Path) -> None:
        self.rows: list[tuple[str, Row]] = []
        self.told: list[Problem | None] = []
        self.loaded: list[tuple[str, Row]] = []
        self.now = 0.0
        self.keeper = Keeper(path, self.take, self.told.append, self.loaded.extend, lambda: self.now)

    def take(self) -> list[tuple[str, Row]]:
        taken, self.rows = self.rows, []
        return taken


def loaded(path: Path) -> list[tuple[str, Row]]:
    """What a bridge that begins has of before."""
    told = Told(path)
    told.keeper.read()
    told.keeper.close()
    return told.loaded


async def test_what_a_bridge_kept_that_had_not_ended_yet_is_loaded_once_it_has(tmp_path: Path) -> None:
    before, after = Told(tmp_path), Told(tmp_path)
    before.keeper.read()
    before.rows = rows(1, 3)
    await before.keeper.step()
    after.keeper.read()
    assert after.loaded == [] and after.told[0] is not None and "another bridge" in after.told[0].text
    before.keeper.close()
    after.now, after.rows = 100.0, rows(9, 1)
    await after.keeper.step()
    assert after.loaded == rows(1, 3) and after.told[1:] == [None]
    after.keeper.close()
    assert loaded(tmp_path) == [*rows(1, 3), *rows(9, 1)]


async def test_a_folder_that_cannot_be_written_is_told_of_once_and_tried_again(tmp_path: Path) -> None:
    (tmp_path / "kept").write_text("a file")
    told = Told(tmp_path / "kept" / "x")
    told.keeper.read()
    for _ in range(5):
        told.rows = rows(1, 1)
        await told.keeper.step()
    (problem,) = told.told
    assert problem is not None and problem.text.startswith("Plots cannot be kept on disk: ")
    assert "in memory" in problem.text and str(tmp_path) not in problem.text
    (tmp_path / "kept").unlink()
    told.now, told.rows = 100.0, rows(7, 1)
    await told.keeper.step()
    assert told.told[1:] == [None]
    told.keeper.close()
    assert loaded(tmp_path / "kept" / "x") == rows(7, 1)


async def test_a_full_disk_is_said_and_leaves_whole_lines(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    told = Told(tmp_path)
    told.keeper.read()
    told.rows = rows(1, 2)
    await told.keeper.step()
    real = os.write

    def full(descriptor: int, content: bytes) -> int:
        return real(descriptor, content[: len(content) // 2])

    monkeypatch.setattr(history.os, "write", full)
    told.rows = rows(3, 1)
    await told.keeper.step()
    assert told.told[0] is not None and "no space left" in told.told[0].text
    monkeypatch.setattr(history.os, "write", real)
    told.now, told.rows = 100.0, rows(4, 1)
    await told.keeper.step()
    told.keeper.close()
    assert loaded(tmp_path) == [*rows(1, 2), *rows(4, 1)]


WRITER = """
import sys
from pathlib import Path
from zkbridge.history import Folder
from zkbridge.views.rings import Row
folder = Folder(Path(sys.argv[1]))
folder.open()
number = 0
while True:
    number += 1
    folder.append([("24h", Row(number, (("rate", ""),), str(number)))])
    if number == 50:
        print("ready", flush=True)
"""


def test_it_survives_kill_9(tmp_path: Path) -> None:
    process = subprocess.Popen([sys.executable, "-c", WRITER, str(tmp_path)], stdout=subprocess.PIPE)
    assert process.stdout is not None and process.stdout.readline() == b"ready\n"
    process.send_signal(signal.SIGKILL)
    process.wait()
    process.stdout.close()
    folder = Folder(tmp_path)
    folder.open()
    numbers = [row.number for _, row in folder.read()]
    assert len(numbers) >= 50 and numbers == list(range(numbers[0], numbers[0] + len(numbers)))
    folder.append([("24h", Row(999_999, (("rate", ""),), "1"))])
    assert folder.read()[-1][1].number == 999_999
