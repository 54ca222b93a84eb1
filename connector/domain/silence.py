"""When somebody has gone quiet: delivery, absence and their own rhythm, taken together.

Silence says that we have not heard, and nothing about how somebody is: in diaries, missed and late
answers did not go with low days. Only a text that is known to have arrived can go unanswered; a
text that did not arrive is a matter of the number. Nobody is missed while they are away, paused, in
hospital or talking with a person, nor when many texts fail at once; and STOP is never silence.

How many misses are worth a look depends on how often this person usually replies. It refuses to
count a late reply against anybody.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Final, NamedTuple

from connector.domain.signals import (
    Signal,
    SignalKind,
    day_in_words,
    figure_in_words,
    undelivered,
)

VERSION: Final = 1

USUALLY_REPLIES: Final = "quiet for longer than usual"
AGREED_MAXIMUM: Final = "quiet for the agreed time"

REPEAT_AFTER: Final = timedelta(hours=48)
"""One gentle repeat this long after an unanswered text; only then is it a miss."""


@dataclass(frozen=True, slots=True)
class Patience:
    """How long silence may last.

    `heard` and `missed` are what most people's rhythm is worth in texts (three in four answered).
    A reason is due when a run of misses would happen by chance with less than `chance`, or when it
    lasts `maximum` days. `failures`: texts running that did not arrive before anybody is told.
    """

    heard: float = 7.5
    missed: float = 2.5
    chance: float = 0.02
    maximum: int = 28
    cool_down: int = 14
    failures: int = 2

    def __post_init__(self) -> None:
        if min(self.heard, self.missed, self.chance) <= 0 or min(self.maximum, self.failures) < 1:
            raise ValueError("Patience needs figures above zero.")


class Rhythm(NamedTuple):
    """How one person replies. Days are ordinals of local dates.

    `heard` and `missed` count texts before the silence that may be under way, so that a silence is
    never excused by itself; `run` counts its misses (one half for a text we cannot be sure arrived)
    since the text of day `since`. `failed` counts texts running that did not arrive. A named tuple,
    because one is made for every reply.
    """

    heard: int = 0
    missed: float = 0.0
    run: float = 0.0
    since: int | None = None
    told: int | None = None
    told_of_this: bool = False
    failed: int = 0
    failed_told: int | None = None

    def reply_rate(self, patience: Patience) -> float:
        """How often this person replies, 0 to 1, pulled towards most people's."""
        heard = self.heard + patience.heard
        return heard / (heard + self.missed + patience.missed)

    def replied(self, *, late: bool = False) -> Rhythm:
        """They replied. A late reply takes back the miss that it answers."""
        missed = self.missed + max(self.run - late, 0) if self.run else self.missed
        return Rhythm(self.heard + 1, missed, 0.0, None, self.told, False, 0, self.failed_told)

    def explained(self) -> Rhythm:
        """We know why it is quiet, or heard in another way: away, paused, a talk, a visit."""
        return Rhythm(self.heard, self.missed, told=self.told, failed_told=self.failed_told)

    def unanswered(
        self, on: date, patience: Patience, *, name: str = "", sure: bool = True
    ) -> tuple[Rhythm, Signal | None]:
        """The text of day `on` arrived and was not answered, its repeat neither.

        `sure` is off when the network never said that it arrived. `name` is for the sentence.
        """
        day = on.toordinal()
        after = self._replace(
            run=self.run + (1 if sure else 0.5),
            since=day if self.since is None else self.since,
            failed=0,
        )
        rule = after._rule(day, patience)
        if rule is None or not after._due(day, patience):
            return after, None
        return after._replace(told=day, told_of_this=True), after._quiet(rule, on, patience, name)

    def not_delivered(
        self, on: date, patience: Patience, *, name: str = "them"
    ) -> tuple[Rhythm, Signal | None]:
        """The text of day `on` did not arrive: no miss, and after a few a reason of its own."""
        day = on.toordinal()
        after = self._replace(failed=self.failed + 1)
        lately = self.failed_told is not None and day - self.failed_told < patience.cool_down
        if after.failed < patience.failures or lately:
            return after, None
        return after._replace(failed_told=day), undelivered(name, texts=after.failed)

    def to_json(self) -> dict[str, Any]:
        return self._asdict()

    @classmethod
    def from_json(cls, state: Mapping[str, Any]) -> Rhythm:
        return cls(**state)

    def _rule(self, day: int, patience: Patience) -> str | None:
        if (1 - self.reply_rate(patience)) ** self.run < patience.chance:
            return USUALLY_REPLIES
        if self.since is not None and day - self.since >= patience.maximum:
            return AGREED_MAXIMUM
        return None

    def _due(self, day: int, patience: Patience) -> bool:
        """Once for each silence, again when it lasts, never twice within the cool-down."""
        if self.told is None:
            return True
        wait = patience.maximum if self.told_of_this else patience.cool_down
        return day - self.told >= wait

    def _quiet(self, rule: str, on: date, patience: Patience, name: str) -> Signal:
        assert self.since is not None
        since = date.fromordinal(self.since)
        rate = self.reply_rate(patience)
        texts = figure_in_words(self.run)
        of_ten = round(10 * rate)
        habit = "usually replies to nearly every text"
        if of_ten < 10:
            habit = f"usually replies to about {of_ten} of 10"
        who = f"{name} has been quiet" if name else "Quiet"
        return Signal(
            kind=SignalKind.QUIET,
            promise=SignalKind.QUIET.usual_promise,
            sentence=f"{who} for {texts} texts, since {day_in_words(since, on)}; {habit}.",
            rule=rule,
            version=VERSION,
            figures={
                "texts": self.run,
                "since": since.isoformat(),
                "usual_replies_of_10": round(10 * rate, 1),
            },
        )


def is_our_trouble(failed: int, sent: int) -> bool:
    """Whether so many texts failed at once that it is us and not them; then nobody is missed."""
    return failed >= 5 and failed * 5 >= sent
