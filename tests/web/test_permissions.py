"""Who may do what where: grants below paths, groups, protected prefixes, and the switch of the whole installation."""

from __future__ import annotations

from typing import Any

import pytest
from asgiref.sync import sync_to_async
from django.conf import settings
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group
from django.core.management import call_command

from dashboard import permissions
from dashboard.errors import Refused
from dashboard.models import Grant
from tests.web.support import Person, on_cluster, problem
from zkbridge.protocol.calls import PERMISSIONS
from zkbridge.protocol.clusters import Cluster, Sasl, Tls

pytestmark = pytest.mark.usefixtures("database")


@sync_to_async
def someone(name: str = "ann", *groups: str, **fields: Any) -> Any:
    user = get_user_model().objects.create_user(name, **fields)
    user.groups.set(Group.objects.filter(name__in=groups))
    return user


@sync_to_async
def grant(to: Any, permission: str, prefix: str = "/", cluster: str = "") -> None:
    whom = {"group": to} if isinstance(to, Group) else {"user": to}
    Grant.objects.create(permission=permission, prefix=prefix, cluster=cluster, **whom)


async def refusal(user: Any, name: str, path: str, **options: Any) -> str:
    """The code that the check refuses with, '' where it does not."""
    try:
        await permissions.check(user, name, path, **options)
    except Refused as refused:
        assert refused.problem.text.endswith(".") and refused.problem.hint, refused.problem
        return refused.problem.code
    return ""


@pytest.mark.parametrize(
    ("group", "role", "count"), [("viewers", "viewer", 0), ("operators", "operator", -3), ("admins", "admin", None)]
)
async def test_the_ready_made_roles(group: str, role: str, count: int | None) -> None:
    user = await someone("ann", group)
    may = await permissions.may(user)
    assert may == list(PERMISSIONS[:count]) and permissions.role(user, may) == role


async def test_who_was_given_nothing_may_only_look() -> None:
    user = await someone()
    assert await permissions.may(user) == [] and permissions.role(user, []) == "viewer"
    for name in PERMISSIONS:
        assert await refusal(user, name, "/a") == "not-permitted"


@pytest.mark.parametrize("name", PERMISSIONS)
async def test_who_changes_nothing_is_called_a_viewer(name: str) -> None:
    user = await someone()
    await grant(user, name, "/")
    looks = name in ("subtree.export", "watches.read", "metrics.read", "audit.read", "see.hidden")
    role = "viewer" if looks else "admin" if name == "people.manage" else "operator"
    assert permissions.role(user, await permissions.may(user)) == role


async def test_a_grant_holds_at_its_path_and_below() -> None:
    user = await someone()
    await grant(user, "znode.set", "/app/a")
    assert await permissions.may(user) == ["znode.set"]
    for path in ("/app/a", "/app/a/b", "/app/a/b/c"):
        assert await refusal(user, "znode.set", path) == ""
    for path in ("/", "/app", "/app/ab", "/app/b", "/app/A", "/a"):
        assert await refusal(user, "znode.set", path) == "not-permitted"
    assert await refusal(user, "znode.delete", "/app/a") == "not-permitted"
    assert await refusal(user, "znode.set", "/app", below=True) == "not-permitted"


async def test_grants_of_groups_and_of_the_root() -> None:
    user = await someone("ann", "viewers")
    viewers = await Group.objects.aget(name="viewers")
    await grant(viewers, "znode.create", "/scratch")
    await grant(viewers, "subtree.delete", "/")
    assert await refusal(user, "znode.create", "/scratch/a") == ""
    assert await refusal(user, "subtree.delete", "/a", below=True) == ""
    assert (await permissions.rights(user)).grants == [("znode.create", "/scratch"), ("subtree.delete", "/")]
    await user.groups.aclear()
    assert await permissions.may(user) == []


async def test_a_grant_on_one_cluster_holds_there_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    user = await someone()
    await grant(user, "znode.set", "/a", cluster="other")
    assert await refusal(user, "znode.set", "/a") == "not-permitted"
    on_cluster(monkeypatch, name="other")
    assert await refusal(user, "znode.set", "/a") == ""


@pytest.mark.parametrize("name", [name for name in PERMISSIONS if name not in permissions.ON_PATHS])
async def test_what_concerns_no_path_is_granted_for_all_or_not_at_all(name: str) -> None:
    user = await someone()
    await grant(user, name, "/a")
    assert await permissions.may(user) == []
    await grant(user, name)
    assert await permissions.may(user) == [name]


async def test_a_grant_of_something_unknown_is_none() -> None:
    user = await someone()
    await grant(user, "znode.explode")
    assert await permissions.may(user) == []


