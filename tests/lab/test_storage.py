"""The storage takes what is newer, refuses what is older, and says both."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from http.server import ThreadingHTTPServer

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.integration.ensemble import SCALE
from zkbridge.lab import storing
from zkbridge.lab.nodemaker import NodeMaker
from zkbridge.lab.program import Program
from zkbridge.lab.refused import Refused
from zkbridge.lab.storage import MOST, Storage, handler
from zkbridge.lab.storing import Storing, Token
from zkbridge.lab.variants import CHAIN, HERD
from zkbridge.records import Record


def write(token: int, by: str = "node-1", election: str = "/election") -> bytes:
    return msgspec.json.encode({"election": election, "candidate": f"{election}/c_1", "token": hex(token), "by": by})


@given(st.lists(st.integers(1, 20), max_size=40))
def test_no_write_is_taken_that_is_older_than_one_that_was(tokens: list[int]) -> None:
    said: list[Record] = []
    storage = Storage(said.append)
    highest = 0
    for token in tokens:
        before = len(said)
        status, value = storage.write(write(token))
        assert status == (200 if token >= highest else 409)
        assert value["held"] == hex(max(token, highest))
        told = [(record.kind, record.token, record.held) for record in said[before:]]
        if token < highest:
            assert told == [("refused", hex(token), hex(highest))]
        else:
            assert told == ([("stored", hex(token), hex(token))] if token > highest else [])
        highest = max(highest, token)


def test_each_election_has_a_value_of_its_own() -> None:
    storage = Storage(lambda record: None)
    assert storage.write(write(9))[0] == 200
    assert storage.write(write(3, election="/election_herd"))[0] == 200
    assert storage.write(write(8))[0] == 409
    for number in range(MOST):
        storage.write(write(1, election=f"/e{number}"))
    assert len(storage.kept) == MOST and storage.write(write(1, election="/more"))[0] == 400


@pytest.mark.parametrize(
    "body", [b"", b"[]", b"{}", b"\xff", write(5).replace(b"0x5", b"five"), write(5)[:-1] + b',"x":1}']
)
def test_what_is_no_write_is_refused_and_changes_nothing(body: bytes) -> None:
    said: list[Record] = []
    storage = Storage(said.append)
    assert storage.write(body) == (400, {})
    assert storage.kept == {} and said == []


@pytest.fixture
def served() -> Iterator[tuple[Storage, str]]:
    storage = Storage(lambda record: None)
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler(storage))
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    yield storage, f"127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


def test_a_unit_that_was_begun_ends_with_its_write_and_learns_of_the_refusal(
    served: tuple[Storage, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """As after a freeze: the leader was replaced between the beginning of a unit and its write."""
    storage, address = served
    monkeypatch.setattr(storing, "UNIT", 0.05)
    refused: list[tuple[Token, str]] = []
    heard = threading.Event()

    def fenced(token: Token, held: str) -> None:
        refused.append((token, held))
        heard.set()

    old = Storing(address, "node-1", "/election", fenced)
    old.open()
    storage.write(write(7, "node-2"))
    old.begin("/election/c_1", "0x5")
    assert old.works_as("/election/c_1") and not old.works_as("/election/c_2")
    old.end()  # too late: the unit is under way
    assert heard.wait(10 * SCALE)
    assert refused == [(("/election/c_1", "0x5"), "0x7")]
    assert storage.kept["/election"].by == "node-2" and not old.works_as("/election/c_1")


def test_a_storage_that_is_not_there_is_no_refusal() -> None:
    assert Storing("127.0.0.1:1", "node-1", "/election", lambda token, held: None)._write(("/e/c_1", "0x1")) == ""


def test_whom_a_variant_watches() -> None:
    assert [CHAIN.watched(place) for place in (1, 2, 5)] == [0, 1, 4]
    assert [HERD.watched(place) for place in (1, 2, 5)] == [0, 0, 0]


def test_a_maker_of_nodes_knows_variants(tmp_path) -> None:  # type: ignore[no-untyped-def]
    maker = NodeMaker(Program("node", "node", ["python"], tmp_path), 5, lambda: "h:1")
    (usual,) = maker.next(0, 1, None)
    (herd,) = maker.next(1, 1, None, "herd")
    assert (usual.group, herd.group) == ("", HERD.election)
    assert "--variant" not in usual.command and herd.command[-2:] == ["--variant", "herd"]
    with pytest.raises(Refused, match="no variant 'flock'"):
        maker.next(2, 1, None, "flock")


def test_one_that_is_started_anew_refuses_what_the_one_before_it_did() -> None:
    """Else a leader that was frozen meanwhile could write over what its successor wrote."""
    said: list[Record] = []
    first = Storage(said.append)
    for token, election in ((7, "/election"), (9, "/election"), (8, "/election"), (3, "/election_herd")):
        first.write(write(token, election=election))
    again = Storage(said.append)
    again.remember(said)
    assert {election: kept.token for election, kept in again.kept.items()} == {"/election": 9, "/election_herd": 3}
    assert again.write(write(8))[0] == 409 and again.write(write(9))[0] == 200 and again.write(write(10))[0] == 200
