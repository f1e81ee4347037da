"""The web application, less patient with pages that fall silent, so that a test need not wait for half a minute.

For a process of its own: importing it changes the hub.
"""

from dashboard.live import hub
from tests.integration.patience import SECONDS

hub.SILENT = SECONDS

from dashboard.daphne import application  # noqa: E402 - it is the hub's constant that counts

__all__ = ["application"]
