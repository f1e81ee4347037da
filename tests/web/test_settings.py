"""Settings are checked, and writing nothing is part of reading them. Each case is a process of its own."""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
import stat
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest
from django.core.management import call_command

ROOT = Path(__file__).resolve().parents[2]
SHOW = (
    "import json, dashboard.settings as s;"
    "skip = 'CONTENT_SECURITY_POLICY';"
    "print(json.dumps({n: getattr(s, n) for n in dir(s) if n.isupper() and n != skip}, default=str))"
)


def load(**variables: str) -> subprocess.CompletedProcess[str]:
    clean = {name: value for name, value in os.environ.items() if not name.startswith("ZOOSCOPE_")}
    command = [sys.executable, "-c", SHOW]
    return subprocess.run(command, env={**clean, **variables}, cwd=ROOT, capture_output=True, text=True)  # noqa: S603


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("ZOOSCOPE_ORIGINS", "127.0.0.1:8000"),
        ("ZOOSCOPE_ORIGINS", "http://a,"),
        ("ZOOSCOPE_ORIGINS", "http://a/path"),
        ("ZOOSCOPE_ORIGINS", "http://*:8000"),
        ("ZOOSCOPE_ORIGINS", "*"),
        ("ZOOSCOPE_ORIGINS", "http://user@a"),
        ("ZOOSCOPE_ORIGINS", "http://a:99999"),
        ("ZOOSCOPE_ORIGINS", "ftp://a"),
        ("ZOOSCOPE_ORIGINS", "http://a; script-src *"),
        ("ZOOSCOPE_RUN", "relative"),
        ("ZOOSCOPE_BRIDGE", "bridge.sock"),
        ("ZOOSCOPE_SECRET_KEY_FILE", "key"),
        ("ZOOSCOPE_NAME", "x" * 61),
        ("ZOOSCOPE_NAME", "a\nb"),
        ("ZOOSCOPE_LOG", "LOUD"),
        ("ZOOSCOPE_ALLOW_CHANGES", "maybe"),
        ("ZOOSCOPE_PROTECTED", "kafka"),
    ],
)
def test_a_bad_value_is_refused_by_name(name: str, value: str) -> None:
    ended = load(**{name: value})
    last = ended.stderr.strip().splitlines()[-1]
    assert ended.returncode and "ImproperlyConfigured" in last and name in last


def test_origins_decide_hosts_and_cookies(tmp_path: Path) -> None:
    def settings(origins: str) -> dict[str, object]:
        return json.loads(load(ZOOSCOPE_RUN=str(tmp_path), ZOOSCOPE_ORIGINS=origins).stdout)

    plain = settings("http://127.0.0.1:8000, http://[::1]:8000")
    assert plain["ALLOWED_HOSTS"] == ["127.0.0.1", "[::1]"] and plain["SESSION_COOKIE_SECURE"] is False
    assert plain["CSRF_TRUSTED_ORIGINS"] == ["http://127.0.0.1:8000", "http://[::1]:8000"]
    safe = settings("https://zoo.example,http://localhost:8000")
    assert safe["SESSION_COOKIE_SECURE"] is safe["CSRF_COOKIE_SECURE"] is True
    assert settings("http://10.0.0.5:8000")["SESSION_COOKIE_SECURE"] is False
    assert list(tmp_path.iterdir()) == []


def test_two_runs_do_not_share_cookies(tmp_path: Path) -> None:
    names = {json.loads(load(ZOOSCOPE_RUN=str(tmp_path / run)).stdout)["SESSION_COOKIE_NAME"] for run in ("a", "b")}
    assert len(names) == 2


@pytest.fixture(autouse=True)
def no_database(monkeypatch: pytest.MonkeyPatch) -> None:
    """Runs keep their database in their own directory, whatever else these tests run on."""
    monkeypatch.delenv("DATABASE_URL", raising=False)


def manage(run: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "ZOOSCOPE_RUN": str(run)}
    command = [sys.executable, "manage.py", *arguments]
    return subprocess.run(command, env=environment, cwd=ROOT, capture_output=True, text=True)  # noqa: S603


SEVERAL = """
import contextlib, io, json, os, sys
from django.core.management import execute_from_command_line
os.environ["DJANGO_SETTINGS_MODULE"] = "dashboard.settings"
for command in json.loads(sys.argv[1]):
    said, wrong, code = io.StringIO(), io.StringIO(), 0
    with contextlib.redirect_stdout(said), contextlib.redirect_stderr(wrong):
        try:
            execute_from_command_line(["manage.py", *command])
        except SystemExit as end:
            code = int(end.code or 0)
    print(json.dumps([code, said.getvalue(), wrong.getvalue()]))
"""


