"""What the web process keeps: links to join by, permissions, tokens of scripts, long works, and the audit log."""

import uuid
from typing import Any, NoReturn

from django.conf import settings
from django.contrib.auth.models import Group
from django.db import models
from django.utils import timezone

from zkbridge.protocol.calls import PERMISSIONS


class Action(models.Model):
    """Has no table: it is what the permissions of actions hang on."""

    class Meta:
        managed = False
        default_permissions = ()
        permissions = [(name, f"May {name}") for name in PERMISSIONS]


class Token(models.Model):
    """A link to join by. Only a digest is kept, so the database alone does not let anyone in."""

    class Role(models.TextChoices):
        OPERATOR = "operator"
        VIEWER = "viewer"

    digest = models.CharField(max_length=64, unique=True)
    role = models.CharField(max_length=8, choices=Role.choices)
    seed = models.CharField(max_length=32, blank=True)
    """Of a viewers' link: makes its token, with the secret key, so that the link can be shown again."""
    made = models.DateTimeField(default=timezone.now)
    expires = models.DateTimeField()
    used = models.DateTimeField(null=True)
    """When it let an operator in; a viewer's link is not used up."""
    revoked = models.DateTimeField(null=True)


class Grant(models.Model):
    """A permission that holds below one path, and where ``cluster`` is given on that cluster alone.

    Permissions for everything everywhere are Django's own, of users and groups.
    """

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, null=True, related_name="grants")
    group = models.ForeignKey(Group, models.CASCADE, null=True, related_name="grants")
    permission = models.CharField(max_length=40)
    cluster = models.CharField(max_length=60, blank=True)
    prefix = models.TextField(default="/")
    """An absolute path; it holds at this znode and below it, by whole segments."""

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(user=None, group__isnull=False) | models.Q(user__isnull=False, group=None),
                name="a_grant_is_to_one",
            )
        ]


class ApiToken(models.Model):
    """What a script shows instead of signing in. Only a digest is kept; the token itself is shown once."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="api_tokens")
    name = models.CharField(max_length=60)
    digest = models.CharField(max_length=64, unique=True)
    beginning = models.CharField(max_length=12)
    """The first characters of the token, for people to tell theirs apart."""
    scopes = models.TextField()
    """JSON: the permissions that it carries, each only as long as its user has it."""
    made = models.DateTimeField(default=timezone.now)
    expires = models.DateTimeField()
    used = models.DateTimeField(null=True)
    """When it was last shown, to the minute."""
    revoked = models.DateTimeField(null=True)


class Suspicion(models.Model):
    """Of one address, or one account: how many wrong passwords or tokens came lately. See `dashboard.guard`."""

    subject = models.CharField(max_length=120, unique=True)
    level = models.FloatField(default=0.0)
    """Wrong guesses that count at ``at``; they leak away."""
    at = models.DateTimeField(db_index=True)


class Immutable(TypeError):
    """Raised where code tries to change or remove a row of the audit log."""


class AuditRows(models.QuerySet["AuditRow"]):
    """Rows are added and read, nothing else."""

    def _refuse(self, *arguments: Any, **options: Any) -> NoReturn:
        raise Immutable("Rows of the audit log are neither changed nor removed.")

    update = delete = bulk_update = update_or_create = _update = _raw_delete = _refuse  # type: ignore[assignment]

    def bulk_create(self, rows: Any, *arguments: Any, **options: Any) -> Any:
        if options.get("update_conflicts") or len(arguments) > 2:
            self._refuse()
        return super().bulk_create(rows, *arguments, **options)


class AuditRow(models.Model):
    """One action of a person: written before the call, closed once with its result. See `dashboard.audit`."""

    class Result(models.TextChoices):
        OPEN = ""
        OK = "ok"
        FAILED = "failed"
        UNKNOWN = "unknown"

    class Verdict(models.TextChoices):
        NONE = ""
        APPLIED = "applied"
        NOT_APPLIED = "not-applied"
        CANNOT_TELL = "cannot-tell"

    at = models.DateTimeField(default=timezone.now)
    who = models.CharField(max_length=150)
    address = models.CharField(max_length=45)
    """The client's IP address."""
    via = models.CharField(max_length=80, blank=True)
    """The API token that was shown, by its beginning and name; '' for a page."""
    method = models.CharField(max_length=40)
    cluster = models.CharField(max_length=60, blank=True)
    target = models.TextField(blank=True)
    """Id of the node or server, or path of the znode; '' where the action makes one."""
    parameters = models.TextField()
    """JSON, as is ``answer``. Django's JSONField would open the database at every command's start. Data of znodes
    stands here as its length and digest, never itself."""
    request = models.UUIDField(null=True)
    """The page's key of this request: a second one with the same key is answered from this row."""
    result = models.CharField(max_length=8, choices=Result.choices, default=Result.OPEN)
    """'' while the call is under way, or where the web process ended before its result came."""
    code = models.CharField(max_length=40, blank=True)
    """The problem's code, where there was one."""
    answer = models.TextField(blank=True)
    ended = models.DateTimeField(null=True)
    verdict = models.CharField(max_length=12, choices=Verdict.choices, default=Verdict.NONE)
    """What an unknown result turned out to be, from what the ensemble had afterwards; written once."""
    found = models.TextField(blank=True)
    """The same in words."""

    objects = AuditRows.as_manager()

    class Meta:
        ordering = ["-id"]
        base_manager_name = "objects"
        constraints = [models.UniqueConstraint(fields=["who", "request"], name="one_row_a_request")]

    def save(self, *arguments: Any, **options: Any) -> None:
        if not self._state.adding:
            raise Immutable("Rows of the audit log are not changed.")
        super().save(*arguments, **options)

    def delete(self, *arguments: Any, **options: Any) -> NoReturn:
        raise Immutable("Rows of the audit log are not removed.")


class Job(models.Model):
    """A long work on a subtree: what it is to do, how far it is, and what came of it. See `dashboard.jobs`."""

    class State(models.TextChoices):
        RUNNING = "running"
        DONE = "done"
        FAILED = "failed"
        CANCELLED = "cancelled"
        UNKNOWN = "unknown"
        """A step's result was lost, or the web process ended in the middle of it."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    kind = models.CharField(max_length=40)
    """The permission that it took: 'subtree.delete' …; or 'subtree.compare', which takes none."""
    who = models.CharField(max_length=150)
    cluster = models.CharField(max_length=60, blank=True)
    path = models.TextField()
    parameters = models.TextField()
    """JSON, as is ``report``."""
    row = models.ForeignKey(AuditRow, models.PROTECT, null=True)
    """Its row of the audit log; a work that only reads has none."""
    state = models.CharField(max_length=9, choices=State.choices, default=State.RUNNING)
    done = models.BigIntegerField(default=0)
    total = models.BigIntegerField(null=True)
    words = models.TextField(blank=True)
    """What it is doing, then what it did: 'Removed 412 of 500 znodes.'"""
    problem = models.TextField(blank=True)
    """JSON of the problem that ended it."""
    report = models.TextField(blank=True)
    cancelling = models.BooleanField(default=False)
    """Somebody asked it to stop; it does after the step that is under way."""
    worker = models.CharField(max_length=40, blank=True)
    """The web process that carries it out."""
    begun = models.DateTimeField(default=timezone.now)
    seen = models.DateTimeField(default=timezone.now)
    """When its worker wrote last."""
    ended = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-begun"]
