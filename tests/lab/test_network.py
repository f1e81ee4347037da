"""What the supervisor tells the relay, and what becomes of that when the relay cannot do it."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from pathlib import Path

import msgspec
import pytest

from zkbridge.lab import network as room
from zkbridge.lab.links import RelayPlan
from zkbridge.lab.network import Network, NoNetwork
from zkbridge.lab.servers import plan


class Relay:
    """Reads the plan when it is told to, and cannot listen for whom it is not to."""

    def __init__(self, network: Network) -> None:
        self.network = network
        self.refuses = ""
        self.read: list[RelayPlan] = []

    @property
    def origins(self) -> set[str]:
        return {door.origin for door in self.read[-1].doors if door.use == "client"}

    async def answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readline()
        self.read.append(msgspec.json.decode(self.network.plan.read_bytes(), type=RelayPlan))
        failures = [f"{door.address}: taken" for door in self.read[-1].doors if door.origin == self.refuses]
        writer.write(msgspec.json.encode({"failures": failures}) + b"\n")
        writer.close()


@pytest.fixture
async def relay(tmp_path: Path) -> AsyncIterator[Relay]:
    network = Network(tmp_path, tmp_path)
    network.begin(plan(tmp_path, 1))
    relay = Relay(network)
    async with await asyncio.start_unix_server(relay.answer, network.socket):
        yield relay


async def test_a_door_that_cannot_be_opened_spoils_nothing_else(relay: Relay) -> None:
    """It stayed in the plan: no node was added any more, and no link was cut or healed without a complaint."""
    relay.refuses = "node-2"
    await relay.network.add_nodes([1])
    with pytest.raises(NoNetwork, match="cannot listen"):
        await relay.network.add_nodes([2, 3])
    await relay.network.add_nodes([4])
    await relay.network.set({})
    assert relay.origins == {"node-1", "node-4"}


async def test_who_is_let_in_again_stays_let_in(relay: Relay) -> None:
    await relay.network.add_nodes([1, 2])
    relay.network.forget_node(1)
    await asyncio.gather(relay.network.tell(), relay.network.add_nodes([1]))
    assert relay.origins == {"node-1", "node-2"}


async def test_a_relay_that_hears_nothing_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(room, "WITHIN", 0.05)
    network = Network(tmp_path, tmp_path)
    network.begin(plan(tmp_path, 1))
    with pytest.raises(NoNetwork, match="did not answer"):
        await network.add_nodes([1])
    assert network.nodes == set()
    with contextlib.suppress(NoNetwork):
        await network.tell()
