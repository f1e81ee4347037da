"""Posts alerts to an address: each at least once, in order, with retries that wait longer and longer.

It never blocks anybody: what waits is bounded, and every attempt has a deadline. Certificates are verified. Redirects
are not followed, so that nothing is sent to a host that nobody named.
"""

from __future__ import annotations

import asyncio
import logging
import os
import random
import time
from collections import deque
from collections.abc import Callable, Mapping
from typing import Any

import aiohttp

from zkbridge.protocol.alerts import Delivery
from zkbridge.protocol.base import Ms

MOST = 200
"""Messages that may wait. With more the oldest is given up."""

DEADLINE = 5.0
FIRST, LAST = 1.0, 60.0
"""Seconds before the second attempt, and the most between two."""

logger = logging.getLogger(__name__)


class Webhook:
    """``url`` is a secret: it is never logged, nor told. ``tell`` hears how it goes."""

    def __init__(
        self, url: str, tell: Callable[[Delivery], None], clock: Callable[[], Ms] = lambda: time.time() * 1000,
        first: float = FIRST,
    ) -> None:  # fmt: skip
        self._url, self._tell, self._clock, self._first = url, tell, clock, first
        self._waiting: deque[Mapping[str, Any]] = deque()
        self._come = asyncio.Event()
        self._lost = 0
        self._failing: Ms | None = None
        self._why = ""

    @property
    def waiting(self) -> list[dict[str, Any]]:
        """Messages that were not taken yet, oldest first."""
        return [dict(message) for message in self._waiting]

    def post(self, message: Mapping[str, Any]) -> None:
        """Have a message sent. Returns at once."""
        if len(self._waiting) >= MOST:
            self._waiting.popleft()
            self._lost += 1
            if self._lost == 1:
                logger.error("over %d alerts wait for the webhook: the oldest ones are given up", MOST)
        self._waiting.append(message)
        self._come.set()
        self._say()

    async def run(self) -> None:
        """Send for ever, until cancelled."""
        timeout = aiohttp.ClientTimeout(total=DEADLINE)
        self._say()
        headers, jar = {"User-Agent": "Zooscope"}, aiohttp.DummyCookieJar()
        async with aiohttp.ClientSession(timeout=timeout, headers=headers, cookie_jar=jar) as session:
            wait = self._first
            while True:
                if not self._waiting:
                    self._come.clear()
                    await self._come.wait()
                if await self.step(session):
                    wait = self._first
                    continue
                await asyncio.sleep(wait * random.uniform(0.75, 1.25))  # noqa: S311 - spreads attempts
                wait = min(wait * 2, LAST)

    async def step(self, session: aiohttp.ClientSession) -> bool:
        """Send the oldest message, once; True when it was taken."""
        message = self._waiting[0]
        why = await self._attempt(session, message)
        if why:
            if why != self._why:
                logger.warning("the webhook does not take alerts: %s; trying again", why)
            self._failing, self._why = self._failing or self._clock(), why
        else:
            if self._why:
                logger.info("the webhook takes alerts again")
            self._failing, self._why = None, ""
            if self._waiting and self._waiting[0] is message:
                self._waiting.popleft()
        self._say()
        return not why

    async def _attempt(self, session: aiohttp.ClientSession, message: Mapping[str, Any]) -> str:
        """'' when it was taken, else why not, without the address."""
        try:
            async with session.post(self._url, json=message, allow_redirects=False) as answer:
                status = answer.status
        except TimeoutError:
            return f"no answer within {DEADLINE:g} s"
        except aiohttp.ClientConnectorCertificateError:
            return "its certificate cannot be verified"
        except aiohttp.ClientSSLError:
            return "TLS failed"
        except aiohttp.ClientConnectorError as error:
            number = error.os_error.errno
            return os.strerror(number).lower() if number and number > 0 else "its host cannot be found"
        except (aiohttp.ClientError, OSError, ValueError):
            return "the connection broke"
        if 200 <= status < 300:
            return ""
        if 300 <= status < 400:
            return f"it answers {status}: redirects are not followed"
        return f"it answers {status}"

    def _say(self) -> None:
        failing = bool(self._why)
        self._tell(
            Delivery("failing" if failing else "ok", len(self._waiting), self._lost, self._failing, self._why)
        )
