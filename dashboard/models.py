"""What the web process keeps: links to join by, the permissions of actions, and the audit log."""

from typing import Any, NoReturn

from django.db import models
from django.utils import timezone

from zkbridge.protocol.calls import METHODS


class Action(models.Model):
    """Has no table: it is what the permissions of actions hang on, one for each method of the bridge."""

    class Meta:
        managed = False
        default_permissions = ()
        permissions = [(method, f"Can call {method}") for method in METHODS]


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


class Immutable(TypeError):
    """Raised where code tries to change or remove a row of the audit log."""


class AuditRows(models.QuerySet["AuditRow"]):
    """Rows are added and read, nothing else."""

    def _refuse(self, *arguments: Any, **options: Any) -> NoReturn:
        raise Immutable("Rows of the audit log are neither changed nor removed.")

    update = delete = bulk_update = update_or_create = _refuse  # type: ignore[assignment]


class AuditRow(models.Model):
    """One action of a person: written before the call, closed once with its result. See `dashboard.audit`."""

    class Result(models.TextChoices):
        OPEN = ""
        OK = "ok"
        FAILED = "failed"
        UNKNOWN = "unknown"

    at = models.DateTimeField(default=timezone.now)
    who = models.CharField(max_length=150)
    address = models.CharField(max_length=45)
    """The client's IP address."""
    method = models.CharField(max_length=40)
    target = models.CharField(max_length=80, blank=True)
    """Id of the node or server; '' where the action makes one."""
    parameters = models.TextField()
    """JSON, as is ``answer``. Django's JSONField would open the database at every command's start."""
    request = models.UUIDField(null=True)
    """The page's key of this request: a second one with the same key is answered from this row."""
    result = models.CharField(max_length=8, choices=Result.choices, default=Result.OPEN)
    """'' while the call is under way, or where the web process ended before its result came."""
    code = models.CharField(max_length=40, blank=True)
    """The problem's code, where there was one."""
    answer = models.TextField(blank=True)
    ended = models.DateTimeField(null=True)

    objects = AuditRows.as_manager()

    class Meta:
        ordering = ["-id"]
        constraints = [models.UniqueConstraint(fields=["who", "request"], name="one_row_a_request")]

    def save(self, *arguments: Any, **options: Any) -> None:
        if not self._state.adding:
            raise Immutable("Rows of the audit log are not changed.")
        super().save(*arguments, **options)

    def delete(self, *arguments: Any, **options: Any) -> NoReturn:
        raise Immutable("Rows of the audit log are not removed.")
