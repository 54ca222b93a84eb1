"""What is usual for one person, and when an answer is worse than that.

The story, answer by answer: the first weeks teach what is usual (`Habit`), pulled towards what is
usual for most people while there are few replies. Each later answer is compared with it, in the
person's own spread. A weighted average of those comparisons, whose weight follows the days between
replies, says *lower than usual*. The first usual stays as an anchor, so that a slow slide is not
absorbed. Beside all this stands the level: a plainly low answer is a reason whatever is usual.

Inside, every answer is turned to 0 (best) to 10 (worst), so that worse is higher. Outside, people
see the figures of the question's own scale. One more answer costs the same however long the
history is, and `Usual` can be written down as JSON and picked up again.

It refuses to measure a person: nothing here leaves this module but a reason to look, in plain
words, with its figures. It compares nobody with anybody else, and knows nothing of silence
(`connector.domain.silence`).

Method: exponentially weighted moving averages on personal baselines follow Smit & Snippe (2022) and
Schat et al. (2021), with a weight that follows the time gap. Starting values were measured on daily
diaries of US adults (Kuczynski et al. 2021) and are a convenience, not a norm.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from math import exp, sqrt
from typing import Any, Final, NamedTuple

from connector.domain.promise import Promise
from connector.domain.question import About, Better, Question
from connector.domain.signals import Signal, SignalKind, day_in_words, figure_in_words, lowered

VERSION: Final = 1
"""The version of the rules below; goes up when what raises a reason changes."""

LOWER_THAN_USUAL: Final = "lower than usual"
LOW_AND_LOWER: Final = "low altogether, and lower than usual"
SLIDING: Final = "slow slide"
LOW_ONCE: Final = "plainly low"
LOW_TWICE: Final = "low twice running"
STARTED_LOW: Final = "started low"

_MIDDLE_HALF: Final = 0.674  # half of a bell curve lies within this many spreads of its centre


@dataclass(frozen=True, slots=True)
class Answer:
    """One reply: its local date and an answer for each item, on the question's own scale.

    `None` stands for an item left out. Raises `ValueError` when nothing was answered.
    """

    at: date
    items: tuple[float | None, ...]

    def __post_init__(self) -> None:
        if self.items.count(None) == len(self.items):
            raise ValueError("An answer needs at least one answered item.")


@dataclass(frozen=True, slots=True)
class Asked:
    """One item as staff know it: its name and the scale it is answered on.

    Raises `ValueError` when the scale is empty.
    """

    label: str = "Mood"
    low: float = 0
    high: float = 10
    better: Better = Better.HIGH
    best: float = field(init=False)
    step: float = field(init=False)
    """(answer - best) * step runs from 0, best, to 10, worst."""

    def __post_init__(self) -> None:
        if self.low >= self.high:
            raise ValueError("A scale needs a highest answer above its lowest one.")
        up = self.better is Better.HIGH
        object.__setattr__(self, "best", self.high if up else self.low)
        object.__setattr__(self, "step", (-10 if up else 10) / (self.high - self.low))

    @classmethod
    def of(cls, question: Question, label: str) -> Asked:
        return cls(label, question.low, question.high, question.better)

    def shown(self, worse: float) -> float:
        """A value of 0 (best) to 10 (worst) back on the question's own scale."""
        return min(max(self.best + worse / self.step, self.low), self.high)

    def usually(self, centre: float, spread: float) -> str:
        """The range that holds about half of somebody's answers: "6 to 7"."""
        ends = (self.shown(centre + side * _MIDDLE_HALF * spread) for side in (-1, 1))
        first, last = sorted(round(end) for end in ends)
        return f"{first} to {last}" if first < last else f"about {first}"

    def or_worse(self, worse: float) -> str:
        """ "2 or less" where high is good, "8 or more" where low is."""
        way = "less" if self.better is Better.HIGH else "more"
        return f"{figure_in_words(self.shown(worse))} or {way}"


