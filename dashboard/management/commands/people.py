"""``manage.py people``: who has a name and a password here, and what they may do."""

import getpass
import sys
from pathlib import Path
from typing import Any

from django.contrib.auth.models import AbstractUser, Group
from django.core.management.base import CommandError, CommandParser
from django.db import OperationalError

from dashboard import apitokens, people
from dashboard.management.runs import RunCommand
from dashboard.models import Grant

PASSWORD = "the password is asked for; --password-file FILE reads it from there, - from standard input"  # noqa: S105


class Command(RunCommand):
    help = "Lists people, adds them, gives them roles and permissions, deactivates them. The audit log tells of it."

    def add_arguments(self, parser: CommandParser) -> None:
        do = parser.add_subparsers(dest="do", required=True, metavar="WHAT")
        do.add_parser("list", help="everybody with a name of their own, with roles and grants")
        for what, words in (("add", "add somebody"), ("password", "give a new password, which signs them out")):
            one = do.add_parser(what, help=f"{words}; {PASSWORD}")
            one.add_argument("name")
            one.add_argument("--password-file", default="", help="file of the password, or - for standard input")
            if what == "add":
                one.add_argument("--role", choices=people.ROLES, default="viewer")
        one = do.add_parser("role", help="give one of the ready-made roles")
        one.add_argument("name")
        one.add_argument("role", choices=people.ROLES)
        for what, words in (("grant", "permit something below a path"), ("withdraw", "take a grant away again")):
            one = do.add_parser(what, help=f"{words}: people {what} ann znode.set --below /app")
            one.add_argument("name", help="of a person, or with --group of a group")
            one.add_argument("permission")
            one.add_argument("--group", action="store_true", help="to a group instead of a person")
            one.add_argument("--below", default="/", metavar="PATH", help="there and below (everywhere)")
            one.add_argument("--cluster", default="", metavar="NAME", help="on this cluster alone (on all)")
        one = do.add_parser("token", help="make a token for scripts of theirs, and print it")
        one.add_argument("name")
        one.add_argument("--for", default="made at the shell", dest="purpose", metavar="WHAT", help="what it is for")
        one.add_argument("--scope", action="append", default=[], metavar="PERMISSION",
                         help="what it may do; once for each (without: look only)")
        one.add_argument("--days", type=int, default=apitokens.DAYS, help=f"how long it works ({apitokens.DAYS})")
        for what, words in (("deactivate", "let somebody in no more, from now on"), ("activate", "let them in again")):
            do.add_parser(what, help=words).add_argument("name")

    def handle(self, *, do: str, **asked: Any) -> None:
        try:
            getattr(self, f"_{do}")(by=f"{getpass.getuser()} at the shell", **asked)
        except (people.Refused, apitokens.Refused) as refused:
            raise CommandError(str(refused)) from None
        except OperationalError as error:
            raise CommandError(f"The database cannot be used: {error}. Run migrate first.") from None

    def _list(self, **_: Any) -> None:
        for user in people.everybody():
            groups = ", ".join(sorted(one.name for one in user.groups.all())) or "no group"
            self.stdout.write(f"{user.get_username()}  {groups}{'' if user.is_active else '  deactivated'}")
            self._tell(user)
        for one in Group.objects.filter(grants__isnull=False).distinct().order_by("name"):
            self.stdout.write(f"group {one.name}")
            self._tell(one)

    def _add(self, *, name: str, role: str, password_file: str, by: str, **_: Any) -> None:
        people.add(name, _password(password_file), role, by)
        self.stdout.write(f"{name} can log in now, as {role}.")

    def _password(self, *, name: str, password_file: str, by: str, **_: Any) -> None:
        people.set_password(name, _password(password_file), by)
        self.stdout.write(f"{name} has a new password, and is signed out.")

    def _role(self, *, name: str, role: str, by: str, **_: Any) -> None:
        people.set_role(name, role, by)
        self.stdout.write(f"{name} is {role} now.")

    def _grant(self, *, name: str, group: bool, permission: str, below: str, cluster: str, by: str, **_: Any) -> None:
        people.grant(_whom(name, group), permission, below, cluster, by)
        self.stdout.write(f"{name}: {_spell(permission, below, cluster)}.")

    def _withdraw(
        self, *, name: str, group: bool, permission: str, below: str, cluster: str, by: str, **_: Any
    ) -> None:
        people.withdraw(_whom(name, group), permission, below, cluster, by)
        self.stdout.write(f"{name}: no longer {_spell(permission, below, cluster)}.")

    def _token(self, *, name: str, purpose: str, scope: list[str], days: int, by: str, **_: Any) -> None:
        self.stdout.write(apitokens.make(people.named(name), purpose, scope, days, by)[1])
        if not scope:
            self.stderr.write("It may look and change nothing: no --scope was given.")

    def _deactivate(self, *, name: str, by: str, **_: Any) -> None:
        people.set_active(name, False, by)
        self.stdout.write(f"{name} is signed out and can log in no more. Tokens of {name} are refused.")

    def _activate(self, *, name: str, by: str, **_: Any) -> None:
        people.set_active(name, True, by)
        self.stdout.write(f"{name} can log in again.")

    def _tell(self, whose: AbstractUser | Group) -> None:
        for grant in Grant.objects.filter(**people.whom(whose)).order_by("prefix", "permission"):
            self.stdout.write(f"    {_spell(grant.permission, grant.prefix, grant.cluster)}")


def _whom(name: str, group: bool) -> AbstractUser | Group:
    return people.group(name) if group else people.named(name)


def _spell(permission: str, prefix: str, cluster: str) -> str:
    where = "everywhere" if prefix == "/" else f"below {prefix}"
    return f"{permission} {where}{f' on {cluster}' if cluster else ''}"


def _password(file: str) -> str:
    """From a file, standard input, or a prompt where somebody sits at a terminal; never from the command line."""
    if file and file != "-":
        try:
            return Path(file).read_text().removesuffix("\n")
        except (OSError, UnicodeDecodeError) as error:
            raise people.Refused(f"The password in {file} cannot be read: {error}.") from None
    if file or not sys.stdin.isatty():
        return sys.stdin.readline(4_097).removesuffix("\n")
    first = getpass.getpass("Password: ")
    if first != getpass.getpass("The same again: "):
        raise people.Refused("These are two different passwords.")
    return first
