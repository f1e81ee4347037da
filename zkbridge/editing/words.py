"""What ZooKeeper refused, in words for a person: what, where, and what to do. Pure."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from zkbridge.editing.refused import Refused
from zkbridge.facts import hexadecimal
from zkbridge.protocol.editing import Create, Delete, SetAcl, SetData
from zkbridge.znode import Znode, parent_of
from zkbridge.zookeeper import errors
from zkbridge.zookeeper.errors import (
    BAD_ARGUMENTS,
    BAD_VERSION,
    EPHEMERAL_ON_LOCAL_SESSION,
    INVALID_ACL,
    NO_CHILDREN_FOR_EPHEMERALS,
    NODE_EXISTS,
    NOT_EMPTY,
    NOT_READ_ONLY,
    QUOTA_EXCEEDED,
    SESSION_EXPIRED,
    SESSION_MOVED,
    THROTTLED_OP,
)
from zkbridge.zookeeper.requests import NO_AUTH, NO_NODE, UNIMPLEMENTED

Change = Create | SetData | Delete | SetAcl

NEEDS = {Create: "create", SetData: "write", Delete: "delete", SetAcl: "admin"}
"""The permission of an ACL that each change takes: to create and to delete it is the parent's."""

ZOO_CFG = "Or set extendedTypesEnabled=true in zoo.cfg (-Dzookeeper.extendedTypesEnabled=true) of every server."


class Afterwards(msgspec.Struct, frozen=True):
    """What was found after the refusal; None where it was not."""

    znode: Znode | None = None
    parent: Znode | None = None
    identities: Sequence[tuple[str, str]] | None = None
    """Of the bridge's session, scheme and name."""


def explain(error: int, change: Change, path: str, now: Afterwards) -> Refused:
    """``path``: what ZooKeeper blames, the change's own unless a parent was to be made too."""
    parent = parent_of(path)
    where = short(path)
    if error == NO_AUTH:
        return _denied(change, path, now.identities)
    if error == BAD_VERSION:
        return _wrong_version(change, where, now.znode)
    if error == NODE_EXISTS:
        if path != change.path:
            return Refused("exists", f"{where} was made by somebody else just now, so nothing was done.", "Try again.")
        return Refused("exists", f"{where} exists already.", "Choose another name, or edit the one that is there.")
    if error == NO_NODE:
        if isinstance(change, Create):
            return Refused("no-znode", f"{short(parent)}, in which it was to be made, does not exist.",
                           "Check the path, or have its parents made too.")  # fmt: skip
        return Refused("no-znode", f"{where} does not exist.", "It may have been deleted: look at the tree.")
    if error == NOT_EMPTY:
        count = now.znode.num_children if now.znode is not None else 0
        has = f"{count:,} {'child' if count == 1 else 'children'}" if count else "children"
        return Refused("not-empty", f"{where} has {has}, and ZooKeeper deletes only znodes without.",
                       "Delete its children first, or all of it with everything below.")  # fmt: skip
    if error == NO_CHILDREN_FOR_EPHEMERALS:
        owner = f" of session {hexadecimal(now.parent.owner)}" if now.parent is not None else ""
        return Refused("ephemeral-parent", f"{short(parent)} is an ephemeral{owner}, and these have no children.",
                       "Make it below a znode of another kind.")  # fmt: skip
    if error == INVALID_ACL:
        return Refused("bad-acl", f"The ensemble does not accept this ACL for {where}.",
                       "Each entry needs a scheme that the servers know (world, auth, digest, ip, x509, sasl) and an "
                       "id that fits it; 'auth' takes a session with an identity.")  # fmt: skip
    if error == UNIMPLEMENTED and isinstance(change, Create):
        return _unsupported(change)
    return _refused(error, where)