@dataclass(frozen=True, slots=True)
class Tuning:
    """The figures that decide when somebody is told. Answers count from 0 (best) to 10 (worst).

    `tau` days: how fast older answers fade. `weight` and `freedom`: how many replies the values for
    most people (`centre`, `spread`) are worth. `limit`: how many spreads from usual raise *below*,
    if they come to `least_fall` points too, so that "8, 8, 8, 7" is no reason. Where several items
    are asked, two answers whose items are on average `bad` or worse, within `bad_days`, raise it
    when the later one is only `bad_fall` points worse than usual: what is plainly low needs less of
    a change, and somebody who is always low needs one all the same. `first`
    days teach the first usual; afterwards it drifts over `drift` days, by answers cut off at
    `cut_off` spreads. `slide`: how many spreads, and `least_slide` points, worse than the anchor
    the mean of `slide_days` must be. `cool_down` days pass before the same reason is raised again.
    """

    limit: float
    weight: float
    freedom: float
    spread: float
    centre: float = 2.8
    tau: float = 4.5
    least_fall: float = 0.8
    bad: float = 5.5
    bad_fall: float = 0.25
    bad_days: int = 10
    least_replies: int = 3
    first: int = 28
    drift: int = 120
    cut_off: float = 2.0
    slide: float = 1.0
    least_slide: float = 1.0
    slide_days: int = 28
    slide_replies: int = 4
    low_once: float = 8.0
    low_twice: float = 7.0
    cool_down: int = 14
    version: int = VERSION

    def __post_init__(self) -> None:
        if min(self.limit, self.least_fall, self.spread, self.tau, self.weight, self.freedom) <= 0:
            raise ValueError("A limit, a spread, a time and a weight must be above zero.")
        if self.least_replies < 2 or self.cool_down < 1 or self.first < 7:
            raise ValueError("A usual needs two replies, a first week and a cool-down of a day.")


def tuning_for(about: About, per_week: float) -> Tuning:
    """The starting values for answers about a day or a week, by how many are expected a week.

    Chosen on development diaries with `connector noticing report`, near the values published with
    the method: fewer answers ask for a lower limit and a longer memory.
    """
    if about is About.WEEK:
        return Tuning(limit=1.15, weight=0.33, freedom=2.0, spread=1.0)
    if per_week >= 5:
        return Tuning(limit=2.0, weight=1.1, freedom=4.0, spread=1.8, bad=7.0)
    return Tuning(limit=1.1, weight=1.5, freedom=4.0, spread=1.8, tau=7.0, least_fall=1.0)


@dataclass(frozen=True, slots=True)
class Floor:
    """A person's own level, lowered by a named human for a time; 0 (worst) to 10 (best).

    Raises `ValueError` below 1: a plainly bad answer is always looked at.
    """

    once: float
    by: str
    until: date

    def __post_init__(self) -> None:
        if self.once < 1:
            raise ValueError("A person's own floor is never below 1.")
        if not self.by:
            raise ValueError("A lowered floor names who lowered it.")


@dataclass(frozen=True, slots=True)
class Settings:
    """What was asked and how it is judged. `levels` is off for questions that never raise `low`.

    The first item is the one that levels speak of.
    """

    tuning: Tuning
    asked: tuple[Asked, ...] = (Asked(),)
    about: About = About.WEEK
    levels: bool = True
    floor: Floor | None = None

    def low_from(self, at: date) -> tuple[float, float]:
        """From where (0 best, 10 worst) one answer, and two running, are low on the day `at`."""
        if self.floor is None or at > self.floor.until:
            return self.tuning.low_once, self.tuning.low_twice
        once = max(self.tuning.low_once, 10 - self.floor.once)
        return once, max(self.tuning.low_twice, once - 1)


