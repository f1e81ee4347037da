"""What a hub may ask of the bridge, and what people may be permitted to do.

The method of a `zkbridge.protocol.frames.Call` is one of `METHODS`, `CHANGES` or `READS`. What a person asks for is one
of `PERMISSIONS`: these are also the names of audit rows. Parameters and values of calls on znodes are described in
`zkbridge.protocol.editing`, those on an ensemble's members in `zkbridge.protocol.reconfiguring`.
"""

from __future__ import annotations

from typing import Literal, get_args

NodeAction = Literal["stop", "kill", "pause", "resume", "start", "dismiss"]
ServerAction = Literal["stop", "kill", "pause", "resume", "start", "remove", "wipe"]
LinkAction = Literal["cut", "slow", "heal"]

NODE_ACTIONS: tuple[str, ...] = get_args(NodeAction)
SERVER_ACTIONS: tuple[str, ...] = get_args(ServerAction)
LINK_ACTIONS: tuple[str, ...] = get_args(LinkAction)

METHODS: tuple[str, ...] = (
    "node.add",
    "server.add",
    *(f"node.{action}" for action in NODE_ACTIONS),
    *(f"server.{action}" for action in SERVER_ACTIONS),
    *(f"link.{action}" for action in LINK_ACTIONS),
    "lab.heal",
)
"""``node.add`` takes ``count`` (1 when absent) and answers ``{"id": "node-6", "ids": ["node-6", …]}``; with ``short``,
in words, where fewer were started than asked for. All others of nodes and servers take ``{"id": …}``.

``server.add`` takes ``{"role": "participant"}`` or 'observer' and answers ``{"id": "4"}`` once it is a member.

``seconds`` (at most 3,600) says after how long the lab itself puts things right: it resumes what was paused (60 when
absent), starts a server that was stopped or killed (never when absent), opens a link (60 when absent).

``server.stop``, ``server.kill``, ``server.pause`` and ``server.wipe`` are refused where they would break the quorum,
unless ``{"force": true}`` is given too; so is ``link.cut``. ``server.remove`` is always refused then.

``node.start`` starts a node that has ended once more, under the same name, once its znodes are gone.

``link.cut``, ``link.slow`` and ``link.heal`` take ``from`` and ``to``: 'node-2',
'server-1', or 'ensemble' for all servers; where ``both`` is false (true when absent), only what goes that way.
``link.slow`` takes ``latency`` and ``jitter`` (ms), ``rate`` (kilobytes a second) and ``loss`` (percent). ``lab.heal``
ends all faults, and answers how many ``links`` it opened, processes it ``resumed`` and servers it ``started``."""

CHANGES: tuple[str, ...] = ("znode.create", "znode.set", "znode.delete", "znode.acl")
"""Changes of one znode: calls, and permissions of the same names."""

READS: tuple[str, ...] = (
    "znode.read", "znode.mark", "znode.verdict", "subtree.count", "subtree.names", "subtree.page", "subtree.apply",
    "session.preview", "session.verdict", "ensemble.preview", "ensemble.verdict",
)  # fmt: skip
"""Calls that no person asks for by name. ``subtree.apply`` changes znodes: it is a step of a `LONG` work."""

ALLOWED: frozenset[str] = frozenset({*CHANGES, "subtree.apply", "session.expire", "ensemble.reconfig"})
"""Calls that change a cluster: a bridge that was not started with ``--allow-changes`` refuses them, whoever asks."""

LONG: tuple[str, ...] = ("subtree.delete", "subtree.copy", "subtree.move", "subtree.import", "subtree.acl")
"""Works on whole subtrees: permissions. The web process carries them out in steps, with progress, until cancelled."""

SESSIONS: tuple[str, ...] = ("session.expire", "watches.read")
"""Calls about sessions, and permissions of the same names; see `zkbridge.protocol.sessions` and ``watches``."""

BY: frozenset[str] = frozenset({"session.expire"})
"""Calls that are told who asks, as the parameter ``by``: records have the name of whoever did it."""

CLASS: tuple[str, ...] = ("scenario.run", "workload.run")
"""What runs in a lab for a class."""

WORKLOAD: tuple[str, ...] = ("workload.start", "workload.stop", "workload.clear")
"""Calls that the permission ``workload.run`` is for: see `zkbridge.protocol.workload`."""

PERMISSIONS: tuple[str, ...] = (
    *METHODS, *CLASS, *SESSIONS, *CHANGES, *LONG, "subtree.export", "metrics.read",
    "audit.read", "see.hidden", "people.manage", "ensemble.reconfig",
)  # fmt: skip
"""Everything that a person can be permitted. ``see.hidden``: what configuration hides or redacts is shown to them."""

PATIENCE: dict[str, float] = {"server.add": 50.0, "server.wipe": 50.0, "server.remove": 25.0, "ensemble.reconfig": 20.0}
"""Seconds that a hub waits for calls which take longer than others: servers start, or elections are waited for."""

PROBLEM_STATUS: dict[str, int] = {
    "bad-request": 400,
    "not-joined": 401,
    "not-permitted": 403,
    "no-such-node": 404,
    "no-such-server": 404,
    "no-such-method": 404,
    "no-such-action": 404,
    "no-such-job": 404,
    "no-such-token": 404,
    "no-such-session": 404,
    "bad-path": 400,
    "bad-acl": 400,
    "acl-denied": 403,
    "protected": 403,
    "no-znode": 404,
    "exists": 409,
    "wrong-version": 409,
    "not-empty": 409,
    "ephemeral-parent": 409,
    "unsupported": 409,
    "not-now": 409,
    "too-many": 409,
    "too-large": 413,
    "no-lab": 409,
    "would-lose-quorum": 409,
    "not-live": 503,
    "read-only": 503,
    "no-quorum": 503,
    "bridge-gone": 503,
    "unknown": 504,
    "failed": 500,
}
"""Codes of problems that a call can end with, and the HTTP status that each becomes."""
