"""What must not reach the log."""

import logging
import re

_TOKEN = re.compile(r"(/(?:enter|join)/)[^\s?#'\"<>]+")


class MaskTokens(logging.Filter):
    """Replaces the token in every address of the kind ``/enter/…`` or ``/join/…``, wherever it stands in a line."""

    def filter(self, record: logging.LogRecord) -> bool:
        line = record.getMessage()
        masked = _TOKEN.sub(r"\1…", line)
        if masked != line:
            record.msg, record.args = masked, None
        return True
