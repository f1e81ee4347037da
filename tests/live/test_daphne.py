"""How daphne's sockets frame what goes to pages."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from http.client import HTTPConnection, IncompleteRead
from pathlib import Path

import pytest
from daphne.ws_protocol import WebSocketFactory
from websockets.frames import Frame, Opcode
from websockets.streams import StreamReader

from dashboard.daphne import PromptSocket, frame
from tests.integration.ensemble import SCALE, wait_for
from zkbridge.lab.ports import free_ports


@pytest.mark.parametrize("size", [0, 1, 125, 126, 127, 65_535, 65_536, 1_000_000])
def test_a_frame_of_any_size_can_be_read(size: int) -> None:
    reader = StreamReader()
    reader.feed_data(frame(b"x" * size))
    reader.feed_eof()
    with pytest.raises(StopIteration) as parsed:
        next(Frame.parse(reader.read_exact, mask=False))
    assert parsed.value.value == Frame(Opcode.TEXT, b"x" * size)
    with pytest.raises(StopIteration) as rest:
        next(reader.at_eof())
    assert rest.value.value is True


def test_daphne_makes_our_sockets() -> None:
    assert WebSocketFactory.protocol is PromptSocket


@pytest.fixture(scope="module")
def port(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    """Of a daphne whose application breaks."""
    (port,) = free_ports(1)
    environment = {**os.environ, "ZOOSCOPE_RUN": str(tmp_path_factory.mktemp("run"))}
    process = subprocess.Popen(
        [sys.executable, "-m", "daphne", "-b", "127.0.0.1", "-p", str(port), "tests.live.breaking:application"],
        cwd=Path(__file__).parents[2], env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )  # fmt: skip
    try:
        wait_for("daphne listens", lambda: answered(port, "/early")[0])
        yield port
    finally:
        process.kill()
        process.wait()


def answered(port: int, address: str) -> tuple[int, bytes]:
    """0 where nobody listens."""
    connection = HTTPConnection("127.0.0.1", port, timeout=20 * SCALE)
    try:
        connection.request("GET", address)
        with connection.getresponse() as answer:
            return answer.status, answer.read()
    except ConnectionRefusedError:
        return 0, b""
    finally:
        connection.close()


def test_nobody_waits_for_the_rest_of_an_answer_that_broke(port: int) -> None:
    """daphne kept the connection open, for ever, and ended no application after that."""
    for _ in range(2):
        with pytest.raises((IncompleteRead, ConnectionResetError)) as broken:
            answered(port, "/late")
        assert not isinstance(broken.value, IncompleteRead) or broken.value.partial == b"as far as this"
        assert answered(port, "/early")[0] == 500


def test_an_address_that_is_too_long_is_answered_in_words(port: int) -> None:
    """Twisted ends the connection without a word."""
    status, said = answered(port, "/" + "a" * 20_000)
    assert status == 414 and json.loads(said)["problem"]["code"] == "too-long"
