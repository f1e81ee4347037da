"""What a leader does all day: it works on a thread of its own and writes what came of it to the lab's storage.

It looks up its fencing token once, when it is elected, and then goes on, unit by unit, as programs do: a freeze of the
process in the midst of a unit ends with a write on behalf of a leader that was replaced meanwhile.
"""

from __future__ import annotations

import http.client
import threading
import time
from collections.abc import Callable

import msgspec

from zkbridge.protocol.base import Hex

UNIT = 0.5
"""Seconds that a unit of work takes, which ends with the write."""

TIMEOUT = 1.0
"""Seconds until a storage that does not answer is given up; the next unit tries again."""

Token = tuple[str, Hex]
"""A candidate's path, and its czxid."""


class Storing:
    """``address`` is host:port of the storage, '' for none. ``refused(token, held)`` is called on its thread when a
    write with ``token`` was refused because the storage holds the later ``held``; the work ends then."""

    def __init__(self, address: str, name: str, election: str, refused: Callable[[Token, Hex], None]) -> None:
        self._address, self._name, self._election, self._refused = address, name, election, refused
        self._token: Token | None = None
        self._leads = threading.Event()
        self._count = 0

    def open(self) -> None:
        if self._address:
            threading.Thread(target=self._work, daemon=True).start()

    def works_as(self, candidate: str) -> bool:
        return self._leads.is_set() and self._token is not None and self._token[0] == candidate

    def begin(self, candidate: str, token: Hex) -> None:
        self._token = (candidate, token)
        self._leads.set()

    def end(self) -> None:
        """Begin no further unit. One that is under way ends with its write: nobody can call that back."""
        self._leads.clear()

    def _work(self) -> None:
        while True:
            self._leads.wait()
            token = self._token
            assert token is not None
            time.sleep(UNIT)
            held = self._write(token)
            if held:
                if self._token == token:
                    self._leads.clear()
                self._refused(token, held)

    def _write(self, token: Token) -> Hex:
        """Write once; the later token that the storage holds where it refused, else ''."""
        self._count += 1
        body = {"election": self._election, "candidate": token[0], "token": token[1], "by": self._name,
                "value": f"unit {self._count} of {self._name}"}  # fmt: skip
        host, _, port = self._address.rpartition(":")
        connection = http.client.HTTPConnection(host, int(port), timeout=TIMEOUT)
        try:
            connection.request("PUT", "/value", msgspec.json.encode(body))
            answer = connection.getresponse()
            text = answer.read(1_000)
            return str(msgspec.json.decode(text)["held"]) if answer.status == 409 else ""
        except (OSError, http.client.HTTPException, msgspec.DecodeError, KeyError, TypeError):
            return ""
        finally:
            connection.close()
