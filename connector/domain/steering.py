"""What a resident asks about the texts themselves: a time without them, other days, another pace.

An absence is theirs to take and begins at once. Another day, time or pace becomes a proposal that a
connector accepts with one press. Where the words leave room for doubt nothing is read here, and the
reply is a person's to answer.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import date, time, timedelta
from enum import StrEnum

from connector.domain.cadence import Cadence, Override, Unit, Weekday
from connector.domain.dates_in_words import day_in, weekdays_in
from connector.domain.errors import Invalid

PAUSE_FOR = timedelta(weeks=4)
"""A pause without a day ends by itself after so long, with a soft welcome back."""
SLOWEST = 4  # weeks


class AbsenceKind(StrEnum):
    AWAY = "away"
    PAUSE = "pause"
    HOSPITAL = "hospital"

    @property
    def words(self) -> str:
        return {"away": "Away", "pause": "Having a pause", "hospital": "In hospital"}[self]


@dataclass(frozen=True, slots=True)
class AbsenceWish:
    """A time without texts. `ends_on` is the first day of texts again; None: until we hear."""

    kind: AbsenceKind
    starts_on: date
    ends_on: date | None


@dataclass(frozen=True, slots=True)
class PaceWish:
    """Other days, time or pace. `without` are days to leave out of those there are now."""

    days: tuple[Weekday, ...] = ()
    without: tuple[Weekday, ...] = ()
    time: time | None = None
    every: int | None = None
    less: bool = False
    more: bool = False

    def applied_to(self, cadence: Cadence, own: Override) -> Override | None:
        """What their pace would be; None when that is what it is already, or can never be sent."""
        now = own.apply_to(cadence)
        days = self.days or tuple(day for day in now.days if day not in self.without) or None
        if days is None:
            days = tuple(day for day in _WORKING if day not in self.without)[:1]
        every = self.every or self._other_pace(now)
        wanted = replace(
            own,
            days=days if days != now.days else own.days,
            time=self.time if self.time and self.time != now.time else own.time,
            every=every if every and every != now.every else own.every,
        )
        try:
            return wanted if wanted.apply_to(cadence) != now else None
        except Invalid:
            return None

    def _other_pace(self, now: Cadence) -> int | None:
        if now.unit is not Unit.WEEKS:
            return None
        if self.less:
            return min(now.every * 2, SLOWEST)
        return max(now.every // 2, 1) if self.more else None


_DAYS = tuple(Weekday)
_WORKING, _WEEKEND = _DAYS[:5], _DAYS[5:]

_HOSPITAL = re.compile(
    r"^(?:in|into|going in(?:to)?) (?:the )?hosp(?:ital|ital|i)?\b"
    r"|\b(?:i ?am|i'?m|im|ive been|i've been|i was|they've|theyve|they have|been) "
    r"(?:still |back |just |being |been |got |going |now |)*"
    r"(?:kept |taken |took |admitted |put |rushed |)*(?:me )?"
    r"(?:in|into|to|at) (?:the )?hosp(?:ital)?\b"
)
_AWAY = re.compile(
    r"\baway\b|\b(?:on|off on|going on) (?:my )?(?:hols?|holidays?|vacation)\b"
    r"|\bgoing (?:to|up to|down to) my \w+'?s? (?:til|till|until|for)\b"
    r"|\bback (?:home )?(?:on|next|in)\b"
)
_NOT_AWAY = re.compile(
    r"\b(?:pass(?:ed|ing)?|go|went|gone|right|straight|throw\w*|give\w*|gave|run|ran|put|far|get|"
    r"got|blown?|fade\w*|wast\w+|turn\w*|moved?|not|never|isn'?t|aint) away\b|\bgo away\b"
)
_PAUSE = re.compile(
    r"\bpause\b|\b(?:have|having|need|take|want) (?:a |the )?"
    r"(?:break|pause|\w+ (?:days?|weeks?) off)\b"
    r"|\b(?:no|stop(?: the)?) (?:more )?texts? (?:til|till|until|for)\b"
    r"|\b(?:dont|don't|do not|not) text (?:me )?(?:til|till|until|for)\b"
)
_BACK = re.compile(
    r"^(?:hi |hello |hiya )?(?:i'?m |im |i am |we'?re |were )?(?:back|home)"
    r"(?: home)?(?: again| now| today)?$"
    r"|\b(?:i'?m|im|i am|got|just got|am) (?:back|home|out)(?: home)? (?:from|of) (?:the )?"
    r"(?:hosp(?:ital)?|hols?|holidays?|my)\b"
    r"|^(?:resume|unpause|carry on|start again|restart)(?: please| pls| the texts)*$"
)
_ASKS = re.compile(
    r"\b(?:only|instead|better|best|prefer|rather|change|switch|move|swap|suits?|not|no texts?|"
    r"off|can (?:you|u|i|we|it)|could (?:you|u|i|we|it)|please|pls|plz|text me|make it|every|"
    r"once|twice)\b"
)
_WITHOUT = re.compile(r"\b(?:not|no texts?|don'?t text(?: me)?|except|but not|never) (?:on |at )?")
_WEEKENDS = re.compile(r"\bweek ?ends?\b")
_WEEKENDS_OFF = re.compile(
    r"\b(?:week ?ends? off|(?:not|no|no texts?|never)(?: on| at)?(?: the)? week ?ends?|"
    r"weekdays only|only weekdays)\b"
)
_EVERY = (
    (re.compile(r"\b(?:every (?:other|2|two|second) weeks?|fortnightly|once a fortnight|"
                r"every fortnight)\b"), 2),
    (re.compile(r"\b(?:every (?:3|three) weeks?)\b"), 3),
    (re.compile(r"\b(?:once a month|monthly|every (?:4|four) weeks?|every month)\b"), 4),
    (re.compile(r"\b(?:once a week|weekly|every week)\b"), 1),
)  # fmt: skip
_PARTS = (
    (re.compile(r"\bmornings?\b"), time(10)),
    (re.compile(r"\blunch ?times?\b|\bmidday\b|\bnoon\b"), time(12, 30)),
    (re.compile(r"\bafternoons?\b"), time(14)),
    (re.compile(r"\b(?:evenings?|tea ?times?|after work)\b"), time(17, 30)),
)
_CLOCK = re.compile(
    r"\b(?:at|after|about|around|to|from) (?P<half>half(?: past)? )?(?P<hour>\d{1,2})"
    r"(?:[:.](?P<minute>[0-5]\d))? ?(?P<half_of_day>am|pm|o'?clock)?\b"
    r"(?! ?(?:days?|weeks?|in the|of|/|:|\d))"
)


def absence_wished(text: str, *, today: date) -> AbsenceWish | None:
    """The time without texts that somebody asks for or tells of, from today unless they say."""
    words = _plain(text)
    kind = _kind(words)
    if kind is None:
        return None
    found = day_in(words, today)
    if found is None:
        known = kind is AbsenceKind.PAUSE
        if kind is AbsenceKind.AWAY and not re.search(
            r"^(?:i'?m |im |i am |we are )?away\b", words
        ):
            return None
        return AbsenceWish(kind, today, today + PAUSE_FOR if known else None)
    starts = found.starts if found.starts and found.starts > today else today
    return AbsenceWish(kind, starts, found.day)


def is_back(text: str) -> bool:
    """Whether somebody says that their absence is over."""
    return _BACK.search(_plain(text)) is not None


def pace_wished(text: str, *, less: bool = False, more: bool = False) -> PaceWish | None:
    """The other days, time or pace that somebody asks for. `less` and `more` are read elsewhere."""
    words = _plain(text)
    asks = _ASKS.search(words) is not None
    if not (asks or less or more):
        return None
    wish = PaceWish(
        *_days(words),
        time=_time(words),
        every=next((weeks for pattern, weeks in _EVERY if pattern.search(words)), None),
    )
    if wish == PaceWish():
        return PaceWish(less=less, more=more) if less or more else None
    return wish if wish.every else replace(wish, less=less, more=more)


def _kind(words: str) -> AbsenceKind | None:
    if _HOSPITAL.search(words):
        return AbsenceKind.HOSPITAL
    if _PAUSE.search(words):
        return AbsenceKind.PAUSE
    if _AWAY.search(_NOT_AWAY.sub(" ", words)) and not is_back(words):
        return AbsenceKind.AWAY
    return None


def _days(words: str) -> tuple[tuple[Weekday, ...], tuple[Weekday, ...]]:
    """The days wanted and the days to leave out."""
    if _WEEKENDS_OFF.search(words):
        return (), _WEEKEND
    named = tuple(_DAYS[number] for number in weekdays_in(words))
    if _WEEKENDS.search(words) and not named:
        return _WEEKEND, ()
    refused = _WITHOUT.search(words)
    if refused is None:
        return named, ()
    left = tuple(_DAYS[number] for number in weekdays_in(words[: refused.start()]))
    out = tuple(_DAYS[number] for number in weekdays_in(words[refused.end() :]))
    return left, out


def _time(words: str) -> time | None:
    if found := _CLOCK.search(words):
        return _clock(int(found["hour"]), int(found["minute"] or (30 if found["half"] else 0)),
                      found["half_of_day"] or "")  # fmt: skip
    parts = {at for pattern, at in _PARTS if pattern.search(words)}
    return parts.pop() if len(parts) == 1 else None


def _clock(hour: int, minute: int, half: str) -> time | None:
    """A time by day: 2 is two in the afternoon, 9 nine in the morning."""
    if (half == "pm" and hour < 12) or (half != "am" and 1 <= hour <= 7):
        hour += 12
    return time(hour, minute) if 7 <= hour <= 20 else None


def _plain(text: str) -> str:
    lowered = text.lower().replace("’", "'")
    return " ".join(re.sub(r"[^\w\s':./–-]", " ", lowered).split()).strip(" .")
