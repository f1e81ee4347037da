"""What a dashboard of clusters that exist keeps from one run to the next: people, who is signed in, the audit log."""

from __future__ import annotations

import os
import signal
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from tests.integration.commands import MANAGE, Command
from tests.integration.ensemble import SCALE
from tests.integration.person import Person
from zkbridge.lab.ports import free_ports

pytestmark = pytest.mark.timeout(90 * SCALE)

NOWHERE = "127.0.0.1:1"
"""People are kept, whatever becomes of the cluster."""


def serve(home: Path, port: int, **environment: str) -> Command:
    command = Command(home, "serve", "--zookeeper", NOWHERE, PORT=str(port), **environment)
    command.wait_until_ready()
    return command


def manage(home: Path, *arguments: str, typed: str = "") -> str:
    environment = {key: value for key, value in os.environ.items() if not key.startswith("ZOOSCOPE_")}
    return subprocess.run(
        [sys.executable, str(MANAGE), *arguments], input=typed, capture_output=True, text=True, timeout=60, check=True,
        env=environment | {"ZOOSCOPE_HOME": str(home)},
    ).stdout  # fmt: skip


def test_people_and_who_is_signed_in_outlive_the_run_however_it_ends(tmp_path: Path) -> None:
    (port,) = free_ports(1)
    first = serve(tmp_path, port)
    try:
        person = Person(first.link("Operator"))
        manage(tmp_path, "people", "add", "ann", "--role", "admin", typed="a long sentence for ann\n")
        web = first.path.parent / f"kept-{port}/web"
        assert f"are kept in {web}." in first.said
        assert stat.S_IMODE(web.parent.stat().st_mode) == stat.S_IMODE(web.stat().st_mode) == 0o700
        assert first.finish(signal.SIGTERM) == 0
        assert sorted(entry.name for entry in tmp_path.iterdir()) == [".lock", f"kept-{port}"]
        assert "ann" in manage(tmp_path, "people", "list"), "it can be asked for while nothing runs"
    finally:
        first.destroy()
    second = serve(tmp_path, port)
    try:
        assert person.get("/api/me")["role"] == "operator", "nobody was signed out"
        second.kill()
    finally:
        second.destroy()
    third = serve(tmp_path, port)
    try:
        assert person.get("/api/me")["role"] == "operator" and "ann" in manage(tmp_path, "people", "list")
        assert third.finish(signal.SIGINT) == 0
    finally:
        third.destroy()


def test_one_that_runs_is_meant_rather_than_one_that_is_kept(tmp_path: Path) -> None:
    ports = free_ports(2)
    before = serve(tmp_path, ports[0])
    try:
        assert before.finish(signal.SIGINT) == 0
    finally:
        before.destroy()
    now = serve(tmp_path, ports[1])
    try:
        assert f":{ports[1]}/" in manage(tmp_path, "tokens")
    finally:
        now.destroy()