class Habit(NamedTuple):
    """The first usual of one item (0 best, 10 worst), which stays as the anchor.

    The named tuples here would be dataclasses, were they not made anew for every answer of every
    resident: a named tuple is made three times faster.
    """

    replies: int
    mean: float
    squares: float
    centre: float
    spread: float

    @classmethod
    def of_most_people(cls, tuning: Tuning) -> Habit:
        return cls(0, 0.0, 0.0, tuning.centre, tuning.spread)

    def taught(self, answer: float, tuning: Tuning) -> Habit:
        """The first usual with one more answer in it, pulled towards most people's."""
        n = self.replies + 1
        mean = self.mean + (answer - self.mean) / n
        squares = self.squares + (answer - self.mean) * (answer - mean)
        centre = (n * mean + tuning.weight * tuning.centre) / (n + tuning.weight)
        prior = tuning.freedom * tuning.spread * tuning.spread
        spread = sqrt((squares + prior) / (n - 1 + tuning.freedom))
        return Habit(n, mean, squares, centre, spread)


class Raised(NamedTuple):
    """When a reason was last raised (ordinal day), and how urgently (a promise's rank)."""

    day: int
    rank: int


class Found(NamedTuple):
    """A reason that an answer gives, before it is asked whether it was raised lately."""

    kind: SignalKind
    rule: str
    promise: Promise


# From the most telling on: while a reason stands, it speaks for those after it too.
_TELLING: Final = (SignalKind.LOW, SignalKind.BELOW, SignalKind.SLIDING)
_NEVER: Final = Raised(-1_000_000, Promise.NONE.rank)


