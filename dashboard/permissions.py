"""Who a person is and what they may do where. Every answer is read anew from the database.

Whoever has joined may look. Acting takes a permission for each kind of action: from Django, of the user or a group, for
everything; or from a `dashboard.models.Grant`, for what lies at and below a path. The group ``admins`` has them all,
``operators`` all but managing people and seeing what is hidden, ``viewers`` none.

Above that stand two rules of each cluster, for everybody: nothing of its tree is changed unless its configuration
allows changes, and protected prefixes are not changed at all.

Which cluster it is about, and what a script's token allows, goes with the user object (`here`), so that no caller can
forget it.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from types import SimpleNamespace
from typing import Literal, TypeVar

from asgiref.sync import sync_to_async
from django.conf import settings
from django.contrib.auth import aget_user
from django.contrib.auth.models import AbstractBaseUser, AnonymousUser
from django.contrib.sessions.backends.db import SessionStore
from django.db.models import Q

from dashboard.errors import Refused, problem
from dashboard.models import Grant
from zkbridge.protocol import prefixes
from zkbridge.protocol.base import Problem
from zkbridge.protocol.calls import ALLOWED, CHANGES, LONG, PERMISSIONS
from zkbridge.protocol.clusters import Cluster
from zkbridge.protocol.topics import BadTopic, check_path

SYSTEM = "/zookeeper"
"""ZooKeeper's own: protected on every cluster."""

User = AbstractBaseUser | AnonymousUser
U = TypeVar("U", bound=User)
Role = Literal["", "viewer", "operator", "admin"]
ADMINS, OPERATORS, VIEWERS = "admins", "operators", "viewers"

TREE = frozenset({*CHANGES, *LONG})
"""Permissions to change the tree."""

CHANGE = TREE | ALLOWED
"""What changes anything on a cluster that Zooscope did not start. Where it is not allowed, bridges refuse it too."""

LOOKING = frozenset({"subtree.export", "watches.read", "metrics.read", "audit.read", "see.hidden"})
"""Permissions to see more. Whoever has no other changes nothing."""

ON_PATHS = TREE | {"subtree.export"}
"""Those that can be granted below a path. All others hold for a whole cluster."""


@dataclass(frozen=True)
class Rights:
    """What a person may do on this cluster: everywhere, and below which prefixes."""

    everywhere: frozenset[str] = frozenset()
    below: dict[str, tuple[str, ...]] = field(default_factory=dict)

    @property
    def names(self) -> list[str]:
        """What they may do at all, in the order of `PERMISSIONS`."""
        return [name for name in PERMISSIONS if name in self.everywhere or name in self.below]

    def hold(self, name: str, path: str) -> bool:
        return name in self.everywhere or prefixes.at(self.below.get(name, ()), path)

    def within(self, names: Iterable[str]) -> "Rights":
        """The same, of these ``names`` only."""
        kept = frozenset(names)
        return Rights(self.everywhere & kept, {name: where for name, where in self.below.items() if name in kept})

    @property
    def sees_all(self) -> bool:
        """What configuration hides or redacts too."""
        return "see.hidden" in self.everywhere

    @property
    def grants(self) -> list[tuple[str, str]]:
        """(permission, prefix) wherever one holds; '/' is everywhere."""
        return [
            (name, prefix)
            for name in self.names
            for prefix in (("/",) if name in self.everywhere else self.below[name])
        ]


async def user_of(session_key: str | None) -> User:
    """Whose session this is now: anonymous once it was signed out, has expired, or its user was deactivated.

    For a socket, whose scope only knows who it was when it opened.
    """
    if not session_key:
        return AnonymousUser()
    return await aget_user(SimpleNamespace(session=SessionStore(session_key)))  # type: ignore[arg-type]


async def rights(user: User) -> Rights:
    """What ``user`` may do on the cluster, as far as it allows changes and, of a script, as its token does."""
    if not user.is_active:
        return Rights()
    standing = _standing(user)
    found = await _rights(user, standing.cluster.name)
    if not standing.cluster.allow_changes:
        found = found.within(frozenset(PERMISSIONS) - CHANGE)
    return found if standing.scopes is None else found.within(standing.scopes)


async def may(user: User) -> list[str]:
    """The permissions that ``user`` has anywhere on this cluster, in the order of `PERMISSIONS`."""
    return (await rights(user)).names


async def check(user: User, name: str, path: str, *, below: bool = False) -> None:
    """Raise `Refused` unless ``user`` may do this at ``path``; with ``below``, to all that lies below it too.

    ``path`` is checked first, so that no other spelling of it gets past a prefix.
    """
    cluster = _standing(user).cluster
    _sound(path)
    _allowed(cluster, name)
    held = await rights(user)
    if not held.hold(name, path):
        raise Refused(beyond(user, name) or problem("not-permitted", *_why_not(held, name)))
    if name in TREE:
        _not_protected(protected(cluster, unseen=() if held.sees_all else cluster.hidden), path, below)
    if not held.sees_all:
        _not_hidden(cluster, name, path, below)


def beyond(user: User, name: str) -> Problem | None:
    """What is said where the token that was shown does not carry a permission, whatever its user may."""
    scopes = _standing(user).scopes
    if scopes is None or name in scopes:
        return None
    words = f"This token does not carry {name}."
    return problem("not-permitted", words, f"Make another one with the scope {name}; it does as much as its user may.")


def here(user: U, cluster: Cluster, scopes: Iterable[str] | None = None, via: str = "") -> U:
    """``user``, who asks about ``cluster``; with the token ``via``, which has no more than ``scopes``, or without."""
    kept = None if scopes is None else frozenset(scopes)
    user.zooscope_standing = _Standing(cluster, kept, via)  # type: ignore[union-attr]
    return user


