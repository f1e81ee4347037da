"""Transactions of nodes: all of it happens, or nothing, and then it is known which part was refused."""

from __future__ import annotations

from typing import Any

from kazoo.client import KazooClient
from kazoo.exceptions import RolledBackError, RuntimeInconsistency
from kazoo.interfaces import IAsyncResult

Operation = tuple[Any, ...]
"""('check', path, version), ('create', path, data), ('delete', path, version) or ('set', path, data, version)."""

LARGEST = 100
"""Operations of one kind in a transaction."""

PATIENCE = 10.0
"""Seconds for an answer; more than it takes to lose a session."""


class Rejected(Exception):
    """Raised when the ensemble refused a transaction: nothing of it happened. ``at``: the part to blame, and why."""

    def __init__(self, at: int, operation: Operation, error: Exception) -> None:
        super().__init__(f"{operation[0]} {operation[1]}: {error!r}")
        self.at, self.operation, self.error = at, operation, error


class Sent:
    """A transaction on its way."""

    def __init__(self, client: KazooClient, operations: list[Operation]) -> None:
        self.operations = operations
        transaction = client.transaction()
        for kind, path, *rest in operations:
            if kind == "check":
                transaction.check(path, *rest)
            elif kind == "create":
                transaction.create(path, *rest)
            elif kind == "delete":
                transaction.delete(path, *rest)
            else:
                transaction.set_data(path, *rest)
        self._answer: IAsyncResult = transaction.commit_async()

    @property
    def ended(self) -> bool:
        return bool(self._answer.ready())

    def settle(self) -> None:
        """Wait for the end. Raise `Rejected` when it was refused; what kazoo raises when its end is not known."""
        for at, result in enumerate(self._answer.get(timeout=PATIENCE)):
            if isinstance(result, Exception) and not isinstance(result, (RolledBackError, RuntimeInconsistency)):
                raise Rejected(at, self.operations[at], result)


def commit(client: KazooClient, *operations: Operation) -> None:
    """Do all of it, or nothing. Raises as `Sent.settle` does."""
    Sent(client, list(operations)).settle()
