from django.db import migrations

OPERATORS = [
    "server.add",
    "server.stop",
    "server.pause",
    "server.resume",
    "server.wipe",
    "server.remove",
    "link.cut",
    "link.slow",
    "link.heal",
    "lab.heal",
    "scenario.run",
    "workload.run",
    "session.expire",
    "watches.read",
    "metrics.read",
]
ADMINS = [*OPERATORS, "ensemble.reconfig"]
ALL = [
    "node.add",
    "server.add",
    "node.stop",
    "node.kill",
    "node.pause",
    "node.resume",
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
    """What the ready-made roles may do since there are an ensemble's page, sessions and a lab with faults."""
    content_type = apps.get_model("contenttypes", "ContentType").objects.get(app_label="dashboard", model="action")
    permissions = {
        name: apps.get_model("auth", "Permission").objects.update_or_create(
            content_type=content_type, codename=name, defaults={"name": f"May {name}"}
        )[0]
        for name in ADMINS
    }
    for group, names in {"operators": OPERATORS, "admins": ADMINS}.items():
        made, _ = apps.get_model("auth", "Group").objects.get_or_create(name=group)
        made.permissions.add(*(permissions[name] for name in names))


class Migration(migrations.Migration):
    dependencies = [
        ("dashboard", "0004_audit"),
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
