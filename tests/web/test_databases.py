"""Which database: what is understood, what is refused without repeating it, and a real PostgreSQL."""

from __future__ import annotations

import importlib.util
import os
import subprocess
import sys
from pathlib import Path

import pytest

from dashboard.databases import BadDatabase, database
from tests import postgres
from tests.postgres import SCALE

ROOT = Path(__file__).resolve().parents[2]

RUN = Path("/run/zooscope")


def test_sqlite_is_in_the_run_unless_it_is_named() -> None:
    assert database({}, RUN)["NAME"] == RUN / "zooscope.sqlite3"
    named = database({"DATABASE_URL": "sqlite:////var/lib/my%20zoo.sqlite3"}, RUN)
    assert named["NAME"] == Path("/var/lib/my zoo.sqlite3") and named["OPTIONS"]["transaction_mode"] == "IMMEDIATE"


def test_postgresql(tmp_path: Path) -> None:
    url = "postgres://ann%40x:s3%3Acret@db.example:5433/zoo?sslmode=verify-full&sslrootcert=/ca.pem"
    found = database({"DATABASE_URL": url}, RUN)
    assert {key: found[key] for key in ("NAME", "USER", "PASSWORD", "HOST", "PORT")} == {
        "NAME": "zoo", "USER": "ann@x", "PASSWORD": "s3:cret", "HOST": "db.example", "PORT": "5433",
    }  # fmt: skip
    assert found["OPTIONS"]["sslmode"] == "verify-full" and found["OPTIONS"]["connect_timeout"] == "5"
    (tmp_path / "password").write_text("of the file\n")
    environ = {"DATABASE_URL": "postgresql:///zoo?host=/var/run/postgresql",
               "ZOOSCOPE_DATABASE_PASSWORD_FILE": str(tmp_path / "password")}  # fmt: skip
    found = database(environ, RUN)
    assert (found["HOST"], found["PORT"], found["PASSWORD"]) == ("/var/run/postgresql", "", "of the file")


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("mysql://a:s3cret@b/c", "DATABASE_URL must be postgres://"),
        ("s3cret", "DATABASE_URL must be postgres://"),
        ("postgres://a:s3cret@b:port/c", "DATABASE_URL cannot be read"),
        ("postgres://a:s3cret@[b/c", "DATABASE_URL cannot be read"),
        ("postgres://a:s3cret@b", "must name one database"),
        ("postgres://a:s3cret@b/c/d", "must name one database"),
        ("postgres://a:s3cret@b/c?password=s3cret", "has the option 'password'"),
        ("sqlite:///s3cret", "must name a file from the root"),
        ("sqlite://s3cret/a", "must name a file from the root"),
    ],
)
def test_what_cannot_be_used_is_refused_and_not_repeated(url: str, words: str) -> None:
    with pytest.raises(BadDatabase) as caught:
        database({"DATABASE_URL": url}, RUN)
    assert words in str(caught.value) and "s3cret" not in str(caught.value)


@pytest.mark.parametrize(("content", "words"), [(None, "No such file"), (b"", "one line"), (b"a\nb", "one line")])
def test_a_password_that_cannot_be_read(content: bytes | None, words: str, tmp_path: Path) -> None:
    file = tmp_path / "password"
    if content is not None:
        file.write_bytes(content)
    environ = {"DATABASE_URL": "postgres://a@b/c", "ZOOSCOPE_DATABASE_PASSWORD_FILE": str(file)}
    with pytest.raises(BadDatabase, match=f"^ZOOSCOPE_DATABASE_PASSWORD_FILE .*{words}"):
        database(environ, RUN)


def test_a_driver_that_is_missing_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    with pytest.raises(BadDatabase, match=r"pip install 'zooscope\[postgres\]'"):
        database({"DATABASE_URL": "postgres://a@b/c"}, RUN)


@pytest.mark.timeout(300 * SCALE)
@pytest.mark.skipif(postgres.binaries() is None, reason=postgres.MISSING)
@pytest.mark.skipif("DATABASE_URL" in os.environ, reason="these tests run on a database that was named")
def test_a_real_postgresql(tmp_path: Path) -> None:
    """Commands, migrations, and where races and rules rest on the database. `make test-postgres` runs all of tests/web.
    """
    names = ("gets_in or works_once or applied_once or no_row or rows_are_not_changed or counted_and_forgotten or "
             "does_not_name_it")  # fmt: skip
    files = ("joining", "actions", "hidden")
    chosen = (*(f"tests/web/test_{name}.py" for name in files), "-k", names)
    with postgres.running() as database:
        environment = os.environ | database | {"ZOOSCOPE_RUN": str(tmp_path)}
        # A manage.py that somebody types beside a dashboard that runs, before and after the migration.
        def begin(*command: str) -> subprocess.Popen[str]:
            return subprocess.Popen(
                [sys.executable, *command], cwd=ROOT, env=environment, text=True, stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
            )  # fmt: skip

        def ended(command: subprocess.Popen[str], code: int = 0) -> str:
            said, wrong = command.communicate()
            assert command.returncode == code, wrong + said[-3000:]
            assert "Traceback" not in wrong and (code == 0 or "Run migrate first" in wrong)
            return said

        ended(begin("manage.py", "tokens"), 1)
        ended(begin("manage.py", "migrate", "-v", "0"))  # which makes the secret key, too
        tests = begin("-m", "pytest", "-v", "-x", "-p", "no:cacheprovider", *chosen)  # in a database of their own
        for command in [begin("manage.py", "tokens"), begin("manage.py", "audit")]:
            ended(command)
        assert " passed" in ended(tests)
    assert not list(tmp_path.glob("*.sqlite3"))
