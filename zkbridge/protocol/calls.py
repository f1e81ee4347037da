"""What a hub may ask of the bridge, and what people may be permitted to do.

The method of a `zkbridge.protocol.frames.Call` is one of `METHODS`; each is
also the name of the permission that it needs, and of its audit rows.
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

PROBLEM_STATUS: dict[str, int] = {
    "bad-request": 400,
    "not-joined": 401,
    "not-permitted": 403,
    "no-such-node": 404,
    "no-such-server": 404,
    "no-such-method": 404,
    "not-now": 409,
    "too-many": 409,
    "too-large": 413,
    "no-lab": 409,
    "would-lose-quorum": 409,
    "bridge-gone": 503,
    "unknown": 504,
    "failed": 500,
}
"""Codes of problems that a call can end with, and the HTTP status that each becomes."""
