"""Slows down whoever guesses passwords or tokens. What is known of it is in the database, for all web processes.

Each `Limit` is a bucket of wrong guesses that leaks: so many may come at once, then one at a time. Nobody is ever
locked out, and nobody can lock out somebody else: wrong guesses for an account from elsewhere are not held against an
address that it was signed in from lately. A guess is charged before it is judged, so that many at once are counted one
by one, and given back where it was right.

A table of our own rather than a package: the ones that there are lock accounts, want signals and middleware of
synchronous views, or keep to one process' cache.
"""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from ipaddress import IPv6Address, ip_address

from asgiref.sync import sync_to_async
from django.db import transaction
from django.utils import timezone

from dashboard.models import Suspicion


@dataclass(frozen=True)
class Limit:
    """``most`` wrong guesses at once, and one more each ``every`` seconds."""

    most: int
    every: float


ADDRESS = Limit(30, 10)
"""From one address."""

PAIR = Limit(5, 15)
"""For one account, from one address."""

ACCOUNT = Limit(50, 60)
"""For one account, from all addresses that it was not signed in from within `KNOWN`."""

TOKENS = Limit(30, 10)
"""Tokens that are none, from one address."""

KNOWN = timedelta(days=30)
FORGOTTEN = timedelta(days=1)
"""After this every bucket has leaked."""

Bucket = tuple[str, Limit]


def of_password(name: str, address: str) -> list[Bucket]:
    """The buckets that a guess at the password of ``name`` goes into."""
    who, where = _digest(name), _where(address)
    return [(f"address {where}", ADDRESS), (f"pair {who} {where}", PAIR), (f"account {who}", ACCOUNT)]


def of_token(address: str) -> list[Bucket]:
    return [(f"tokens {_where(address)}", TOKENS)]


@sync_to_async
def take(buckets: Iterable[Bucket], now: datetime | None = None) -> float:
    """Charge a guess: 0 where it may be judged, else the seconds to wait, and nothing is charged."""
    now = now or timezone.now()
    with transaction.atomic():
        _forget(now)
        rows = [(_row(subject, now), limit) for subject, limit in _due(buckets, now)]
        levels = [_left(row, limit, now) for row, limit in rows]
        waits = [
            (level + 1 - limit.most) * limit.every
            for level, (_, limit) in zip(levels, rows, strict=True)
            if level + 1 > limit.most
        ]
        if waits:
            return max(waits)
        for level, (row, _) in zip(levels, rows, strict=True):
            row.level, row.at = level + 1, now
            row.save(update_fields=["level", "at"])
    return 0.0


@sync_to_async
def forgive(name: str, address: str, now: datetime | None = None) -> None:
    """It was right: give back what was charged, and remember that this account came from this address."""
    now = now or timezone.now()
    buckets = of_password(name, address)
    with transaction.atomic():
        for subject, _ in buckets:
            for row in Suspicion.objects.select_for_update().filter(subject=subject, level__gt=0):
                row.level = max(0.0, row.level - 1)
                row.save(update_fields=["level"])
        Suspicion.objects.update_or_create(subject=_known(buckets), defaults={"level": 0.0, "at": now})


def _due(buckets: Iterable[Bucket], now: datetime) -> list[Bucket]:
    """All of them, without the account's own where it was signed in from this address lately."""
    wanted = list(buckets)
    pair = next((subject for subject, limit in wanted if limit is PAIR), "")
    if pair and Suspicion.objects.filter(subject=f"known {pair}", at__gt=now - KNOWN).exists():
        return [(subject, limit) for subject, limit in wanted if limit is not ACCOUNT]
    return wanted


def _known(buckets: list[Bucket]) -> str:
    return "known " + next(subject for subject, limit in buckets if limit is PAIR)


def _row(subject: str, now: datetime) -> Suspicion:
    Suspicion.objects.get_or_create(subject=subject, defaults={"at": now})
    return Suspicion.objects.select_for_update().get(subject=subject)


def _left(row: Suspicion, limit: Limit, now: datetime) -> float:
    leaked = max(0.0, (now - row.at).total_seconds()) / limit.every  # the clock may have been set back
    return max(0.0, row.level - leaked)


def _forget(now: datetime) -> None:
    Suspicion.objects.filter(at__lt=now - FORGOTTEN).exclude(subject__startswith="known ").delete()
    Suspicion.objects.filter(at__lt=now - KNOWN).delete()


def _where(address: str) -> str:
    """The address, or of IPv6 the network that one customer has."""
    try:
        found = ip_address(address)
    except ValueError:
        return "unknown"
    if isinstance(found, IPv6Address):
        return str(found.ipv4_mapped or f"{IPv6Address(int(found) >> 64 << 64)}/64")
    return str(found)


def _digest(name: str) -> str:
    """Of a name that may be long, or somebody's password in the wrong field."""
    return hashlib.sha256(name.encode("utf-8", "surrogatepass")).hexdigest()[:32]
