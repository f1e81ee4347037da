"""GET /api/me: who I am here and what I may do."""

from asgiref.sync import sync_to_async
from django.conf import settings
from django.http import HttpRequest
from ninja import Router, Schema

from dashboard import clusters, permissions, tokens

router = Router(tags=["me"])


class Granted(Schema):
    permission: str
    prefix: str
    """It holds at this path and below; '/' is everywhere."""


class Me(Schema):
    user: str
    role: str
    """'viewer', 'operator' or 'admin'"""
    permissions: list[str]
    """What I may do somewhere: 'node.kill', 'znode.set' …"""
    grants: list[Granted]
    """Where each of them holds."""
    protected: list[str]
    """Prefixes that nobody changes."""
    read_only: bool
    """This Zooscope was started without --allow-changes: nobody changes the tree."""
    signs_in: bool
    """Whether the bridge shows the ensemble an identity: without one an entry of scheme 'auth' stands for nobody."""
    join: str = ""
    """The viewers' link, for operators to pass on."""


@router.get("", response=Me, summary="Who I am and what I may do")
async def me(request: HttpRequest) -> Me:
    cluster = clusters.of(request)
    rights = await permissions.rights(request.auth)
    role = permissions.role(request.auth, rights.names)
    passes_on = role in ("operator", "admin") and not permissions.is_script(request.auth)
    return Me(
        user=request.auth.get_username(),
        role=role,
        permissions=rights.names,
        grants=[Granted(permission=permission, prefix=prefix) for permission, prefix in rights.grants],
        protected=permissions.protected(cluster, cluster.hidden if permissions.is_veiled(request.auth) else ()),
        read_only=not cluster.allow_changes,
        signs_in=cluster.signs_in,
        join=f"{_origin(request)}/join/{await sync_to_async(tokens.viewers_token)()}" if passes_on else "",
    )


def _origin(request: HttpRequest) -> str:
    """The origin to pass on: the one asked at, unless only this machine can reach that and there is another."""
    here = f"{request.scheme}://{request.get_host()}"
    if here in settings.FAR_ORIGINS:
        return here
    return next(iter(settings.FAR_ORIGINS), here)
