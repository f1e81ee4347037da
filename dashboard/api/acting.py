"""The one way from a request to an action: permission, audit row, call, result.

A call is made once and never again. It goes on when the person who asked for it goes away.
"""

import asyncio
import json
import logging
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse, JsonResponse
from ninja import Schema
from pydantic import ConfigDict

from dashboard import audit, clusters, errors, permissions
from dashboard.api.access import Refused
from dashboard.audit import Result
from dashboard.live.bridge import CallFailed
from zkbridge.protocol.base import Problem
from zkbridge.protocol.calls import PATIENCE

WAIT_FOR_FIRST = 14.0
"""Seconds that a repeated request waits for the first; longer than that may take."""

logger = logging.getLogger(__name__)

_under_way: set[asyncio.Task[HttpResponse]] = set()


class Nothing(Schema):
    """An empty object: these actions take no further parameters."""

    model_config = ConfigDict(extra="forbid")


@dataclass
class Deed:
    """What is to be done, once its permission has been checked. This one is a single call of the bridge."""

    method: str
    target: str
    parameters: dict[str, Any]

    @property
    def recorded(self) -> dict[str, Any]:
        """The parameters as the audit row has them: neither data nor secrets."""
        return self.parameters

    async def do(self, hub: Any, who: str) -> dict[str, Any]:
        """Do it once, and answer its value; raise `CallFailed`."""
        value: dict[str, Any] = await hub.call(self.method, self.parameters, who)
        return value

    async def beside(self, hub: Any, problem: Problem, row: int) -> dict[str, Any]:
        """What an answer with ``problem`` has besides: read anew for each answer, and kept nowhere."""
        return {}

    def lost(self, hub: Any, row: audit.AuditRow) -> None:
        """Its result is unknown, and the row says so: see to it that somebody finds out."""


async def act(
    request: HttpRequest, method: str, target: str = "", *, status: int = 200, permission: str = "", about: str = "",
    **more: Any,
) -> HttpResponse:  # fmt: skip
    """Call ``method`` of the bridge on ``target``, with what ``more`` it takes, for the person who sent ``request``.

    ``about``: what it is about, for the audit row, where that is not one ``target``. The permission is called as the
    method is, unless another is named. Answers with its result and ``status``, or with its problem.
    """
    user = request.auth
    needed = permission or method
    if needed not in await permissions.may(user):
        logger.info("Refused %s to %s", needed, user.get_username())
        usual = errors.problem("not-permitted", f"Your role does not permit {needed}.", "Operators may.")
        raise Refused(permissions.beyond(user, needed) or usual)
    parameters = {"id": target, **more} if target else more
    return await carry_out(request, Deed(method, about or target, parameters), status)


async def carry_out(request: HttpRequest, deed: Deed, status: int = 200) -> HttpResponse:
    """Write the deed down, do it once, and answer with its result and ``status``, or with its problem.

    Obligation of the caller: the person who sent ``request`` may do it.
    """
    try:
        row = await written_down(request, deed.method, deed.target, deed.recorded)
    except audit.Repeated as repeated:
        return await _first_answer(request, deed, repeated.row)
    # A task of its own: Django cancels a view when its client disconnects, and the row must be closed all the same.
    task = asyncio.create_task(_do(request, deed, row, status))
    _under_way.add(task)
    task.add_done_callback(_under_way.discard)
    return await asyncio.shield(task)


async def written_down(
    request: HttpRequest, method: str, target: str, recorded: dict[str, Any]
) -> audit.AuditRow:
    """The audit row of what is about to be done; raise `audit.Repeated`, or `Refused` where it cannot be written."""
    key = _key(request)
    try:
        return await audit.opened(
            who=request.auth.get_username(),
            address=request.META.get("REMOTE_ADDR") or "",
            method=method,
            cluster=clusters.of(request).name,
            target=target,
            parameters=recorded,
            request=key,
            via=permissions.via(request.auth),
        )
    except audit.Repeated:
        raise
    except Exception:
        logger.exception("The audit row of %s could not be written, so it was not called", method)
        raise Refused(
            errors.problem("failed", "The audit log cannot be written, so nothing was done.", "See the web log.")
        ) from None


async def _do(request: HttpRequest, deed: Deed, row: audit.AuditRow, status: int) -> HttpResponse:
    result, answer, code = Result.UNKNOWN, {"problem": as_dict(_LOST)}, _LOST.code
    try:
        value = await deed.do(hub(request), row.who)
        result, answer, code = Result.OK, {"result": "ok", **value}, ""
    except CallFailed as failed:
        code = failed.problem.code
        result = Result.UNKNOWN if code == "unknown" else Result.FAILED
        answer = {"problem": as_dict(failed.problem)}
    except Exception:
        logger.exception("The call of %s ended in a way that nobody foresaw", row.method)
    finally:
        try:
            await audit.close(row, result, {"status": status, **answer}, code)
            if result == Result.UNKNOWN:
                deed.lost(hub(request), row)
        except Exception:
            logger.exception("Row %s of the audit log stays without its result, %s", row.pk, result)
    return await _answer(request, deed, row, answer, status)


async def _first_answer(request: HttpRequest, deed: Deed, row: audit.AuditRow) -> HttpResponse:
    """What the first request with this key was answered, once it has been."""
    first = (row.method, row.cluster, row.target, json.loads(row.parameters))
    if first != (deed.method, clusters.of(request).name, deed.target, deed.recorded):
        raise Refused(errors.problem("bad-request", "This X-Request-Id was used for another action."))
    give_up = asyncio.get_running_loop().time() + max(WAIT_FOR_FIRST, PATIENCE.get(deed.method, 0) + 4)
    while row.result == Result.OPEN:
        if asyncio.get_running_loop().time() > give_up:
            raise Refused(_LOST)
        await asyncio.sleep(0.1)
        row = await audit.read(row.pk)
    answer = json.loads(row.answer)
    return await _answer(request, deed, row, answer, answer.pop("status"))


async def _answer(
    request: HttpRequest, deed: Deed, row: audit.AuditRow, answer: dict[str, Any], status: int
) -> HttpResponse:
    if "problem" not in answer:
        return JsonResponse(answer, status=status)
    problem = Problem(**answer["problem"])
    try:
        more = await deed.beside(hub(request), problem, row.pk)
    except (CallFailed, Refused):
        more = {}
    return errors.as_json(problem, **more)


def hub(request: HttpRequest) -> Any:
    """The hub that the request's cluster is on, for who sent it; raise `CallFailed` where there is none."""
    found = getattr(request, "scope", {}).get("hub")
    if found is None:
        raise CallFailed(errors.problem("bridge-gone", "This web process has no line to the bridge: nothing was done."))
    return Unveiled(found) if permissions.is_unveiled(request.auth) else found


class Unveiled:
    """The hub, for somebody who may see what configuration hides."""

    def __init__(self, hub: Any) -> None:
        self._hub = hub

    async def call(self, method: str, params: dict[str, Any], by: str) -> dict[str, Any]:
        found: dict[str, Any] = await self._hub.call(method, params, by, unveiled=True)
        return found


def _key(request: HttpRequest) -> UUID | None:
    text = request.headers.get("X-Request-Id")
    if text is None:
        return None
    try:
        return UUID(text)
    except ValueError:
        raise Refused(errors.problem("bad-request", "X-Request-Id is not a UUID.")) from None


def as_dict(problem: Problem) -> dict[str, str]:
    return {"code": problem.code, "text": problem.text, "hint": problem.hint}


_LOST = errors.problem(
    "unknown", "The result was lost: the action may or may not have happened.", "Look before you repeat it."
)