def _wrong_version(change: Change, where: str, now: Znode | None) -> Refused:
    if isinstance(change, SetAcl):
        versions = _versions(change.aversion, None if now is None else now.aversion)
        return Refused("wrong-version", f"The ACL of {where} {versions}. Nothing was changed.",
                       "Look at the present ACL, then decide anew.")  # fmt: skip
    version = -1 if isinstance(change, Create) else change.version
    versions = _versions(version, None if now is None else now.version)
    return Refused("wrong-version", f"{where} {versions}. Nothing was changed.",
                   "Look at what it holds now, then decide anew.")  # fmt: skip


def _versions(asked: int, now: int | None) -> str:
    """It may never have been at the version that somebody named."""
    if now is None:
        return f"is not at version {asked}: it has another one now"
    if now < asked:
        return f"is not at version {asked}: it has version {now}"
    return f"is not at version {asked} any more: it has version {now} now"


def _denied(change: Change, path: str, identities: Sequence[tuple[str, str]] | None) -> Refused:
    missing = NEEDS[type(change)]
    holder = parent_of(path) if isinstance(change, Create | Delete) else path
    return denied(missing, holder, identities)


def denied(missing: str, path: str, identities: Sequence[tuple[str, str]] | None) -> Refused:
    """Of a permission that the ACL of ``path`` does not give the bridge."""
    text = f"The ACL of {short(path)} does not give the bridge the permission '{missing}'. {identity(identities)}"
    return Refused("acl-denied", text, "Give the bridge's identity that permission, or the bridge another identity.")


def identity(identities: Sequence[tuple[str, str]] | None) -> str:
    """Who the bridge is to the ensemble. Names of digests are users; the servers tell no more."""
    if identities is None:
        return "Who the bridge is to the ensemble is not told by servers before ZooKeeper 3.7."
    known = [f"{scheme}:{name.partition(':')[0] if scheme == 'digest' else name}" for scheme, name in identities]
    return f"To the ensemble the bridge is {' and '.join(known[:8]) or 'nobody in particular'}."


def _unsupported(change: Create) -> Refused:
    if change.kind == "ttl":
        text = "The ensemble makes no TTL znodes: its extended types are off (zookeeper.extendedTypesEnabled)."
        return Refused("unsupported", text, f"Choose another kind. {ZOO_CFG}")
    return Refused("unsupported", f"The server does not know how to make a znode of kind '{change.kind}'.",
                   "Containers need ZooKeeper 3.5.1 or newer, TTL znodes 3.5.4.")  # fmt: skip


def _refused(error: int, where: str) -> Refused:
    name = errors.name_of(error)
    if error in (SESSION_EXPIRED, SESSION_MOVED):
        return Refused("not-live", f"The bridge's session has ended or moved ({name}), so nothing was done.",
                       "Try again when the page says LIVE.")  # fmt: skip
    if error == NOT_READ_ONLY:
        return Refused("read-only", "The server has no quorum and is read-only, so nothing was done.",
                       "It takes changes again as soon as there is a quorum.")  # fmt: skip
    if error == QUOTA_EXCEEDED:
        return Refused("not-now", f"A quota above {where} is used up ({name}), so nothing was done.",
                       "Free something below it, or raise the quota.")  # fmt: skip
    if error == THROTTLED_OP:
        return Refused("not-now", f"The server has too much to do ({name}), so nothing was done.", "Try again later.")
    if error == EPHEMERAL_ON_LOCAL_SESSION:
        return Refused("unsupported", f"The bridge's session is a local one, which owns no ephemerals ({name}).",
                       "Choose another kind, or set localSessionsUpgradingEnabled=true on the servers.")  # fmt: skip
    if error == BAD_ARGUMENTS:
        return Refused("bad-request", f"The server does not accept this for {where} ({name}).",
                       "Check the path, the kind and the TTL.")  # fmt: skip
    return Refused("failed", f"The ensemble refused it for {where}: {name}. Nothing was done.",
                   "The servers' logs may say more.")  # fmt: skip


def short(path: str) -> str:
    """A path as sentences name it: a long one's beginning and end."""
    return path if len(path) <= 120 else f"{path[:60]}…{path[-50:]}"