def there(user: U, cluster: Cluster) -> U:
    """The same person, with the same token, who asks about another cluster."""
    standing = _standing(user)
    return here(user, cluster, standing.scopes, standing.via)


def is_script(user: User) -> bool:
    """Whether a token was shown, rather than a session's cookie."""
    return _standing(user).scopes is not None


def veils(cluster: Cluster) -> bool:
    """Whether anything is hidden or redacted there."""
    return bool(cluster.hidden or cluster.redacted)


def is_unveiled(user: User) -> bool:
    """Whether ``user`` is to be shown what is hidden: `lift` found so."""
    return _standing(user).unveiled


def is_veiled(user: User) -> bool:
    """Whether there is anything that ``user`` is not to be shown."""
    standing = _standing(user)
    return veils(standing.cluster) and not standing.unveiled


async def lift(user: User) -> User:
    """Find out whether ``user`` may see what is hidden on the cluster; asked only where something is."""
    standing = _standing(user)
    if veils(standing.cluster) and (await rights(user)).sees_all:
        user.zooscope_standing = replace(standing, unveiled=True)  # type: ignore[union-attr]
    return user


def cluster_of(user: User) -> Cluster:
    """Which one ``user`` asks about."""
    return _standing(user).cluster


def via(user: User) -> str:
    """The token that was shown, as people know it; '' for none."""
    return _standing(user).via


def protected(cluster: Cluster, unseen: Iterable[str] = ()) -> tuple[str, ...]:
    """What nobody changes on ``cluster``, as those are told it from whom what is ``unseen`` is hidden."""
    hidden = tuple(unseen)
    return tuple(prefix for prefix in dict.fromkeys((SYSTEM, *cluster.protected)) if not prefixes.at(hidden, prefix))


def role(user: User, may: list[str]) -> Role:
    """How the page names them: a viewer looks, however much they may see; an operator is whoever may change something,
    an admin who manages people too."""
    if not (user.is_authenticated and user.is_active):
        return ""
    if "people.manage" in may:
        return "admin"
    return "viewer" if LOOKING.issuperset(may) else "operator"


@dataclass(frozen=True)
class _Standing:
    cluster: Cluster
    scopes: frozenset[str] | None = None
    via: str = ""
    unveiled: bool = False


def _standing(user: User) -> _Standing:
    return getattr(user, "zooscope_standing", None) or _Standing(settings.CLUSTERS[0])


@sync_to_async
def _rights(user: User, cluster: str) -> Rights:
    django = user.get_all_permissions()  # type: ignore[union-attr]
    everywhere = {name for name in PERMISSIONS if f"dashboard.{name}" in django}
    below: dict[str, list[str]] = {}
    theirs = Q(user=user.pk) | Q(group__user=user.pk)
    there = Q(cluster="") | Q(cluster=cluster)
    for name, prefix in Grant.objects.filter(theirs & there).order_by("prefix").values_list("permission", "prefix"):
        if name not in PERMISSIONS:
            continue
        if prefix == "/":
            everywhere.add(name)
        elif name in ON_PATHS:
            below.setdefault(name, []).append(prefix)
    return Rights(
        frozenset(everywhere), {name: tuple(where) for name, where in below.items() if name not in everywhere}
    )


def _sound(path: str) -> None:
    try:
        check_path(path)
    except BadTopic as bad:
        raise Refused(problem("bad-path", bad.problem.text, "A path is spelled like /a/b.")) from None


def _allowed(cluster: Cluster, name: str) -> None:
    if name in CHANGE and not cluster.allow_changes:
        raise Refused(
            problem(
                "not-permitted",
                "This Zooscope was started without --allow-changes: it changes nothing on the cluster.",
                "Whoever runs it can start it with --allow-changes.",
            )
        )


def _why_not(held: Rights, name: str) -> tuple[str, str]:
    if name in held.below:
        return f"You may not do {name} at this path.", f"You may below {_listed(held.below[name])}."
    return f"Nothing permits you {name}.", "Whoever manages people here can."


def _not_protected(where: tuple[str, ...], path: str, below: bool) -> None:
    for prefix in where:
        covered = prefixes.covers(prefix, path)
        if covered or below and prefixes.covers(path, prefix):
            what = f"{prefix} is" if covered else f"{prefix} lies below this path and is"
            words = f"{what} protected: nobody changes it with Zooscope."
            raise Refused(problem("protected", words, "Use ZooKeeper's own tools."))


def _not_hidden(cluster: Cluster, name: str, path: str, below: bool) -> None:
    """Nothing is done to what lies above what somebody may not see; a copy leaves that out by itself. What is asked of
    the hidden itself the bridge answers, as if it were not there."""
    if prefixes.at(cluster.hidden, path):
        return
    if below and name in TREE and prefixes.below(cluster.hidden, path):
        words = "Something below this path is not yours to change, so this is not done to all of it."
        raise Refused(problem("not-permitted", words, _ASK))
    if name == "subtree.move" and (prefixes.at(cluster.redacted, path) or prefixes.below(cluster.redacted, path)):
        words = "Data that lie there are redacted for you, so they cannot be moved."
        raise Refused(problem("not-permitted", words, _ASK))


_ASK = "Whoever manages people here can permit it."


def _listed(where: tuple[str, ...]) -> str:
    shown = ", ".join(where[:3])
    return f"{shown} and {len(where) - 3} more" if len(where) > 3 else shown
