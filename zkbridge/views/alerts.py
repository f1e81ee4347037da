"""Topic ``alerts``: every rule with its alarms, and what has to be told elsewhere. Pure."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Mapping

import msgspec

from zkbridge.protocol.alerts import Alert, AlertRule, Delivery, PastAlert, Severity
from zkbridge.protocol.alerts import Alerts as Value
from zkbridge.protocol.base import Ms
from zkbridge.protocol.rules import Rule
from zkbridge.views.alarm import GONE, UNKNOWN, Alarm, Reading
from zkbridge.views.endings import ended
from zkbridge.views.readings import Sight, describe, read

PAST = 50
"""Alerts that ended, and are remembered."""

MOST_SUBJECTS = 200
"""Alarms of one rule."""

CALM = 5_000.0
"""ms for which the words of an alert that fires stay as they are, though its value changes all the time."""


class Event(msgspec.Struct, frozen=True):
    """An alert began to fire, or ended, at ``at``."""

    state: str
    """'firing' or 'resolved'."""
    rule: str
    severity: Severity
    subject: str
    since: Ms
    at: Ms
    words: str
    value: float | None


class Told(msgspec.Struct):
    """Of an alarm that fires: what is told of it."""

    alert: Alert
    at: Ms


class Alerts:
    """`step` each second. ``rules`` by their names; those that this sight may not know of are not among them."""

    def __init__(self, rules: Mapping[str, Rule]) -> None:
        self._rules = dict(rules)
        self._alarms: dict[str, dict[str, Alarm]] = {name: {} for name in rules}
        self._known: dict[str, bool] = dict.fromkeys(rules, False)
        self._firing: dict[tuple[str, str], Told] = {}
        self._past: dict[int, PastAlert] = {}
        self._ended = 0
        self._events: deque[Event] = deque(maxlen=1_000)
        self.delivery: Delivery | None = None
        self._value = Value()
        self._tell()

    def step(self, sight: Sight, now: Ms) -> bool:
        """Look at ``now``; True when the value is another."""
        for name, rule in self._rules.items():
            self._look(name, rule, sight, now)
        return self._tell()

    def firing(self) -> list[Alert]:
        return [told.alert for told in self._firing.values()]

    def restore(self, alerts: Iterable[Alert], now: Ms) -> None:
        """Take in what fired in an earlier life: it goes on until it is seen to be over. Of a rule that there is no
        more it is over now."""
        for alert in alerts:
            rule = self._rules.get(alert.rule)
            if rule is None:
                self._note("resolved", alert, now, None, ended(None, alert.subject, None, now - alert.since))
                continue
            if (alert.rule, alert.subject) in self._firing:
                continue
            alarm = self._alarms[alert.rule][alert.subject] = Alarm(rule.hold * 1000, rule.clear_for * 1000)
            alarm.resume(alert.since, alert.fired)
            known = msgspec.structs.replace(alert, severity=rule.severity, unknown=True)
            self._firing[alert.rule, alert.subject] = Told(known, now)
        self._tell()

    def take(self) -> list[Event]:
        """What happened since the last time, in its order."""
        events = list(self._events)
        self._events.clear()
        return events

    def delivers(self, delivery: Delivery | None) -> bool:
        """Take in how the webhook does; True when that is news."""
        differs, self.delivery = delivery != self.delivery, delivery
        return self._tell() or differs

    def value(self) -> Value:
        return self._value

    def _look(self, name: str, rule: Rule, sight: Sight, now: Ms) -> None:
        readings, alarms = read(rule, sight), self._alarms[name]
        self._known[name] = readings is not None and (not readings or any(one.known for one in readings.values()))
        for subject in readings or ():
            if subject not in alarms and len(alarms) < MOST_SUBJECTS:
                alarms[subject] = Alarm(rule.hold * 1000, rule.clear_for * 1000)
        for subject, alarm in list(alarms.items()):
            reading = UNKNOWN if readings is None else readings.get(subject, GONE)
            happened = alarm.step(reading, now)
            self._follow(name, rule, subject, alarm, reading, happened, now)
            if readings is not None and subject not in readings and alarm.state == "quiet":
                del alarms[subject]

    def _follow(
        self, name: str, rule: Rule, subject: str, alarm: Alarm, reading: Reading, happened: str, now: Ms
    ) -> None:
        key = (name, subject)
        if happened == "firing":
            alert = Alert(name, rule.severity, alarm.since, alarm.fired, reading.words, subject, reading.value)
            self._firing[key] = Told(alert, now)
            self._note("firing", alert, now, reading.value)
        elif happened == "resolved":
            alert = self._firing.pop(key).alert
            self._ended += 1
            self._past[self._ended] = PastAlert(
                name, alert.severity, alert.since, alert.fired, now, alert.words, subject
            )
            self._past.pop(self._ended - PAST, None)
            # It was seen to be over for a while before this is told.
            lasted = max(0.0, now - alert.since - rule.clear_for * 1000)
            over = ended(rule, subject, reading.value, lasted, reading is GONE)
            self._note("resolved", alert, now, reading.value, over)
        elif alarm.state == "firing":
            told = self._firing[key]
            again = told.alert.unknown != (not reading.known) or not 0 <= now - told.at < CALM
            if again:
                words = reading.words if reading.wrong else told.alert.words
                changed = msgspec.structs.replace(
                    told.alert, words=words, unknown=not reading.known,
                    value=reading.value if reading.known else told.alert.value,
                )  # fmt: skip
                self._firing[key] = Told(changed, now)

    def _note(self, state: str, alert: Alert, now: Ms, value: float | None, words: str = "") -> None:
        self._events.append(
            Event(state, alert.rule, alert.severity, alert.subject, alert.since, now, words or alert.words, value)
        )

    def _tell(self) -> bool:
        before = self._value
        self._value = Value(
            {name: self._rule(name, rule) for name, rule in self._rules.items()},
            {f"{name}:{subject}": told.alert for (name, subject), told in self._firing.items()},
            {str(number): past for number, past in self._past.items()},
            self.delivery,
        )
        return self._value != before

    def _rule(self, name: str, rule: Rule) -> AlertRule:
        states = {alarm.state for alarm in self._alarms[name].values()}
        known = self._known[name]
        state = "firing" if "firing" in states else "unknown" if not known else "pending" if "pending" in states else ""
        return AlertRule(rule.kind, rule.severity, describe(rule), state or "quiet")  # type: ignore[arg-type]
