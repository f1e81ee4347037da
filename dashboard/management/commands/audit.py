"""``manage.py audit``: the last rows of the audit log; and the end of old ones, where the disk is short."""

import getpass
from datetime import UTC, datetime
from typing import Any

from django.core.management.base import CommandError, CommandParser

from dashboard import pruning
from dashboard.management.runs import RunCommand
from dashboard.models import AuditRow


class Command(RunCommand):
    help = "Prints the last rows of the audit log, oldest first; or removes old ones, of which a row then tells."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--last", type=int, default=20, help="how many rows (20)")
        parser.add_argument(
            "--prune-before", metavar="DAY", default="", help="remove all rows of before this day, such as 2026-01-31"
        )

    def handle(self, *, last: int, prune_before: str, **options: Any) -> None:
        if prune_before:
            self._prune(prune_before)
            return
        for row in reversed(AuditRow.objects.all()[: max(last, 0)]):
            result = row.result or "no result yet"
            self.stdout.write(
                f"{row.at:%Y-%m-%d %H:%M:%S}Z  {row.who}  {row.address}  {row.method}  {row.target or '-'}  "
                f"{result}{f' ({row.code})' if row.code else ''}"
            )

    def _prune(self, day: str) -> None:
        try:
            before = datetime.strptime(day, "%Y-%m-%d").replace(tzinfo=UTC)
        except ValueError:
            raise CommandError(f"--prune-before is a day such as 2026-01-31, not {day[:40]!r}.") from None
        gone = pruning.prune(before, f"{getpass.getuser()} at the shell")
        self.stdout.write(f"Removed {gone} rows of before {day}. The log has a row that says so.")
