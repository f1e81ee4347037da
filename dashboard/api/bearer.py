"""Scripts: who shows a token, and what it allows. The session's cookie is not looked at: there is nothing to forge."""

import logging
import math

from asgiref.sync import sync_to_async
from django.contrib.auth.models import AbstractBaseUser
from django.http import HttpRequest

from dashboard import apitokens, clusters, errors, guard, permissions
from dashboard.errors import Refused

logger = logging.getLogger(__name__)


def token_of(request: HttpRequest) -> str | None:
    """What stands after ``Bearer`` in the request; None where it shows no token."""
    scheme, _, text = request.headers.get("Authorization", "").strip().partition(" ")
    return text.strip() if scheme.lower() == "bearer" else None


async def user_of(request: HttpRequest, text: str) -> AbstractBaseUser:
    """The user whose token ``text`` is, with no more than its scopes; raise `Refused` for what is none that works.

    Wrong ones are counted, and from too many on the answer says to slow down; right ones are never kept from passing.
    """
    token = await sync_to_async(apitokens.shown)(text)
    address = request.META.get("REMOTE_ADDR") or ""
    if token is None:
        wait = await guard.take(guard.of_token(address))
        logger.warning("A token that does not work, from %s", address)
        if wait:
            raise Refused(errors.problem("slow-down"), math.ceil(wait))
        raise Refused(_NO_TOKEN)
    return permissions.here(
        token.user, clusters.of(request), scopes=apitokens.scopes(token), via=apitokens.spell(token)
    )


_NO_TOKEN = errors.problem(
    "not-joined", "This token does not work: it is none, or it has expired or was revoked, or its user deactivated.",
    "Make another one at /tokens.",
)  # fmt: skip
