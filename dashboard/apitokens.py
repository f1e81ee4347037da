"""Tokens of scripts: somebody's own, with a name, scopes and an end. What one allows is never more than they may."""

import hashlib
import json
import re
import secrets
from collections.abc import Iterable
from datetime import timedelta

from django.contrib.auth.models import AbstractUser
from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from dashboard import audit
from dashboard.models import ApiToken
from dashboard.tokens import OPERATOR
from zkbridge.protocol.calls import PERMISSIONS

BEGINNING = "zs_"
DAYS, MOST_DAYS = 30, 365
"""How long a token works: unless something else is asked for, and at the most."""

MOST = 50
"""Tokens of one person that work at a time."""

LONGEST_NAME = 60

_TOKEN = re.compile(r"zs_[A-Za-z0-9_-]{43}")
_MINUTE = timedelta(minutes=1)


class Refused(ValueError):
    """Such a token is not made; the text says why."""


@transaction.atomic
def make(user: AbstractUser, name: str, scopes: Iterable[str], days: int, by: str) -> tuple[ApiToken, str]:
    """A new token of ``user``, and its text, which is kept nowhere."""
    name, wanted = name.strip(), list(dict.fromkeys(scopes))
    if not 0 < len(name) <= LONGEST_NAME or not name.isprintable():
        raise Refused(f"A token needs a name of 1 to {LONGEST_NAME} printable characters.")
    if not 1 <= days <= MOST_DAYS:
        raise Refused(f"A token works for 1 to {MOST_DAYS} days.")
    for scope in wanted:
        if scope not in PERMISSIONS:
            raise Refused(f"There is no permission {scope[:40]!r}.")
    if not may_have(user):
        raise Refused("Tokens are for people with a name and a password, and for operators.")
    if working(user).count() >= MOST:
        raise Refused(f"{MOST} tokens of yours work, which is all that you may have. Revoke one first.")
    text = BEGINNING + secrets.token_urlsafe(32)
    token = ApiToken.objects.create(
        user=user, name=name, digest=_digest(text), beginning=text[:8], scopes=json.dumps(wanted),
        expires=timezone.now() + timedelta(days=days),
    )  # fmt: skip
    audit.note(by, "token.make", spell(token), {"scopes": wanted, "days": days})
    return token, text


@transaction.atomic
def revoke(user: AbstractUser, pk: int, by: str) -> bool:
    """End one of theirs, from now on; False where they have no such token that works."""
    token = working(user).filter(pk=pk).first()
    if token is None:
        return False
    ApiToken.objects.filter(pk=pk).update(revoked=timezone.now())
    audit.note(by, "token.revoke", spell(token), {})
    return True


def shown(text: str) -> ApiToken | None:
    """The token that ``text`` is, where it works now. It is found by its digest, so that no comparison of it takes
    longer the more of it is right. When it was shown is noted to the minute."""
    if not _TOKEN.fullmatch(text):
        return None
    now = timezone.now()
    token = (
        ApiToken.objects.select_related("user")
        .filter(digest=_digest(text), revoked=None, expires__gt=now, user__is_active=True)
        .first()
    )
    if token is not None and (token.used is None or now - token.used >= _MINUTE):
        ApiToken.objects.filter(Q(used=None) | Q(used__lte=now - _MINUTE), pk=token.pk).update(used=now)
    return token


def working(user: AbstractUser):  # type: ignore[no-untyped-def]
    """Their tokens that are neither revoked nor expired."""
    return ApiToken.objects.filter(user=user, revoked=None, expires__gt=timezone.now())


def listed(user: AbstractUser) -> list[ApiToken]:
    """Those that work, the newest first, then those that ended within 30 days."""
    now = timezone.now()
    lately = now - timedelta(days=30)
    ended = Q(revoked__isnull=False) | Q(expires__lte=now)
    recent = ApiToken.objects.filter(ended, Q(revoked=None) | Q(revoked__gt=lately), user=user, expires__gt=lately)
    return [*working(user).order_by("-id"), *recent.order_by("-id")[:MOST]]


def state(token: ApiToken) -> str:
    """'works', 'revoked' or 'expired'."""
    if token.revoked is not None:
        return "revoked"
    return "works" if token.expires > timezone.now() else "expired"


def scopes(token: ApiToken) -> list[str]:
    found: list[str] = json.loads(token.scopes)
    return found


def spell(token: ApiToken) -> str:
    """How the audit log names it: 'zs_Ab3x9… deploy'."""
    return f"{token.beginning}… {token.name}"


def may_have(user: AbstractUser) -> bool:
    """Who came by the viewers' link is forgotten with their session, and a token would be too."""
    return user.has_usable_password() or user.get_username() == OPERATOR


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
