"""The right to reconfigure a lab's ensemble.

ZooKeeper lets nobody but its super user write ``/zookeeper/config``. So a lab's servers are started with the digest of
a super user whose password is drawn at random, used once, and forgotten: what is left is an ACL by which whoever
reaches the lab, which listens on loopback only, may reconfigure it as they may change its znodes.
"""

from __future__ import annotations

import asyncio
import base64
import hashlib
import logging
import secrets
from typing import NamedTuple

from kazoo.client import KazooClient
from kazoo.security import make_acl

CONFIG = "/zookeeper/config"

PATIENCE = 20.0
"""Seconds that connecting may take: the servers answer already."""


class SuperUser(NamedTuple):
    """``digest`` is what servers are started with; it does not tell the ``password``."""

    password: str
    digest: str


def draw() -> SuperUser:
    password = secrets.token_urlsafe(32)
    hashed = hashlib.sha1(f"super:{password}".encode(), usedforsecurity=False).digest()
    return SuperUser(password, f"super:{base64.b64encode(hashed).decode()}")


async def permit(hosts: str, user: SuperUser) -> None:
    """Let everybody who reaches the ensemble reconfigure it."""
    await asyncio.to_thread(_permit, hosts, user)


def _permit(hosts: str, user: SuperUser) -> None:
    # What it does is said on the demo's terminal otherwise.
    quiet = logging.getLogger(__name__)
    quiet.setLevel(logging.WARNING)
    client = KazooClient(hosts, auth_data=[("digest", f"super:{user.password}")], logger=quiet)
    try:
        client.start(PATIENCE)
        client.retry(client.set_acls, CONFIG, [make_acl("world", "anyone", read=True, write=True)])
    finally:
        client.stop()
        client.close()
