"""What has to be done to a znode so that it is as another one is. Pure."""

from __future__ import annotations

from typing import Literal

import msgspec

from dashboard.jobs.item import Item, at, same_acl, secret
from zkbridge.protocol.editing import Op
from zkbridge.protocol.znodes import Kind

Difference = Literal["data", "acl", "kind", "locked", "ephemeral", "secret"]
"""``secret``: an ACL whose digests the servers do not show to the bridge, so that it cannot be made again."""

_PLAIN: tuple[Kind, ...] = ("persistent", "container", "ttl")


WHY = {
    "kind": "is of another kind there, which cannot be changed",
    "locked": "may not be read there",
    "secret": "has an ACL with digests that the servers do not show to the bridge: leave ACLs out",
    "data": "is there with other data",
    "acl": "is there with another ACL",
}


class Rules(msgspec.Struct, frozen=True):
    """What the person asked for. ``ephemerals``: those of others' sessions cannot be made, only persistent ones.

    ``existing``: what is to become of znodes that are there and differ. ``acl``: ACLs come along; else all are open.
    """

    existing: Literal["fail", "skip", "overwrite"] = "fail"
    ephemerals: Literal["skip", "persistent"] = "skip"
    acl: bool = True


class Plan(msgspec.Struct, frozen=True):
    """What becomes of one znode; ``differs`` says in what it differs from the one that is there."""

    what: Literal["create", "overwrite", "same", "skip", "conflict"]
    wanted: Item
    differs: list[Difference] = []


class Planner:
    """Asked about znodes in their order: what is below one that is skipped, and is not there, is skipped too."""

    def __init__(self, rules: Rules) -> None:
        self._rules = rules
        self._missing: str | None = None

    def plan(self, source: Item, there: Item | None) -> Plan:
        wanted = self._wanted(source)
        below = self._missing is not None and (not self._missing or source.path.startswith(self._missing + "/"))
        if wanted is None or below:
            if there is None and not below:
                self._missing = source.path
            return Plan("skip", source, self._left_out(source))
        self._missing = None
        hidden = wanted.acl is not None and secret(wanted.acl)
        if there is None:
            return Plan("conflict", wanted, ["secret"]) if hidden else Plan("create", wanted)
        differs = differences(wanted, there, acl=self._rules.acl)
        if not differs:
            return Plan("same", wanted)
        if self._rules.existing == "skip":
            return Plan("skip", wanted, differs)
        if "acl" in differs and hidden:
            differs.append("secret")
        if self._rules.existing == "fail" or {"kind", "locked", "secret"}.intersection(differs):
            return Plan("conflict", wanted, differs)
        return Plan("overwrite", wanted, differs)

    def _left_out(self, source: Item) -> list[Difference]:
        """Why; nothing for what is below one that is left out."""
        return ["locked"] if source.locked else ["ephemeral"] if self._wanted(source) is None else []

    def _wanted(self, source: Item) -> Item | None:
        """The znode to be made; None where it is left out."""
        if source.locked or (source.kind == "ephemeral" and self._rules.ephemerals == "skip"):
            return None
        kind: Kind = "persistent" if source.kind == "ephemeral" else source.kind
        acl = source.acl if self._rules.acl else None
        return msgspec.structs.replace(source, kind=kind, owner="", acl=acl)


def differences(left: Item, right: Item, *, acl: bool) -> list[Difference]:
    """In what two znodes of the same place differ, as far as the servers tell."""
    if left.locked or right.locked:
        return [] if left.locked and right.locked else ["locked"]
    found: list[Difference] = []
    if not _same_kind(left, right):
        found.append("kind")
    if left.data != right.data:
        found.append("data")
    if acl and left.acl is not None and (right.acl is None or not same_acl(left.acl, right.acl)):
        found.append("acl")
    return found


def _same_kind(left: Item, right: Item) -> bool:
    """What is shown as persistent may be a container or a TTL znode."""
    if "persistent" in (left.kind, right.kind):
        return left.kind in _PLAIN and right.kind in _PLAIN
    return (left.kind, left.ttl) == (right.kind, right.ttl)


def ops(plan: Plan, there: Item | None, to: str) -> list[Op]:
    """The operations of a plan. They hold the versions that were seen, so that nothing newer is overwritten."""
    path, wanted = at(to, plan.wanted.path), plan.wanted
    data = wanted.data or b""
    if plan.what == "create":
        return [Op("create", path, data, wanted.kind, wanted.ttl, wanted.acl or [])]
    if plan.what != "overwrite":
        return []
    assert there is not None
    found: list[Op] = []
    if "data" in plan.differs:
        found.append(Op("set", path, data, version=there.version))
    if "acl" in plan.differs:
        found.append(Op("acl", path, acl=wanted.acl or [], version=there.aversion))
    return found
