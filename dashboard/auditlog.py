"""Reading the audit log: filters, pages, and files of it."""

import csv
import io
import json
import re
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from asgiref.sync import sync_to_async
from django.db import models
from django.db.models import Q, Value
from django.db.models.functions import Left, StrIndex
from django.utils.dateparse import parse_date, parse_datetime

from dashboard import permissions
from dashboard.models import AuditRow
from dashboard.permissions import User
from zkbridge.protocol.calls import PERMISSIONS, WORKLOAD

RESULTS = {"ok": "ok", "failed": "failed", "unknown": "unknown", "open": ""}
"""What can be asked for, and how it stands in a row."""

METHODS = (
    *(name for name in PERMISSIONS if name not in ("audit.read", "see.hidden", "people.manage")),
    *WORKLOAD, "people.add", "people.password", "people.role", "people.grant", "people.withdraw", "people.deactivate",
    "people.activate", "token.make", "token.revoke", "audit.prune",
)  # fmt: skip
"""Whatever a row can be about."""

COLUMNS = (
    "id", "at", "who", "via", "address", "method", "cluster", "target", "result", "code", "ended", "verdict", "found",
    "parameters", "answer",
)  # fmt: skip
AT_A_TIME = 1_000
"""Rows that a file of the log reads at a time."""

_DANGEROUS = ("=", "+", "-", "@", "\t", "\r", "\n")
"""Beginnings that a spreadsheet takes for a formula."""


_BEFORE, _AFTER = r"(^|[^A-Za-z0-9_.~-]|\\\\[nrt]|\\\\u[0-9a-f]{4})", r"($|[^A-Za-z0-9_-])"
"""What stands around a path in JSON or in a sentence, so that it is that path or one below it. As SQLite (that is, as
Python) and PostgreSQL understand it alike. In doubt a row is not shown."""


class BadFilter(ValueError):
    """A filter that cannot be meant; the text says which."""


@dataclass(frozen=True)
class Filters:
    who: str = ""
    method: str = ""
    path: str = ""
    """The target is this, or lies below it; or where it was copied or moved to."""
    result: str = ""
    since: str = ""
    until: str = ""
    """Moments in ISO 8601, UTC unless they say otherwise; a day is the whole of it."""


@dataclass(frozen=True)
class Reach:
    """What of the log somebody may read: rows of ``cluster`` and of none, but those that name what is ``hidden``."""

    cluster: str
    hidden: tuple[str, ...] = ()


def reach(user: User) -> Reach:
    """Of ``user``, who may read the log of the cluster that they ask about."""
    cluster = permissions.cluster_of(user)
    return Reach(cluster.name, () if permissions.is_unveiled(user) else cluster.hidden)


def found(filters: Filters, reach: Reach) -> "models.QuerySet[AuditRow]":
    """The rows that pass, newest first. Raise `BadFilter`."""
    if "\0" in f"{filters.who}{filters.method}{filters.path}":
        raise BadFilter("No name and no path has a character U+0000.")  # which PostgreSQL takes in no text
    rows: models.QuerySet[AuditRow] = AuditRow.objects.filter(cluster__in=("", reach.cluster))
    for number, prefix in enumerate(reach.hidden):
        rows = _without(rows, prefix, f"hidden_{number}")
    if filters.who:
        rows = rows.filter(who=filters.who)
    if filters.method:
        if filters.method not in METHODS:
            raise BadFilter(f"No action is called {filters.method[:40]!r}: they are named like znode.set.")
        rows = rows.filter(method=filters.method)
    if filters.path:
        if not filters.path.startswith("/"):
            raise BadFilter("A path begins with '/', such as /app.")
        if path := filters.path.rstrip("/"):
            rows = _about(rows, path)
    if filters.result:
        if filters.result not in RESULTS:
            raise BadFilter(f"A result is one of {', '.join(RESULTS)}.")
        rows = rows.filter(result=RESULTS[filters.result])
    if filters.since:
        rows = rows.filter(at__gte=_moment("since", filters.since, timedelta()))
    if filters.until:
        rows = rows.filter(at__lt=_moment("until", filters.until, timedelta(days=1)))
    return rows


@sync_to_async
def page(filters: Filters, reach: Reach, before: int | None, limit: int) -> tuple[list[AuditRow], int | None]:
    """The newest ``limit`` rows older than ``before``, and where the next page begins, None after the last."""
    rows = found(filters, reach)
    if before is not None:
        rows = rows.filter(pk__lt=before)
    listed = list(rows[: limit + 1])
    return listed[:limit], listed[limit - 1].pk if len(listed) > limit else None


