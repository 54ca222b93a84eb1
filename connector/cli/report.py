"""`connector noticing report`: how well noticing does, on data that anyone may bring.

The data are diaries with four items a day, answered by people who were not our residents. Two items
are sampled as our texts would ask for them; the other two, which the rules never see, judge what
was noticed. Every pair is tried, and several days of the week to ask on.

- A *personal deterioration* is a run of weeks (7 days, at least 4 answered) whose held-out mean is
  1.5 points and 1.5 of the person's own spreads worse than in their first 28 days.
- A *plainly bad week* is one whose held-out mean is 6 or more of 10 (worst). A second column takes
  the mean of all four items instead, since a bad week by other items need not show in these.
- One is *caught* when a reason is raised between its first day and 5 days after its last.
- A *false flag* is a date with any reason, after the first 28 days, outside both; they are counted
  a person-month.

Intervals are of 95%. An event counts once in them, however many samplings judged it. It refuses to
keep or print anything about one person.
"""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from math import sqrt
from pathlib import Path
from statistics import fmean, pstdev
from typing import Final

import click

from connector.cli import report_texts
from connector.domain.question import About, Better
from connector.domain.signals import SignalKind
from connector.domain.usual import Answer, Asked, Settings, story, tuning_for

DIARY: Final = "diary_dev.csv"
ITEMS: Final = ("depressed", "anhedonia", "loneliness", "left_out")
SPLITS: Final = (((0, 1), (2, 3)), ((2, 3), (0, 1)), ((0, 2), (1, 3)), ((1, 3), (0, 2)))
FIRST_DAYS: Final = 28
LATE: Final = 5
BAD: Final = 6
MONTH: Final = 30.44

Day = tuple[float | None, ...]
Diary = dict[int, Day]
Rule = Callable[[Sequence[Answer]], list[int]]


@click.group()
def noticing() -> None:
    """How well noticing does."""


@noticing.command()
@click.option("--data", type=click.Path(path_type=Path, file_okay=False), required=True)
def report(data: Path) -> None:
    """Measure the rules on the diaries and texts in DATA, beside plainer ways."""
    try:
        diaries = _diaries(data / DIARY)
    except OSError as error:
        click.echo(f"The diaries in {data} cannot be read: {error.strerror}.", err=True)
        raise SystemExit(2) from error
    except (KeyError, ValueError) as error:
        click.echo(f"{DIARY} needs the columns id, date, {', '.join(ITEMS)}.", err=True)
        raise SystemExit(2) from error
    for line in (*_lines(diaries), "", *report_texts.lines(data)):
        click.echo(line)


def _diaries(path: Path) -> list[Diary]:
    people: dict[str, Diary] = {}
    with path.open(encoding="utf-8", newline="") as source:
        for row in csv.DictReader(source):
            day = date.fromisoformat(row["date"]).toordinal()
            told = tuple(float(row[item]) if row[item] else None for item in ITEMS)
            people.setdefault(row["id"], {})[day] = told
    return list(people.values())


@dataclass(frozen=True, slots=True)
class Asking:
    """How often a diary is sampled, as our texts would ask."""

    words: str
    about: About
    per_week: int
    weekdays: tuple[int, ...]
    starts: tuple[int, ...]
    thresholds: tuple[float, ...] = (3, 3.5, 4, 4.5, 5, 5.5, 6, 6.5, 7, 7.5, 8)

    def answers(self, diary: Diary, items: tuple[int, int], start: int) -> list[Answer]:
        """The answers this person would have given, with the week's first day moved by `start`."""
        first, last = min(diary), max(diary)
        asked = [
            day for day in range(first, last + 1) if (day - first + start) % 7 in self.weekdays
        ]
        told = ((day, self._told(diary, items, day)) for day in asked)
        return [
            Answer(date.fromordinal(day), answer)
            for day, answer in told
            if any(item is not None for item in answer)
        ]

    def _told(self, diary: Diary, items: tuple[int, int], day: int) -> Day:
        if self.about is About.DAY:
            return tuple(diary[day][item] for item in items) if day in diary else (None, None)
        week = [diary[past] for past in range(day - 6, day + 1) if past in diary]
        if len(week) < 4:
            return None, None
        return tuple(_rounded([told[item] for told in week]) for item in items)


