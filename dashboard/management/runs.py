"""For commands that someone types beside a dashboard that runs: finds out which one is meant."""

import os
import sys
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from dashboard import rundir
from zkbridge.lab.rundir import webs


class RunCommand(BaseCommand):
    """Acts on the run that ZOOSCOPE_RUN names; without one, on the only one that lives, or is kept, in ZOOSCOPE_HOME
    (.run)."""

    # Django's checks are of the code, not of what somebody has set: tests make them. They load all of the API, which
    # would take longer than what is asked for.
    requires_system_checks: list[str] = []

    def execute(self, *arguments: Any, **options: Any) -> str | None:
        if "ZOOSCOPE_RUN" not in os.environ:
            found = webs(rundir.home(settings.BASE_DIR))
            if len(found) > 1:
                listed = "\n".join(f"  ZOOSCOPE_RUN={path}" for path in found)
                raise CommandError(f"There are several dashboards. Say which one is meant, by one of\n{listed}")
            if found:
                # Settings are read once, so this starts again with the right ones.
                environment = {**os.environ, "ZOOSCOPE_RUN": str(found[0])}
                os.execve(sys.executable, [sys.executable, *sys.argv], environment)  # noqa: S606
        return super().execute(*arguments, **options)
