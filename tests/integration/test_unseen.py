"""Whoever may not see a znode is answered about it as about one that is not there, by each route that takes a path.

On a real ensemble, through real processes; works are followed to their ends.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any
from urllib.error import HTTPError
from urllib.parse import quote
from urllib.request import Request, urlopen

import pytest

from tests.integration.ensemble import SCALE, RunningEnsemble, wait_for
from tests.integration.person import Person
from tests.integration.stack import Stack
from zkbridge.protocol.calls import PERMISSIONS

pytestmark = [pytest.mark.ensemble, pytest.mark.timeout(240 * SCALE)]

HUSH, MISS = "/app/hush", "/app/miss"
"""There and hidden; not there. Of one length, as messages may tell it."""

KEY, GUESS = "opensesame", "opensesawe"

ANYONE = [{"scheme": "world", "id": "anyone", "perms": "cdrwa"}]
KEPT = [{"scheme": "digest", "id": "bob:•••", "perms": "r"}]
HI = {"encoding": "text", "value": "hi"}
EXPORT = "\n".join(map(json.dumps, (
    {"zooscope": "export", "format": 1, "path": "/x", "cluster": "c", "at": "2026-11-26T10:00:00Z", "zxid": "0x1",
     "acl": False}, {"path": "", "text": "x"}, {"end": True, "znodes": 1},
))) + "\n"  # fmt: skip

Asked = tuple[str, str, Any]


def requests(path: str) -> list[Asked]:
    """All that can be asked about ``path``: the address with what it takes, and the body."""
    at = quote(path, safe="")
    works = {"path": path, "confirm": path}
    return [
        *(("GET", f"/api/{what}?path={at}", None) for what in (
            "znodes", "acl", "data", "children", "decoded", "subtree", "export")),
        ("POST", "/api/znodes", {"path": f"{path}/new", "data": HI}),
        ("POST", "/api/znodes", {"path": f"{path}/new-", "sequential": True}),
        ("POST", "/api/znodes", {"path": f"{path}/", "sequential": True}),
        ("PUT", f"/api/znodes?path={at}", {"data": HI, "version": 0}),
        ("PUT", f"/api/znodes?path={at}", {"data": HI, "version": -1}),
        ("DELETE", f"/api/znodes?path={at}&version=0", None),
        ("DELETE", f"/api/znodes?path={at}&version=7", None),
        ("PUT", f"/api/acl?path={at}", {"acl": ANYONE, "aversion": 0}),
        ("PUT", f"/api/acl?path={at}", {"acl": KEPT, "aversion": 0}),
        ("POST", "/api/decode", {"data": HI, "path": path}),
        ("POST", "/api/jobs/delete", {**works, "znodes": 1}),
        ("POST", "/api/jobs/acl", {**works, "acl": ANYONE, "mode": "add"}),
        ("POST", "/api/jobs/acl", {**works, "acl": KEPT, "mode": "add"}),
        ("POST", "/api/jobs/copy", {"path": path, "to": "/copy"}),
        ("POST", "/api/jobs/copy", {"path": "/else", "to": f"{path}/copy"}),
        ("POST", "/api/jobs/move", {**works, "to": "/moved"}),
        ("POST", "/api/jobs/move", {"path": "/else", "confirm": "/else", "to": f"{path}/moved"}),
        ("POST", "/api/jobs/compare", {"left": path, "right": "/else"}),
        ("POST", "/api/jobs/compare", {"left": "/else", "right": path}),
        ("POST", f"/api/jobs/compare-file?path={at}", EXPORT),
        ("POST", f"/api/jobs/import?path={at}%2Fnew", EXPORT),
        ("POST", f"/api/jobs/import?path={at}%2Fnew&dry_run=true", EXPORT),
        ("POST", f"/api/jobs/import?path={at}&dry_run=true", EXPORT),
        ("GET", f"/api/watches?path={at}", None),
        ("GET", f"/api/audit?path={at}", None),
        ("GET", f"/api/audit.csv?path={at}", None),
        ("GET", f"/api/audit.json?path={at}", None),
    ]  # fmt: skip


class Script:
    def __init__(self, stack: Stack, *scopes: str) -> None:
        self.origin = stack.origin
        words = [word for scope in scopes for word in ("--scope", scope)]
        self._token = stack.manage("people", "token", "operator", "--for", "a", *words).strip()

    def ask(self, verb: str, address: str, body: Any = None) -> tuple[int, str]:
        """Status and text; of a work, what it came to."""
        request = Request(self.origin + address, method=verb)
        request.add_header("Authorization", f"Bearer {self._token}")
        if body is not None:
            request.data = (body if isinstance(body, str) else json.dumps(body)).encode()
            kind = "application/x-ndjson" if isinstance(body, str) else "application/json"
            request.add_header("Content-Type", kind)
        try:
            with urlopen(request, timeout=60 * SCALE) as answer:
                status, text = answer.status, answer.read().decode()
        except HTTPError as error:
            with error:
                status, text = error.code, error.read().decode()
        return (status, self._ended(json.loads(text)["job"]["id"])) if status == 202 else (status, text)

    def _ended(self, ident: str) -> str:
        wait_for("it ends", lambda: '"running"' not in self.ask("GET", f"/api/jobs/{ident}")[1])
        return self.ask("GET", f"/api/jobs/{ident}")[1]


def alike(text: str, path: str) -> str:
    """Without what differs between any two answers, and with one name for both paths."""
    text = re.sub(r"\d{4}-\d\d-\d\dT[\d:.]+(\+00:00|Z)|0x[0-9a-f]+", "…", text)
    text = re.sub(r'"(id|begun|ended|sha256|row)": ("[^"]*"|[\d.]+)', "…", text)
    return text.replace(path, "/X").replace(path.rpartition("/")[2], "X").replace(quote(path, safe=""), "/X")


@pytest.fixture(scope="module")
def stack(shared_ensemble: RunningEnsemble) -> Iterator[Stack]:
    """For all tests: none of them changes what is hidden or redacted, as each one looks in the end."""
    shared_ensemble.clear()
    stack = Stack(shared_ensemble.hosts)
    stack.environment |= {"ZOOSCOPE_HIDDEN": HUSH, "ZOOSCOPE_REDACTED": "/keys", "ZOOSCOPE_PROTECTED": f"{HUSH}/b"}
    try:
        stack.start()
        Person(stack.links["operator"])  # who is there from their first visit on
        stack.manage("people", "role", "operator", "admin")
        with shared_ensemble.client() as client:
            for path, data in ((HUSH, "hushed"), (f"{HUSH}/b", "hushed"), ("/else", "x"), ("/keys/one", KEY)):
                client.create(path, data.encode(), makepath=True)
        yield stack
    finally:
        stack.stop()


@pytest.fixture(scope="module")
def blind(stack: Stack) -> Script:
    """May do everything, but see what is hidden."""
    script = Script(stack, *(name for name in PERMISSIONS if name != "see.hidden"))
    wait_for("the bridge has read it", lambda: '"one"' in script.ask("GET", "/api/children?path=%2Fkeys")[1])
    return script


def routes(script: Script) -> set[tuple[str, str]]:
    """All that take a path, from the description of the API."""
    schema = json.loads(script.ask("GET", "/api/openapi.json")[1])
    taking: set[tuple[str, str]] = set()
    for address, verbs in schema["paths"].items():
        for verb, operation in verbs.items():
            names = {parameter["name"] for parameter in operation.get("parameters", ())}
            for content in operation.get("requestBody", {}).get("content", {}).values():
                reference = content["schema"].get("$ref", "").rpartition("/")[2]
                names |= schema["components"]["schemas"].get(reference, {}).get("properties", {}).keys()
            # Ends of links are no paths.
            if names & {"path", "to", "left", "right"} and not address.startswith("/api/links"):
                taking.add((verb.upper(), address))
    return taking


def test_each_route_answers_as_if_it_were_not_there(blind: Script, shared_ensemble: RunningEnsemble) -> None:
    with shared_ensemble.client() as client:
        for path in ("/copy", "/moved"):  # of a test before
            if client.exists(path):
                client.delete(path, recursive=True)
    asked = {(verb, address.partition("?")[0]) for verb, address, _ in requests("/a")}
    assert asked == routes(blind), "a route that takes a path is not asked here"
    for below in ("", "/b"):
        for hidden, missing in zip(requests(HUSH + below), requests(MISS + below), strict=True):
            if "audit" in hidden[1] or below and hidden[1].startswith("/api/jobs"):
                continue
            found, wanted = blind.ask(*hidden), blind.ask(*missing)
            assert alike(found[1], HUSH) == alike(wanted[1], MISS) and found[0] == wanted[0], f"{hidden[:2]}: {found}"
    # The log has what was asked of both, and tells this person, too, nothing of the one.
    for verb, address, _ in requests(HUSH):
        if "audit" in address:
            status, said = blind.ask(verb, address)
            assert status == 200 and HUSH not in said
            assert HUSH not in blind.ask(verb, address.partition("?")[0])[1]
    with shared_ensemble.client() as client:
        client.sync("/")
        assert client.get(HUSH)[0] == client.get(f"{HUSH}/b")[0] == b"hushed"
        assert sorted(client.get_children("/app")) == ["hush"] and client.get(HUSH)[1].version == 0
        assert {"/copy", "/moved"}.isdisjoint(f"/{name}" for name in client.get_children("/"))


def test_what_would_take_its_place_is_refused(stack: Stack, blind: Script, shared_ensemble: RunningEnsemble) -> None:
    """That something is there cannot be kept from who tries to make it; what it is, can."""
    for address, body in (
        ("/api/znodes", {"path": HUSH}),
        ("/api/znodes", {"path": f"{HUSH}/c/d", "parents": True}),
        ("/api/jobs/copy", {"path": "/else", "to": HUSH, "existing": "overwrite"}),
        ("/api/jobs/move", {"path": "/else", "confirm": "/else", "to": HUSH}),
        (f"/api/jobs/import?path={quote(HUSH)}&existing=overwrite", EXPORT),
    ):
        status, said = blind.ask("POST", address, body)
        assert "not-permitted" in said and "hushed" not in said, f"{address}: {status} {said}"
    with shared_ensemble.client() as client:
        client.sync("/")
        assert client.get(HUSH)[0] == b"hushed" and client.get_children(HUSH) == ["b"] and client.exists("/else")


def test_redacted_data_never_leave(stack: Stack, blind: Script, shared_ensemble: RunningEnsemble) -> None:
    said = []
    for verb, address, body in requests("/keys/one"):
        if verb == "GET" or address.startswith(("/api/jobs/c", "/api/jobs/move", "/api/jobs/import")):
            said.append(blind.ask(verb, address, body)[1])
    said.append(blind.ask("PUT", "/api/znodes?path=/keys/one", {"data": HI, "version": 9})[1])
    assert not [text for text in said if KEY in text or "b3BlbnNlc2FtZQ" in text]
    assert "redacted" in said[0] and '"length": 10' in said[0]
    # Nor is a right guess told from a wrong one.
    guesses = [
        blind.ask("POST", "/api/jobs/compare-file?path=/keys/one", EXPORT.replace('"x"}', f'"{guess}"}}'))[1]
        for guess in (KEY, GUESS)
    ]
    assert alike(guesses[0], "/-") == alike(guesses[1], "/-") and '"locked"' in guesses[0]
    with shared_ensemble.client() as client:
        client.sync("/")
        assert not client.exists("/moved") and client.get("/keys/one")[0] == KEY.encode()
        assert not client.exists("/copy") or client.get("/copy")[0] != KEY.encode()
