"""How daphne's sockets frame what goes to pages."""

from __future__ import annotations

import pytest
from daphne.ws_protocol import WebSocketFactory
from websockets.frames import Frame, Opcode
from websockets.streams import StreamReader

from dashboard.daphne import PromptSocket, frame


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