class Usual(NamedTuple):
    """One person's usual after some answers. Make it with `start`, move it on with `add`.

    Days are ordinals of local dates. `habits` are the first usual, `centres` where it has drifted
    to; `settled` says that the first weeks are over. `fall` and `change` are the weighted averages
    of how much worse than usual the answers were, in points and in spreads; `variance` is what
    chance alone would make of the latter. `recent` are the comparisons with the anchor on
    `recent_days`. `raised` follows low, below, sliding; `flagged` is the last day of any.
    """

    habits: tuple[Habit, ...]
    centres: tuple[float, ...]
    replies: int = 0
    since: int = 0
    last: int = 0
    settled: bool = False
    fall: float = 0.0
    change: float = 0.0
    variance: float = 0.0
    before: tuple[float | None, ...] = ()
    worst: float = 0.0
    level: float = 0.0
    recent_days: tuple[int, ...] = ()
    recent: tuple[float, ...] = ()
    raised: tuple[Raised, Raised, Raised] = (_NEVER, _NEVER, _NEVER)
    flagged: int = _NEVER.day

    @classmethod
    def start(cls, settings: Settings) -> Usual:
        """Nothing heard yet."""
        habit = Habit.of_most_people(settings.tuning)
        items = len(settings.asked)
        return cls((habit,) * items, (habit.centre,) * items)

    @property
    def distance(self) -> float:
        """How much worse than usual the answers are of late, in spreads; 0 before it is known."""
        return self.change / sqrt(self.variance) if self.variance else 0.0

    def learning(self, settings: Settings) -> bool:
        """Whether we are still learning what is usual: only levels, words and silence speak."""
        return self.replies < settings.tuning.least_replies

    def range(self, settings: Settings, item: int = 0) -> tuple[float, float] | None:
        """What about half of somebody's answers lie between, on the item's own scale.

        None while it is still being learnt.
        """
        if self.learning(settings):
            return None
        asked, half = settings.asked[item], _MIDDLE_HALF * self.habits[item].spread
        ends = [asked.shown(self.centres[item] + side * half) for side in (-1, 1)]
        return min(ends), max(ends)

    def in_words(self, settings: Settings, item: int = 0) -> str:
        """ "usually 6 to 7", or that it is still being learnt."""
        if self.learning(settings):
            return "still learning what is usual"
        usually = settings.asked[item].usually(self.centres[item], self.habits[item].spread)
        return f"usually {usually}"

    def add(
        self, answer: Answer, settings: Settings, *, held: bool | None = None
    ) -> tuple[Usual, tuple[Signal, ...]]:
        """The usual after one more answer, and the reasons that answer raises.

        `held` says whether a flag is open for this person, which keeps the usual from drifting;
        `None` means as if each flag were finished after the cool-down. Raises `ValueError` when the
        answer is not later than the last one (use `rebuilt`) or has another number of items.
        """
        tuning = settings.tuning
        day = answer.at.toordinal()
        if self.replies and day <= self.last:
            raise ValueError("This answer is not later than the last one; rebuild the usual.")
        worse, mean, points, from_usual, from_anchor = self._compared(answer, settings)
        moved = self._moved(points, from_usual, day, tuning)
        settled = self._is_settled(day, tuning)
        days, recent = self._recently(from_anchor, day, tuning) if settled else ((), ())
        found = self._low(worse[0], answer.at, settings)
        found += self._lower(mean, points, moved, day, settings)
        found += self._sliding(recent, tuning)
        new = [one for one in found if self._is_new(one, day, tuning)] if found else found
        flagged = day if new else self.flagged
        if held is None:
            held = day - flagged < tuning.cool_down
        habits, centres = self._learnt(worse, day, tuning, settled=settled, held=held)
        after = Usual(
            habits,
            centres,
            self.replies + 1,
            self.since or day,
            day,
            settled,
            *moved,
            answer.items,
            max(mean, self.worst),
            self.level if worse[0] is None else worse[0],
            days,
            recent,
            self._with_raised(new, day) if new else self.raised,
            flagged,
        )
        return after, self._said(new, after, settings)

    def level_alone(
        self, answer: float, at: date, settings: Settings
    ) -> tuple[Usual, tuple[Signal, ...]]:
        """The reasons that the level of the first item raises before the others are answered.

        Nothing is learnt: `add` follows with the whole set, and does not say the same again.
        """
        asked, day = settings.asked[0], at.toordinal()
        found = self._low((answer - asked.best) * asked.step, at, settings)
        new = [one for one in found if self._is_new(one, day, settings.tuning)]
        if not new:
            return self, ()
        before = (answer, *[None] * (len(settings.asked) - 1))
        shown = self._replace(before=before, last=day, replies=self.replies + 1)
        after = self._replace(raised=self._with_raised(new, day), flagged=day)
        return after, self._said(new, shown, settings)

    def _said(self, new: list[Found], after: Usual, settings: Settings) -> tuple[Signal, ...]:
        return tuple([_signal(one, self, after, settings) for one in new]) if new else ()

    def _is_settled(self, day: int, tuning: Tuning) -> bool:
        """Whether the first weeks are over, with this day."""
        return self.settled or (
            self.replies >= tuning.least_replies and day - self.since >= tuning.first
        )

    def _lower(
        self,
        mean: float,
        points: float,
        moved: tuple[float, float, float],
        day: int,
        settings: Settings,
    ) -> list[Found]:
        """Lower than usual, or plainly low and a little lower."""
        tuning, (fall, change, variance) = settings.tuning, moved
        fallen = points > 0 and fall >= tuning.least_fall
        if fallen and change >= tuning.limit * sqrt(variance):
            return [self._below(mean, tuning, LOWER_THAN_USUAL)]
        if points >= tuning.bad_fall and self._bad(mean, day, settings):
            return [self._below(mean, tuning, LOW_AND_LOWER)]
        return []

    def _compared(
        self, answer: Answer, settings: Settings
    ) -> tuple[list[float | None], float, float, float, float]:
        """The items from 0 (best) to 10 (worst) and, on average over the answered ones: the item,
        how many points and how many spreads worse it is than usual, and than the anchor.
        """
        worse: list[float | None] = []
        total = points = from_usual = from_anchor = 0.0
        told = 0
        for item, asked, habit, centre in zip(
            answer.items, settings.asked, self.habits, self.centres, strict=True
        ):
            if item is None:
                worse.append(None)
                continue
            turned = (item - asked.best) * asked.step
            spread = habit.spread
            worse.append(turned)
            told += 1
            total += turned
            points += turned - (centre + habit.mean - habit.centre)
            from_usual += (turned - centre) / spread
            from_anchor += (turned - habit.centre) / spread
        return worse, total / told, points / told, from_usual / told, from_anchor / told

    def _moved(
        self, points: float, from_usual: float, day: int, tuning: Tuning
    ) -> tuple[float, float, float]:
        """The weighted averages in points and in spreads, and the variance of the latter."""
        if self.replies < tuning.least_replies:
            return 0.0, 0.0, 0.0
        gap = day - self.last if self.variance else 7
        new = 1 - exp(-gap / tuning.tau)
        old = 1 - new
        return (
            new * points + old * self.fall,
            new * from_usual + old * self.change,
            new * new + old * old * self.variance,
        )

    def _recently(
        self, from_anchor: float, day: int, tuning: Tuning
    ) -> tuple[tuple[int, ...], tuple[float, ...]]:
        """The last weeks' comparisons with the anchor, this answer's included."""
        gone = bisect_right(self.recent_days, day - tuning.slide_days)
        return (*self.recent_days[gone:], day), (*self.recent[gone:], from_anchor)

    def _low(self, level: float | None, at: date, settings: Settings) -> list[Found]:
        """The level speaks: a plainly low answer, a low one twice running, a low start."""
        if level is None or level < settings.tuning.low_twice or not settings.levels:
            return []
        once, twice = settings.low_from(at)
        if self.replies == 0 and level >= twice:
            rule = STARTED_LOW
        elif level >= once:
            rule = LOW_ONCE
        elif level >= twice and self.level >= twice:
            rule = LOW_TWICE
        else:
            return []
        return [Found(SignalKind.LOW, rule, Promise.TODAY if level >= 10 else Promise.THIS_WEEK)]

    def _below(self, mean: float, tuning: Tuning, rule: str) -> Found:
        """Lower than usual; today when it is the lowest by a point, of enough replies."""
        lowest = mean >= self.worst + 1 and self.replies >= 2 * tuning.least_replies
        return Found(SignalKind.BELOW, rule, Promise.TODAY if lowest else Promise.THIS_WEEK)

    def _bad(self, mean: float, day: int, settings: Settings) -> bool:
        """Whether this answer and the one before it are plainly low over several items."""
        tuning = settings.tuning
        if mean < tuning.bad or len(settings.asked) == 1 or self.learning(settings):
            return False
        before = [
            (item - asked.best) * asked.step
            for item, asked in zip(self.before, settings.asked, strict=True)
            if item is not None
        ]
        return day - self.last <= tuning.bad_days and sum(before) >= tuning.bad * len(before)

    def _sliding(self, recent: tuple[float, ...], tuning: Tuning) -> list[Found]:
        """The last weeks are worse than the first; by a point, for those who hardly vary."""
        if len(recent) < tuning.slide_replies or sum(recent) < tuning.slide * len(recent):
            return []
        spread = sum([habit.spread for habit in self.habits]) / len(self.habits)
        if sum(recent) / len(recent) * spread < tuning.least_slide:
            return []
        return [Found(SignalKind.SLIDING, SLIDING, Promise.THIS_WEEK)]

    def _is_new(self, found: Found, day: int, tuning: Tuning) -> bool:
        """Whether nothing as telling and as urgent was raised within the cool-down."""
        speaking = self.raised[: _TELLING.index(found.kind) + 1]
        return not any(
            day - before.day < tuning.cool_down and before.rank <= found.promise.rank
            for before in speaking
        )

    def _with_raised(self, new: list[Found], day: int) -> tuple[Raised, Raised, Raised]:
        now = {one.kind: Raised(day, one.promise.rank) for one in new}
        low, below, sliding = (
            now.get(kind, before) for kind, before in zip(_TELLING, self.raised, strict=True)
        )
        return low, below, sliding

    def _learnt(
        self,
        worse: list[float | None],
        day: int,
        tuning: Tuning,
        *,
        settled: bool,
        held: bool,
    ) -> tuple[tuple[Habit, ...], tuple[float, ...]]:
        """The first usual takes each answer in; a settled one drifts, unless a flag is open."""
        if settled:
            return self.habits, self.centres if held else self._drifted(worse, day, tuning)
        pairs = zip(worse, self.habits, strict=True)
        habits = [h if item is None else h.taught(item, tuning) for item, h in pairs]
        return tuple(habits), tuple([habit.centre for habit in habits])

    def _drifted(self, worse: list[float | None], day: int, tuning: Tuning) -> tuple[float, ...]:
        """The centres moved a little towards this answer, whose pull is cut off."""
        share = 1 - exp((self.last - day) / tuning.drift)
        centres = []
        for item, habit, centre in zip(worse, self.habits, self.centres, strict=True):
            moved = centre
            if item is not None:
                pull = item - centre
                far = tuning.cut_off * habit.spread
                if not -far <= pull <= far:
                    pull = far if pull > 0 else -far
                moved += share * pull
            centres.append(moved)
        return tuple(centres)

    def to_json(self) -> dict[str, Any]:
        """The state in plain JSON values; `from_json` gives the same state back."""
        return self._asdict()

    @classmethod
    def from_json(cls, state: Mapping[str, Any]) -> Usual:
        """The state that `to_json` wrote, also after a trip through JSON text."""
        low, below, sliding = (Raised(*one) for one in state["raised"])
        return cls(
            **{
                **state,
                "habits": tuple(Habit(*habit) for habit in state["habits"]),
                "centres": tuple(state["centres"]),
                "before": tuple(state["before"]),
                "recent_days": tuple(state["recent_days"]),
                "recent": tuple(state["recent"]),
                "raised": (low, below, sliding),
            }
        )


