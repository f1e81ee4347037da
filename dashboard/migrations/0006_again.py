from django.db import migrations

ALL = [
    "node.add",
    "server.add",
    "node.stop",
    "node.kill",
    "node.pause",
    "node.resume",
    "node.start",
    "node.dismiss",
    "server.stop",
    "server.kill",
    "server.pause",
    "server.resume",
    "server.start",
    "server.remove",
    "server.wipe",
    "link.cut",
    "link.slow",
    "link.heal",
    "lab.heal",
    "scenario.run",
    "workload.run",
    "session.expire",
    "watches.read",
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
    "metrics.read",
    "audit.read",
    "see.hidden",
    "people.manage",
    "ensemble.reconfig",
]


def permit(apps, schema_editor):
    """Who adds nodes of a lab may start one again that has ended."""
    content_type = apps.get_model("contenttypes", "ContentType").objects.get(app_label="dashboard", model="action")
    permission, _ = apps.get_model("auth", "Permission").objects.update_or_create(
        content_type=content_type, codename="node.start", defaults={"name": "May node.start"}
    )
    for name in ("operators", "admins"):
        group, _ = apps.get_model("auth", "Group").objects.get_or_create(name=name)
        group.permissions.add(permission)


class Migration(migrations.Migration):
    dependencies = [
        ("dashboard", "0005_ensemble"),
    ]

    operations = [
        migrations.AlterModelOptions(
            name="action",
            options={
                "default_permissions": (),
                "managed": False,
                "permissions": [(name, f"May {name}") for name in ALL],
            },
        ),
        migrations.RunPython(permit, migrations.RunPython.noop),
    ]
