"""``manage.py migrate``: as Django's, after making the directory that the database lies in, and before sealing the log.

Each time, for SQLite changes a table by making it anew, without its triggers.
"""

from typing import Any

from django.conf import settings
from django.core.management.commands import migrate
from django.db import connection

from dashboard import rundir, seal


class Command(migrate.Command):
    # See `RunCommand`.
    requires_system_checks: list[str] = []

    def handle(self, *arguments: Any, **options: Any) -> None:
        rundir.prepare(settings.RUN, settings.SECRET_KEY_FILE)
        super().handle(*arguments, **options)
        if seal.TABLE in connection.introspection.table_names():
            seal.seal(connection)