def story(
    answers: Iterable[Answer], settings: Settings
) -> Iterator[tuple[Answer, Usual, tuple[Signal, ...]]]:
    """Each answer in order, the usual after it and the reasons it raises.

    As if each flag were finished after the cool-down. Takes answers in any order and any number of
    times; answers of one date are one answer, with the worse of each item.
    """
    usual = Usual.start(settings)
    for answer in in_order(answers, settings):
        usual, signals = usual.add(answer, settings)
        yield answer, usual, signals


def rebuilt(
    answers: Iterable[Answer], settings: Settings, *, since: date | None = None
) -> tuple[Usual, tuple[Signal, ...]]:
    """The usual from a whole history, when an answer came late or twice, and its reasons.

    `since` leaves out the reasons that earlier answers raised: they were told in their time.
    """
    usual = Usual.start(settings)
    raised: list[Signal] = []
    for answer in in_order(answers, settings):
        usual, signals = usual.add(answer, settings)
        if since is None or answer.at >= since:
            raised.extend(signals)
    return usual, tuple(raised)


def in_order(answers: Iterable[Answer], settings: Settings) -> list[Answer]:
    """One answer a date, oldest first; where a date has several, the worse of each item."""
    by_date: dict[date, Answer] = {}
    for answer in answers:
        same = by_date.get(answer.at)
        by_date[answer.at] = answer if same is None else _worse_of(same, answer, settings)
    return [by_date[at] for at in sorted(by_date)]


