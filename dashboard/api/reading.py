"""Znodes as the ensemble has them now, for people who have joined."""

from typing import Any

import msgspec
from django.http import HttpRequest

from dashboard import errors
from dashboard.api import acting
from dashboard.api.access import Refused
from dashboard.live.bridge import CallFailed
from zkbridge.protocol.editing import Whole
from zkbridge.protocol.topics import BadTopic, check_new, check_path


def sound(path: str, *, new: bool = False) -> str:
    """``path``, spelled as ZooKeeper does, and where it is to be made not too long; raise `Refused` for any other."""
    try:
        (check_new if new else check_path)(path)
    except BadTopic as bad:
        hint = bad.problem.hint or "A path is spelled like /a/b."
        raise Refused(errors.problem("bad-path", bad.problem.text, hint)) from None
    return path


async def whole(request: HttpRequest, path: str) -> Whole:
    """The znode, read after a sync; raise `Refused`."""
    sound(path)
    try:
        return await read(acting.hub(request), path, request.auth.get_username())
    except CallFailed as failed:
        raise Refused(failed.problem) from None


async def existing(request: HttpRequest, path: str) -> Whole:
    """The same; raise `Refused` where there is none."""
    found = await whole(request, path)
    if not found.exists:
        raise Refused(errors.problem("no-znode", "There is no znode at this path.", "It may have been deleted."))
    return found


async def readable(request: HttpRequest, path: str) -> Whole:
    """One that exists, with its data; raise `Refused` where these are not for who asks."""
    found = await existing(request, path)
    if found.redacted:
        words = "The data of this znode are redacted for you."
        raise Refused(errors.problem("not-permitted", words, "Whoever manages people here can permit see.hidden."))
    return found


async def read(hub: Any, path: str, who: str) -> Whole:
    """The same, for who is allowed to see it; raise `CallFailed`."""
    try:
        return msgspec.convert(await hub.call("znode.read", {"path": path}, who), Whole)
    except CallFailed as failed:
        if failed.problem.code != "unknown":
            raise
        words = "The bridge does not answer, so the znode cannot be read."
        raise CallFailed(errors.problem("bridge-gone", words, "Try again soon.")) from None
