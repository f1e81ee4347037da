"""Removing old rows of the audit log, at the shell alone; the log then says who did it, and how many there were."""

from datetime import datetime

from django.db import connection, transaction

from dashboard import audit, seal
from dashboard.models import Job


@transaction.atomic
def prune(before: datetime, by: str) -> int:
    """Remove the rows of before that moment; return how many. Works keep what they have, without their row."""
    Job.objects.filter(row__at__lt=before).update(row=None)
    seal.unseal(connection)
    with connection.cursor() as cursor:
        moment = connection.ops.adapt_datetimefield_value(before)
        cursor.execute(f"DELETE FROM {seal.TABLE} WHERE at < %s", [moment])  # noqa: S608 - a name of our own
        gone: int = cursor.rowcount
    seal.seal(connection)
    audit.note(by, "audit.prune", "", {"before": before.isoformat(), "rows": gone})
    return gone
