"""People with browsers, and a hub that does as it is told."""

from __future__ import annotations

import asyncio
import os
import re
from collections.abc import Sequence
from typing import Any

import pytest
from asgiref.sync import sync_to_async
from django.conf import settings
from django.http import HttpResponse
from django.test import AsyncClient
from msgspec.structs import replace

from dashboard import tokens
from dashboard.decoding.decoders import Decoders
from dashboard.live.bridge import CallFailed
from zkbridge.protocol.base import Problem
from zkbridge.protocol.clusters import Cluster

SCALE = float(os.environ.get("ZOOSCOPE_TIMEOUT_SCALE", "1"))

HERE = settings.CLUSTERS[0].name
"""The cluster that requests are about."""

_META = re.compile(r'<meta name="csrf-token" content="([A-Za-z0-9]{64})">')


def on_cluster(patch: pytest.MonkeyPatch, **fields: Any) -> None:
    """Describe the cluster otherwise, for this test."""
    patch.setattr(settings, "CLUSTERS", (replace(settings.CLUSTERS[0], **fields),))


class FakeHub:
    """Answers calls with ``outcome``, or what ``outcomes`` has for the method, after ``gate`` opens; keeps what it was
    asked in ``calls``."""

    def __init__(self) -> None:
        self.calls: list[tuple[str, dict[str, Any], str]] = []
        self.unveiled: list[bool] = []
        """Of each call, whether it was for somebody who may see what is hidden."""
        self.outcome: dict[str, Any] | Exception = {}
        self.outcomes: dict[str, dict[str, Any] | Exception] = {}
        self.gate = asyncio.Event()
        self.gate.set()
        self.first = asyncio.Event()
        self.state = "up"
        self.topics: dict[str, Any] = {}
        """Values of topics, for who glances at them."""

    def bridge(self) -> str:
        return self.state

    async def glance(self, keys: Sequence[str], patience: float) -> dict[str, Any]:
        return {key: self.topics[key] for key in keys if key in self.topics} if self.state == "up" else {}

    def fails(self, code: str, method: str = "") -> None:
        failure = CallFailed(Problem(code, "It did not work.", "Try something else."))
        if method:
            self.outcomes[method] = failure
        else:
            self.outcome = failure

    def asked_for(self, method: str) -> list[dict[str, Any]]:
        """The parameters of each call of this method."""
        return [params for called, params, _ in self.calls if called == method]

    async def asked(self) -> None:
        """Until the first call has come."""
        async with asyncio.timeout(10 * SCALE):
            await self.first.wait()

    async def call(self, method: str, params: dict[str, Any], by: str, unveiled: bool = False) -> dict[str, Any]:
        self.calls.append((method, params, by))
        self.unveiled.append(unveiled)
        self.first.set()
        await self.gate.wait()
        outcome = self.outcomes.get(method, self.outcome)
        if isinstance(outcome, Exception):
            raise outcome
        return outcome


class Browser(AsyncClient):
    """With a jar of cookies, checked for CSRF as browsers are, and shown errors as people are."""

    def __init__(self, hub: FakeHub | None, address: str = "127.0.0.1") -> None:
        super().__init__(enforce_csrf_checks=True, raise_request_exception=False)
        self.hub = hub
        self.decoders: Decoders | None = None
        self.address = address
        self.cluster: Cluster | None = None
        """The one whose addresses it asks at; None: the first."""

    def _base_scope(self, **request: Any) -> dict[str, Any]:
        ours: dict[str, Any] = {"hub": self.hub, "decoders": self.decoders, "client": [self.address, 50_000]}
        if self.cluster is not None:
            ours["cluster"] = self.cluster
        return {**super()._base_scope(**request), **ours}


class Person:
    """Someone who has joined and opened the page."""

    def __init__(self, browser: Browser) -> None:
        self.browser = browser
        self.csrf = ""

    @classmethod
    async def joined(cls, hub: FakeHub, role: tokens.Role) -> Person:
        browser = Browser(hub)
        token = await sync_to_async(tokens.issue)(role)
        response = await browser.get(f"/{tokens.VERB[role]}/{token}")
        assert response.status_code == 303, response.content
        person = cls(browser)
        page = (await browser.get("/")).content.decode()
        found = _META.search(page)
        assert found, page
        person.csrf = found[1]
        return person

    async def post(
        self, address: str, json: Any = None, *, headers: dict[str, str] | None = None, **options: Any
    ) -> HttpResponse:
        return await self.send("post", address, json, headers=headers, **options)

    async def send(
        self, verb: str, address: str, json: Any = None, *, headers: dict[str, str] | None = None, **options: Any
    ) -> HttpResponse:
        kind = "" if json is None else "application/json"
        data = b"" if json is None else json
        carried = {"X-CSRFToken": self.csrf, **(headers or {})}
        return await getattr(self.browser, verb)(address, data=data, content_type=kind, headers=carried, **options)


def problem(response: HttpResponse) -> str:
    """The code of the problem that it is; fails where it is not one."""
    found = response.json()["problem"]
    assert found.keys() == {"code", "text", "hint"} and found["text"], found
    return str(found["code"])
