"""The audit log: who asked for what, from where, when, and what came of it.

A row is opened before the call and closed after it. No row, no call.
"""

import json
from collections import Counter
from typing import Any
from uuid import UUID

from asgiref.sync import sync_to_async
from django.db import IntegrityError, models, transaction
from django.utils import timezone

from dashboard.models import AuditRow, Immutable

Result = AuditRow.Result

written: Counter[str] = Counter()
"""Rows that this process has written, by method."""


class Repeated(Exception):
    """This person has sent a request with this key before; ``row`` is what became of it."""

    def __init__(self, row: AuditRow) -> None:
        super().__init__(f"request {row.request} is row {row.pk}")
        self.row = row


@sync_to_async
def opened(
    *, who: str, address: str, method: str, cluster: str, target: str, parameters: dict[str, Any], request: UUID | None,
    via: str = "",
) -> AuditRow:  # fmt: skip
    """Write the row of an action that is about to be called; raise `Repeated` where its key has one."""
    try:
        with transaction.atomic():
            row = AuditRow.objects.create(
                who=who,
                address=address,
                via=via,
                method=method,
                cluster=cluster,
                target=target,
                parameters=json.dumps(parameters),
                request=request,
            )
        written[method] += 1
        return row
    except IntegrityError:
        row = AuditRow.objects.filter(who=who, request=request).first() if request else None
        if row is None:
            raise
        raise Repeated(row) from None


def note(who: str, method: str, target: str, parameters: dict[str, Any], address: str = "") -> None:
    """Write a row of what was done in the database itself, in the same transaction: there is no call to wait for."""
    now = timezone.now()
    AuditRow.objects.create(
        who=who, address=address, method=method, target=target, parameters=json.dumps(parameters), result=Result.OK,
        answer=json.dumps({"result": "ok"}), at=now, ended=now,
    )  # fmt: skip
    written[method] += 1


@sync_to_async
def close(row: AuditRow, result: Result, answer: dict[str, Any], code: str = "") -> None:
    """Write what came of it, once; raise `Immutable` for a row that has been closed."""
    still_open = models.QuerySet(AuditRow).filter(pk=row.pk, result=Result.OPEN)
    if not still_open.update(result=result, code=code, answer=json.dumps(answer), ended=timezone.now()):
        raise Immutable(f"Row {row.pk} of the audit log has been closed.")


@sync_to_async
def judge(row: AuditRow, verdict: str, found: str) -> None:
    """Write what an unknown result turned out to be, once."""
    unknown = models.QuerySet(AuditRow).filter(pk=row.pk, result=Result.UNKNOWN, verdict=AuditRow.Verdict.NONE)
    if not unknown.update(verdict=AuditRow.Verdict(verdict), found=found):
        raise Immutable(f"Row {row.pk} of the audit log has its verdict, or needs none.")


async def read(pk: int) -> AuditRow:
    return await AuditRow.objects.aget(pk=pk)


async def of(who: str, pk: int) -> AuditRow | None:
    """The row by that number where it is of ``who``."""
    return await AuditRow.objects.filter(who=who, pk=pk).afirst() if pk < 1 << 63 else None