def _rounded(week: list[float | None]) -> float | None:
    """What somebody would answer about a week: the mean of its days, as a whole number."""
    told = [answer for answer in week if answer is not None]
    return float(round(fmean(told))) if told else None


ASKINGS: Final = (
    Asking("two answers a week, two items", About.DAY, 2, (0, 3), (0, 2, 4, 6)),
    Asking("one past-week answer, two items", About.WEEK, 1, (6,), (0, 2, 4, 6)),
    Asking("every day, two items", About.DAY, 7, tuple(range(7)), (0,)),
)


@dataclass(frozen=True, slots=True)
class Truth:
    """What the held-out items say of one person: spans of days, and the days that are judged."""

    personal: tuple[tuple[int, int], ...]
    bad: tuple[tuple[int, int], ...]
    bad_altogether: tuple[tuple[int, int], ...]
    first: int
    last: int

    @classmethod
    def of(cls, diary: Diary, items: tuple[int, int]) -> Truth | None:
        """None for a diary too short to know what is usual, or to go on after that."""
        held = {
            day: mean for day, told in diary.items() if (mean := _mean(told, items)) is not None
        }
        start, last = min(diary), max(diary)
        first = start + FIRST_DAYS
        known = [mean for day, mean in held.items() if day < first]
        if len(known) < 8 or last < first + 7:
            return None
        usual, spread = fmean(known), pstdev(known)
        every = tuple(range(len(ITEMS)))
        told_all = {
            day: mean for day, told in diary.items() if (mean := _mean(told, every)) is not None
        }
        weeks = dict(_weeks(held, first, last))
        worse = usual + max(1.5, 1.5 * spread)
        return cls(
            _spans([day for day, mean in weeks.items() if mean >= worse]),
            _spans([day for day, mean in weeks.items() if mean >= BAD]),
            _spans([day for day, mean in _weeks(told_all, first, last) if mean >= BAD]),
            first,
            last,
        )


def _mean(told: Day, items: tuple[int, ...]) -> float | None:
    answered = [answer for item in items if (answer := told[item]) is not None]
    return fmean(answered) if answered else None


def _weeks(held: dict[int, float], first: int, last: int) -> Iterator[tuple[int, float]]:
    """The last day and the mean of every week with enough answers."""
    for end in range(first + 6, last + 1):
        week = [held[day] for day in range(end - 6, end + 1) if day in held]
        if len(week) >= 4:
            yield end, fmean(week)


def _spans(ends: list[int]) -> tuple[tuple[int, int], ...]:
    """Weeks that end on `ends`, joined where no more than a week lies between."""
    spans: list[tuple[int, int]] = []
    for end in ends:
        if spans and end - spans[-1][1] <= 7:
            spans[-1] = (spans[-1][0], end)
        else:
            spans.append((end - 6, end))
    return tuple(spans)


@dataclass(frozen=True, slots=True)
class Tally:
    """Events caught and missed, false flags and months, summed over samplings."""

    personal: tuple[int, int] = (0, 0)
    bad: tuple[int, int] = (0, 0)
    bad_altogether: tuple[int, int] = (0, 0)
    false: int = 0
    months: float = 0.0
    samplings: int = 1

    def with_person(self, truth: Truth, flags: Sequence[int]) -> Tally:
        spans = truth.personal + truth.bad
        false = [day for day in flags if day >= truth.first and not _within(day, spans)]
        return replace(
            self,
            personal=_caught(self.personal, truth.personal, flags),
            bad=_caught(self.bad, truth.bad, flags),
            bad_altogether=_caught(self.bad_altogether, truth.bad_altogether, flags),
            false=self.false + len(false),
            months=self.months + (truth.last - truth.first + 1) / MONTH,
        )

    @property
    def rate(self) -> float:
        return self.false / self.months

    def line(self, rule: str) -> str:
        spread = 1.96 * sqrt(self.false / self.samplings) / (self.months / self.samplings)
        return (
            f"  {rule:<34}{_share(*self.personal, self.samplings):>26}"
            f"{_share(*self.bad, self.samplings):>26}"
            f"{_share(*self.bad_altogether, self.samplings):>26}"
            f"   {self.rate:.2f} ({max(self.rate - spread, 0):.2f} to {self.rate + spread:.2f})"
        )


