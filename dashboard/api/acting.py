"""The one way from a request to an action: permission, audit row, call, result.

A call is made once and never again. It goes on when the person who asked for it goes away.
"""

import asyncio
import json
import logging
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse, JsonResponse
from ninja import Schema
from pydantic import ConfigDict

from dashboard import audit, errors, permissions
from dashboard.api.access import Refused
from dashboard.audit import Result
from dashboard.live.bridge import CallFailed
from zkbridge.protocol.base import Problem

WAIT_FOR_FIRST = 12.0
"""Seconds that a repeated request waits for the first; longer than a call may take."""

logger = logging.getLogger(__name__)

_under_way: set[asyncio.Task[HttpResponse]] = set()


class Nothing(Schema):
    """An empty object: these actions take no further parameters."""

    model_config = ConfigDict(extra="forbid")


async def act(request: HttpRequest, method: str, target: str = "", *, status: int = 200, **more: Any) -> HttpResponse:
    """Call ``method`` of the bridge on ``target``, with what ``more`` it takes, for the person who sent ``request``.

    Answers with its result and ``status``, or with its problem.
    """
    user = request.auth
    if method not in await permissions.may(user):
        logger.info("Refused %s to %s", method, user.get_username())
        raise Refused(errors.problem("not-permitted", f"Your role does not permit {method}.", "Operators may."))
    key = _key(request)
    parameters = {"id": target, **more} if target else more
    try:
        row = await audit.opened(
            who=user.get_username(),
            address=request.META.get("REMOTE_ADDR") or "",
            method=method,
            target=target,
            parameters=parameters,
            request=key,
        )
    except audit.Repeated as repeated:
        return await _first_answer(repeated.row, method, parameters)
    except Exception:
        logger.exception("The audit row of %s could not be written, so it was not called", method)
        raise Refused(
            errors.problem("failed", "The audit log cannot be written, so nothing was done.", "See the web log.")
        ) from None
    # A task of its own: Django cancels a view when its client disconnects, and the row must be closed all the same.
    task = asyncio.create_task(_call(request, row, parameters, status))
    _under_way.add(task)
    task.add_done_callback(_under_way.discard)
    return await asyncio.shield(task)


async def _call(request: HttpRequest, row: audit.AuditRow, parameters: dict[str, Any], status: int) -> HttpResponse:
    result, answer, code = Result.UNKNOWN, {"problem": _as_dict(_LOST)}, _LOST.code
    try:
        value = await _hub(request).call(row.method, parameters, row.who)
        result, answer, code = Result.OK, {"result": "ok", **value}, ""
    except CallFailed as failed:
        code = failed.problem.code
        result = Result.UNKNOWN if code == "unknown" else Result.FAILED
        answer = {"problem": _as_dict(failed.problem)}
    except Exception:
        logger.exception("The call of %s ended in a way that nobody foresaw", row.method)
    finally:
        try:
            await audit.close(row, result, {"status": status, **answer}, code)
        except Exception:
            logger.exception("Row %s of the audit log stays without its result, %s", row.pk, result)
    return _answer(answer, status)


async def _first_answer(row: audit.AuditRow, method: str, parameters: dict[str, Any]) -> HttpResponse:
    """What the first request with this key was answered, once it has been."""
    if (row.method, json.loads(row.parameters)) != (method, parameters):
        raise Refused(errors.problem("bad-request", "This X-Request-Id was used for another action."))
    give_up = asyncio.get_running_loop().time() + WAIT_FOR_FIRST
    while row.result == Result.OPEN:
        if asyncio.get_running_loop().time() > give_up:
            raise Refused(_LOST)
        await asyncio.sleep(0.1)
        row = await audit.read(row.pk)
    answer = json.loads(row.answer)
    return _answer(answer, answer.pop("status"))


def _answer(answer: dict[str, Any], status: int) -> HttpResponse:
    if "problem" in answer:
        return errors.as_json(Problem(**answer["problem"]))
    return JsonResponse(answer, status=status)


def _hub(request: HttpRequest) -> Any:
    hub = getattr(request, "scope", {}).get("hub")
    if hub is None:
        raise CallFailed(errors.problem("bridge-gone", "This web process has no line to the bridge: nothing was done."))
    return hub


def _key(request: HttpRequest) -> UUID | None:
    text = request.headers.get("X-Request-Id")
    if text is None:
        return None
    try:
        return UUID(text)
    except ValueError:
        raise Refused(errors.problem("bad-request", "X-Request-Id is not a UUID.")) from None


def _as_dict(problem: Problem) -> dict[str, str]:
    return {"code": problem.code, "text": problem.text, "hint": problem.hint}


_LOST = errors.problem(
    "unknown", "The result was lost: the action may or may not have happened.", "Look before you repeat it."
)
