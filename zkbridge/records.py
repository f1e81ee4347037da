"""What the lab's processes say of themselves, one JSON line each. Pure values.

Nodes, the supervisor and the bridge's actions append to one file, so its
order is the order of writing. It is apart from what the tree says: a node may
be elected in the tree and not know it yet.
"""

from __future__ import annotations

from typing import Literal

import msgspec

from zkbridge.protocol.base import Hex, Ms, Path

RecordKind = Literal[
    # the supervisor's word on a process
    "spawned", "exited",
    # an action that a person asked for, written just before it is carried out
    "asked",
    # how far a server has come that joins the ensemble, leaves it or begins anew
    "shaped",
    # the supervisor's word on a fault that it keeps, and on its end
    "fault", "healed",
    # a node's own word
    "starting", "connected", "suspended", "lost", "joined", "watching", "fired", "elected", "acknowledged",
    "registered", "unregistered", "members", "stopping", "fenced",
    # the storage's word on a leader's write
    "stored", "refused",
    # the bridge's word on a scenario: it begins, and everything was put back after it
    "playing", "played",
    # a leader's word on the workload: unfinished tasks that it found; those of a dead worker that it handed out again
    "inherited", "reassigned",
]


class Standing(msgspec.Struct, frozen=True, omit_defaults=True):
    """How a lab stood before a scenario: what is to be put back after it."""

    servers: list[str] = []
    """Ids of the ensemble's members."""
    nodes: int = 0
    """Nodes that were alive."""
    herd: int = 0
    """The same, of those that all watch their leader."""
    kept: list[Path] = []
    """Znodes that were there, of those that scenarios make and delete."""


class Record(msgspec.Struct, frozen=True, omit_defaults=True):
    """One line. Which fields are set depends on ``kind``:

    ``spawned``: pid, and of a node the path of its election in ``group`` where it is not the usual one.
    ``exited``: pid, and code or signal. ``asked``: action, by.
    ``shaped``: action, one of 'started', 'caught-up', 'joined', 'left', 'wiped', 'undone'.
    ``connected``: session, server (host:port), timeout (negotiated ms), asked (ms), again (True when the
    session is a new one after a loss, False after a mere reconnect).
    ``joined``: path. ``watching``: path. ``fired``: path (its watch on it fired). ``elected``: path (its own).
    ``acknowledged``: path of the candidate that leads. ``registered`` / ``unregistered``: path.
    ``members``: count. ``fenced``: path (its candidate), token, held: its write was refused.
    ``stored``: path, by, token: the first write of a leader. ``refused``: path, by, token, held: a write of ``by`` with
    a token lower than the one ``held``.
    ``fault``: fault (its name), action, by, since, until (0: it does not end by itself); of a link, whose bytes come
    from ``who``: to, both, latency, jitter, rate, loss. ``healed``: fault, action, by, to, both.
    ``inherited``: path (its candidate), count. ``reassigned``: path (of the dead worker's assignments), count.
    ``playing``: action (the scenario's name), by, run, before. ``played``: action, run.
    """

    at: Ms
    who: str
    """Id of the process: 'node-2', 'server-1', 'bridge', 'web'."""
    kind: RecordKind
    pid: int | None = None
    code: int | None = None
    signal: int | None = None
    action: str = ""
    by: str = ""
    session: Hex = ""
    server: str = ""
    timeout: int = 0
    asked: int = 0
    again: bool = False
    path: str = ""
    count: int | None = None
    group: str = ""
    token: Hex = ""
    """A fencing token: the czxid of the candidate that a leader was elected as."""
    held: Hex = ""
    fault: str = ""
    to: str = ""
    """The other end of a link: 'server-1', 'node-2', or 'ensemble' for all servers."""
    both: bool = True
    """False: only what goes from ``who`` to ``to``."""
    since: Ms = 0
    until: Ms = 0
    latency: float = 0
    """ms"""
    jitter: float = 0
    """ms"""
    rate: float = 0
    """Kilobytes a second; 0 for no limit."""
    loss: float = 0
    """Percent."""
    run: str = ""
    """Names one run of a scenario."""
    before: Standing | None = None


_decoder = msgspec.json.Decoder(Record)


def read(line: bytes) -> Record:
    """Decode one line; raise `msgspec.ValidationError` or `msgspec.DecodeError` for one that is not a record."""
    return _decoder.decode(line)


def write(record: Record) -> bytes:
    """Encode as one line, its newline included. Shorter than PIPE_BUF, so that appends never mix."""
    return msgspec.json.encode(record) + b"\n"
