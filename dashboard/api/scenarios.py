"""/api/scenarios: what a lab can show to a class."""

import re

from django.http import HttpRequest, HttpResponse
from ninja import Body, Router, Schema
from pydantic import ConfigDict

from dashboard import clusters, errors, permissions
from dashboard.api.access import Refused
from dashboard.api.acting import Deed, Nothing, carry_out
from dashboard.jobs import rows

router = Router(tags=["lab"])

PERMISSION = "scenario.run"

MOST_LOOKED_AT = 100

_NAME = re.compile(r"[a-z]+(-[a-z]+)*")


class Played(Schema):
    """``run`` names the run; topic ``scenario`` tells how it goes."""

    result: str = "ok"
    run: str


class Manner(Schema):
    model_config = ConfigDict(extra="forbid", strict=True)

    hold: bool = False
    """Whether its end is left standing, for ten minutes at the most, before everything is put back."""
    slow: bool = False
    """Whether a scenario whose steps follow each other at once pauses between them."""


@router.post("/{name}/run", response={202: Played}, summary="Play a scenario on the lab, and put everything back")
async def run(request: HttpRequest, name: str, body: Manner | None = Body(None)) -> HttpResponse:  # noqa: B008
    await _check(request, name)
    await _no_works(request)
    manner = body.model_dump(exclude_defaults=True) if body is not None else {}
    return await carry_out(request, Deed(PERMISSION, name, {"name": name, **manner}), 202)


@router.post("/{name}/cancel", response={202: Played}, summary="End the scenario that is running")
async def cancel(request: HttpRequest, name: str, body: Nothing | None = Body(None)) -> HttpResponse:  # noqa: B008
    await _check(request, name)
    return await carry_out(request, Deed("scenario.cancel", name, {"name": name}), 202)


@router.post("/{name}/putback", response={202: Played}, summary="Put back what a scenario has left standing")
async def put_back(request: HttpRequest, name: str, body: Nothing | None = Body(None)) -> HttpResponse:  # noqa: B008
    await _check(request, name)
    return await carry_out(request, Deed("scenario.putback", name, {"name": name}), 202)


async def _check(request: HttpRequest, name: str) -> None:
    if PERMISSION not in await permissions.may(request.auth):
        usual = errors.problem("not-permitted", f"Your role does not permit {PERMISSION}.", "Operators may.")
        raise Refused(permissions.beyond(request.auth, PERMISSION) or usual)
    if not _NAME.fullmatch(name) or len(name) > 40:
        text = "This is not the name of a scenario."
        raise Refused(errors.problem("bad-request", text, "A name is 'kill-leader'."))


async def _no_works(request: HttpRequest) -> None:
    """A work on a subtree fails where servers are killed beneath it."""
    await rows.find_abandoned()
    jobs = await rows.newest(clusters.of(request).name, None, MOST_LOOKED_AT)
    if any(job.state == "running" for job in jobs):
        raise Refused(errors.problem("not-now", "A work on a subtree is running, and scenarios break things.",
                                     "Wait for its end, or cancel it."))  # fmt: skip
