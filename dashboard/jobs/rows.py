"""Rows of works in the database: opened, kept up to date by the process that carries them out, ended once.

A row that says 'running' and that nobody has touched for a while belongs to a process that has ended: whoever looks
next says so.
"""

from __future__ import annotations

import contextlib
import json
from datetime import timedelta
from typing import Any
from uuid import UUID

import msgspec
from asgiref.sync import sync_to_async
from django.db import transaction
from django.utils import timezone

from dashboard import audit
from dashboard.jobs.outcome import Outcome
from dashboard.models import AuditRow, Job
from zkbridge.protocol.base import Problem

LOST_AFTER = timedelta(seconds=20)
"""Its worker touches a row every three seconds."""

MOST_OF_ONE, MOST = 3, 10
"""Works that one person, and all together, may have under way."""

ABANDONED = Problem(
    "unknown", "The web process ended in the middle of it: what came after the last step that is counted is not known.",
    "Look what is there now, before you begin anew.",
)  # fmt: skip


class TooMany(Exception):
    """As many works as may be are under way; the text says whose."""


@sync_to_async
def opened(
    *, kind: str, who: str, cluster: str, path: str, parameters: dict[str, Any], row: AuditRow | None, worker: str
) -> Job:
    """Write the row of a work that is about to begin; raise `TooMany`."""
    with transaction.atomic():
        running = Job.objects.filter(state=Job.State.RUNNING)
        if running.filter(who=who).count() >= MOST_OF_ONE:
            raise TooMany(f"You have {MOST_OF_ONE} works under way, which is as many as one person may.")
        if running.count() >= MOST:
            raise TooMany(f"{MOST} works are under way, which is as many as may be.")
        return Job.objects.create(
            kind=kind, who=who, cluster=cluster, path=path, parameters=json.dumps(parameters), row=row, worker=worker
        )


@sync_to_async
def touched(pk: UUID, done: int, total: int | None, words: str) -> None:
    """Say how far a work is, and that its worker is there."""
    Job.objects.filter(pk=pk, state=Job.State.RUNNING).update(done=done, total=total, words=words, seen=timezone.now())


async def to_stop(pk: UUID) -> bool:
    """Whether somebody wants it to stop, or takes its worker for gone."""
    return not await Job.objects.filter(pk=pk, state=Job.State.RUNNING, cancelling=False).aexists()


@sync_to_async
def ended(pk: UUID, outcome: Outcome, done: int, total: int | None) -> bool:
    """Write what came of it, once; False where somebody else has written that it is not known."""
    now = timezone.now()
    running = Job.objects.filter(pk=pk, state=Job.State.RUNNING)
    return running.update(
        state=outcome.state, words=outcome.words, problem=problem_text(outcome.problem), done=done, total=total,
        report=json.dumps(outcome.report) if outcome.report else "", seen=now, ended=now,
    ) == 1  # fmt: skip


async def find_abandoned() -> None:
    """Say of works whose process has ended that their result is not known."""
    for job in await _abandon():
        if job.row is not None:
            answer = {"job": str(job.pk), "words": job.words, "problem": msgspec.to_builtins(ABANDONED)}
            with contextlib.suppress(audit.Immutable):  # its worker had come as far as that
                await audit.close(job.row, audit.Result.UNKNOWN, answer, ABANDONED.code)


@sync_to_async
def _abandon() -> list[Job]:
    late = Job.objects.filter(state=Job.State.RUNNING, seen__lt=timezone.now() - LOST_AFTER).select_related("row")
    return [job for job in late if _abandoned(job)]


def _abandoned(job: Job) -> bool:
    now = timezone.now()
    return Job.objects.filter(pk=job.pk, state=Job.State.RUNNING, seen=job.seen).update(
        state=Job.State.UNKNOWN, problem=problem_text(ABANDONED), ended=now
    ) == 1  # fmt: skip


@sync_to_async
def cancelled(pk: UUID) -> None:
    Job.objects.filter(pk=pk, state=Job.State.RUNNING).update(cancelling=True)


async def read(pk: UUID, cluster: str) -> Job | None:
    """Where it is one of this cluster."""
    return await Job.objects.filter(pk=pk, cluster=cluster).afirst()


async def of_row(row: AuditRow) -> Job | None:
    """The work that a row of the audit log is about."""
    return await Job.objects.filter(row=row).afirst()


@sync_to_async
def newest(cluster: str, who: str | None, limit: int) -> list[Job]:
    """Works on a cluster, of one person or of all."""
    jobs = Job.objects.filter(cluster=cluster)
    return list((jobs if who is None else jobs.filter(who=who))[:limit])


def problem_text(problem: Problem | None) -> str:
    return "" if problem is None else msgspec.json.encode(problem).decode()
