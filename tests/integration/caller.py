"""Somebody who works with subtrees over HTTP: reads, posts, saves and sends files, and waits for works to end."""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Iterator
from http.cookiejar import Cookie, CookieJar
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.parse import quote, urlsplit
from urllib.request import HTTPCookieProcessor, Request, build_opener

from tests.integration.ensemble import SCALE
from tests.integration.stack import Stack

SECRET = "s" * 32
"""Of the cookie and the header that show that a request is not forged."""

PIECE = 1 << 16


class Caller:
    def __init__(self, stack: Stack, role: str = "operator") -> None:
        self.origin = stack.origin
        self._jar = CookieJar()
        self._opener = build_opener(HTTPCookieProcessor(self._jar))
        try:
            self._opener.open(stack.links[role], timeout=10 * SCALE).close()
        except HTTPError as error:  # the page may lack its built front end here; the cookie is set before
            error.close()
        (session,) = [cookie for cookie in self._jar if "csrf" not in cookie.name]
        self._jar.set_cookie(_cookie(session, session.name.replace("zooscope_", "zooscope_csrf_"), SECRET))

    @property
    def cookie(self) -> str:
        return "; ".join(f"{cookie.name}={cookie.value}" for cookie in self._jar)

    def get(self, address: str, **query: str) -> Any:
        """What a GET answers, error or not."""
        return self._ask(Request(self._at(address, query)))

    def post(self, address: str, body: Any = None) -> Any:
        request = Request(self._at(address), b"" if body is None else json.dumps(body).encode(), method="POST")
        request.add_header("Content-Type", "application/json")
        return self._ask(request)

    def send(self, address: str, file: Path, **query: str) -> Any:
        """A file as the body of a POST."""
        with file.open("rb") as content:
            request = Request(self._at(address, query), content, method="POST")
            request.add_header("Content-Type", "application/x-ndjson")
            request.add_header("Content-Length", str(file.stat().st_size))
            return self._ask(request)

    def save(self, path: str, file: Path, **query: str) -> None:
        """An export of ``path``."""
        address = self._at("/api/export", {"path": path, **query})
        with self._opener.open(address, timeout=120 * SCALE) as answer, file.open("wb") as into:
            for piece in iter(lambda: answer.read(PIECE), b""):
                into.write(piece)

    def follow(self, ident: str, timeout: float = 60.0) -> Iterator[dict[str, Any]]:
        """A work, each time it was looked at, until it has ended."""
        deadline = time.monotonic() + timeout * SCALE
        while True:
            job: dict[str, Any] = self.get(f"/api/jobs/{ident}")["job"]
            yield job
            if job["state"] != "running":
                return
            assert time.monotonic() < deadline, f"it goes on and on: {job}"
            time.sleep(0.05)

    def work(self, begun: Any, timeout: float = 60.0) -> dict[str, Any]:
        """How a work that was begun has ended."""
        assert "job" in begun, begun
        *_, job = self.follow(begun["job"]["id"], timeout)
        return job

    def _at(self, address: str, query: dict[str, str] | None = None) -> str:
        asked = "&".join(f"{name}={quote(value, safe='')}" for name, value in (query or {}).items())
        return f"{self.origin}{address}{'?' if asked else ''}{asked}"

    def _ask(self, request: Request) -> Any:
        request.add_header("X-CSRFToken", SECRET)
        request.add_header("Origin", self.origin)
        try:
            with self._opener.open(request, timeout=120 * SCALE) as answer:
                return json.loads(answer.read())
        except HTTPError as error:
            with error:
                return json.loads(error.read())


def digest(file: Path) -> str:
    return hashlib.sha256(file.read_bytes()).hexdigest()


def _cookie(like: Cookie, name: str, value: str) -> Cookie:
    host = urlsplit("//" + like.domain).hostname or like.domain
    return Cookie(0, name, value, None, False, host, False, False, "/", True, False, None, True, None, None, {})