async def test_who_was_deactivated_may_nothing() -> None:
    user = await someone("ann", "admins", is_active=False)
    assert await permissions.may(user) == [] and permissions.role(user, []) == ""


@pytest.mark.parametrize("name", sorted(permissions.TREE))
async def test_protected_prefixes_are_for_nobody(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    on_cluster(monkeypatch, protected=("/app/live",))
    user = await someone("ann", "admins")
    for path in ("/zookeeper", "/zookeeper/config", "/app/live", "/app/live/a"):
        assert await refusal(user, name, path) == "protected"
    for path in ("/", "/app"):
        assert await refusal(user, name, path, below=True) == "protected"
        assert await refusal(user, name, path) == ""
    for path in ("/zookeeperx", "/app/lives", "/a"):
        assert await refusal(user, name, path, below=True) == ""
    assert await refusal(await someone("bob"), name, "/zookeeper") == "not-permitted"


async def test_protected_znodes_are_exported() -> None:
    assert await refusal(await someone("ann", "admins"), "subtree.export", "/", below=True) == ""


@pytest.mark.parametrize(
    "path", ["", "a", "//a", "/a/", "/a//b", "/a/../b", "/./a", "/a\0", "/zookeeper/.", "//zookeeper"]
)
async def test_paths_are_checked_first(path: str) -> None:
    assert await refusal(await someone("ann", "admins"), "znode.set", path) == "bad-path"


async def test_an_installation_without_allow_changes_changes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    on_cluster(monkeypatch, allow_changes=False)
    user = await someone("ann", "admins", is_superuser=True)
    await grant(user, "znode.set", "/a")
    assert set(await permissions.may(user)) == set(PERMISSIONS) - permissions.CHANGE
    for name in permissions.CHANGE:
        with pytest.raises(Refused) as refused:
            await permissions.check(user, name, "/a")
        assert "--allow-changes" in refused.value.problem.text and refused.value.problem.code == "not-permitted"
    assert await refusal(user, "subtree.export", "/a", below=True) == ""


async def test_who_asks_about_another_cluster_is_judged_by_its_rules(monkeypatch: pytest.MonkeyPatch) -> None:
    user = await someone("ann", "operators")
    await grant(user, "see.hidden", cluster="two")
    two = Cluster("two", protected=("/b",), allow_changes=True)
    assert await refusal(user, "znode.set", "/b") == "" and "see.hidden" not in await permissions.may(user)
    permissions.here(user, two)
    assert await refusal(user, "znode.set", "/b") == "protected" and "see.hidden" in await permissions.may(user)
    permissions.here(user, Cluster("three"))
    assert await refusal(user, "znode.set", "/a") == "not-permitted"


async def test_a_token_carries_its_scopes_as_long_as_the_user_has_them() -> None:
    user = await someone("ann", "operators")
    narrowed = permissions.here(user, settings.CLUSTERS[0], ["znode.set", "see.hidden"])
    assert permissions.is_script(narrowed) and await permissions.may(narrowed) == ["znode.set"]
    assert await refusal(narrowed, "znode.delete", "/a") == "not-permitted"


async def test_me_says_what_and_where(operator: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    me = (await operator.browser.get("/api/me")).json()
    assert me["grants"] == [{"permission": name, "prefix": "/"} for name in me["permissions"]]
    assert (me["protected"], me["read_only"]) == (["/zookeeper"], False)
    user = await get_user_model().objects.aget(username="operator")
    await user.groups.aclear()
    await grant(user, "znode.set", "/b")
    await grant(user, "znode.set", "/a")
    me = (await operator.browser.get("/api/me")).json()
    assert me["permissions"] == ["znode.set"]
    assert me["grants"] == [{"permission": "znode.set", "prefix": where} for where in ("/a", "/b")]
    on_cluster(monkeypatch, allow_changes=False)
    me = (await operator.browser.get("/api/me")).json()
    assert me["read_only"] is True and me["permissions"] == [] and me["role"] == "viewer"
    assert me["signs_in"] is False
    signed: tuple[dict[str, Any], ...] = (
        {"digest_env": "D"}, {"digest_file": "/d"}, {"sasl": Sasl("GSSAPI")}, {"tls": Tls(certificate="/c")},
    )  # fmt: skip
    for identity in signed:
        on_cluster(monkeypatch, **identity)
        assert (await operator.browser.get("/api/me")).json()["signs_in"] is True, identity
    assert problem(await operator.post("/api/nodes")) == "not-permitted"


def test_migrations_are_complete() -> None:
    call_command("makemigrations", "dashboard", check=True, dry_run=True, verbosity=0)
