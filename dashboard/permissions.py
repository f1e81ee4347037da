"""Who a person is and what they may do. Every answer is read anew from the database.

Whoever has joined may look. Acting takes a permission for each kind of action. The group ``admins`` has them all,
``operators`` all but managing people and seeing what is hidden, ``viewers`` none.
"""

from types import SimpleNamespace
from typing import Literal

from django.contrib.auth import aget_user
from django.contrib.auth.models import AbstractBaseUser, AnonymousUser
from django.contrib.sessions.backends.db import SessionStore

from dashboard.errors import Refused, problem
from zkbridge.protocol.calls import PERMISSIONS

User = AbstractBaseUser | AnonymousUser
ADMINS, OPERATORS, VIEWERS = "admins", "operators", "viewers"


async def user_of(session_key: str | None) -> User:
    """Whose session this is now: anonymous once it was signed out, has expired, or its user was deactivated.

    For a socket, whose scope only knows who it was when it opened.
    """
    if not session_key:
        return AnonymousUser()
    return await aget_user(SimpleNamespace(session=SessionStore(session_key)))  # type: ignore[arg-type]


async def may(user: User) -> list[str]:
    """The permissions that ``user`` has, in the order of `PERMISSIONS`."""
    if not user.is_active:
        return []
    permitted = await user.aget_all_permissions()  # type: ignore[union-attr]
    return [name for name in PERMISSIONS if f"dashboard.{name}" in permitted]


async def check(user: User, name: str, path: str, *, below: bool = False) -> None:
    """Raise `Refused` unless ``user`` may do this at ``path``; with ``below``, to all that lies below it too."""
    if name not in await may(user):
        raise Refused(problem("not-permitted", f"Your role does not permit {name}.", "Operators may."))
    if f"{path}/".startswith("/zookeeper/") or (below and path == "/"):
        raise Refused(problem("protected", "/zookeeper is ZooKeeper's own: nobody changes it here.",
                              "Use ZooKeeper's own tools."))  # fmt: skip


def role(user: User, may: list[str]) -> Literal["", "viewer", "operator"]:
    """How the page names them: an operator is whoever may do something."""
    if not (user.is_authenticated and user.is_active):
        return ""
    return "operator" if may else "viewer"
