"""Whatever is asked of the API, it answers as it says, and nothing breaks: a real ensemble, bridge and web process.

`make fuzz` does the same for longer: SECONDS=600 SEED=7. A defect that is found so gets a test of its own, by name.
No route is left out: processes of the ensemble cannot be stopped from here, as no lab has started them.
"""

from __future__ import annotations

import contextlib
import os
import threading
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from kazoo.client import KazooClient
from kazoo.exceptions import KazooException

from tests.integration.caller import SECRET, Caller
from tests.integration.ensemble import SCALE, RunningEnsemble, wait_for
from tests.integration.fuzzing import fuzz
from tests.integration.stack import Stack
from zkbridge.protocol.calls import PERMISSIONS

SECONDS = int(os.environ.get("FUZZ_SECONDS", "") or 0)
"""Of which an admin's script has half, a viewer's page a third, and an admin's page the rest. 0: a few examples."""

SEED = int(os.environ.get("FUZZ_SEED", "") or 7)

NO_LAB = ("/api/nodes", "/api/servers", "/api/links", "/api/lab", "/api/scenarios", "/api/workload")
UNLIKELY = {
    "GET /api/actions/{row}", "POST /api/jobs/move", "GET /api/sessions/{id}", "POST /api/sessions/{id}/expire",
    "POST /api/ensemble/reconfig",
}
FOR_VIEWERS = {
    "POST /api/decode", "POST /api/jobs/compare", "POST /api/jobs/compare-file", "POST /api/jobs/{id}/cancel",
}  # fmt: skip
"""What is no change: a work of one's own, which compares, can be cancelled."""

pytestmark = [pytest.mark.ensemble, pytest.mark.timeout((2 * SECONDS + 240) * SCALE)]


PLANTED = ("/app/a", "/app/b/c")
AGAIN = 0.2
"""Seconds after which what was deleted is there again; else soon all would be asked of nothing."""


@contextlib.contextmanager
def planted(ensemble: RunningEnsemble) -> Iterator[None]:
    """Meanwhile somebody else makes the same znodes, again and again."""
    stop = threading.Event()

    def plant(client: KazooClient) -> None:
        while True:
            for path in PLANTED:
                with contextlib.suppress(KazooException):  # some of it was made shut, or ephemeral
                    client.ensure_path(path)
            if stop.wait(AGAIN):
                return

    with ensemble.client() as client:
        thread = threading.Thread(target=plant, args=[client])
        thread.start()
        try:
            yield
        finally:
            stop.set()
            thread.join()


@pytest.fixture
def admin(stack: Stack) -> Caller:
    caller = Caller(stack)
    stack.manage("people", "role", "operator", "admin")
    return caller


def of_page(stack: Stack, cookie: str) -> dict[str, str]:
    """What a page's requests have."""
    csrf = cookie.split("=", 1)[0].replace("zooscope_", "zooscope_csrf_")
    return {"Cookie": f"{cookie}; {csrf}={SECRET}", "X-CSRFToken": SECRET, "Origin": stack.origin}


def operations_of(answers: Counter[str]) -> set[str]:
    return {key.rpartition(" ")[0] for key in answers}


def done(answers: Counter[str], operation: str) -> int:
    """How often it was carried out."""
    return sum(answers[f"{operation} {status}"] for status in (200, 201, 202))


def operations(admin: Caller) -> set[str]:
    paths = admin.get("/api/openapi.json")["paths"]
    return {f"{verb.upper()} {path}" for path, verbs in paths.items() for verb in verbs}


def fuzzed(stack: Stack, admin: Caller, token: str, folder: Path) -> tuple[Counter[str], Counter[str], Counter[str]]:
    """What a script with this token, a viewer's page and an admin's page were answered."""
    script = fuzz(stack.origin, {"Authorization": f"Bearer {token}"}, folder / "script", SEED, SECONDS // 2,
                  "--phases", "coverage,fuzzing,stateful",
                  *(() if SECONDS else ("--exclude-path-regex", "^/api/ensemble")))  # fmt: skip
    viewer = fuzz(stack.origin, of_page(stack, session(stack.cookie)), folder / "viewer", SEED, SECONDS // 3,
                  "--phases", "fuzzing,stateful")  # fmt: skip
    page = fuzz(stack.origin, of_page(stack, session(admin.cookie)), folder / "page", SEED, SECONDS // 6,
                "--phases", "coverage,fuzzing", "--include-path-regex", "^/api/tokens")  # fmt: skip
    return script, viewer, page


def test_nothing_that_is_asked_breaks_it(
    stack: Stack, admin: Caller, ensemble: RunningEnsemble, tmp_path: Path
) -> None:
    scopes = [word for name in PERMISSIONS for word in ("--scope", name)]
    token = stack.manage("people", "token", "operator", "--for", "fuzz", *scopes).strip()
    web, bridge = stack.process("web").pid, stack.process("bridge").pid
    with planted(ensemble):
        script, viewer, page = fuzzed(stack, admin, token, tmp_path)

    every = operations(admin)
    # What it would make up of an ensemble's members is a seventh of all, and has tests of its own.
    members = {operation for operation in every if "/api/ensemble" in operation}
    assert operations_of(script) == (every if SECONDS else every - members) and operations_of(viewer) == every
    tokens = {operation for operation in every if "/api/tokens" in operation}
    assert operations_of(page) == tokens
    # It went as far as may be: what is unlikely is of processes, of which there are none, or takes more luck. How far
    # it comes within a time nobody knows.
    for operation in every - tokens - UNLIKELY:
        if operation.split()[1].startswith(NO_LAB) or operation in members:
            continue
        assert SECONDS or done(script, operation), f"{operation}: {script}"
    for operation in tokens:
        assert not done(script, operation), f"a token did {operation}"
    assert done(page, "POST /api/tokens") and done(page, "GET /api/tokens")
    for operation in every - FOR_VIEWERS:
        assert operation.startswith("GET ") or not done(viewer, operation), f"a viewer did {operation}"

    # And all still stands.
    for name, pid in (("web", web), ("bridge", bridge)):
        assert stack.process(name).pid == pid and stack.process(name).poll() is None, name
        assert "Traceback" not in stack.log(name), stack.log(name)[-5_000:]
    wait_for("no work goes on", lambda: all(job["state"] != "running" for job in admin.get("/api/jobs")["jobs"]))
    with ensemble.client() as client:
        client.sync("/")
        wait_for("the mirror is right", lambda: admin.get("/api/subtree", path="/").get("znodes") == 1 + below(client))


def below(client: object, top: str = "/") -> int:
    names = client.get_children(top)  # type: ignore[attr-defined]
    return len(names) + sum(below(client, f"{top.rstrip('/')}/{name}") for name in names)


def session(cookies: str) -> str:
    (found,) = [cookie for cookie in cookies.split("; ") if "csrf" not in cookie]
    return found
