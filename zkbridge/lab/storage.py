"""Something that only the leader may write to, as its nodes use it: a service that keeps one value for each election.

    python -m zkbridge.lab.storage --port 2190 --records FILE

ZooKeeper cannot guard it: a leader that was frozen, and wakes after its session has expired, still believes that it
leads, and its write may be on the way already. So each write carries a fencing token, the czxid of the writer's
candidate, which is higher for each later leader. The storage keeps the highest token that it ever saw and refuses every
write with a lower one. What it took from a new leader, and what it refused, it writes to the file of records itself;
there it finds the highest tokens again when it is started anew.
"""

from __future__ import annotations

import argparse
import re
import signal
import threading
import time
from collections.abc import Iterable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import msgspec

from zkbridge.lab.records import Tail, Writer
from zkbridge.protocol.base import Hex
from zkbridge.records import Record
from zkbridge.znode import parent_of

HOST = "127.0.0.1"
LONGEST = 2_000
"""Bytes of a request."""

MOST = 100
"""Elections whose values are kept."""

_TOKEN = re.compile(r"0x[0-9a-f]{1,16}")


class Write(msgspec.Struct, forbid_unknown_fields=True):
    """What a writer sends: which election it leads, its candidate there, and the czxid of that."""

    election: str
    candidate: str
    token: Hex
    by: str
    value: str = ""


class Kept(msgspec.Struct):
    """What an election's leader wrote last."""

    token: int
    by: str
    value: str
    writes: int = 0


class Storage:
    """Judges writes, one at a time. ``tell`` gets a record for the first write of each token and for each refusal."""

    def __init__(self, tell: Any) -> None:
        self.kept: dict[str, Kept] = {}
        self._tell = tell
        self._lock = threading.Lock()

    def remember(self, records: Iterable[Record]) -> None:
        """Take up what this service said in an earlier life: one that was started anew refuses the same writes."""
        for record in records:
            if record.kind == "stored" and _TOKEN.fullmatch(record.token):
                election, token = parent_of(record.path), int(record.token, 16)
                held = self.kept.get(election)
                if held is None or token > held.token:
                    self.kept[election] = Kept(token, record.by, "")

    def write(self, body: bytes) -> tuple[int, dict[str, Any]]:
        """The HTTP status to answer with, and what is held then."""
        try:
            asked = msgspec.json.decode(body, type=Write)
        except (msgspec.DecodeError, UnicodeDecodeError):
            return 400, {}
        if not _TOKEN.fullmatch(asked.token) or len(self.kept) >= MOST and asked.election not in self.kept:
            return 400, {}
        token = int(asked.token, 16)
        with self._lock:
            held = self.kept.get(asked.election)
            if held is not None and token < held.token:
                self._say("refused", asked, held)
                return 409, {"held": f"0x{held.token:x}", "by": held.by}
            if held is None or token > held.token:
                self.kept[asked.election] = held = Kept(token, asked.by, asked.value)
                self._say("stored", asked, held)
            held.value, held.writes = asked.value, held.writes + 1
            return 200, {"held": asked.token, "by": held.by}

    def _say(self, kind: Any, asked: Write, held: Kept) -> None:
        self._tell(Record(
            time.time() * 1000, "storage", kind, path=asked.candidate, by=asked.by, token=asked.token,
            held=f"0x{held.token:x}",
        ))  # fmt: skip


def handler(storage: Storage) -> type[BaseHTTPRequestHandler]:
    """Takes ``PUT /value``."""

    class Handler(BaseHTTPRequestHandler):
        timeout = 2.0

        def do_PUT(self) -> None:  # noqa: N802 - the name that http.server calls
            size = self.headers.get("Content-Length", "")
            if self.path != "/value" or not size.isdigit() or int(size) > LONGEST:
                return self._answer(400, {})
            return self._answer(*storage.write(self.rfile.read(int(size))))

        def _answer(self, status: int, value: dict[str, Any]) -> None:
            body = msgspec.json.encode(value)
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *arguments: Any) -> None:
            """Say nothing: the records tell what matters."""

    return Handler


def main() -> None:
    parser = argparse.ArgumentParser(description="The storage that only the lab's leaders may write to.")
    parser.add_argument("--port", required=True, type=int)
    parser.add_argument("--records", required=True, help="file that it appends its records to")
    options = parser.parse_args()
    storage, past = Storage(Writer(options.records).write), Tail(options.records)
    while records := past.read_new():
        storage.remember(records)
    past.close()
    server = ThreadingHTTPServer((HOST, options.port), handler(storage))
    signal.signal(signal.SIGTERM, lambda *_: threading.Thread(target=server.shutdown).start())
    server.serve_forever(poll_interval=0.2)
    server.server_close()


if __name__ == "__main__":
    main()
