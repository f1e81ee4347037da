"""The frames between bridge, hub and page. The same ones travel on both hops.

Client to server: `Subscribe`, `Unsubscribe`, `Ack`, and from a hub `Call`.
Server to client: `Hello`, `Beat`, `Snapshot`, `Delta`, `Trouble`, and to a hub `Result`.
"""

from __future__ import annotations

from typing import Any, Literal

import msgspec

from zkbridge.protocol.base import Message, Ms, Problem, Request

PROTOCOL = 1
"""Rises when a client written for the number before would misread a frame."""

MAX_FRAME = 65_536
"""Bytes of the largest frame that a page may send."""

MAX_HUB_FRAME = 2_097_152
"""The same of a hub, whose calls carry data of znodes: 1 MB is 1.4 MB in base64."""


Standing = Literal["connecting", "live", "stale", "read-only", "no-quorum", "gone"]
"""Of a cluster, in one word: as in topic ``status``, or 'gone' where its bridge is."""


class Subscribe(Request, frozen=True, tag_field="op", tag="subscribe"):
    """Ask for a topic: one `Snapshot` now, then `Delta` frames. A second time asks for a fresh snapshot."""

    topic: str


class Unsubscribe(Request, frozen=True, tag_field="op", tag="unsubscribe"):
    """End a topic. No answer; frames already on the way may still arrive."""

    topic: str


class Ack(Request, frozen=True, tag_field="op", tag="ack"):
    """A page says how many frames it has taken in since the socket opened.

    Obligation of the page: at least every 16 frames and, with any unacknowledged, every 500 ms.
    """

    n: int


class Call(Request, frozen=True, tag_field="op", tag="call"):
    """A hub asks the bridge to act. Pages never send this: they use HTTP."""

    id: int
    method: str
    params: dict[str, Any] = {}
    by: str = ""
    unveiled: bool = False
    """For somebody who may see what configuration hides."""


class HubSubscribe(Subscribe, frozen=True, tag="subscribe"):
    """``unveiled``: for pages of those who may see what configuration hides. Its frames say so, too."""

    unveiled: bool = False


class HubUnsubscribe(Unsubscribe, frozen=True, tag="unsubscribe"):
    unveiled: bool = False


ClientFrame = Subscribe | Unsubscribe | Ack
HubFrame = HubSubscribe | HubUnsubscribe | Call


class Sight(Message, frozen=True):
    """A cluster that this Zooscope shows; its pages and sockets are below ``/c/NAME``."""

    name: str
    title: str
    label: str = ""
    """What kind of cluster it is, such as 'production'."""


class Hello(Message, frozen=True, tag_field="type", tag="hello"):
    """First frame on any socket. ``run`` changes when the bridge is started anew."""

    run: str
    cluster: str
    at: Ms
    lab: bool = False
    protocol: int = PROTOCOL
    role: Literal["", "viewer", "operator", "admin"] = ""
    user: str = ""
    may: list[str] = []
    """What the page's user is permitted somewhere: ``node.add``, ``znode.set`` … ``GET /api/me`` says where."""
    read_only: bool = False
    """Nobody may change the tree: this Zooscope was started without ``--allow-changes``."""
    name: str = ""
    """This cluster's in ``clusters``."""
    clusters: list[Sight] = []
    """All that this Zooscope shows; empty where there is but one."""


class Beat(Message, frozen=True, tag_field="type", tag="beat"):
    """Once a second. From the hub it also says how the bridge is doing."""

    at: Ms
    bridge: Literal["up", "silent", "gone"] = "up"
    since: Ms | None = None
    viewers: int = 0
    states: dict[str, Standing] = {}
    """How each of several clusters is doing, by its name."""


class Snapshot(Message, frozen=True, tag_field="type", tag="snapshot"):
    """The whole value of a topic. It replaces whatever the client had."""

    topic: str
    epoch: int
    seq: int
    data: msgspec.Raw | dict[str, Any]
    unveiled: bool = False
    """It has what configuration hides from others."""


class Delta(Message, frozen=True, tag_field="type", tag="delta"):
    """A JSON merge patch (RFC 7396) on the topic's value at ``seq - 1`` of the same epoch."""

    topic: str
    epoch: int
    seq: int
    patch: msgspec.Raw | dict[str, Any]
    unveiled: bool = False


class Trouble(Message, frozen=True, tag_field="type", tag="trouble"):
    """A frame of the client was refused, or a topic ended by itself."""

    problem: Problem
    topic: str = ""
    unveiled: bool = False


class Result(Message, frozen=True, tag_field="type", tag="result"):
    """The end of a `Call`: ``value``, or ``problem``.

    ``unknown`` in ``problem.code`` says that the call may or may not have taken effect.
    """

    id: int
    value: dict[str, Any] | None = None
    problem: Problem | None = None
