"""A node whose worker is careless: it writes results by themselves, and lets go of its assignments only later.

    python -m tests.integration.careless …    (as zkbridge.lab.node)
"""

from __future__ import annotations

import os
import time

from kazoo.exceptions import NodeExistsError

from zkbridge.lab import node, taskforce
from zkbridge.lab.transacting import Sent
from zkbridge.lab.worker import Worker
from zkbridge.workload import STATUS, Result, write
from zkbridge.znode import join, name_of

BETWEEN = 1.0 * float(os.environ.get("ZOOSCOPE_TIMEOUT_SCALE", "1"))
"""Seconds from the first results to the end of their assignments: time enough to be killed."""


class Careless(Worker):
    _pauses = True

    def _commit(self, tasks: list[str]) -> Sent:
        result = write(Result(self._node, name_of(self._entry)))
        for task in tasks:
            try:
                self._client.create(join(STATUS, task), result)
            except NodeExistsError:
                self._client.set(join(STATUS, task), result)
        self._note("done", tasks)
        if self._pauses:
            self._pauses = False
            time.sleep(BETWEEN)
        return Sent(self._client, [("delete", join(self._place, task), -1) for task in tasks])

    def _end(self, flight: Sent, tasks: list[str]) -> bool:
        flight.settle()
        return True


if __name__ == "__main__":
    taskforce.Worker = Careless  # type: ignore[misc]
    node.main()
