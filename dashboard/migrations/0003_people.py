from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("dashboard", "0002_access"),
    ]

    operations = [
        migrations.CreateModel(
            name="Suspicion",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("subject", models.CharField(max_length=120, unique=True)),
                ("level", models.FloatField(default=0.0)),
                ("at", models.DateTimeField(db_index=True)),
            ],
        ),
        migrations.AddField(
            model_name="auditrow",
            name="via",
            field=models.CharField(blank=True, max_length=80),
        ),
    ]
