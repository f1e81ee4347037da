"""schemathesis, which makes up requests from what the API says of itself, as a process of its own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import Any

from tests.integration.ensemble import SCALE
from tests.integration.stack import ROOT

CHECKS = (
    "not_a_server_error", "status_code_conformance", "content_type_conformance", "response_headers_conformance",
    "response_schema_conformance", "unsupported_method",
)  # fmt: skip
"""Not ``ignored_auth``: it shows wrong tokens until guessing is slowed, and takes 429 for an answer to strangers."""

TOOL = Path(sys.executable).with_name("schemathesis")


EXAMPLES = 2
"""Requests for each route that are made up beside those that the description itself suggests, unless time is given."""


def fuzz(origin: str, headers: dict[str, str], folder: Path, seed: int, seconds: int, *more: str) -> Counter[str]:
    """How often each operation was answered with each status: 'GET /api/me 200'. Fails where a check does.

    ``headers`` say who asks; they go through a file that only its owner can read. ``seconds``: 0 is as few as above.
    """
    bound = ("--max-time", str(seconds)) if seconds else ("--max-examples", str(EXAMPLES))
    folder.mkdir(mode=0o700)
    settings, report, answers = folder / "schemathesis.toml", folder / "report.json", folder / "answers"
    lines = "\n".join(f"{json.dumps(name)} = {json.dumps(value)}" for name, value in headers.items())
    # Beside a session's cookie it would make up tokens, and be one of those who guess.
    settings.write_text(f"[headers]\n{lines}\n[generation]\nwith-security-parameters = false\n")
    done = subprocess.run(
        [
            TOOL, "--config-file", settings, "run", f"{origin}/api/openapi.json", "--no-color", "--continue-on-failure",
            "--seed", str(seed), "--checks", ",".join(CHECKS), "--report", "json", "--report-json-path", report,
            "--warnings", "off", *bound, *more,
        ],
        cwd=folder, env={**os.environ, "PYTHONPATH": str(ROOT), "SCHEMATHESIS_HOOKS": "tests.integration.fuzzhooks",
                         "FUZZ_ANSWERS": str(answers)},
        capture_output=True, text=True, timeout=(2 * seconds + 120) * SCALE, check=False,
    )  # fmt: skip
    assert report.exists(), f"schemathesis did not run:\n{done.stdout}\n{done.stderr}"
    told: dict[str, Any] = json.loads(report.read_text())
    wrong = told["failures"] or told["errors"] or told["operations"]["errored"]
    assert not wrong and done.returncode == 0, f"seed {seed}:\n{done.stdout[-20_000:]}"
    return Counter(answers.read_text().splitlines())
