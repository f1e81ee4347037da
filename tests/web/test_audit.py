"""The audit log: who may read it, filters, pages, files; and that nobody changes a row, not even past Django."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from asgiref.sync import sync_to_async
from django.contrib.auth.models import Group, Permission
from django.core.management import CommandError, call_command
from django.db import DatabaseError, connection, models, transaction

from dashboard import auditlog, seal
from dashboard.models import AuditRow, Immutable, Job
from tests.web.support import Person, problem

DAY = datetime(2026, 3, 1, 12, tzinfo=UTC)


def row(number: int, **fields: Any) -> AuditRow:
    given = {"who": "ann", "address": "10.0.0.1", "method": "znode.set", "target": f"/a/{number}", "parameters": "{}",
             "at": DAY + timedelta(hours=number), "result": "ok", "answer": '{"result": "ok"}'}  # fmt: skip
    return AuditRow.objects.create(**{**given, **fields})


@pytest.fixture
async def some(database: None) -> None:
    def make() -> None:
        for number in range(5):
            row(number)
        row(5, who="bob", method="znode.delete", target="/ab", result="failed", code="no-znode")
        row(6, target="/a", result="unknown", verdict="applied", found="It has version 3.")
        row(7, target="/A/1", result="", answer="")
        row(8, target="/secret", cluster="elsewhere")

    await sync_to_async(make)()


async def numbers(person: Person, **filters: str) -> list[int]:
    answer = (await person.browser.get("/api/audit", filters)).json()
    return [round((datetime.fromisoformat(one["at"]) - DAY).total_seconds() / 3600) for one in answer["rows"]]


async def test_rows_are_newest_first_and_of_this_cluster(some: None, operator: Person) -> None:
    assert await numbers(operator) == [7, 6, 5, 4, 3, 2, 1, 0]


@pytest.mark.parametrize(
    ("filters", "expected"),
    [({"who": "bob"}, [5]), ({"method": "znode.delete"}, [5]), ({"path": "/a"}, [6, 4, 3, 2, 1, 0]),
     ({"path": "/a/"}, [6, 4, 3, 2, 1, 0]), ({"path": "/a/3"}, [3]), ({"path": "/"}, [7, 6, 5, 4, 3, 2, 1, 0]),
     ({"result": "failed"}, [5]), ({"result": "unknown"}, [6]), ({"result": "open"}, [7]),
     ({"since": "2026-03-01T16:00"}, [7, 6, 5, 4]), ({"until": "2026-03-01T14:00"}, [1, 0]),
     ({"since": "2026-03-02"}, []), ({"until": "2026-03-01"}, [7, 6, 5, 4, 3, 2, 1, 0]),
     ({"since": "2026-03-01T14:00:00+01:00", "who": "ann", "path": "/a", "result": "ok"}, [4, 3, 2, 1])],
)  # fmt: skip
async def test_filters(some: None, operator: Person, filters: dict[str, str], expected: list[int]) -> None:
    assert await numbers(operator, **filters) == expected


@pytest.mark.parametrize(
    "filters", [{"result": "great"}, {"since": "yesterday"}, {"method": "znode.Set"}, {"method": "x"}, {"path": "a"},
                {"until": "2026-02-30"}, {"limit": "0"}, {"before": "x"},
                # Once a 500, and files that never ended; PostgreSQL takes no U+0000.
                {"since": "0001-01-01T00:00+23:59"}, {"until": "9999-12-31T23:59:59-23:59"},
                {"who": "\0"}, {"path": "/a\0"}, {"method": "\0"}],
)  # fmt: skip
async def test_filters_that_cannot_be(some: None, operator: Person, filters: dict[str, str]) -> None:
    for address in ("/api/audit", "/api/audit.csv", "/api/audit.json"):
        if address == "/api/audit" or filters.keys() - {"limit", "before"}:
            response = await operator.browser.get(address, filters)
            assert (response.status_code, problem(response)) == (400, "bad-request")
    if filters.keys() - {"limit", "before"}:
        assert (await operator.browser.get("/audit", filters)).status_code == 400


async def test_a_path_finds_what_was_brought_there(database: None, operator: Person) -> None:
    def make() -> None:
        for number, (method, to) in enumerate([
            ("subtree.move", "/w3"), ("subtree.copy", "/w3/a"), ("subtree.move", "/w33"), ("subtree.move", "/W3"),
            ("znode.set", "/w3"), ("subtree.copy", "/w3ü/a"),
        ]):  # fmt: skip
            row(number, method=method, parameters=json.dumps({"path": f"/a/{number}", "to": to, "acl": True}))

    await sync_to_async(make)()
    assert await numbers(operator, path="/w3") == [1, 0] == await numbers(operator, path="/w3/")
    assert await numbers(operator, path="/w3ü") == [5] and await numbers(operator, path="/a/2") == [2]
    page = (await operator.browser.get("/audit", {"path": "/w3/a"})).content.decode()
    assert "<code>/a/1</code> to <code>/w3/a</code>" in page


async def test_a_link_is_named_by_both_of_its_ends_once(operator: Person) -> None:
    ends = {"from": "node-3", "to": "ensemble", "both": True}
    make = sync_to_async(row)
    await make(1, method="link.cut", target="node-3 and ensemble", parameters=json.dumps(ends))
    page = (await operator.browser.get("/audit")).content.decode()
    assert "<code>node-3 and ensemble</code></div>" in page and "to <code>ensemble" not in page


async def test_pages_have_every_row_once(some: None, operator: Person) -> None:
    seen: list[int] = []
    following: dict[str, Any] = {}
    while True:
        answer = (await operator.browser.get("/api/audit", {"limit": 3, **following})).json()
        seen += [one["id"] for one in answer["rows"]]
        if answer["next"] is None:
            break
        following = {"before": answer["next"]}
    assert len(seen) == len(set(seen)) == 8 and seen == sorted(seen, reverse=True)


async def test_who_may_not_read_it_does_not(some: None, viewer: Person) -> None:
    for address in ("/api/audit", "/api/audit.csv", "/api/audit.json", "/audit"):
        response = await viewer.browser.get(address)
        assert response.status_code == 403 and b"/a/1" not in response.content
    assert b'href="/audit"' not in (await viewer.browser.get("/tokens")).content


async def test_a_permission_taken_away_counts_at_once(some: None, operator: Person) -> None:
    read = await Permission.objects.aget(codename="audit.read")
    await (await Group.objects.aget(name="operators")).permissions.aremove(read)
    assert (await operator.browser.get("/audit")).status_code == 403


async def streamed(person: Person, address: str, **filters: str) -> str:
    response = await person.browser.get(address, filters)
    assert response.status_code == 200 and "attachment" in response["Content-Disposition"]
    return b"".join([part async for part in response.streaming_content]).decode()


async def test_files_have_what_passes_the_filters(
    some: None, operator: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(auditlog, "AT_A_TIME", 2)
    found = json.loads(await streamed(operator, "/api/audit.json", path="/a"))
    assert [one["target"] for one in found] == ["/a", "/a/4", "/a/3", "/a/2", "/a/1", "/a/0"]
    assert found[0]["verdict"] == "applied" and found[0]["found"] == "It has version 3."
    lines = list(csv.DictReader(io.StringIO(await streamed(operator, "/api/audit.csv", path="/a"))))
    assert [line["target"] for line in lines] == [one["target"] for one in found]
    assert tuple(lines[0]) == auditlog.COLUMNS
    assert json.loads(await streamed(operator, "/api/audit.json", who="nobody")) == []


@pytest.mark.parametrize("name", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1"])
async def test_no_cell_is_a_formula(database: None, operator: Person, name: str) -> None:
    await sync_to_async(row)(1, who=name)
    [line] = list(csv.DictReader(io.StringIO(await streamed(operator, "/api/audit.csv"), newline="")))
    assert line["who"] == f"'{name}"


async def test_the_page(some: None, operator: Person) -> None:
    await sync_to_async(row)(9, who="<script>alert(1)</script>", target='/a"><b>', parameters='{"a": "<i>"}')
    page = (await operator.browser.get("/audit")).content.decode()
    assert "<script>alert" not in page and "<b>&quot;" not in page and "&lt;i&gt;" in page
    assert page.index("&lt;script") < page.index("/A/1") < page.index("/a/0")
    assert "it took effect" in page and "It has version 3." in page
    assert (await operator.browser.get("/audit", {"who": "nobody"})).content.count(b"<tr>") == 0


async def test_the_pages_of_the_page(database: None, operator: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("dashboard.desk.audit.ROWS", 2)
    await sync_to_async(lambda: [row(number) for number in range(3)])()
    first = (await operator.browser.get("/audit", {"path": "/a"})).content.decode()
    assert "/a/2" in first and "/a/0" not in first and "path=%2Fa&amp;before=" in first
    oldest = await AuditRow.objects.order_by("id").afirst()
    second = (await operator.browser.get("/audit", {"before": str((oldest.pk if oldest else 0) + 1)})).content.decode()
    assert "/a/0" in second and "Newest" in second and "These are the oldest" in second


@pytest.fixture
def sealed(database: None) -> Iterator[None]:
    """Tests empty their tables, so their database has no triggers but here."""
    seal.seal(connection)
    yield
    seal.unseal(connection)


def plain() -> models.QuerySet[AuditRow]:
    return models.QuerySet(AuditRow)


@pytest.mark.parametrize(
    "change",
    [{"who": "eve"}, {"at": DAY}, {"target": "/b"}, {"result": "failed"}, {"answer": "{}"}, {"verdict": "applied"},
     {"parameters": "[]"}, {"result": ""}, {"via": "x"}, {"address": "x"}, {"method": "x"}],
)  # fmt: skip
def test_a_closed_row_is_not_changed_past_django(sealed: None, change: dict[str, Any]) -> None:
    made = row(1)
    with pytest.raises(DatabaseError), transaction.atomic():
        plain().filter(pk=made.pk).update(**change)
    assert AuditRow.objects.get(pk=made.pk).who == "ann"


def test_rows_are_not_removed_past_django(sealed: None) -> None:
    made = row(1)
    with pytest.raises(DatabaseError), transaction.atomic():
        plain().filter(pk=made.pk)._raw_delete("default")
    assert AuditRow.objects.filter(pk=made.pk).exists()


def test_an_open_row_is_closed_and_judged_once(sealed: None) -> None:
    made = plain().filter(pk=row(1, result="", answer="").pk)
    with pytest.raises(DatabaseError), transaction.atomic():
        made.update(result="ok", who="eve")
    assert made.update(result="unknown", answer="{}", code="unknown", ended=DAY) == 1
    with pytest.raises(DatabaseError), transaction.atomic():
        made.update(verdict="applied", result="ok")
    assert made.update(verdict="applied", found="It is there.") == 1
    for change in ({"verdict": "not-applied"}, {"found": "x"}, {"result": "ok"}):
        with pytest.raises(DatabaseError), transaction.atomic():
            made.update(**change)


def test_django_refuses_what_it_can_by_itself(database: None) -> None:
    made = row(1)
    for attempt in (
        lambda: AuditRow.objects.bulk_create([made], update_conflicts=True, update_fields=["who"],
                                             unique_fields=["id"]),
        lambda: AuditRow.objects.all()._raw_delete("default"),
        lambda: AuditRow._base_manager.update(who="eve"),
        lambda: AuditRow.objects.update_or_create(pk=made.pk, defaults={"who": "eve"}),
    ):  # fmt: skip
        with pytest.raises(Immutable):
            attempt()
    assert AuditRow.objects.get().who == "ann"


def test_old_rows_are_pruned_at_the_shell_and_the_log_says_so(
    sealed: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ZOOSCOPE_RUN", "/nowhere")
    old = row(1)
    row(1, at=DAY + timedelta(days=2))
    Job.objects.create(kind="subtree.delete", who="ann", path="/a", parameters="{}", row=old)
    out = io.StringIO()
    call_command("audit", "--prune-before", "2026-03-02", stdout=out)
    assert "Removed 1 rows" in out.getvalue() and Job.objects.get().row is None
    told, kept = AuditRow.objects.all()
    assert kept.at == DAY + timedelta(days=2) and told.method == "audit.prune" and told.who.endswith("at the shell")
    assert json.loads(told.parameters) == {"before": "2026-03-02T00:00:00+00:00", "rows": 1}
    with pytest.raises(DatabaseError), transaction.atomic():
        plain().filter(pk=kept.pk).update(who="eve")
    with pytest.raises(CommandError):
        call_command("audit", "--prune-before", "long ago")