def told(row: AuditRow) -> dict[str, Any]:
    """A row as JSON has it."""
    return {
        "id": row.pk, "at": row.at.isoformat(), "who": row.who, "via": row.via, "address": row.address,
        "method": row.method, "cluster": row.cluster, "target": row.target, "result": row.result or "open",
        "code": row.code, "ended": row.ended.isoformat() if row.ended else None, "verdict": row.verdict,
        "found": row.found, "parameters": _json(row.parameters), "answer": _json(row.answer),
    }  # fmt: skip


async def as_json(filters: Filters, reach: Reach) -> AsyncIterator[str]:
    """One array, a row on each line."""
    first = True
    yield "["
    async for rows in _all(filters, reach):
        for row in rows:
            yield f"{'' if first else ','}\n{json.dumps(told(row), ensure_ascii=False)}"
            first = False
    yield "\n]\n"


async def as_csv(filters: Filters, reach: Reach) -> AsyncIterator[str]:
    """With a line of headings; what a spreadsheet would take for a formula has an apostrophe before it."""
    yield _line(COLUMNS)
    async for rows in _all(filters, reach):
        for row in rows:
            values = told(row) | {"parameters": row.parameters, "answer": row.answer}
            yield _line([harmless("" if values[name] is None else str(values[name])) for name in COLUMNS])


def harmless(text: str) -> str:
    return f"'{text}" if text.startswith(_DANGEROUS) else text


async def _all(filters: Filters, reach: Reach) -> AsyncIterator[list[AuditRow]]:
    """All rows, some at a time, so that a long log is never in memory as a whole."""
    before: int | None = None
    while True:
        rows, before = await page(filters, reach, before, AT_A_TIME)
        yield rows
        if before is None:
            return


def _about(rows: "models.QuerySet[AuditRow]", path: str) -> "models.QuerySet[AuditRow]":
    """Those whose target, or where it was brought to, is ``path`` or lies below it. Without LIKE, to which 'a' may be
    'A'."""
    beginning = f'"to": {json.dumps(path)[:-1]}'
    rows = rows.annotate(
        beginning=Left("target", len(path) + 1), to=StrIndex("parameters", Value(f'{beginning}"')),
        to_below=StrIndex("parameters", Value(f"{beginning}/")),
    )  # fmt: skip
    brought = Q(method__in=("subtree.copy", "subtree.move")) & (Q(to__gt=0) | Q(to_below__gt=0))
    return rows.filter(Q(target=path) | Q(beginning=f"{path}/") | brought)


def _without(rows: "models.QuerySet[AuditRow]", prefix: str, name: str) -> "models.QuerySet[AuditRow]":
    """Those whose target is not at or below ``prefix``, and which name no such path: what came of a deed on a whole
    subtree, or of the end of a session, says in a sentence what was in its way."""
    spelled = json.dumps(prefix)[1:-1]
    named = f"{_BEFORE}{re.escape(spelled)}{_AFTER}"
    names = Q(target=prefix) | Q(**{name: f"{prefix}/"})
    for column, text in (("parameters", spelled), ("answer", spelled), ("found", prefix)):
        pattern = f"{_BEFORE}{re.escape(prefix)}{_AFTER}" if column == "found" else named
        names |= Q(**{f"{column}__contains": text, f"{column}__regex": pattern})
    return rows.annotate(**{name: Left("target", len(prefix) + 1)}).exclude(names)


def _moment(name: str, text: str, whole_day: timedelta) -> datetime:
    try:
        day = parse_date(text)
        at = _in_utc(parse_datetime(text)) if day is None else None
        if day is not None:
            return datetime(day.year, day.month, day.day, tzinfo=UTC) + whole_day
    except (ValueError, OverflowError):
        at = None
    if at is None:
        raise BadFilter(f"{name!r} is a day or a moment, such as 2026-01-31 or 2026-01-31T18:30.")
    return at


def _in_utc(at: datetime | None) -> datetime | None:
    """Raise `OverflowError` for what lies beyond the years that there are."""
    if at is None or at.tzinfo is None:
        return at and at.replace(tzinfo=UTC)
    return at.astimezone(UTC)


def _json(text: str) -> Any:
    return json.loads(text) if text else None


def _line(cells: Any) -> str:
    line = io.StringIO()
    csv.writer(line).writerow(cells)
    return line.getvalue()
