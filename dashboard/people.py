"""People with a name and a password: who they are, what they may do, and the end of it.

Whoever has the database and the secret key may do all of this, so it is done at the shell; each change leaves a row in
the audit log, closed at once.
"""

import re
from collections.abc import Iterator
from typing import Any

from django.contrib.auth import get_user_model
from django.contrib.auth.models import AbstractUser, Group
from django.contrib.auth.password_validation import validate_password
from django.contrib.sessions.models import Session
from django.core.exceptions import ValidationError
from django.db import transaction

from dashboard import audit
from dashboard.models import Grant
from dashboard.permissions import ADMINS, ON_PATHS, OPERATORS, VIEWERS
from zkbridge.protocol.calls import PERMISSIONS
from zkbridge.protocol.topics import BadTopic, check_path

ROLES = {"viewer": VIEWERS, "operator": OPERATORS, "admin": ADMINS}

_OF_LINKS = re.compile(r"operator|viewer-[0-9a-f]{10}")
"""Names of those who came by a link."""


class Refused(ValueError):
    """It cannot be done; the text says why, and nothing was."""


@transaction.atomic
def add(name: str, password: str, role: str, by: str) -> AbstractUser:
    """Someone new, in one of the ready-made roles."""
    if get_user_model().objects.filter(username=name).exists():
        raise Refused(f"There is somebody by the name of {name!r} already.")
    if _OF_LINKS.fullmatch(name):
        raise Refused(f"{name!r} is a name of those who come by a link. Choose another one.")
    user = get_user_model()(username=name)
    try:
        user.clean_fields(exclude=["password"])
    except ValidationError as error:
        raise Refused(f"The name {name!r} cannot be: {' '.join(error.messages)}") from None
    _set_password(user, password)
    user.save()
    user.groups.add(_group(ROLES[role]))
    audit.note(by, "people.add", name, {"role": role})
    return user


@transaction.atomic
def set_password(name: str, password: str, by: str) -> None:
    """A new password, which ends their sessions."""
    user = named(name)
    _set_password(user, password)
    user.save(update_fields=["password"])
    end_sessions(user)
    audit.note(by, "people.password", name, {})


@transaction.atomic
def change_password(user: AbstractUser, encoded: str, keep: str, address: str) -> list[str]:
    """A new one of their own, sound and hashed already. Ends their sessions but ``keep``, and tells which."""
    user.password = encoded
    user.save(update_fields=["password"])
    audit.note(user.get_username(), "people.password", user.get_username(), {}, address)
    return end_sessions(user, keep)


@transaction.atomic
def set_role(name: str, role: str, by: str) -> None:
    """One of the ready-made roles instead of another; other groups and grants stay."""
    user = named(name)
    user.groups.remove(*Group.objects.filter(name__in=ROLES.values()))
    user.groups.add(_group(ROLES[role]))
    audit.note(by, "people.role", name, {"role": role})


@transaction.atomic
def grant(to: AbstractUser | Group, permission: str, prefix: str, cluster: str, by: str) -> None:
    """Permit ``to`` something at ``prefix`` and below; on one ``cluster``, or '' for all."""
    if permission not in PERMISSIONS:
        raise Refused(f"There is no permission {permission!r}. There are: {', '.join(PERMISSIONS)}.")
    if prefix != "/" and permission not in ON_PATHS:
        raise Refused(f"{permission} concerns no path, so it is granted for all or not at all.")
    try:
        check_path(prefix)
    except BadTopic as bad:
        raise Refused(bad.problem.text) from None
    Grant.objects.get_or_create(permission=permission, prefix=prefix, cluster=cluster, **whom(to))
    audit.note(by, "people.grant", _name(to), _about(permission, prefix, cluster))


@transaction.atomic
def withdraw(to: AbstractUser | Group, permission: str, prefix: str, cluster: str, by: str) -> None:
    """Take a grant away again: this very one."""
    gone, _ = Grant.objects.filter(permission=permission, prefix=prefix, cluster=cluster, **whom(to)).delete()
    if not gone:
        raise Refused(f"{_name(to)} has no such grant: see `people list`. What a group permits is the group's.")
    audit.note(by, "people.withdraw", _name(to), _about(permission, prefix, cluster))


@transaction.atomic
def set_active(name: str, active: bool, by: str) -> None:
    """Let somebody in again, or in no more: their sessions and API tokens end with it."""
    user = named(name)
    user.is_active = active
    user.save(update_fields=["is_active"])
    if not active:
        end_sessions(user)
    audit.note(by, "people.activate" if active else "people.deactivate", name, {})


def end_sessions(user: AbstractUser, keep: str = "") -> list[str]:
    """Sign out everywhere, but in the session ``keep``; tells which ended. Open sockets notice within 30 s."""
    ended = []
    for session in Session.objects.exclude(pk=keep):
        if session.get_decoded().get("_auth_user_id") == str(user.pk):
            ended.append(session.pk)
            session.delete()
    return ended


def named(name: str) -> AbstractUser:
    found: AbstractUser | None = get_user_model().objects.filter(username=name).first()
    if found is None:
        raise Refused(f"There is nobody by the name of {name!r}.")
    return found


def group(name: str) -> Group:
    found = Group.objects.filter(name=name).first()
    if found is None:
        known = ", ".join(Group.objects.order_by("name").values_list("name", flat=True))
        raise Refused(f"There is no group {name!r}. There are: {known}.")
    return found


def everybody() -> Iterator[AbstractUser]:
    """Those who have a name of their own; not those who came by a link."""
    for user in get_user_model().objects.order_by("username").prefetch_related("groups", "grants"):
        if not _OF_LINKS.fullmatch(user.username):
            yield user


def _set_password(user: AbstractUser, password: str) -> None:
    check_password(user, password)
    user.set_password(password)


def check_password(user: AbstractUser, password: str) -> None:
    """Raise `Refused` for one that is too easily guessed."""
    try:
        validate_password(password, user)
    except ValidationError as error:
        raise Refused(f"This password cannot be: {' '.join(error.messages)}") from None


def _group(name: str) -> Group:
    return Group.objects.get(name=name)


def whom(to: AbstractUser | Group) -> dict[str, Any]:
    """The fields of a grant that name its holder."""
    return {"group": to, "user": None} if isinstance(to, Group) else {"user": to, "group": None}


def _name(to: AbstractUser | Group) -> str:
    return f"group {to.name}" if isinstance(to, Group) else str(to.get_username())


def _about(permission: str, prefix: str, cluster: str) -> dict[str, Any]:
    return {"permission": permission, "prefix": prefix, **({"cluster": cluster} if cluster else {})}
