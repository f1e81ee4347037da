from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("dashboard", "0003_people")]

    operations = [
        migrations.AlterModelOptions(
            name="auditrow",
            options={"base_manager_name": "objects", "ordering": ["-id"]},
        ),
    ]
