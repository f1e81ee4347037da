"""``manage.py audit``: the last rows of the audit log."""

from typing import Any

from django.core.management.base import CommandParser

from dashboard.management.runs import RunCommand
from dashboard.models import AuditRow


class Command(RunCommand):
    help = "Prints the last rows of the audit log, oldest first."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--last", type=int, default=20, help="how many rows (20)")

    def handle(self, *, last: int, **options: Any) -> None:
        for row in reversed(AuditRow.objects.all()[: max(last, 0)]):
            result = row.result or "no result yet"
            self.stdout.write(
                f"{row.at:%Y-%m-%d %H:%M:%S}Z  {row.who}  {row.address}  {row.method}  {row.target or '-'}  "
                f"{result}{f' ({row.code})' if row.code else ''}"
            )
