"""/api/links: the network between the processes of the lab. /api/lab: all of its faults at once."""

from typing import Annotated

from django.http import HttpRequest, HttpResponse
from ninja import Body, Field, Router, Schema
from pydantic import ConfigDict

from dashboard import errors
from dashboard.api import shapes
from dashboard.api.access import Refused
from dashboard.api.acting import Nothing, act
from zkbridge.protocol.calls import LINK_ACTIONS

router = Router(tags=["lab"])
lab = Router(tags=["lab"])

Seconds = Annotated[float, Field(ge=1, le=3600)]
End = Annotated[str, Field(pattern=r"^(ensemble|(server|node)-[0-9]{1,6})$")]


class LinkCall(Schema):
    """A link by its ends, each of them 'node-3', 'server-1', or 'ensemble' for all servers."""

    model_config = ConfigDict(extra="forbid", populate_by_name=True)

    origin: End = Field(alias="from")
    to: End
    both: bool = True
    """False: only what goes from ``from`` to ``to``."""
    seconds: Seconds | None = None
    """How long it lasts; 60 when absent. Not for 'heal'."""
    latency: Annotated[float, Field(ge=0, le=60_000)] | None = None
    """ms. This and what follows is for 'slow'."""
    jitter: Annotated[float, Field(ge=0, le=60_000)] | None = None
    """ms, up and down."""
    rate: Annotated[float, Field(ge=0, le=1_000_000)] | None = None
    """Kilobytes a second."""
    loss: Annotated[float, Field(ge=0, le=90)] | None = None
    """Percent of what is sent that has to be sent again."""
    force: bool = False
    """Cut it although the ensemble would lose its quorum. For 'cut'."""


@router.post("/{action}", response=shapes.Acted, summary="Cut, slow down or heal a link of the lab")
async def on_link(request: HttpRequest, action: str, body: LinkCall) -> HttpResponse:
    if action not in LINK_ACTIONS:
        text = f"Actions on links: {', '.join(LINK_ACTIONS)}."
        raise Refused(errors.problem("no-such-method", "Links have no such action.", text))
    given = body.model_dump(by_alias=True, exclude_none=True, exclude=None if body.force else {"force"})
    about = f"{body.origin} {'and' if body.both else 'to'} {body.to}"
    return await act(request, f"link.{action}", about=about, **given)


@lab.post("/heal", response=shapes.Acted, summary="End all faults of the lab")
async def heal(request: HttpRequest, body: Nothing | None = Body(None)) -> HttpResponse:  # noqa: B008
    return await act(request, "lab.heal")
