"""Over HTTP, too, what is hidden is not there: for whom the bridge is asked, and what is refused in which words."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from asgiref.sync import sync_to_async
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group

from dashboard import permissions
from dashboard.errors import Refused
from dashboard.models import AuditRow, Job
from tests.web.support import HERE, FakeHub, Person, on_cluster, problem
from zkbridge.protocol.calls import CHANGES, LONG


@pytest.fixture(autouse=True)
def veiled(monkeypatch: pytest.MonkeyPatch) -> None:
    on_cluster(monkeypatch, hidden=("/a/hush",), redacted=("/a/keys",))


@pytest.fixture
async def admin(operator: Person) -> Person:
    """The same person, who may see everything."""
    user = await get_user_model().objects.aget(username="operator")
    await user.groups.aadd(await Group.objects.aget(name="admins"))
    return operator


async def refusal(name: str, path: str, *, below: bool = False, group: str = "operators") -> str:
    user = await get_user_model().objects.aget(username="operator")
    await user.groups.aset([await Group.objects.aget(name=group)])
    try:
        await permissions.check(user, name, path, below=below)
    except Refused as refused:
        text = refused.problem.text
        assert group == "admins" or "hush" not in text and "hidden" not in text
        return refused.problem.code
    return ""


@pytest.mark.parametrize("name", [*CHANGES, *LONG])
async def test_nothing_is_done_to_what_one_may_not_see(operator: Person, name: str) -> None:
    for path in ("/a/hush", "/a/hush/b"):  # of which the bridge says that they are not there
        assert await refusal(name, path) == await refusal(name, path, below=True) == ""
        assert await refusal(name, path, group="admins") == ""
    assert await refusal(name, "/a", below=True) == "not-permitted"
    assert await refusal(name, "/a", below=True, group="admins") == ""
    assert await refusal(name, "/a/hushed") == await refusal(name, "/b", below=True) == ""


async def test_what_is_redacted_is_not_moved(operator: Person) -> None:
    """A copy or an export leaves its data out; a move would delete what it could not take along."""
    for path in ("/a/keys", "/a/keys/b"):
        assert await refusal("subtree.move", path, below=True) == "not-permitted"
        assert await refusal("subtree.move", path, below=True, group="admins") == ""
    assert await refusal("znode.set", "/a/keys") == await refusal("subtree.export", "/a") == ""


async def test_works_of_others_may_name_it(operator: Person) -> None:
    await Job.objects.acreate(kind="subtree.delete", who="ann", path="/a", parameters="{}", cluster=HERE)
    assert (await operator.browser.get("/api/jobs")).json()["jobs"] == []


async def test_those_who_may_see_all_see_works_of_others(admin: Person) -> None:
    await Job.objects.acreate(kind="subtree.delete", who="ann", path="/a", parameters="{}", cluster=HERE)
    assert len((await admin.browser.get("/api/jobs")).json()["jobs"]) == 1


@pytest.mark.parametrize("address", ["/api/znodes", "/api/data", "/api/acl", "/api/decoded"])
async def test_the_bridge_is_told_for_whom_it_reads(operator: Person, hub: FakeHub, address: str) -> None:
    await operator.browser.get(address, {"path": "/a"})
    assert hub.unveiled == [False]


@pytest.mark.parametrize("address", ["/api/znodes", "/api/data", "/api/acl", "/api/decoded"])
async def test_those_who_may_see_all_are_read_all(admin: Person, hub: FakeHub, address: str) -> None:
    await admin.browser.get(address, {"path": "/a"})
    assert hub.unveiled == [True]


async def test_a_token_sees_what_is_hidden_only_with_its_scope(admin: Person, hub: FakeHub) -> None:
    for scopes, seen in (([], False), (["see.hidden"], True)):
        token = (await admin.post("/api/tokens", {"name": "a", "scopes": scopes})).json()["token"]
        hub.unveiled.clear()
        await admin.browser.get("/api/znodes", {"path": "/a"}, headers={"Authorization": f"Bearer {token}"})
        assert hub.unveiled == [seen]


async def partial(person: Person, hub: FakeHub) -> Any:
    """What the first line of an export says of it."""
    hub.outcome = {"path": "/b", "exists": True, "znodes": 1, "bytes": 0, "ephemerals": 0, "sessions": {}, "locked": 0,
                   "deepest": 0, "zxid": "0x1", "items": []}  # fmt: skip
    response = await person.browser.get("/api/export", {"path": "/b"})
    assert response.status_code == 200, response.content
    return json.loads(await anext(aiter(response.streaming_content)))["partial"]  # type: ignore[attr-defined]


async def test_a_file_says_that_it_may_lack_something(operator: Person, hub: FakeHub) -> None:
    assert await partial(operator, hub) is True


async def test_those_who_may_see_all_have_all_of_it_in_a_file(admin: Person, hub: FakeHub) -> None:
    assert await partial(admin, hub) is False


async def test_redacted_data_are_refused_in_words(operator: Person, hub: FakeHub) -> None:
    stat = {"czxid": "0x1", "mzxid": "0x1", "pzxid": "0x1", "ctime": 0, "mtime": 0, "version": 0, "cversion": 0,
            "aversion": 0, "owner": "0x0", "data_length": 5, "children": 0}  # fmt: skip
    hub.outcome = {"path": "/a/keys", "exists": True, "stat": stat, "redacted": True, "zxid": "0x1"}
    shown = (await operator.browser.get("/api/znodes", {"path": "/a/keys"})).json()
    assert shown["redacted"] is True and "data" not in shown and shown["length"] == 5
    for address in ("/api/data", "/api/decoded"):
        response = await operator.browser.get(address, {"path": "/a/keys"})
        assert (response.status_code, problem(response)) == (403, "not-permitted")
        assert "redacted" in response.json()["problem"]["text"]


async def test_the_audit_log_does_not_name_it_either(operator: Person) -> None:
    def make() -> None:
        given: dict[str, Any] = {"who": "ann", "address": "", "method": "znode.set", "result": "ok", "answer": "{}"}
        for target, parameters in (
            ("/a/hush", "{}"), ("/a/hush/b", "{}"), ("/b", '{"path": "/b", "to": "/a/hush/c"}'),
            ("/b", '{"to": "/a/hush"}'), ("/a/hushed", '{"path": "/a/hushed"}'), ("/a", "{}"),
        ):  # fmt: skip
            AuditRow.objects.create(**given, target=target, parameters=parameters)
        # What came of a deed may name what its target does not: works on all below /a, done by somebody who sees it.
        for words in ("ACL of /a/hush/k denies", "There is no /a/hush.", "/a/hush: gone", "before /a/hush"):
            answer = json.dumps({"problem": {"code": "failed", "text": words, "hint": ""}})
            AuditRow.objects.create(**{**given, "target": "/a", "parameters": "{}", "answer": answer})
        AuditRow.objects.create(**given, target="/a", parameters="{}", found="/a/hush is still there.")
        for words in ("/a/hushed is gone", "x/a/hush", "/b/a/hush"):
            AuditRow.objects.create(**{**given, "target": "/c", "parameters": "{}", "answer": json.dumps({"w": words})})

    await sync_to_async(make)()
    rows = (await operator.browser.get("/api/audit")).json()["rows"]
    assert [row["target"] for row in rows] == ["/c", "/c", "/c", "/a", "/a/hushed"]
    for address in ("/audit", "/api/audit.csv", "/api/audit.json"):
        response = await operator.browser.get(address)
        content = b"".join([part async for part in response]) if response.streaming else response.content
        assert b"/a/hushed" in content and not re.search(rb"(?<![bx])/a/hush\\b", content), address


async def test_those_who_may_see_all_read_the_whole_log(admin: Person) -> None:
    def make() -> None:
        AuditRow.objects.create(who="a", address="", method="znode.set", target="/a/hush", parameters="{}")

    await sync_to_async(make)()
    assert [row["target"] for row in (await admin.browser.get("/api/audit")).json()["rows"]] == ["/a/hush"]


PROTECTED = {"hidden": ("/a/hush",), "protected": ("/a/hush/app", "/b/c")}


async def test_a_protected_prefix_that_is_hidden_is_not_told(
    operator: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    on_cluster(monkeypatch, **PROTECTED)
    assert (await operator.browser.get("/api/me")).json()["protected"] == ["/zookeeper", "/b/c"]
    assert await refusal("znode.set", "/a/hush/app") == await refusal("subtree.delete", "/a/hush", below=True) == ""
    assert await refusal("subtree.delete", "/b", below=True) == "protected"


async def test_those_who_may_see_all_are_told_it(admin: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    on_cluster(monkeypatch, **PROTECTED)
    assert (await admin.browser.get("/api/me")).json()["protected"] == ["/zookeeper", "/a/hush/app", "/b/c"]
    assert await refusal("znode.set", "/a/hush/app", group="admins") == "protected"
