"""``manage.py tokens``: new links to join by, as JSON, or the end of all given out before."""

import getpass
import json
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.management.base import CommandError, CommandParser
from django.db import DatabaseError, transaction

from dashboard import people, rundir, tokens
from dashboard.management.runs import RunCommand
from dashboard.permissions import OPERATORS
from dashboard.tokens import Role


class Command(RunCommand):
    help = (
        "Prints a new operator's link, which works once within 24 hours, and the viewers' link, which works for a week "
        "at least. Links given out before stay as they are, unless --revoke is given."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--base", help="the origin that the links start with; that of the last time when not given")
        parser.add_argument(
            "--revoke", action="store_true", help="first end all links given out before, and sign out everybody"
        )
        parser.add_argument(
            "--permit", action="append", default=[], metavar="PERMISSION", help="permit operators this too"
        )
        parser.add_argument("--on", default="", metavar="CLUSTER", help="where; on all clusters when not given")

    def handle(self, *, base: str | None, revoke: bool, permit: list[str], on: str, **options: Any) -> None:
        base = base or rundir.origin(settings.RUN) or settings.ORIGINS[0]
        parts = urlsplit(base)
        if parts.scheme not in ("http", "https") or not parts.hostname or parts.path.strip("/"):
            raise CommandError(f"--base must be an origin such as http://127.0.0.1:8000, not {base!r}.")
        rundir.prepare(settings.RUN, settings.SECRET_KEY_FILE)
        try:
            with transaction.atomic():
                if revoke:
                    tokens.revoke()
                tokens.tidy()
                for permission in permit:
                    people.grant(people.group(OPERATORS), permission, "/", on, f"{getpass.getuser()} at the shell")
                found = {Role.OPERATOR: tokens.issue(Role.OPERATOR), Role.VIEWER: tokens.viewers_token()}
        except people.Refused as refused:
            raise CommandError(str(refused)) from None
        except DatabaseError as error:
            raise CommandError(f"The database cannot be used: {str(error).strip()} Run migrate first.") from None
        rundir.remember_origin(settings.RUN, base)
        for role, token in found.items():
            self.stdout.write(json.dumps({str(role): f"{base.rstrip('/')}/{tokens.VERB[role]}/{token}"}))
