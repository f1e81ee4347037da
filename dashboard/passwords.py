"""Whose name and password they are. A name that there is not takes as long as one that there is."""

import asyncio

from django.contrib.auth import get_user_model
from django.contrib.auth.hashers import UNUSABLE_PASSWORD_PREFIX, verify_password
from django.contrib.auth.models import AbstractUser

MOST = 16
"""Passwords that are compared at a time: each takes a part of a second of one core."""

LONGEST_NAME, LONGEST = 150, 4_096

_under_way = 0


class Busy(Exception):
    """So many log in at this moment that this one cannot."""


async def whose(name: str, password: str) -> AbstractUser | None:
    """The user who has both and is active, None for anything else; raise `Busy`.

    The comparison takes a thread of its own: Django's one thread for the database must not wait for it.
    """
    global _under_way
    if _under_way >= MOST:
        raise Busy
    _under_way += 1
    try:
        sound = 0 < len(name) <= LONGEST_NAME and name.isprintable() and len(password) <= LONGEST
        user = await get_user_model().objects.filter(username=name).afirst() if sound else None
        encoded = user.password if user is not None else UNUSABLE_PASSWORD_PREFIX
        right, outdated = await asyncio.to_thread(verify_password, password if sound else "", encoded)
        if user is None or not right or not user.is_active:
            return None
        if outdated:
            await asyncio.to_thread(user.set_password, password)
            await user.asave(update_fields=["password"])
        return user
    finally:
        _under_way -= 1
