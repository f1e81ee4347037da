"""The workload in the story: that it was ordered, and how it ended. The tasks themselves are another view's. Pure."""

from __future__ import annotations

from typing import Literal

import msgspec

from zkbridge.protocol.base import Ms
from zkbridge.views import words
from zkbridge.views.cast import Cast
from zkbridge.views.episode import Episode
from zkbridge.views.sentence import Sentence
from zkbridge.workload import TASKS

NewsKind = Literal["ordered", "found", "stopped", "done", "cleared"]


class News(msgspec.Struct, frozen=True):
    """``found``: it was under way already when Zooscope came. ``since``: when it was ordered, where that was seen."""

    kind: NewsKind
    at: Ms
    run: str
    tasks: int = 0
    """Ordered."""
    pace: int = 0
    work: int = 0
    made: int = 0
    done: int = 0
    again: int = 0
    checked: int = 0
    """Tasks whose place is known."""
    violated: int = 0
    since: Ms | None = None
    moment: str = ""


class TasksTold(Episode):
    """One piece of news. ``leader`` and ``workers`` are those of the moment."""

    def __init__(self, ident: str, news: News, leader: str, workers: int) -> None:
        super().__init__(ident, news.at)
        self.news, self.leader, self.workers = news, leader, workers

    def is_over(self, now: Ms) -> bool:
        return True

    def tell(self, cast: Cast) -> Sentence:
        told, news = Sentence(), self.news
        if news.kind == "ordered":
            told.text(f"{_order(news)} was ordered")
            self._mark(told, "tasks ordered")
            self._tell_hands(told, cast, ": ")
            told.text(".")
        elif news.kind == "found":
            told.text(f"{_order(news)} is under way")
            self._mark(told, "tasks under way")
            told.text(f": {words.count(news.made, 'task')} {_was(news.made)} made by now, {news.done:,} of them")
            told.text(f" {'is' if news.done == 1 else 'are'} done")
            self._tell_hands(told, cast, "; ")
            told.text(".")
        elif news.kind == "stopped":
            told.text("The workload was stopped")
            self._mark(told, "workload stopped")
            told.text(f": no more tasks come, and the {news.made:,} of {news.tasks:,} that were made are still done.")
        elif news.kind == "cleared":
            told.text("The workload was cleared away")
            self._mark(told, "workload cleared away")
            told.text(f"; at the last count {news.done:,} of its {words.count(news.made, 'task')} were done.")
        else:
            self._tell_end(told)
        return told

    def _tell_hands(self, told: Sentence, cast: Cast, before: str) -> None:
        workers = words.count(self.workers, "worker")
        if self.leader and self.workers:
            told.text(before).node(self.leader, cast.name(self.leader)).text(f" hands them to {workers}")
        elif self.leader:
            told.text(before).node(self.leader, cast.name(self.leader)).text(" leads, but has no worker")
        else:
            told.text(before).text("nobody leads, so nobody hands them out")

    def _tell_end(self, told: Sentence) -> None:
        news = self.news
        whole = news.made >= news.tasks
        told.text(f"All {news.made:,} tasks" if news.made != 1 else "The one task")
        told.text(" of the workload are done" if news.made != 1 else " of the workload is done")
        self._mark(told, "workload done")
        if news.since is not None:
            told.text(f", {words.duration(news.at - news.since)} after it was ordered")
        told.text("" if whole else f"; it was stopped before all {news.tasks:,} were made")
        if news.again:
            handed = f"{news.again:,} {_was(news.again)} handed out again after their workers had died"
            told.text(f". On the way {handed}" if whole else f". {handed}")
        if news.violated:
            wrong = f"{words.count(news.violated, 'task')} {_was(news.violated)}"
            told.text(f". {wrong} lost, in two places, or done twice")
        elif news.checked >= news.made:
            told.text(", and each has one result" if not news.again else "; each has one result")
        told.text(".")

    def _mark(self, told: Sentence, label: str) -> None:
        told.mark("znode", TASKS, self.news.at, self.news.moment, TASKS, label)


def _order(news: News) -> str:
    work = f" of {news.work:,} ms each" if news.work else ""
    pace = f", {news.pace:,} a second" if news.pace else ""
    return f"A workload of {words.count(news.tasks, 'task')}{work}{pace}{',' if pace else ''}"


def _was(number: int) -> str:
    return "was" if number == 1 else "were"
