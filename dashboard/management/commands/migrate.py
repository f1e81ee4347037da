"""``manage.py migrate``: as Django's, after making the directory that the database lies in."""

from typing import Any

from django.conf import settings
from django.core.management.commands import migrate

from dashboard import rundir


class Command(migrate.Command):
    def handle(self, *arguments: Any, **options: Any) -> None:
        rundir.prepare(settings.RUN, settings.SECRET_KEY_FILE)
        super().handle(*arguments, **options)
