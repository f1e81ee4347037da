"""/api/sessions: what ends with a session of the ensemble, and its end."""

import re
import time
from dataclasses import dataclass
from typing import Annotated, Any, Literal

from django.http import HttpRequest, HttpResponse, JsonResponse
from ninja import Body, Router, Schema
from pydantic import ConfigDict, Field

from dashboard import errors, permissions, verdicts
from dashboard.api import acting, shapes
from dashboard.api.access import Refused
from dashboard.api.acting import Deed, carry_out
from dashboard.audit import AuditRow
from dashboard.live.bridge import CallFailed
from zkbridge.protocol.base import Problem

router = Router(tags=["sessions"])

ID = re.compile(r"0x[0-9a-f]{1,16}")


NO_ID = errors.problem("bad-request", "This is not the id of a session.", "An id is '0x100a2b3c4d50001'.")
NO_ANSWER = errors.problem("bridge-gone", "The bridge did not answer in time; nothing was changed.", "Ask again soon.")


class Expiry(Schema):
    model_config = ConfigDict(extra="forbid", strict=True)

    owned: Annotated[int, Field(ge=0)] | None = None
    """Ephemerals that the session had when the person looked: it is not ended if it has more now. Any, without it."""
    mark: Annotated[str, Field(pattern=r"^([0-9a-f]{1,16}-[0-9a-f]{12})?$")] = ""
    """``mark`` of what the person looked at: it is not ended if it has newer ones now, or leads other groups."""


class Expired(Schema):
    """What it came to. ``took``: ms until ``server`` acknowledged it; ``owned``: ephemerals that went with it."""

    result: Literal["ok"] = "ok"
    id: str
    server: str
    took: float
    owned: int


class Parting(Schema):
    """As topic ``session`` of docs/protocol.md has it; what is not known is absent."""

    id: str
    exists: bool
    session: dict[str, Any] | None = None
    owns: list[str] = []
    losses: list[dict[str, Any]] = []
    groups: int = 0
    warnings: list[str] = []
    refusal: shapes.Problem | None = None
    mark: str = ""


@dataclass
class End(Deed):
    """``spared``: prefixes below which nothing may go with the session."""

    spared: tuple[str, ...] = ()

    async def do(self, hub: Any, who: str) -> dict[str, Any]:
        value: dict[str, Any] = await hub.call(self.method, {**self.parameters, "spared": list(self.spared)}, who)
        return value

    async def beside(self, hub: Any, problem: Problem, row: int) -> dict[str, Any]:
        return {"row": row} if problem.code == "unknown" else {}

    def lost(self, hub: Any, row: AuditRow) -> None:
        question = {"id": self.target, "at": time.time() * 1000, "owned": self.parameters.get("owned", 0)}
        verdicts.begin(hub, row, question, "session.verdict")


@router.get("/{id}", response=Parting, summary="What ends with a session, if it is ended now")
async def read(request: HttpRequest, id: str) -> HttpResponse:
    return JsonResponse(await told(request, "session.preview", {"id": _sound(id)}))


@router.post("/{id}/expire", response=Expired, summary="End a session: its ephemerals go at once")
async def expire(request: HttpRequest, id: str, body: Expiry | None = Body(None)) -> HttpResponse:  # noqa: B008
    await permissions.check(request.auth, "session.expire", "/")
    parameters: dict[str, Any] = {"id": _sound(id)}
    if body is not None and body.owned is not None:
        parameters["owned"] = body.owned
    if body is not None and body.mark:
        parameters["mark"] = body.mark
    spared = permissions.protected(permissions.cluster_of(request.auth))
    return await carry_out(request, End("session.expire", id, parameters, spared))


async def told(request: HttpRequest, method: str, params: dict[str, Any]) -> dict[str, Any]:
    """What the bridge answers to a question that changes nothing; raise `Refused`."""
    try:
        value: dict[str, Any] = await acting.hub(request).call(method, params, request.auth.get_username())
    except CallFailed as failed:
        raise Refused(NO_ANSWER if failed.problem.code == "unknown" else failed.problem) from None
    return value


def _sound(ident: str) -> str:
    if not ID.fullmatch(ident):
        raise Refused(NO_ID)
    return ident
