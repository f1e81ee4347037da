"""What a hub may ask of the bridge, and what people may be permitted to do.

The method of a `zkbridge.protocol.frames.Call` is one of `METHODS`, `CHANGES` or `READS`. What a person asks for is one
of `PERMISSIONS`: these are also the names of audit rows. Parameters and values of calls on znodes are described in
`zkbridge.protocol.editing`.
"""

from __future__ import annotations

from typing import Literal, get_args

NodeAction = Literal["stop", "kill", "pause", "resume", "dismiss"]
ServerAction = Literal["kill", "start"]

NODE_ACTIONS: tuple[str, ...] = get_args(NodeAction)
SERVER_ACTIONS: tuple[str, ...] = get_args(ServerAction)

METHODS: tuple[str, ...] = (
    "node.add",
    *(f"node.{action}" for action in NODE_ACTIONS),
    *(f"server.{action}" for action in SERVER_ACTIONS),
)
"""``node.add`` takes no parameters and answers ``{"id": "node-6"}``; all others take ``{"id": …}``.

``server.kill`` is refused where it would break the quorum, unless ``{"force": true}`` is given too."""

CHANGES: tuple[str, ...] = ("znode.create", "znode.set", "znode.delete", "znode.acl")
"""Changes of one znode: calls, and permissions of the same names."""

READS: tuple[str, ...] = (
    "znode.read", "znode.mark", "znode.verdict", "subtree.count", "subtree.names", "subtree.page", "subtree.apply",
)  # fmt: skip
"""Calls that no person asks for by name. ``subtree.apply`` changes znodes: it is a step of a `LONG` work."""

LONG: tuple[str, ...] = ("subtree.delete", "subtree.copy", "subtree.move", "subtree.import", "subtree.acl")
"""Works on whole subtrees: permissions. The web process carries them out in steps, with progress, until cancelled."""

FAULTS: tuple[str, ...] = (
    "server.add", "server.stop", "server.pause", "server.resume", "server.wipe", "server.remove",
    "link.cut", "link.slow", "link.heal", "lab.heal",
)  # fmt: skip
"""What can be done to a lab's servers and to the network between its processes, and the end of all faults at once."""

CLASS: tuple[str, ...] = ("scenario.run", "workload.run")
"""What runs in a lab for a class."""

WORKLOAD: tuple[str, ...] = ("workload.start", "workload.stop", "workload.clear")
"""Calls that the permission ``workload.run`` is for: see `zkbridge.protocol.workload`."""

PERMISSIONS: tuple[str, ...] = (
    *METHODS, *FAULTS, *CLASS, "session.expire", "watches.read", *CHANGES, *LONG, "subtree.export", "metrics.read",
    "audit.read", "see.hidden", "people.manage", "ensemble.reconfig",
)  # fmt: skip
"""Everything that a person can be permitted. ``see.hidden``: what configuration hides or redacts is shown to them."""

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
