"""Who a person is and what they may do. Every answer is read anew from the database.

Whoever has joined may look. Acting takes a permission for each method of the bridge; the group
``operators`` has them all, ``viewers`` none.
"""

from types import SimpleNamespace
from typing import Literal

from django.contrib.auth import aget_user
from django.contrib.auth.models import AbstractBaseUser, AnonymousUser
from django.contrib.sessions.backends.db import SessionStore

from zkbridge.protocol.calls import METHODS

User = AbstractBaseUser | AnonymousUser
OPERATORS, VIEWERS = "operators", "viewers"


async def user_of(session_key: str | None) -> User:
    """Whose session this is now: anonymous once it was signed out, has expired, or its user was deactivated.

    For a socket, whose scope only knows who it was when it opened.
    """
    if not session_key:
        return AnonymousUser()
    return await aget_user(SimpleNamespace(session=SessionStore(session_key)))  # type: ignore[arg-type]


async def may(user: User) -> list[str]:
    """The methods that ``user`` is permitted to call, in the order of `METHODS`."""
    if not user.is_active:
        return []
    permitted = await user.aget_all_permissions()  # type: ignore[union-attr]
    return [method for method in METHODS if f"dashboard.{method}" in permitted]


def role(user: User, may: list[str]) -> Literal["", "viewer", "operator"]:
    """How the page names them: an operator is whoever may do something."""
    if not (user.is_authenticated and user.is_active):
        return ""
    return "operator" if may else "viewer"
