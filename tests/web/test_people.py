"""``manage.py people``: names, passwords, roles and grants at the shell, and what the audit log has of it."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.contrib.sessions.models import Session
from django.core.management import CommandError, call_command
from django.test import Client

from dashboard import apitokens, tokens
from dashboard.management.runs import RunCommand
from dashboard.models import AuditRow, Grant

pytestmark = pytest.mark.usefixtures("database")

PASSWORD = "correct horse battery"  # noqa: S105


@pytest.fixture(autouse=True)
def here(monkeypatch: pytest.MonkeyPatch, settings: Any) -> None:
    """The test's own database, whatever runs on this machine; and a hash that costs nothing."""
    monkeypatch.setenv("ZOOSCOPE_RUN", "/nowhere")
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


def say(*words: str, typed: str = "") -> str:
    """What the command prints, with ``typed`` on its standard input."""
    out, patch = io.StringIO(), pytest.MonkeyPatch()
    patch.setattr("sys.stdin", io.StringIO(typed))
    try:
        call_command("people", *words, stdout=out)
    finally:
        patch.undo()
    return out.getvalue()


def refused(*words: str, typed: str = "") -> str:
    rows = AuditRow.objects.count()
    with pytest.raises(CommandError) as error:
        say(*words, typed=typed)
    assert AuditRow.objects.count() == rows
    return str(error.value)


def test_the_command_acts_on_the_run_that_is_meant() -> None:
    from dashboard.management.commands.people import Command

    assert issubclass(Command, RunCommand)


def test_somebody_is_added_and_logs_in(tmp_path: Path) -> None:
    assert "ann can log in now, as operator" in say("add", "ann", "--role", "operator", typed=f"{PASSWORD}\n")
    file = tmp_path / "password"
    file.write_text(f"{PASSWORD} two\n")
    say("add", "bob", "--password-file", str(file))
    say("add", "carol", "--password-file", "-", typed=PASSWORD)
    for name, password in (("ann", PASSWORD), ("bob", f"{PASSWORD} two"), ("carol", PASSWORD)):
        assert get_user_model().objects.get(username=name).check_password(password)
    assert say("list") == "ann  operators\nbob  viewers\ncarol  viewers\n"
    row = AuditRow.objects.order_by("id")[0]
    assert (row.method, row.target, row.result, json.loads(row.parameters)) == (
        "people.add", "ann", "ok", {"role": "operator"},
    )  # fmt: skip
    assert row.who.endswith(" at the shell") and PASSWORD not in str(list(AuditRow.objects.values()))


@pytest.mark.parametrize(
    ("name", "password", "words"),
    [("ann", "short", "too short"), ("ann", "password1234", "too common"), ("ann", "1234567890123", "numeric"),
     ("annabella", "annabella1", "too similar"), ("a b", PASSWORD, "'a b' cannot be"), ("", PASSWORD, "cannot be"),
     ("operator", PASSWORD, "come by a link"), ("viewer-0123456789", PASSWORD, "come by a link"),
     ("ann", "", "too short")],
)  # fmt: skip
def test_names_and_passwords_that_cannot_be(name: str, password: str, words: str) -> None:
    said = refused("add", name, typed=password)
    assert words in said and (len(password) < 10 or password not in said)
    assert not get_user_model().objects.exists()


def test_nobody_is_added_twice() -> None:
    say("add", "ann", typed=PASSWORD)
    assert "already" in refused("add", "ann", typed=PASSWORD)


def test_a_password_is_never_an_argument() -> None:
    with pytest.raises(CommandError):
        say("add", "ann", PASSWORD)
    with pytest.raises(CommandError):
        say("add", "ann", "--password", PASSWORD)


def test_roles() -> None:
    say("add", "ann", typed=PASSWORD)
    for role in ("admin", "operator", "viewer"):
        assert f"ann is {role} now" in say("role", "ann", role)
        assert [group.name for group in get_user_model().objects.get().groups.all()] == [f"{role}s"]
    assert "nobody by the name of 'bob'" in refused("role", "bob", "admin")
    with pytest.raises(CommandError):
        say("role", "ann", "king")


