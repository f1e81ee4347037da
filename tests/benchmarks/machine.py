"""The machine that figures are taken on, in words."""

from __future__ import annotations

import os
import platform
import subprocess
from importlib.metadata import version
from pathlib import Path

import psutil

from tests.browser.conftest import CHROMIUM
from zkbridge.lab import java


def describe() -> dict[str, str | int | float]:
    """What is looked at now, the load before all."""
    load = os.getloadavg()[0]
    return {
        "cores": os.cpu_count() or 0,
        "processor": processor(),
        "memory": f"{psutil.virtual_memory().total / 2**30:.1f} GB",
        "system": platform.platform(),
        "python": platform.python_version(),
        "kazoo": version("kazoo"),
        **servers(),
        "chromium": first_line(CHROMIUM, "--version"),
        "load at the start": round(load, 2),
    }


def servers() -> dict[str, str]:
    try:
        found = java.find()
    except java.JavaMissing as missing:
        return {"java": missing.what}
    zookeeper = first_line(found.java, "-cp", found.classpath, "org.apache.zookeeper.version.VersionInfoMain")
    return {"java": first_line(found.java, "-version"), "zookeeper": zookeeper}


def processor() -> str:
    """The model; for an architecture that names none, the architecture."""
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        lines = []
    models = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return next(models, platform.processor() or platform.machine())


def first_line(*command: str) -> str:
    """Of what a program says of itself."""
    try:
        ran = subprocess.run(
            command, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=20
        )  # fmt: skip
    except (OSError, subprocess.TimeoutExpired) as error:
        return f"not here ({type(error).__name__})"
    said = (ran.stdout.strip() or ran.stderr.strip()).splitlines()
    return said[0].strip() if said else "unknown"
