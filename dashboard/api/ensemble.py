"""/api/ensemble: who belongs to the ensemble: what a change would make of it, and the change."""

import time
from dataclasses import dataclass
from typing import Annotated, Any, Literal

from django.http import HttpRequest, HttpResponse, JsonResponse
from ninja import Router, Schema
from pydantic import ConfigDict, Field

from dashboard import errors, permissions, verdicts
from dashboard.api.access import Refused
from dashboard.api.acting import Deed, carry_out
from dashboard.api.subtree import told
from dashboard.audit import AuditRow
from zkbridge.protocol.base import Problem

router = Router(tags=["ensemble"])

Port = Annotated[int, Field(ge=1, le=65_535)]
Id = Annotated[str, Field(pattern=r"^[1-9][0-9]{0,18}$")]
Host = Annotated[str, Field(min_length=1, max_length=253)]
Role = Literal["participant", "observer"]


class NewSeat(Schema):
    """A server that is to join. It runs already, and follows."""

    model_config = ConfigDict(extra="forbid", strict=True)

    id: Annotated[str, Field(pattern=r"^[1-9][0-9]{0,2}$")]
    host: Host
    quorum: Port
    election: Port
    client: Port
    role: Role = "participant"
    client_host: Annotated[str, Field(max_length=253)] = ""
    """Where it takes clients; all its addresses where it is left out."""


class Wanted(Schema):
    model_config = ConfigDict(extra="forbid", strict=True)

    version: Annotated[str, Field(pattern=r"^(0x[0-9a-f]{1,16})?$")] = ""
    """Of the configuration that was seen. A change takes it."""
    add: list[NewSeat] = Field(default_factory=list, max_length=50)
    remove: list[Id] = Field(default_factory=list, max_length=50)
    roles: dict[Id, Role] = Field(default_factory=dict, max_length=50)
    """Members that get or lose their vote."""
    force: bool = False
    """Add a server although it does not answer."""


class Seat(Schema):
    id: str
    host: str
    quorum: int
    election: int
    client: int
    role: Role = "participant"
    client_host: str = ""


class Quorum(Schema):
    size: int
    needs: int
    up: int
    can_lose: int
    held: bool
    words: str


class Answering(Schema):
    words: str
    counts: bool = False


class Preview(Schema):
    """``refused``: why it would not be done."""

    version: str
    before: list[Seat]
    after: list[Seat]
    quorum_before: Quorum
    quorum_after: Quorum
    words: str
    answers: dict[str, Answering]
    notes: list[str] = Field(default_factory=list)
    refused: dict[str, str] | None = None


class Reconfigured(Schema):
    result: Literal["ok"] = "ok"
    version: str
    members: list[Seat]
    words: str
    reconciled: bool = False
    """The answer was lost, and the configuration read instead."""


@dataclass
class Reconfiguration(Deed):
    """``began``: ms since 1970, when the change was asked for."""

    began: float = 0.0

    async def do(self, hub: Any, who: str) -> dict[str, Any]:
        self.began = time.time() * 1000
        return await super().do(hub, who)

    async def beside(self, hub: Any, problem: Problem, row: int) -> dict[str, Any]:
        return {"row": row} if problem.code == "unknown" else {}

    def lost(self, hub: Any, row: AuditRow) -> None:
        question = {"wanted": self.parameters, "at": self.began}
        verdicts.begin(hub, row, question, method="ensemble.verdict")


@router.post("/preview", response=Preview, summary="What a change of the members would make of the ensemble")
async def preview(request: HttpRequest, body: Wanted) -> HttpResponse:
    """Nothing is changed. Who would join is asked at its client port."""
    await _check(request)
    return JsonResponse(await told(request, "ensemble.preview", body.dict()))


@router.post("/reconfig", response=Reconfigured, summary="Change who belongs to the ensemble")
async def reconfig(request: HttpRequest, body: Wanted) -> HttpResponse:
    """Done once, and only to the configuration of that ``version``."""
    await _check(request)
    if not body.version:
        words = "The version of the configuration that you saw is missing."
        raise Refused(errors.problem("bad-request", words, "A preview tells it."))
    changed = [*(seat.id for seat in body.add), *body.remove, *body.roles]
    return await carry_out(request, Reconfiguration("ensemble.reconfig", ", ".join(changed)[:200], body.dict()))


async def _check(request: HttpRequest) -> None:
    if "ensemble.reconfig" in await permissions.may(request.auth):
        return
    if not permissions.cluster_of(request.auth).allow_changes:
        words = "This Zooscope was started without --allow-changes: it changes nothing on the cluster."
        raise Refused(errors.problem("not-permitted", words, "Whoever runs it can start it with --allow-changes."))
    words = "Nothing permits you ensemble.reconfig."
    usual = errors.problem("not-permitted", words, "Whoever manages people here can.")
    raise Refused(permissions.beyond(request.auth, "ensemble.reconfig") or usual)
