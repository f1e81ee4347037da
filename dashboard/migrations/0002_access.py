import uuid

import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models

OPERATORS = [
    "node.add",
    "node.stop",
    "node.kill",
    "node.pause",
    "node.resume",
    "node.dismiss",
    "server.kill",
    "server.start",
    "znode.create",
    "znode.set",
    "znode.delete",
    "znode.acl",
    "subtree.delete",
    "subtree.copy",
    "subtree.move",
    "subtree.import",
    "subtree.acl",
    "subtree.export",
    "audit.read",
]
ADMINS = [*OPERATORS, "see.hidden", "people.manage"]


def make_groups(apps, schema_editor):
    """The ready-made roles. Permissions are made here because Django makes them too late."""
    content_type, _ = apps.get_model("contenttypes", "ContentType").objects.get_or_create(
        app_label="dashboard", model="action"
    )
    permissions = {
        name: apps.get_model("auth", "Permission").objects.update_or_create(
            content_type=content_type, codename=name, defaults={"name": f"May {name}"}
        )[0]
        for name in ADMINS
    }
    groups = apps.get_model("auth", "Group").objects
    for group, names in {"viewers": [], "operators": OPERATORS, "admins": ADMINS}.items():
        made, _ = groups.get_or_create(name=group)
        made.permissions.add(*(permissions[name] for name in names))


class Migration(migrations.Migration):
    dependencies = [
        ("auth", "0012_alter_user_first_name_max_length"),
        ("dashboard", "0001_initial"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AlterModelOptions(
            name="action",
            options={
                "default_permissions": (),
                "managed": False,
                "permissions": [(name, f"May {name}") for name in ADMINS],
            },
        ),
        migrations.AddField(
            model_name="auditrow",
            name="cluster",
            field=models.CharField(blank=True, max_length=60),
        ),
        migrations.AddField(
            model_name="auditrow",
            name="found",
            field=models.TextField(blank=True),
        ),
        migrations.AddField(
            model_name="auditrow",
            name="verdict",
            field=models.CharField(
                choices=[
                    ("", "None"),
                    ("applied", "Applied"),
                    ("not-applied", "Not Applied"),
                    ("cannot-tell", "Cannot Tell"),
                ],
                default="",
                max_length=12,
            ),
        ),
        migrations.AlterField(
            model_name="auditrow",
            name="target",
            field=models.TextField(blank=True),
        ),
        migrations.CreateModel(
            name="ApiToken",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.CharField(max_length=60)),
                ("digest", models.CharField(max_length=64, unique=True)),
                ("beginning", models.CharField(max_length=12)),
                ("scopes", models.TextField()),
                ("made", models.DateTimeField(default=django.utils.timezone.now)),
                ("expires", models.DateTimeField()),
                ("used", models.DateTimeField(null=True)),
                ("revoked", models.DateTimeField(null=True)),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="api_tokens",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Job",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, primary_key=True, serialize=False)),
                ("kind", models.CharField(max_length=40)),
                ("who", models.CharField(max_length=150)),
                ("cluster", models.CharField(blank=True, max_length=60)),
                ("path", models.TextField()),
                ("parameters", models.TextField()),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("running", "Running"),
                            ("done", "Done"),
                            ("failed", "Failed"),
                            ("cancelled", "Cancelled"),
                            ("unknown", "Unknown"),
                        ],
                        default="running",
                        max_length=9,
                    ),
                ),
                ("done", models.BigIntegerField(default=0)),
                ("total", models.BigIntegerField(null=True)),
                ("words", models.TextField(blank=True)),
                ("problem", models.TextField(blank=True)),
                ("report", models.TextField(blank=True)),
                ("cancelling", models.BooleanField(default=False)),
                ("worker", models.CharField(blank=True, max_length=40)),
                ("begun", models.DateTimeField(default=django.utils.timezone.now)),
                ("seen", models.DateTimeField(default=django.utils.timezone.now)),
                ("ended", models.DateTimeField(null=True)),
                (
                    "row",
                    models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, to="dashboard.auditrow"),
                ),
            ],
            options={
                "ordering": ["-begun"],
            },
        ),
        migrations.CreateModel(
            name="Grant",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("permission", models.CharField(max_length=40)),
                ("cluster", models.CharField(blank=True, max_length=60)),
                ("prefix", models.TextField(default="/")),
                (
                    "group",
                    models.ForeignKey(
                        null=True, on_delete=django.db.models.deletion.CASCADE, related_name="grants", to="auth.group"
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="grants",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("group__isnull", False), ("user", None)),
                            models.Q(("group", None), ("user__isnull", False)),
                            _connector="OR",
                        ),
                        name="a_grant_is_to_one",
                    )
                ],
            },
        ),
        migrations.RunPython(make_groups, migrations.RunPython.noop),
    ]
