"""GET /api/me: who I am here and what I may do."""

from asgiref.sync import sync_to_async
from django.conf import settings
from django.http import HttpRequest
from ninja import Router, Schema

from dashboard import permissions, tokens

router = Router(tags=["me"])


class Me(Schema):
    user: str
    role: str
    """'viewer' or 'operator'"""
    permissions: list[str]
    """Methods that I may call: 'node.kill' …"""
    join: str = ""
    """The viewers' link, for operators to pass on."""


@router.get("", response=Me, summary="Who I am and what I may do")
async def me(request: HttpRequest) -> Me:
    may = await permissions.may(request.auth)
    role = permissions.role(request.auth, may)
    join = f"{_origin(request)}/join/{await sync_to_async(tokens.viewers_token)()}" if role == "operator" else ""
    return Me(user=request.auth.get_username(), role=role, permissions=may, join=join)


def _origin(request: HttpRequest) -> str:
    """The origin to pass on: the one asked at, unless only this machine can reach that and there is another."""
    here = f"{request.scheme}://{request.get_host()}"
    if here in settings.FAR_ORIGINS:
        return here
    return next(iter(settings.FAR_ORIGINS), here)
