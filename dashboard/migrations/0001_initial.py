import django.utils.timezone
from django.db import migrations, models

METHODS = [
    "node.add",
    "node.stop",
    "node.kill",
    "node.pause",
    "node.resume",
    "node.dismiss",
    "server.kill",
    "server.start",
]


def make_groups(apps, schema_editor):
    """Operators may call every method, viewers none. Permissions are made here because Django makes them too late."""
    content_type, _ = apps.get_model("contenttypes", "ContentType").objects.get_or_create(
        app_label="dashboard", model="action"
    )
    permissions = [
        apps.get_model("auth", "Permission").objects.get_or_create(
            content_type=content_type, codename=method, defaults={"name": f"Can call {method}"}
        )[0]
        for method in METHODS
    ]
    groups = apps.get_model("auth", "Group").objects
    operators, _ = groups.get_or_create(name="operators")
    operators.permissions.add(*permissions)
    groups.get_or_create(name="viewers")


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("auth", "0012_alter_user_first_name_max_length"),
        ("contenttypes", "0002_remove_content_type_name"),
        ("sessions", "0001_initial"),
    ]

    operations = [
        migrations.CreateModel(
            name="Action",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            ],
            options={
                "permissions": [(method, f"Can call {method}") for method in METHODS],
                "managed": False,
                "default_permissions": (),
            },
        ),
        migrations.CreateModel(
            name="Token",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("digest", models.CharField(max_length=64, unique=True)),
                ("role", models.CharField(choices=[("operator", "Operator"), ("viewer", "Viewer")], max_length=8)),
                ("seed", models.CharField(blank=True, max_length=32)),
                ("made", models.DateTimeField(default=django.utils.timezone.now)),
                ("expires", models.DateTimeField()),
                ("used", models.DateTimeField(null=True)),
                ("revoked", models.DateTimeField(null=True)),
            ],
        ),
        migrations.CreateModel(
            name="AuditRow",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("at", models.DateTimeField(default=django.utils.timezone.now)),
                ("who", models.CharField(max_length=150)),
                ("address", models.CharField(max_length=45)),
                ("method", models.CharField(max_length=40)),
                ("target", models.CharField(blank=True, max_length=80)),
                ("parameters", models.TextField()),
                ("request", models.UUIDField(null=True)),
                (
                    "result",
                    models.CharField(
                        choices=[("", "Open"), ("ok", "Ok"), ("failed", "Failed"), ("unknown", "Unknown")],
                        default="",
                        max_length=8,
                    ),
                ),
                ("code", models.CharField(blank=True, max_length=40)),
                ("answer", models.TextField(blank=True)),
                ("ended", models.DateTimeField(null=True)),
            ],
            options={
                "ordering": ["-id"],
                "constraints": [models.UniqueConstraint(fields=("who", "request"), name="one_row_a_request")],
            },
        ),
        migrations.RunPython(make_groups, migrations.RunPython.noop),
    ]