def _worse_of(one: Answer, other: Answer, settings: Settings) -> Answer:
    items: list[float | None] = []
    for a, b, asked in zip(one.items, other.items, settings.asked, strict=True):
        told = [item for item in (a, b) if item is not None]
        worst = min if asked.better is Better.HIGH else max
        items.append(worst(told) if told else None)
    return Answer(one.at, tuple(items))


def _signal(found: Found, usual: Usual, after: Usual, settings: Settings) -> Signal:
    """The reason in plain words. `usual` is what the answer was compared with."""
    say = {SignalKind.LOW: _say_low, SignalKind.BELOW: _say_below, SignalKind.SLIDING: _say_sliding}
    sentence, figures = say[found.kind](found.rule, usual, after, settings)
    return Signal(
        kind=found.kind,
        promise=found.promise,
        sentence=sentence,
        rule=found.rule,
        version=settings.tuning.version,
        figures=figures,
    )


_Said = tuple[str, dict[str, float | str]]


def _say_low(rule: str, usual: Usual, after: Usual, settings: Settings) -> _Said:
    asked = settings.asked[0]
    once, twice = settings.low_from(date.fromordinal(after.last))
    answer = after.before[0]
    assert answer is not None
    figures: dict[str, float | str] = {"answer": answer, "replies": after.replies}
    words = f"{asked.label} {figure_in_words(answer)}"
    if rule == STARTED_LOW:
        return f"Started low: {lowered(words)} in the first reply.", figures
    if rule == LOW_TWICE:
        figures["before"] = asked.shown(usual.level)
        words += f" and {figure_in_words(asked.shown(usual.level))} before, twice running"
        limit = twice
    else:
        limit = once
    figures["level"] = asked.shown(limit)
    learning = "; still learning what is usual" if after.learning(settings) else ""
    return f"{words}; {asked.or_worse(limit)} is always looked at{learning}.", figures


