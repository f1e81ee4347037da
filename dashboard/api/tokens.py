"""/api/tokens: my own tokens for scripts."""

from datetime import datetime
from typing import Annotated, Any

from asgiref.sync import sync_to_async
from django.http import HttpRequest
from ninja import Field, Router, Schema, Status
from pydantic import ConfigDict

from dashboard import apitokens, errors, permissions
from dashboard.errors import Refused
from dashboard.models import ApiToken
from zkbridge.protocol.calls import PERMISSIONS

router = Router(tags=["tokens"])


class Token(Schema):
    id: int
    name: str
    beginning: str
    """Its first characters, to tell it apart."""
    scopes: list[str]
    state: str
    """'works', 'revoked' or 'expired'"""
    made: datetime
    expires: datetime
    used: datetime | None
    """When it was shown last, to the minute."""


class Made(Token):
    token: str
    """The token itself. This is the only answer that has it."""


_SCOPES: dict[str, Any] = {"items": {"type": "string", "enum": list(PERMISSIONS)}}
"""For who reads the description. What else is sent is refused by `apitokens`, in words."""


class TokenWanted(Schema):
    model_config = ConfigDict(extra="forbid", strict=True)

    name: Annotated[str, Field(max_length=apitokens.LONGEST_NAME, json_schema_extra={"minLength": 1})]
    scopes: Annotated[list[str], Field(max_length=100, json_schema_extra=_SCOPES)] = []
    """Permissions that it carries as long as I have them. None: it may look."""
    days: Annotated[int, Field(json_schema_extra={"minimum": 1, "maximum": apitokens.MOST_DAYS})] = apitokens.DAYS


class Revoked(Schema):
    result: str = "ok"


@router.get("", response=list[Token], summary="My tokens")
async def listed(request: HttpRequest) -> list[Token]:
    return [_told(token) for token in await sync_to_async(apitokens.listed)(_at_a_page(request))]


@router.post("", response={201: Made}, summary="Make a token")
async def make(request: HttpRequest, body: TokenWanted) -> Status[Made]:
    user = _at_a_page(request)
    try:
        token, text = await sync_to_async(apitokens.make)(user, body.name, body.scopes, body.days, user.get_username())
    except apitokens.Refused as refused:
        raise Refused(errors.problem("bad-request", str(refused), "See /api/openapi.json.")) from None
    return Status(201, Made(**_told(token).model_dump(), token=text))


@router.delete("/{int:id}", response=Revoked, summary="Revoke a token")
async def revoke(request: HttpRequest, id: int) -> Revoked:
    user = _at_a_page(request)
    if not await sync_to_async(apitokens.revoke)(user, id, user.get_username()):
        raise Refused(errors.problem("no-such-token", "You have no token by this number that works.", "See /tokens."))
    return Revoked()


def _at_a_page(request: HttpRequest):  # type: ignore[no-untyped-def]
    """Who asks, where they do so themselves: a token must not make others that outlive it."""
    if permissions.is_script(request.auth):
        raise Refused(errors.problem("not-permitted", "A token does not manage tokens.", "Log in and use /tokens."))
    return request.auth


def _told(token: ApiToken) -> Token:
    return Token(
        id=token.pk, name=token.name, beginning=token.beginning, scopes=apitokens.scopes(token),
        state=apitokens.state(token), made=token.made, expires=token.expires, used=token.used,
    )  # fmt: skip
