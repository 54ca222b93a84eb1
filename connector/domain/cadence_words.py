"""A cadence in the words a coordinator would use: one sentence, and the same in rows.

It says what the cadence says and no more: calendars, caps and a person's own changes are told by
whoever knows them. It refuses nothing, because a cadence that exists can be said.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from connector.domain.cadence import Cadence, Override, Taper, Unit, Weekday
from connector.domain.calendar import said

DAY_NAMES = {
    Weekday.MON: "Monday",
    Weekday.TUE: "Tuesday",
    Weekday.WED: "Wednesday",
    Weekday.THU: "Thursday",
    Weekday.FRI: "Friday",
    Weekday.SAT: "Saturday",
    Weekday.SUN: "Sunday",
}
WEEK_NAMES = {1: "first", 2: "second", 3: "third", 4: "fourth", -1: "last"}
_NUMBERS = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")
_WORKING_DAYS = tuple(Weekday)[:5]


def cadence_words(cadence: Cadence) -> str:
    """'Every Tuesday at about 10:00; every two weeks after 12 weeks.'"""
    parts = [f"{days_words(cadence)} {time_words(cadence)}"]
    if cadence.taper is not None:
        parts.append(taper_words(cadence.taper))
    if ends := end_words(cadence):
        parts.append(ends)
    return f"{_capital('; '.join(parts))}."


def cadence_rows(cadence: Cadence) -> list[tuple[str, str]]:
    """The same as rows of a name and its words, for a page that has room."""
    slower = taper_words(cadence.taper) if cadence.taper else "always at the same pace"
    rows = [
        ("When", f"{days_words(cadence)} {time_words(cadence)}"),
        ("Spread", spread_words(cadence.spread)),
        ("Starts", start_words(cadence)),
        ("Slows down", slower),
        ("Ends", end_words(cadence) or "it has no end"),
    ]
    return [(name, _capital(words)) for name, words in rows]


def days_words(cadence: Cadence) -> str:
    """'every Tuesday and Friday', 'every two weeks on Monday', 'on the last Friday of …'."""
    if cadence.unit is Unit.DAYS_AFTER:
        return _after_words(cadence)
    if cadence.unit is Unit.MONTHS:
        days = listed([DAY_NAMES[day] for day in cadence.days])
        often = "the month" if cadence.every == 1 else f"every {_in_words(cadence.every)} months"
        return f"on the {WEEK_NAMES[cadence.week_of_month]} {days} of {often}"
    if cadence.every > 1:
        days = listed([DAY_NAMES[day] for day in cadence.days])
        return f"{every_words(cadence.every)} on {days}"
    if len(cadence.days) == len(Weekday):
        return "every day"
    if cadence.days == _WORKING_DAYS:
        return "every day from Monday to Friday"
    return f"every {listed([DAY_NAMES[day] for day in cadence.days])}"


def time_words(cadence: Cadence) -> str:
    return f"at {'about ' if cadence.spread else ''}{cadence.time:%H:%M}"


def taper_words(taper: Taper) -> str:
    """'every two weeks after 12 weeks, then every four weeks after 24 weeks'."""
    slower = [
        f"{every_words(pace)} after {nth * taper.weeks} weeks"
        for nth, pace in enumerate(taper.paces, start=1)
    ]
    return ", then ".join(slower)


def start_words(cadence: Cadence) -> str:
    if cadence.from_joining or cadence.unit is Unit.DAYS_AFTER:
        return "on the day each person joins"
    return f"on {said(cadence.starts_on)}, for everybody"


def end_words(cadence: Cadence) -> str:
    """'until Friday 26 March 2027', 'for 24 weeks'; empty when there is no end."""
    if cadence.lasts_weeks:
        return f"for {weeks_words(cadence.lasts_weeks)}"
    return f"until {said(cadence.ends_on)}" if cadence.ends_on else ""


def spread_words(minutes: int) -> str:
    if not minutes:
        return "everybody at the same minute"
    return f"up to {minutes} minutes earlier or later, always the same for one person"


def own_words(own: Override) -> str:
    """What one person changed: 'Thursday at 14:00, every two weeks'; empty when nothing."""
    days = listed([DAY_NAMES[day] for day in own.days]) if own.days else ""
    at = f"at {own.time:%H:%M}" if own.time else ""
    often = every_words(own.every) if own.every else ""
    return _capital(", ".join(part for part in (f"{days} {at}".strip(), often) if part))


def every_words(weeks: int) -> str:
    return "every week" if weeks == 1 else f"every {_in_words(weeks)} weeks"


def weeks_words(weeks: int) -> str:
    return "1 week" if weeks == 1 else f"{weeks} weeks"


def _after_words(cadence: Cadence) -> str:
    later = [str(days) for days in cadence.after if days]
    if not later:
        return "on the day of joining"
    days = "1 day" if later == ["1"] else f"{listed(later)} days"
    if cadence.after[0] == 0:
        return f"on the day of joining and {days} after it"
    return f"{days} after joining"


def listed(words: Iterable[str], last: str = "and") -> str:
    """'a', 'a and b', 'a, b and c'."""
    each: Sequence[str] = tuple(words)
    return f" {last} ".join(filter(None, (", ".join(each[:-1]), each[-1]))) if each else ""


def _in_words(number: int) -> str:
    return _NUMBERS[number] if number < len(_NUMBERS) else str(number)


def _capital(words: str) -> str:
    return words[:1].upper() + words[1:]