def _say_below(rule: str, usual: Usual, after: Usual, settings: Settings) -> _Said:
    del rule
    parts = []
    for n, asked in enumerate(settings.asked):
        told = _now_and_before(n, usual, after, settings)
        if told:
            usually = asked.usually(usual.centres[n], usual.habits[n].spread)
            parts.append(f"{asked.label} {told}; usually {usually}")
    first, *others = parts
    words = ". ".join([first, *others])
    figures: dict[str, float | str] = {
        "replies": usual.replies,
        "since": date.fromordinal(usual.since).isoformat(),
        "spreads_from_usual": round(after.distance, 2),
        "limit": settings.tuning.limit,
    }
    for asked, item, centre in zip(settings.asked, after.before, usual.centres, strict=True):
        if item is not None:
            figures[asked.label] = item
            figures[f"usual {asked.label}"] = round(asked.shown(centre), 1)
    return f"{words} ({_replies(usual, after)}).", figures


def _say_sliding(rule: str, usual: Usual, after: Usual, settings: Settings) -> _Said:
    del rule, usual
    tuning = settings.tuning
    mean = sum(after.recent) / len(after.recent)
    figures: dict[str, float | str] = {
        "spreads_from_first_weeks": round(mean, 2),
        "replies": len(after.recent),
        "days": tuning.slide_days,
    }
    parts = []
    for asked, habit in zip(settings.asked, after.habits, strict=True):
        now = asked.shown(habit.centre + mean * habit.spread)
        then = asked.usually(habit.centre, habit.spread)
        figures[asked.label] = round(now, 1)
        parts.append(f"{asked.label} around {figure_in_words(now)}, {then} in the first weeks")
    words = "; ".join(parts)
    return (
        f"Sliding slowly: {lowered(words)} "
        f"({len(after.recent)} replies in {tuning.slide_days} days).",
        figures,
    )


def _now_and_before(n: int, usual: Usual, after: Usual, settings: Settings) -> str:
    """ "3 this week and 4 last", or "3 now and 4 on 3 May"."""
    now = after.before[n]
    if now is None:
        return ""
    before = usual.before[n]
    gap = after.last - usual.last
    if settings.about is About.WEEK and before is not None and 5 <= gap <= 9:
        return f"{figure_in_words(now)} this week and {figure_in_words(before)} last"
    if before is None:
        return f"{figure_in_words(now)} now"
    on = day_in_words(date.fromordinal(usual.last), date.fromordinal(after.last))
    return f"{figure_in_words(now)} now and {figure_in_words(before)} on {on}"


def _replies(usual: Usual, after: Usual) -> str:
    since = day_in_words(date.fromordinal(usual.since), date.fromordinal(after.last))
    return f"{usual.replies} replies since {since}"
