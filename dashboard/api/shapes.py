"""Shapes of what the interface answers about znodes."""

import base64
from typing import Annotated, Any, Literal

from ninja import Field, Schema

from dashboard import acl
from zkbridge.protocol.editing import Ace, Whole

ZnodePath = Annotated[str, Field(json_schema_extra={"pattern": r"^(/|(/[^/]+)+)$"})]
"""As ZooKeeper spells paths. What is refused about others is said by `dashboard.api.reading.sound`, in words."""

Kind = Literal["persistent", "ephemeral", "container", "ttl"]


class Stat(Schema):
    """ZooKeeper's Stat; 64-bit values in hex, times in ms since 1970."""

    czxid: str
    mzxid: str
    pzxid: str
    ctime: int
    mtime: int
    version: int
    cversion: int
    aversion: int
    owner: str
    data_length: int
    children: int


class Entry(Schema):
    """An entry of an ACL. Of a 'digest' only the user is told."""

    scheme: str
    id: str
    perms: str
    """Letters out of 'cdrwa': create, delete, read, write, administer."""
    words: str


class Znode(Schema):
    """``data`` is base64. ``locked``: the bridge may not read it. ``acl`` is absent where it may not be read."""

    path: str
    exists: bool
    kind: Kind | None = None
    sequential: bool = False
    locked: bool = False
    redacted: bool = False
    """Its data are not shown to whoever asks."""
    stat: Stat | None = None
    data: str | None = None
    length: int = 0
    acl: list[Entry] | None = None
    zxid: str


class Changed(Schema):
    """What a change came to. ``made``: parents that were made on the way."""

    result: Literal["ok"] = "ok"
    path: str
    stat: Stat | None = None
    zxid: str
    made: list[str] = []


class Acted(Schema):
    """What an action on the lab came to. ``id``: of a node or server that was added, ``ids``: of all nodes; ``short``:
    that they are fewer than were asked for, in words. ``fault``: name of a link's. The numbers: what was healed.
    ``version`` and ``words``: of the configuration that there is since a server joined or left; ``serves``: whether a
    wiped one does again."""

    result: Literal["ok"] = "ok"
    id: str | None = None
    ids: list[str] | None = None
    short: str | None = None
    fault: str | None = None
    links: int | None = None
    resumed: int | None = None
    started: int | None = None
    version: str | None = None
    words: str | None = None
    serves: bool | None = None


class Problem(Schema):
    code: str
    text: str
    hint: str


class Failure(Schema):
    """``row``: where the result is unknown, its number for /api/actions. ``now``: what a znode holds instead of the
    version that was expected."""

    problem: Problem
    row: int | None = None
    now: dict[str, Any] | None = None


def entries(acl_: list[Ace]) -> list[dict[str, str]]:
    shown = []
    for ace in acl_:
        masked = acl.masked(ace)
        shown.append({"scheme": ace.scheme, "id": masked.id, "perms": ace.perms, "words": acl.words(masked)})
    return shown


def znode(found: Whole) -> dict[str, Any]:
    """As `Znode` has it; what is not known is absent."""
    shown: dict[str, Any] = {"path": found.path, "exists": found.exists, "zxid": found.zxid}
    if found.stat is not None:
        shown |= {"kind": found.kind, "sequential": found.sequential, "locked": found.locked,
                  "stat": stat(found), "length": found.stat.data_length}  # fmt: skip
        if found.redacted:
            shown["redacted"] = True
        elif not found.locked:
            shown["data"] = base64.b64encode(found.data).decode()
        if found.acl is not None:
            shown["acl"] = entries(found.acl)
    return shown


def stat(found: Whole) -> dict[str, Any]:
    assert found.stat is not None
    return {name: getattr(found.stat, name) for name in found.stat.__struct_fields__}
