"""Workers are few, are asked one thing at a time, and are never left behind."""

from __future__ import annotations

import asyncio
import gzip
import signal
import subprocess
import sys
from pathlib import Path

import psutil
import pytest

from dashboard.decoding import decoders as decoders_module
from dashboard.decoding import messages, pool
from dashboard.decoding.decoders import Decoders
from dashboard.decoding.pool import Busy
from tests.decoding.samples import GZIP, PLAIN


def workers() -> list[psutil.Process]:
    return [
        child
        for child in psutil.Process().children()
        if child.status() != psutil.STATUS_ZOMBIE and "dashboard.decoding.worker" in child.cmdline()
    ]


async def test_small_plain_data_needs_no_process(decoders: Decoders) -> None:
    for data in (PLAIN, b"text", b"42", b"a=b", PLAIN.hex().encode(), b"\x00\xff\x13", b""):
        await decoders.decode(data, "/a")
    assert workers() == []
    await decoders.decode(b" " * decoders_module.SMALL + b" ", "/a")
    assert len(workers()) == 1


async def test_workers_are_few_and_used_again(decoders: Decoders) -> None:
    found = await asyncio.gather(*(decoders.decode(gzip.compress(b'{"n": %d}' % n), "/a") for n in range(20)))
    assert [one.text for one in found] == [f'{{\n  "n": {n}\n}}' for n in range(20)]
    before = {worker.pid for worker in workers()}
    assert len(before) <= pool.WORKERS
    await decoders.decode(GZIP, "/a")
    assert {worker.pid for worker in workers()} == before
    await decoders.stop()
    assert workers() == []


async def test_too_many_are_refused(decoders: Decoders, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pool, "WAITING", 3)
    await decoders.listed()
    found = await asyncio.gather(*(decoders.decode(GZIP, "/a") for _ in range(20)), return_exceptions=True)
    assert sum(isinstance(one, Busy) for one in found) == 20 - 3 - pool.WORKERS
    assert sum(not isinstance(one, BaseException) and one.decoder == "json" for one in found) == 3 + pool.WORKERS
    assert (await decoders.decode(GZIP, "/a")).decoder == "json"


async def test_a_worker_that_was_killed_is_replaced(decoders: Decoders) -> None:
    await decoders.decode(GZIP, "/a")
    [worker] = workers()
    worker.kill()
    worker.wait(10)
    found = await decoders.decode(GZIP, "/a")
    assert (found.decoder, found.warning) == ("json", "")


async def test_what_takes_too_long_comes_as_it_is() -> None:
    hasty = Decoders(seconds=0.0)
    found = await hasty.decode(GZIP, "/a")
    assert (found.decoder, found.hex) == ("raw", GZIP.hex())
    assert found.warning == "Decoding took more than 0 s, and was ended."
    assert workers() == []


async def test_an_idle_worker_is_ended(decoders: Decoders, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pool, "IDLE", 0.05)
    await decoders.decode(GZIP, "/a")
    [worker] = workers()
    await asyncio.to_thread(worker.wait, 30)
    monkeypatch.undo()
    assert (await decoders.decode(GZIP, "/a")).decoder == "json"


def test_a_worker_ends_with_its_input() -> None:
    worker = begun()
    assert worker.stdin
    worker.stdin.close()
    assert worker.wait(30) == 0


def test_a_worker_that_is_forgotten_ends_itself() -> None:
    """Its web process was killed in the middle: no one will end it but itself."""
    code = "import signal; from dashboard.decoding import worker; worker.LAST_RESORT = 0.3; worker.main()"
    worker = begun("-c", code.replace("worker.main()", "worker.Layers.read = lambda *_: signal.pause(); worker.main()"))
    assert worker.stdin
    worker.stdin.write(messages.packed(messages.Decode(GZIP, "/a", "auto", [])))
    worker.stdin.flush()
    assert worker.wait(30) == -signal.SIGALRM


def begun(*arguments: str) -> subprocess.Popen[bytes]:
    worker = subprocess.Popen(  # noqa: S603
        [sys.executable, *(arguments or ("-m", "dashboard.decoding.worker"))],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=Path(__file__).resolve().parents[2],
    )  # fmt: skip
    assert worker.stdout
    length = int.from_bytes(worker.stdout.read(messages.LENGTH), "big")
    assert isinstance(messages.words.decode(worker.stdout.read(length)), messages.Ready)
    return worker