def test_grants() -> None:
    say("add", "ann", typed=PASSWORD)
    say("grant", "ann", "znode.set", "--below", "/app")
    say("grant", "ann", "znode.set", "--below", "/app")
    say("grant", "viewers", "znode.create", "--group", "--below", "/scratch", "--cluster", "east")
    assert Grant.objects.count() == 2
    assert say("list") == (
        "ann  viewers\n    znode.set below /app\ngroup viewers\n    znode.create below /scratch on east\n"
    )
    assert "no such grant" in refused("withdraw", "ann", "znode.set", "--below", "/")
    say("withdraw", "ann", "znode.set", "--below", "/app")
    say("grant", "ann", "audit.read")
    assert "audit.read everywhere" in say("list")
    assert [row.method for row in AuditRow.objects.order_by("-id")[:2]] == ["people.grant", "people.withdraw"]


@pytest.mark.parametrize(
    ("words", "why"),
    [(("ann", "znode.explode"), "no permission 'znode.explode'"), (("ann", "znode.set", "--below", "/a/"), "segment"),
     (("ann", "audit.read", "--below", "/a"), "concerns no path"), (("bob", "znode.set"), "nobody"),
     (("kings", "znode.set", "--group"), "There are: admins, operators, viewers")],
)  # fmt: skip
def test_grants_that_cannot_be(words: tuple[str, ...], why: str) -> None:
    say("add", "ann", typed=PASSWORD)
    assert why in refused("grant", *words)


def test_tokens_are_made_at_the_shell() -> None:
    say("add", "ann", typed=PASSWORD)
    text = say("token", "ann", "--for", "backup", "--scope", "subtree.export", "--scope", "audit.read", "--days", "7")
    token = apitokens.shown(text.strip())
    assert token is not None and (token.name, apitokens.scopes(token)) == ("backup", ["subtree.export", "audit.read"])
    assert "no permission 'root'" in refused("token", "ann", "--scope", "root")
    assert "1 to 365 days" in refused("token", "ann", "--days", "0")
    say("deactivate", "ann")
    assert apitokens.shown(text.strip()) is None


def test_a_token_that_only_looks_is_not_made_silently() -> None:
    say("add", "ann", typed=PASSWORD)
    out, err = io.StringIO(), io.StringIO()
    call_command("people", "token", "ann", stdout=out, stderr=err)
    assert apitokens.shown(out.getvalue().strip()) is not None, "the token alone, for whoever takes it from there"
    assert "change nothing: no --scope" in err.getvalue()
    err = io.StringIO()
    call_command("people", "token", "ann", "--scope", "znode.set", stdout=out, stderr=err)
    assert err.getvalue() == ""


def test_deactivating_and_new_passwords_end_sessions() -> None:
    for name in ("ann", "bob"):
        say("add", name, typed=PASSWORD)
        Client().force_login(get_user_model().objects.get(username=name))
    say("deactivate", "ann")
    assert Session.objects.count() == 1 and "deactivated" in say("list")
    say("activate", "ann")
    assert "deactivated" not in say("list")
    say("password", "bob", typed=f"{PASSWORD} two")
    assert Session.objects.count() == 0
    assert get_user_model().objects.get(username="bob").check_password(f"{PASSWORD} two")


def test_those_who_came_by_a_link_come_and_go_without_them() -> None:
    """A person's name and password outlive their session, and the revoking of links."""
    say("add", "ann", typed=PASSWORD)
    say("add", "bob", "--role", "operator", typed=PASSWORD)
    get_user_model().objects.update(date_joined="2020-01-01T00:00Z")
    tokens.tidy()
    tokens.revoke()
    for name in ("ann", "bob"):
        assert get_user_model().objects.get(username=name).check_password(PASSWORD)
