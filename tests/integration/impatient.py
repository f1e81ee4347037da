"""The web application, less patient with pages that fall silent, so that a test need not wait for half a minute."""

from dashboard.live import hub
from tests.integration.ensemble import SCALE

hub.SILENT = 6.0 * SCALE

from dashboard.daphne import application  # noqa: E402 - it is the hub's constant that counts

__all__ = ["application"]