def several(run: Path, *commands: str) -> list[subprocess.CompletedProcess[str]]:
    """What each ends with, one after the other, in one process: most of a command's time is its start."""
    environment = {**os.environ, "ZOOSCOPE_RUN": str(run)}
    command = [sys.executable, "-c", SEVERAL, json.dumps([one.split() for one in commands])]
    ended = subprocess.run(command, env=environment, cwd=ROOT, capture_output=True, text=True)  # noqa: S603
    found = [json.loads(line) for line in ended.stdout.splitlines()]
    assert len(found) == len(commands), ended.stderr
    return [subprocess.CompletedProcess(one, *each) for one, each in zip(commands, found, strict=True)]


def test_commands_make_what_is_needed(tmp_path: Path) -> None:
    run = tmp_path / "run"
    early = manage(run, "tokens")
    assert early.returncode and "migrate" in early.stderr and "Traceback" not in early.stderr
    assert manage(run, "migrate").returncode == 0
    with closing(sqlite3.connect(run / "zooscope.sqlite3")) as database:
        triggers = {name for (name,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'")}
    assert triggers == {"audit_update", "audit_delete"}
    key = (run / "secret-key").read_text()
    assert stat.S_IMODE(run.stat().st_mode) == 0o700
    assert stat.S_IMODE((run / "secret-key").stat().st_mode) == 0o600
    base = "http://127.0.0.1:8123"
    issue = f"tokens --base {base}"
    bad = [f"tokens --base {one}" for one in ("127.0.0.1", "http://a/b", "javascript:1")]
    permit = "tokens --permit ensemble.reconfig --on demo"
    first, second, revoked, *rest = several(
        run, issue, issue, "tokens --revoke", *bad, "audit --last 5", "tokens --permit all", permit, permit,
        "people list",
    )  # fmt: skip
    links = [json.loads(a) | json.loads(b) for a, b in (ended.stdout.split("\n")[:2] for ended in (first, second))]
    assert all(found["operator"].startswith(f"{base}/enter/") for found in links)
    assert links[0]["operator"] != links[1]["operator"] and links[0]["viewer"] == links[1]["viewer"]
    assert json.loads(revoked.stdout.split("\n")[1])["viewer"] != links[0]["viewer"]
    assert (run / "secret-key").read_text() == key and key.strip() not in load(ZOOSCOPE_RUN=str(tmp_path)).stdout
    *wrong, rows, all_of_them, once, twice, people = rest
    assert all(ended.returncode and ended.stderr for ended in wrong) and len(wrong) == len(bad)
    assert (rows.returncode, rows.stdout) == (0, "")
    assert all_of_them.returncode and "There is no permission 'all'" in all_of_them.stderr
    assert once.returncode == twice.returncode == 0
    assert people.stdout.count("ensemble.reconfig") >= 1
    (run / "secret-key").write_text("short")
    assert "too short" in manage(run, "tokens").stderr


def test_commands_load_no_more_than_they_need(tmp_path: Path) -> None:
    """All of the API, with what it needs, takes a second; each start of a demo paid that twice."""
    tell = "import sys, runpy; sys.argv[0] = 'manage.py'; runpy.run_path('manage.py', run_name='__main__')"
    tell += "; print('loaded' if 'dashboard.api' in sys.modules else 'lean', file=sys.stderr)"
    for command in (["migrate"], ["tokens"], ["people", "list"], ["audit"]):
        ended = subprocess.run(
            [sys.executable, "-c", tell, *command], env={**os.environ, "ZOOSCOPE_RUN": str(tmp_path)}, cwd=ROOT,
            capture_output=True, text=True,
        )  # fmt: skip
        assert ended.returncode == 0 and ended.stderr.split()[-1] == "lean", (command, ended.stderr)


def test_what_commands_do_not_check_at_each_start_is_right() -> None:
    call_command("check", fail_level="WARNING")


def test_commands_find_the_run_that_there_is(tmp_path: Path) -> None:
    def by_hand(*arguments: str) -> subprocess.CompletedProcess[str]:
        clean = {name: value for name, value in os.environ.items() if not name.startswith("ZOOSCOPE_")}
        environment = {**clean, "ZOOSCOPE_HOME": str(tmp_path)}
        command = [sys.executable, "manage.py", *arguments]
        return subprocess.run(command, env=environment, cwd=ROOT, capture_output=True, text=True)  # noqa: S603

    one, two = tmp_path / "demo-1" / "web", tmp_path / "demo-2" / "web"
    for run in (one, two):
        run.parent.mkdir()
        if run is two:
            shutil.copytree(one, two)
        else:
            assert manage(run, "migrate").returncode == 0
            assert manage(run, "tokens", "--base", "http://127.0.0.1:8123").returncode == 0
            assert json.loads(by_hand("tokens").stdout.split("\n")[0])["operator"].startswith("http://127.0.0.1:8123/")
            assert by_hand("audit").returncode == 0
    both = by_hand("tokens")
    assert both.returncode and str(one) in both.stderr and str(two) in both.stderr
