"""Waits for the key Enter on the terminal."""

from __future__ import annotations

import asyncio
import sys
from typing import TextIO


async def entered(source: TextIO = sys.stdin) -> None:
    """Return once a line was typed, or no more can be. A thread would outlast the wait, and the command."""
    loop = asyncio.get_running_loop()
    ready = asyncio.Event()
    try:
        loop.add_reader(source, ready.set)
    except (OSError, ValueError):  # a file, or closed: nobody types there
        return
    try:
        await ready.wait()
        source.readline()
    finally:
        loop.remove_reader(source)
