"""The database's own refusal to change or remove rows of the audit log, whoever asks: triggers.

For SQLite and PostgreSQL. An open row may be closed once, and an unknown result judged once; who, when, where and what
never change.
"""

from typing import Any

TABLE = "dashboard_auditrow"
_FIXED = ("id", "at", "who", "address", "via", "method", "cluster", "target", "parameters", "request")
_END = ("result", "code", "answer", "ended")
_VERDICT = ("verdict", "found")

_REFUSED = "Rows of the audit log are neither changed nor removed."


def seal(connection: Any) -> None:
    """Set the triggers, instead of any that there are."""
    unseal(connection)
    _run(connection, _SQLITE if connection.vendor == "sqlite" else _POSTGRESQL)


def unseal(connection: Any) -> None:
    """Take them away: for pruning, which sets them again in the same transaction."""
    if connection.vendor == "sqlite":
        _run(connection, [f"DROP TRIGGER IF EXISTS {name}" for name in ("audit_update", "audit_delete")])
    else:
        names = ("audit_update", "audit_delete", "audit_truncate")
        _run(connection, [f"DROP TRIGGER IF EXISTS {name} ON {TABLE}" for name in names])


def _run(connection: Any, statements: list[str]) -> None:
    with connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)


def _same(columns: tuple[str, ...], equal: str) -> str:
    return " AND ".join(f"NEW.{name} {equal} OLD.{name}" for name in columns)


def _allowed(equal: str) -> str:
    """Whether an update closes an open row, or judges one whose result is unknown."""
    closes = f"OLD.result = '' AND NEW.result <> '' AND {_same(_VERDICT, equal)}"
    judges = f"OLD.result = 'unknown' AND OLD.verdict = '' AND NEW.verdict <> '' AND {_same(_END, equal)}"
    return f"{_same(_FIXED, equal)} AND (({closes}) OR ({judges}))"


_SQLITE = [
    f"CREATE TRIGGER audit_update BEFORE UPDATE ON {TABLE} WHEN NOT ({_allowed('IS')}) "
    f"BEGIN SELECT RAISE(ABORT, '{_REFUSED}'); END",
    f"CREATE TRIGGER audit_delete BEFORE DELETE ON {TABLE} BEGIN SELECT RAISE(ABORT, '{_REFUSED}'); END",
]
_POSTGRESQL = [
    "CREATE OR REPLACE FUNCTION audit_refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
    f"RAISE EXCEPTION '{_REFUSED}'; END $$",
    f"CREATE TRIGGER audit_update BEFORE UPDATE ON {TABLE} FOR EACH ROW "
    f"WHEN (NOT ({_allowed('IS NOT DISTINCT FROM')})) EXECUTE FUNCTION audit_refuse()",
    f"CREATE TRIGGER audit_delete BEFORE DELETE ON {TABLE} FOR EACH ROW EXECUTE FUNCTION audit_refuse()",
    f"CREATE TRIGGER audit_truncate BEFORE TRUNCATE ON {TABLE} EXECUTE FUNCTION audit_refuse()",
]
