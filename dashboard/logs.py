"""What must not reach the log."""

import logging
import re

_TOKEN = re.compile(r"(/(?:enter|join)/|\bzs_)[^\s?#'\"<>]+")


class MaskTokens(logging.Filter):
    """Takes tokens out of addresses of the kind ``/enter/…`` and ``/join/…``, those of scripts out of everything, and
    tracebacks off refusals."""

    def filter(self, record: logging.LogRecord) -> bool:
        if record.name.startswith("django.security"):
            record.exc_info = None  # refused by design: where in the code tells nobody anything
        line = record.getMessage()
        masked = _TOKEN.sub(r"\1…", line)
        if masked != line:
            record.msg, record.args = masked, None
        return True
