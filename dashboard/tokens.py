"""Links to join by: an operator's works once, within a day; the viewers' as often as it is opened, for a month."""

import base64
import hashlib
import re
import secrets
from datetime import timedelta
from typing import Literal

from django.contrib.auth import get_user_model
from django.contrib.auth.hashers import UNUSABLE_PASSWORD_PREFIX
from django.contrib.auth.models import AbstractUser, Group
from django.contrib.sessions.models import Session
from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.crypto import salted_hmac

from dashboard.models import ApiToken, Token
from dashboard.permissions import OPERATORS, VIEWERS

Role = Token.Role
LIFETIME = {Role.OPERATOR: timedelta(hours=24), Role.VIEWER: timedelta(days=30)}
OPERATOR = "operator"
"""The user who all operators by link are."""
VERB = {Role.OPERATOR: "enter", Role.VIEWER: "join"}
MAX_VIEWERS = 2_000
"""People who can have joined at a time; a link that is passed around cannot fill the disk."""

Why = Literal["used", "expired", "revoked", "no-such-link", "full"]

_LINK = re.compile(r"(?:^|/)(?:(enter|join)/)?([A-Za-z0-9_-]{32})/?$")


class Refused(Exception):
    """This link lets nobody in; ``why`` says the reason."""

    def __init__(self, why: Why) -> None:
        super().__init__(why)
        self.why = why


def issue(role: Role) -> str:
    """Make a link of this role; return its token."""
    seed = secrets.token_urlsafe(18) if role == Role.VIEWER else ""
    token = _viewer_token(seed) if seed else secrets.token_urlsafe(24)
    Token.objects.create(digest=_digest(token), role=role, seed=seed, expires=timezone.now() + LIFETIME[role])
    return token


def viewers_token() -> str:
    """The token of the viewers' link: the one that is out already where it works for a week yet, else a new one."""
    soon = timezone.now() + timedelta(days=7)
    for row in Token.objects.filter(role=Role.VIEWER, revoked=None, expires__gt=soon).order_by("-id"):
        token = _viewer_token(row.seed)
        if _digest(token) == row.digest:  # it is not once the secret key has changed
            return token
    return issue(Role.VIEWER)


def parse(pasted: str) -> str | None:
    """The token in an address or code that someone pasted, wherever the address leads."""
    found = _LINK.search(pasted.strip())
    return found[2] if found else None


def spend(token: str, role: Role | None = None) -> AbstractUser:
    """Let the holder of ``token`` in: the user to sign in as. Raise `Refused`.

    An operator's token is used up by this. Of two that come at once, one gets in.
    """
    with transaction.atomic():
        row = Token.objects.filter(digest=_digest(token)).first()
        now = timezone.now()
        if row is None or (role and row.role != role):
            raise Refused("no-such-link")
        if row.revoked:
            raise Refused("revoked")
        if row.used:
            raise Refused("used")
        if row.expires <= now:
            raise Refused("expired")
        if row.role == Role.VIEWER:
            return _new_viewer()
        if not Token.objects.filter(pk=row.pk, used=None).update(used=now):
            raise Refused("used")
        return _operator()


def revoke() -> None:
    """End every link given out so far, sign out everybody, and end the tokens of operators who came by a link."""
    Token.objects.filter(revoked=None).update(revoked=timezone.now())
    ApiToken.objects.filter(user__username=OPERATOR, revoked=None).update(revoked=timezone.now())
    Session.objects.all().delete()
    for user in get_user_model().objects.filter(username=OPERATOR):
        user.set_unusable_password()  # a new one, which ends sessions that are still open somewhere
        user.save(update_fields=["password"])
    _viewers().delete()


def tidy() -> None:
    """Forget links that ended a week ago, and viewers whose sessions have ended."""
    now = timezone.now()
    week_ago = now - timedelta(days=7)
    Token.objects.filter(Q(used__lt=week_ago) | Q(revoked__lt=week_ago) | Q(expires__lt=week_ago)).delete()
    Session.objects.filter(expire_date__lt=now).delete()
    present = {int(uid) for row in Session.objects.all() if (uid := row.get_decoded().get("_auth_user_id"))}
    just_now = now - timedelta(minutes=1)
    gone = [user.pk for user in _viewers().filter(date_joined__lt=just_now) if user.pk not in present]
    for start in range(0, len(gone), 500):
        get_user_model().objects.filter(pk__in=gone[start : start + 500]).delete()


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()


def _viewer_token(seed: str) -> str:
    mac = salted_hmac("dashboard.tokens.viewer", seed, algorithm="sha256").digest()
    return base64.urlsafe_b64encode(mac[:24]).decode()


def _viewers():  # type: ignore[no-untyped-def]
    """Those who came by the viewers' link. People with a password of their own may be in the group, too."""
    return get_user_model().objects.filter(
        groups__name=VIEWERS, username__startswith="viewer-", password__startswith=UNUSABLE_PASSWORD_PREFIX
    )


def _operator() -> AbstractUser:
    user, made = get_user_model().objects.get_or_create(username=OPERATOR)
    if made:
        user.set_unusable_password()
        user.save(update_fields=["password"])
    user.groups.add(Group.objects.get(name=OPERATORS))
    return user


def _new_viewer() -> AbstractUser:
    """A user for each who joins: 300 students are not one another."""
    if _viewers().count() >= MAX_VIEWERS:
        tidy()
        if _viewers().count() >= MAX_VIEWERS:
            raise Refused("full")
    user = get_user_model().objects.create_user(username=f"viewer-{secrets.token_hex(5)}")
    user.groups.add(Group.objects.get(name=VIEWERS))
    return user
