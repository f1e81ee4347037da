"""Four-letter words: one question on a connection of its own, and all that comes back. Answers are hostile."""

from __future__ import annotations

import asyncio
import re
from typing import Any

from zkbridge.zookeeper.tls import Armour

_PAGE = re.compile(rb"\s*(<|HTTP/\d)", re.IGNORECASE)


class NoAnswer(Exception):
    """Asking failed; the text says how, in words. ``answer`` holds what came instead."""

    def __init__(self, reason: str, answer: bytes = b"") -> None:
        super().__init__(reason)
        self.answer = answer


async def exchange(
    host: str, port: int, word: bytes, deadline: float, most: int, *, tls: Armour | None = None, name: str = ""
) -> bytes:
    """What a server answers to ``word``; raise `NoAnswer`. Takes no longer than ``deadline`` seconds, keeps no more
    than ``most`` bytes, and hangs up on whoever sends more.

    With ``tls`` its certificate must be for ``name``, or else for ``host``.
    """
    answer = bytearray()
    writer: asyncio.StreamWriter | None = None
    options: dict[str, Any] = {} if tls is None else {"ssl": tls.context, "server_hostname": name or host}
    try:
        async with asyncio.timeout(deadline):
            reader, writer = await asyncio.open_connection(host, port, **options)
            writer.write(word)
            while chunk := await reader.read(65_536):
                answer += chunk[: most - len(answer)]
                if len(answer) >= most:
                    raise NoAnswer(f"{stranger(answer)} and more than {most // 1024:,} KB of it", bytes(answer))
    except TimeoutError:
        raise NoAnswer(f"no answer within {deadline:g} s", bytes(answer)) from None
    except OSError as error:
        told = tls.judge(error) if tls is not None else None
        raise NoAnswer(told[1] if told else _words(error), bytes(answer)) from None
    except ValueError:
        # A label of it is empty or too long: no resolver is asked for such a name.
        raise NoAnswer("its name is none that a host can have") from None
    finally:
        if writer is not None:
            writer.transport.abort()
    if not answer:
        raise NoAnswer("it closed the connection without an answer")
    return bytes(answer)


def stranger(answer: bytes | bytearray) -> str:
    """What answers in a server's place, in words."""
    kind = "a web page" if _PAGE.match(answer[:64]) else "something else"
    return f"something that is not ZooKeeper answers: it sends {kind}"


def _words(error: OSError) -> str:
    if isinstance(error, ConnectionRefusedError):
        return "connection refused"
    if isinstance(error, ConnectionResetError):
        return "connection reset"
    return (error.strerror or str(error) or type(error).__name__).lower()
