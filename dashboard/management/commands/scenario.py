"""``manage.py scenario``: plays what a class must be able to see, on the demo that runs, or on a lab of its own."""

import asyncio
import contextlib
import signal
from collections.abc import Coroutine
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from dashboard import rundir as runs
from zkbridge.lab import description, java, ports, rundir, site
from zkbridge.lab.rehearsal import Rehearsal, Score, play_all
from zkbridge.lab.terminal import Terminal
from zkbridge.scenarios.catalog import SCENARIOS
from zkbridge.scenarios.scenario import Scenario

Place = tuple[int, list[Scenario], str]
"""How many servers there are, what is to be played there, and the bridge's socket: '' for a lab of its own."""

NODES = 5
KNOWN = {scenario.name: scenario for scenario in SCENARIOS}


class Command(BaseCommand):
    help = (
        "Plays a scenario: does something to a lab, waits for what must come of it, checks that, and puts everything "
        "back. On the demo that runs where that has the right number of servers, else on a lab of its own. Ends with "
        "code 0 where all that was to be seen was seen, else with 1. Ctrl-C cancels, and puts everything back."
    )
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("name", nargs="?", default="", help="which one; --list names them")
        parser.add_argument("--list", action="store_true", dest="listed", help="say which there are")
        parser.add_argument("--all", action="store_true", dest="every", help="play all of them, one after the other")
        parser.add_argument("--own", action="store_true", help="on a lab of its own, even where a demo runs")

        parser.add_argument("--hold", action="store_true", help="leave its end standing until Enter is pressed")

    def handle(self, *, name: str, listed: bool, every: bool, own: bool, hold: bool, **_: Any) -> None:
        if listed:
            return self._list()
        if bool(name) == every:
            raise CommandError("Name one scenario, or give --all; --list says which there are.")
        if name and name not in KNOWN:
            raise CommandError(f"There is no scenario {name[:60]!r}. There are: {', '.join(KNOWN)}.")
        if every and hold:
            raise CommandError("--hold is for one scenario: name it.")
        terminal = Terminal()
        wanted = [KNOWN[name]] if name else [*SCENARIOS]
        scores: list[Score] = []
        for servers, here, socket in self._places(wanted, own):
            names = [scenario.name for scenario in here]
            if socket:
                scores += asyncio.run(_interrupted(play_all(socket, names, terminal, hold=hold)))
            else:
                scores += self._on_its_own(servers, names, terminal, hold)
            if any(score.state == "cancelled" for score in scores):
                break
        if len(wanted) > 1:
            terminal.say()
            for score in scores:
                terminal.say(f"  {score.state:<10} {score.name}")
        done = len(scores) == len(wanted) and {score.state for score in scores} == {"passed"}
        raise SystemExit(0 if done else 1)

    def _list(self) -> None:
        for scenario in SCENARIOS:
            self.stdout.write(f"{scenario.name:<14} {scenario.title}. Needs {scenario.needs}.")
            self.stdout.write(f"               {scenario.shows}")

    def _places(self, wanted: list[Scenario], own: bool) -> list[Place]:
        servers, socket = (0, "") if own else _demo()
        on_demo = [one for one in wanted if socket and (not one.sizes or servers in one.sizes)]
        places: list[Place] = [(servers, on_demo, socket)] if on_demo else []
        rest = [one for one in wanted if one not in on_demo]
        for size in dict.fromkeys(one.suits for one in rest):
            places.append((size, [one for one in rest if one.suits == size], ""))
        return places

    def _on_its_own(self, servers: int, names: list[str], terminal: Terminal, hold: bool) -> list[Score]:
        try:
            runtime = java.find()
            run, _ = rundir.create(runs.home(settings.BASE_DIR), "scenario")
            # No page is served there; the port only fills the place of one that is.
            address = site.listen("127.0.0.1", ports.free_ports(1)[0], terminal)
        except (java.JavaMissing, rundir.BadHome, site.Failed, ports.NoFreePort) as error:
            raise CommandError(str(error)) from None
        terminal.say(f"No demo fits: starting a lab of its own, {servers} server{'s' * (servers > 1)}, {NODES} nodes.")

        async def main() -> list[Score]:
            manage = settings.BASE_DIR / "manage.py"
            lab = Rehearsal(run, address, manage, runtime, servers, NODES, terminal, names, hold=hold)
            await lab.run()
            return lab.scores

        return asyncio.run(main())


def _demo() -> tuple[int, str]:
    """How many servers the latest demo that runs has, and its bridge's socket; (0, '') where none runs."""
    for path in reversed(rundir.running(runs.home(settings.BASE_DIR))):
        with contextlib.suppress(description.NoLab):
            lab = description.read(path)
            socket = rundir.sockets(path) / "bridge.sock"
            if path.name.startswith("demo-") and socket.exists():
                return len(lab.members), str(socket)
    return 0, ""


async def _interrupted(work: Coroutine[Any, Any, list[Score]]) -> list[Score]:
    """``work``, cancelled by Ctrl-C and SIGTERM rather than broken off."""
    task = asyncio.ensure_future(work)
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, task.cancel)
    return await task
