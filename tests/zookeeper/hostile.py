"""Servers that answer as no server should: to four-letter words, and over HTTP."""

from __future__ import annotations

import asyncio
import contextlib
import gzip
import re
import threading
from collections.abc import Iterator

from tests.zookeeper.fakes import Handler, saying, serving


@contextlib.contextmanager
def instead(*places: tuple[int, Handler]) -> Iterator[None]:
    """Stand in at ports of 127.0.0.1, in a thread, until left."""
    loop = asyncio.new_event_loop()
    stop = asyncio.Event()
    ready = threading.Event()

    async def stand() -> None:
        async with contextlib.AsyncExitStack() as stack:
            for port, handler in places:
                await stack.enter_async_context(serving(handler, port=port))
            ready.set()
            await stop.wait()

    thread = threading.Thread(target=loop.run_until_complete, args=(stand(),))
    thread.start()
    try:
        assert ready.wait(10), "the ports could not be had"
        yield
    finally:
        loop.call_soon_threadsafe(stop.set)
        thread.join(10)
        loop.close()


MNTR = (
    b"zk_version\t3.8.0-abc, built on 2020\nzk_server_state\tleader\nzk_watch_count\t7\nzk_ephemerals_count\t3\n"
    b"zk_approximate_data_size\t293\nzk_uptime\t60000\nzk_open_file_descriptor_count\t46\n"
    b"zk_max_file_descriptor_count\t20000\nzk_synced_followers\t2\nzk_synced_observers\t0\nzk_leader_uptime\t59000\n"
    b"zk_cnt_election_time\t2\nzk_sum_election_time\t569\nzk_cnt_leader_unavailable_time\t1\n"
    b"zk_sum_leader_unavailable_time\t553\nzk_cnt_readlatency\t602\nzk_sum_readlatency\t73\n"
    b"zk_cnt_updatelatency\t222\nzk_sum_updatelatency\t10413\n"
)
REFUSED = b"mntr is not executed because it is not in the whitelist.\n"
NOT_SERVING = b"This ZooKeeper instance is not currently serving requests\n"
PAGE = b"<!doctype html><title>Welcome</title><h1>It works!</h1>"


def words(**answers: bytes | Handler) -> Handler:
    """A server that answers each four-letter word in its own way; bytes are said."""

    async def handler(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        word = (await reader.readexactly(4)).decode()
        answer = answers[word]
        if isinstance(answer, bytes):
            writer.write(answer)
            await writer.drain()
        else:
            await answer(reader, writer)

    return handler


def http(body: bytes, status: str = "200 OK", more: str = "") -> Handler:
    return saying(f"HTTP/1.1 {status}\r\nContent-Length: {len(body)}\r\n{more}\r\n".encode() + body)


def commands(**answers: Handler) -> Handler:
    """An AdminServer that answers each command in its own way, each on a connection of its own; 404 to all others."""

    async def handler(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        found = re.match(rb"GET /commands/(\w+) ", head)
        answer = answers.get(found[1].decode() if found else "", http(b"", "404 Not Found"))
        # What it answers reads a request first: this one.
        again = asyncio.StreamReader()
        again.feed_data(head)
        again.feed_eof()
        await answer(again, writer)

    return handler


async def hang(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await asyncio.sleep(60)


async def drip(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """A byte at a time, for ever."""
    while True:
        writer.write(b"z")
        await writer.drain()
        await asyncio.sleep(0.05)


def flood(of: bytes, first: bytes = b"") -> Handler:
    """The same for ever, as fast as it is taken."""

    async def handler(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(first)
        while True:
            writer.write(of * (65_536 // len(of)))
            await writer.drain()

    return handler


async def drip_body(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n")
    await drip(reader, writer)


ENDLESS_BODY = flood(b"x", b"HTTP/1.1 200 OK\r\n\r\n")
ENDLESS_CHUNKS = flood(b"20\r\n" + b"x" * 32 + b"\r\n", b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
ENDLESS_HEADERS = flood(b"X-More: of it\r\n", b"HTTP/1.1 200 OK\r\n")
ENDLESS_HEADER = flood(b"x", b"HTTP/1.1 200 OK\r\nX-Long: ")
ENDLESS_COOKIES = http(b"{}", more="".join(f"Set-Cookie: c{n}={'x' * 80}\r\n" for n in range(80)))
BOMB = gzip.compress(b" " * 20_000_000)
DEEP = b'{"a":' * 10_000
HUGE = b'{"a": "' + b"x" * 10_000_000 + b'"}'
