"""Many znodes on an ensemble, quickly: thousands of creates a multi, several multis in flight."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator
from typing import Any

from kazoo.client import KazooClient, TransactionRequest

WIDTH = 1_000
"""Children of each directory."""

SIZE = 100
"""Bytes of each znode's data."""

MULTI = 1_000
IN_FLIGHT = 4


def forest(count: int) -> Iterator[tuple[str, bytes]]:
    """About ``count`` znodes, parents first: /forest, directories in it, `WIDTH` children in each."""
    yield "/forest", b""
    for directory in range(count // WIDTH):
        yield f"/forest/d{directory:04}", b""
        for child in range(WIDTH):
            yield f"/forest/d{directory:04}/n{child:05}", b"x" * SIZE


def wide(count: int) -> Iterator[tuple[str, bytes]]:
    """``count`` children of /wide."""
    yield "/wide", b""
    for child in range(count):
        yield f"/wide/n{child:06}", b"x" * SIZE


def large(parent: str, count: int, size: int) -> Iterator[tuple[str, bytes]]:
    """``count`` children of ``parent`` with ``size`` bytes of data each."""
    yield parent, b""
    for child in range(count):
        yield f"{parent}/n{child:05}", b"x" * size


def plant(client: KazooClient, znodes: Iterable[tuple[str, bytes]], at_once: int = MULTI) -> int:
    """Create all of them, ``at_once`` in one transaction; returns how many."""
    planted, in_flight = 0, deque[Any]()

    def send(transaction: TransactionRequest) -> None:
        in_flight.append(transaction.commit_async())
        if len(in_flight) >= IN_FLIGHT:
            settle()

    def settle() -> None:
        for result in in_flight.popleft().get(timeout=120):
            if isinstance(result, Exception):
                raise result

    transaction = client.transaction()
    for path, data in znodes:
        transaction.create(path, data)
        planted += 1
        if planted % at_once == 0:
            send(transaction)
            transaction = client.transaction()
    send(transaction)
    while in_flight:
        settle()
    return planted


def fell(client: KazooClient, top: str) -> None:
    """Delete a znode with all below it, a thousand in one request.

    One by one, as kazoo does, takes a minute where there are many.
    """
    names = client.get_children(top)
    for start in range(0, len(names), MULTI):
        below = [f"{top}/{name}" for name in names[start : start + MULTI]]
        transaction = client.transaction()
        for path in below:
            transaction.delete(path)
        if any(isinstance(result, Exception) for result in transaction.commit()):
            # One of them has children, and then none of them went.
            for path in below:
                fell(client, path)
    client.delete(top)
