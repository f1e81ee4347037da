"""What is measured and judged once a second: the plots and the alerts of one sight of the cluster. Pure."""

from __future__ import annotations

from collections.abc import Callable, Container, Mapping, Sequence

from zkbridge.facts import Probe, SessionFacts
from zkbridge.protocol.base import Message, Ms, Problem
from zkbridge.protocol.ensemble import Ensemble
from zkbridge.protocol.rules import Rule
from zkbridge.protocol.topics import Topic
from zkbridge.protocol.znodes import Change
from zkbridge.views import parameters
from zkbridge.views.alerts import Alerts
from zkbridge.views.cast import signed
from zkbridge.views.flaps import Flaps
from zkbridge.views.plots import SPANS, Plots, measured
from zkbridge.views.readings import SERVED, Sight

WHOLE = ("rate", "")


class Vigil:
    """Every method returns the topics whose values are others, as `stamped` names them."""

    def __init__(
        self, rules: Mapping[str, Rule], members: Callable[[str], int], untold: Container[str] = (),
        passing: Container[str] = (),
    ) -> None:  # fmt: skip
        self.plots, self.alerts, self._flaps, self._members = Plots(), Alerts(rules), Flaps(), members
        self._untold = untold
        """Servers that tell no more of latency than the average since they began."""
        self._passing = passing
        """Names of servers that last until the configuration is read."""

    def changed(self, changes: Sequence[Change], owners: Container[int], now: Ms) -> None:
        """The tree changed; ``owners``: sessions that own ephemerals now."""
        for change in changes:
            if change.found or not change.owner:
                continue
            session = signed(change.owner)
            if change.kind == "created":
                self._flaps.back(session)
            elif change.kind == "deleted" and session not in owners:
                self._flaps.gone(session, now)

    def probed(self, probes: tuple[Probe, ...], ensemble: Ensemble, now: Ms) -> list[str]:
        """A round of probes, and what is made of it."""
        serving = [probe for probe in probes if probe.mode not in ("", "looking")]
        told = [probe.sessions for probe in serving if probe.sessions is not None]
        complete = bool(serving) and len(told) == len(serving)
        self._flaps.seen([one.session for sessions in told for one in sessions] if complete else None, now)
        return self._stamped(self.plots.add(measured(ensemble.servers.values(), self._untold, self._passing), now))

    def reconnected(self, now: Ms) -> None:
        """The bridge's session is another, or was away: what ended meanwhile was not seen."""
        self._flaps.forget(now)

    def second(
        self, facts: SessionFacts, ensemble: Ensemble | None, no_quorum: bool, rate: int, now: Ms
    ) -> list[str]:
        """A second is over, in which there were ``rate`` changes."""
        servers = ensemble.servers.values() if ensemble is not None else ()
        samples = measured(servers, self._untold, self._passing)
        if facts.state in SERVED:
            samples[WHOLE] = float(rate)
        differ = self._stamped(self.plots.add(samples, now))
        sight = Sight(facts, ensemble, no_quorum, self._members, self._flaps.count(now), self._untold, self._passing)
        return [*differ, "alerts"] if self.alerts.step(sight, now) else differ

    def kept(self, problem: Problem | None) -> list[str]:
        """Why plots cannot be kept on disk, None while they are."""
        self.plots.problem = problem
        return self._stamped(list(SPANS))

    def value(self, topic: Topic) -> Message:
        """Of ``alerts`` or ``plots``; raise `BadTopic` for a span that there is not."""
        return self.alerts.value() if topic.name == "alerts" else self.plots.value(span(topic))

    @staticmethod
    def _stamped(spans: list[str]) -> list[str]:
        return [f"plots {one}" for one in spans]


def span(topic: Topic) -> str:
    return parameters.choice(topic, "span", SPANS)


def stamped(topic: Topic) -> str:
    """What a topic is called where its stamp is kept: each span of ``plots`` has its own."""
    return f"plots {topic.parameters.get('span', SPANS[0])}" if topic.name == "plots" else topic.name