def _within(day: int, spans: Sequence[tuple[int, int]]) -> bool:
    return any(first <= day <= last + LATE for first, last in spans)


def _caught(
    so_far: tuple[int, int], spans: Sequence[tuple[int, int]], flags: Sequence[int]
) -> tuple[int, int]:
    hits = sum(any(_within(day, [span]) for day in flags) for span in spans)
    return so_far[0] + hits, so_far[1] + len(spans)


def _share(hits: int, events: int, samplings: int) -> str:
    """ "61% of 43 (46 to 74)": a share with its Wilson interval, events counted once."""
    if not events:
        return "none to catch"
    share, n, z = hits / events, events / samplings, 1.96
    middle = (share + z * z / (2 * n)) / (1 + z * z / n)
    half = z * sqrt(share * (1 - share) / n + z * z / (4 * n * n)) / (1 + z * z / n)
    low, high = 100 * (middle - half), 100 * (middle + half)
    return f"{100 * share:.0f}% of {n:.0f} ({low:.0f} to {high:.0f})"


def _our_rules(asking: Asking, kinds: frozenset[SignalKind]) -> Rule:
    """The dates on which the live code raises any reason of `kinds`."""
    asked = tuple(Asked(label, better=Better.LOW) for label in ("First", "Second"))
    settings = Settings(tuning_for(asking.about, asking.per_week), asked, asking.about)

    def flags(answers: Sequence[Answer]) -> list[int]:
        return [
            answer.at.toordinal()
            for answer, _, signals in story(answers, settings)
            if any(signal.kind in kinds for signal in signals)
        ]

    return flags


def _fixed(threshold: float) -> Rule:
    """The dates on which the mean answer reaches a level, at most once in 14 days."""

    def flags(answers: Sequence[Answer]) -> list[int]:
        raised: list[int] = []
        for answer in answers:
            day = answer.at.toordinal()
            mean = fmean(item for item in answer.items if item is not None)
            if mean >= threshold and (not raised or day - raised[-1] >= 14):
                raised.append(day)
        return raised

    return flags


def _measured(diaries: Sequence[Diary], asking: Asking, rule: Rule) -> Tally:
    tally = Tally(samplings=len(SPLITS) * len(asking.starts))
    for seen, held_out in SPLITS:
        for diary in diaries:
            truth = Truth.of(diary, held_out)
            if truth is None:
                continue
            for start in asking.starts:
                tally = tally.with_person(truth, rule(asking.answers(diary, seen, start)))
    return tally


def _lines(diaries: Sequence[Diary]) -> Iterator[str]:
    yield f"{len(diaries)} people; starting values as shipped, chosen on these same people."
    for asking in ASKINGS:
        yield ""
        yield (
            f"{asking.words:<36}{'personal deteriorations':>26}{'plainly bad weeks':>26}"
            f"{'bad weeks, all four items':>26}"
            "   false flags a person-month"
        )
        every = frozenset({SignalKind.LOW, SignalKind.BELOW, SignalKind.SLIDING})
        ours = _measured(diaries, asking, _our_rules(asking, every))
        yield ours.line("all reasons")
        below = frozenset({SignalKind.BELOW, SignalKind.SLIDING})
        yield _measured(diaries, asking, _our_rules(asking, below)).line("change from usual alone")
        level = _measured(diaries, asking, _our_rules(asking, frozenset({SignalKind.LOW})))
        yield level.line("level alone")
        threshold, fixed = _nearest(diaries, asking, ours.rate)
        yield fixed.line(f"fixed threshold, {threshold:g} or worse")


def _nearest(diaries: Sequence[Diary], asking: Asking, rate: float) -> tuple[float, Tally]:
    """The fixed threshold whose false flags come nearest to `rate`."""
    tried = [(level, _measured(diaries, asking, _fixed(level))) for level in asking.thresholds]
    return min(tried, key=lambda one: abs(one[1].rate - rate))
