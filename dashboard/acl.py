"""ACLs as people read and write them: schemes in words, digests masked, passwords made into digests. Pure.

Nobody is shown the digest of a password (CVE-2019-0201): a mask stands in its place, and whoever sends the mask back
means the digest that is there.
"""

import base64
import hashlib
import re
from collections.abc import Iterable, Sequence

from zkbridge.protocol.editing import Ace

MASK = "•••"
PERMS = {"c": "create children", "d": "delete children", "r": "read", "w": "write", "a": "administer"}
"""In the order in which they are written."""

MOST = 1_000
"""Entries of the longest ACL that is taken."""

_HALF = re.compile("[\ud800-\udfff]")
"""Of a character beyond U+FFFF: JSON can have it alone, and no encoding has."""

_DIGEST = re.compile(r"[A-Za-z0-9+/]{27}=")


class BadAcl(ValueError):
    """Raised for an ACL that cannot be; the text says where and why, and repeats no secret."""


def masked(ace: Ace) -> Ace:
    """The same without the digest of a password."""
    if ace.scheme != "digest":
        return ace
    user, colon, _ = ace.id.rpartition(":")
    return Ace(ace.scheme, f"{user}:{MASK}" if colon else MASK, ace.perms)


def words(ace: Ace) -> str:
    """One entry in a sentence: 'User bob, by password, may read and write.'"""
    return f"{_who(ace)} {_may(ace.perms)}."


def digest(user: str, password: str) -> str:
    """The id of ZooKeeper's scheme 'digest' (DigestAuthenticationProvider)."""
    secret = hashlib.sha1(f"{user}:{password}".encode(), usedforsecurity=False).digest()
    return f"{user}:{base64.b64encode(secret).decode()}"


def written(scheme: str, id: str, perms: str, user: str | None, password: str | None, place: int) -> Ace:
    """An entry as somebody wrote it, its password made into a digest; raise `BadAcl`. ``place`` counts from 1."""
    entry = f"Entry {place} of the ACL"
    if not scheme or not scheme.isprintable() or len(scheme) > 60:
        raise BadAcl(f"{entry} names no scheme: world, digest, ip, auth, x509 and sasl are ZooKeeper's own.")
    if any(_HALF.search(text) for text in (id, user or "", password or "")):
        raise BadAcl(f"{entry} has half a character in its id, user or password.")
    unknown = set(perms) - PERMS.keys()
    if unknown or not perms:
        raise BadAcl(f"{entry} needs permissions, letters out of 'cdrwa': create, delete, read, write, administer.")
    ordered = "".join(letter for letter in PERMS if letter in perms)
    if user is None and password is None:
        return Ace(scheme, id, ordered)
    if scheme != "digest" or id or not user or password is None:
        raise BadAcl(f"{entry} has a user and a password, which only go together, with scheme 'digest' and without id.")
    if ":" in user:
        raise BadAcl(f"{entry} has a user with a ':' in its name, which ZooKeeper cannot tell from a password.")
    return Ace(scheme, digest(user, password), ordered)


def is_masked(ace: Ace) -> bool:
    return ace.scheme == "digest" and ace.id.endswith(MASK)


def unmasked(acl: Sequence[Ace], present: Iterable[Ace]) -> list[Ace]:
    """With each masked id made the one that ``present`` has for the same user; raise `BadAcl` where none fits."""
    digests: dict[str, set[str]] = {}
    for ace in present:
        if ace.scheme == "digest":
            digests.setdefault(masked(ace).id, set()).add(ace.id)
    return [_unmasked(ace, digests, place) if is_masked(ace) else ace for place, ace in enumerate(acl, 1)]


def _unmasked(ace: Ace, digests: dict[str, set[str]], place: int) -> Ace:
    found = digests.get(ace.id, set())
    entry = f"Entry {place} of the ACL has a masked digest"
    if len(found) != 1:
        why = "of which the present ACL has several" if found else "of a user whom the present ACL does not name"
        raise BadAcl(f"{entry} {why}: give the password instead.")
    (known,) = found
    if not _DIGEST.fullmatch(known.rpartition(":")[2]):
        raise BadAcl(f"{entry}, and the ensemble does not show it to the bridge: give the password instead.")
    return Ace(ace.scheme, known, ace.perms)


def _who(ace: Ace) -> str:
    if (ace.scheme, ace.id) == ("world", "anyone"):
        return "Anyone"
    if ace.scheme == "digest":
        user = ace.id.rpartition(":")[0]
        return f"User {user}, by password," if user else "A user by password"
    if ace.scheme == "ip":
        return f"Whoever comes from address {ace.id}"
    if ace.scheme == "auth":
        return "Whoever wrote this ACL"
    if ace.scheme == "sasl":
        return f"User {ace.id}, by SASL,"
    if ace.scheme == "x509":
        return f"Whoever has a certificate for {ace.id}"
    if ace.scheme == "super":
        return "The superuser"
    return f"{ace.id} of scheme {ace.scheme}"


def _may(perms: str) -> str:
    if set(perms) == PERMS.keys():
        return "may do everything"
    can = [PERMS[letter] for letter in PERMS if letter in perms]
    if not can:
        return "may do nothing"
    return f"may {' and '.join(filter(None, (', '.join(can[:-1]), can[-1])))}"
