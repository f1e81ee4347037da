"""How long the web application of `tests.integration.impatient` bears a page that is silent."""

from tests.integration.ensemble import SCALE

SECONDS = 6.0 * SCALE
