"""/api/actions: what became of an action of one's own, for whoever was answered that the result is unknown."""

from typing import Literal

from django.http import HttpRequest
from ninja import Router, Schema

from dashboard import audit, errors
from dashboard.api.access import Refused

router = Router(tags=["me"])


class Action(Schema):
    result: Literal["", "ok", "failed", "unknown"]
    """'' while it is under way."""
    verdict: Literal["", "applied", "not-applied", "cannot-tell"]
    """What an unknown result turned out to be; '' until that is known."""
    found: str
    """The same in words."""


@router.get("/{int:row}", response=Action, summary="What became of an action of mine")
async def read(request: HttpRequest, row: int) -> Action:
    found = await audit.of(request.auth.get_username(), row)
    if found is None:
        raise Refused(errors.problem("no-such-action"))
    return Action(result=found.result, verdict=found.verdict, found=found.found)
