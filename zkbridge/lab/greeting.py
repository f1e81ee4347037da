"""How the leader tells the workers that it leads: it finds their addresses in the registry and calls them.

Nobody watches anything for this. When a leader dies one node wakes, its successor, and no herd; the others learn of it
when the successor, which by then has taken over, calls them. So 'acknowledged' is a node's own knowledge, some
milliseconds after the tree knew.

A worker keeps the number of the highest candidate that ever called, and refuses any lower one: a leader that was frozen
and wakes after its session expired still believes that it leads, and is turned away here. Such a number is called a
fencing token.
"""

from __future__ import annotations

import http.client
import re
import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from zkbridge.znode import sequence_of

CALL_TIMEOUT = 1.0
"""Seconds until a worker that does not answer is given up; the leader will try again."""

_CANDIDATE = re.compile(r"/[\w/-]{1,200}\d{10}")
_ADDRESS = re.compile(r"http://127\.0\.0\.1:(\d{1,5})")


class Door:
    """A worker's ear: an HTTP server on a free loopback port that takes ``PUT /leader`` with a candidate's path.

    ``heard(path)`` is called, on another thread, for each call that is accepted.
    """

    def __init__(self, heard: Callable[[str], None]) -> None:
        self._heard = heard
        self._token = -1
        self._lock = threading.Lock()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self.address = f"http://127.0.0.1:{self._server.server_port}"

    def open(self, attention: float = 0.5) -> None:
        """``attention``: seconds after which `close` is heeded."""
        threading.Thread(target=self._server.serve_forever, args=(attention,), daemon=True).start()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()

    def greeted(self, path: str) -> int:
        """Judge one call: the HTTP status to answer with."""
        token = sequence_of(path) if _CANDIDATE.fullmatch(path) else None
        if token is None:
            return 400
        with self._lock:
            if token < self._token:
                return 409
            self._token = token
        self._heard(path)
        return 204

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        greeted = self.greeted

        class Handler(BaseHTTPRequestHandler):
            timeout = CALL_TIMEOUT

            def do_PUT(self) -> None:  # noqa: N802 - the name that http.server calls
                size = self.headers.get("Content-Length", "")
                known = self.path == "/leader" and size.isdigit() and int(size) <= 300
                self.send_response(greeted(self.rfile.read(int(size)).decode("utf-8", "replace")) if known else 400)
                self.end_headers()

            def log_message(self, format: str, *arguments: Any) -> None:
                """Say nothing: the records tell what matters."""

        return Handler


def greet(address: str, candidate: str) -> bool:
    """Tell the worker at ``address`` that ``candidate`` leads; True when it took note.

    The address is data that anyone may have written: only loopback is called.
    """
    found = _ADDRESS.fullmatch(address)
    if found is None:
        return False
    connection = http.client.HTTPConnection("127.0.0.1", int(found[1]), timeout=CALL_TIMEOUT)
    try:
        connection.request("PUT", "/leader", candidate.encode())
        return connection.getresponse().status == 204
    except (OSError, http.client.HTTPException, OverflowError):
        return False
    finally:
        connection.close()
