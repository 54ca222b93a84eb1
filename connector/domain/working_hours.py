"""When staff work, and what a promise means as a time on the clock.

*Now* counts by the clock. *Today* and *this week* count in working hours, so that nobody is told at
16:50 on a Friday that they are late on Saturday morning.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from connector.domain.calendar import is_bank_holiday
from connector.domain.promise import Promise

GOOD_NEWS_KEPT = timedelta(days=14)
ENOUGH_OF_A_DAY = timedelta(hours=1)
_DAYS = {"en": ("Monday to Friday", "to"), "cy": ("Llun i Gwener", "i")}


@dataclass(frozen=True, slots=True)
class WorkingHours:
    """Opening hours on working days, in local time of `zone`."""

    zone: str = "Europe/London"
    opens: time = time(9)
    closes: time = time(17)
    nation: str = "ENG"

    def works_on(self, day: date) -> bool:
        return day.weekday() < 5 and not is_bank_holiday(day, self.nation)

    def open_at(self, now: datetime) -> bool:
        """Whether staff are at work at `now`."""
        local = now.astimezone(ZoneInfo(self.zone))
        return self.works_on(local.date()) and self.opens <= local.time() < self.closes

    def next_opening(self, now: datetime) -> datetime:
        """When staff are next at work, in local time; `now` itself while they are."""
        local = now.astimezone(ZoneInfo(self.zone))
        if self.open_at(now):
            return local
        day = local.date()
        if not (self.works_on(day) and local.time() < self.opens):
            day = self.next_working_day(day)
        return datetime.combine(day, self.opens, ZoneInfo(self.zone))

    def next_opening_words(self, now: datetime) -> str:
        """The next opening as a text says it: '9am Monday'."""
        opening = self.next_opening(now)
        return f"{_clock(opening)} {opening:%A}"

    def words(self, language: str = "en") -> str:
        """When people are there, as a text says it: 'Monday to Friday, 9am to 5pm'."""
        days, to = _DAYS.get(language, _DAYS["en"])
        return f"{days}, {_clock(self.opens)} {to} {_clock(self.closes)}"

    def after(self, start: datetime, span: timedelta) -> datetime:
        """The moment when so much working time has passed since `start` (in the zone of `start`).

        Nothing passes outside the hours; no time at all is the next opening, or `start` itself.
        """
        at, left = self.next_opening(start), span
        while left > (room := self._until_close(at)):
            left -= room
            at = datetime.combine(self.next_working_day(at.date()), self.opens, at.tzinfo)
        return (at.astimezone(UTC) + left).astimezone(start.tzinfo)

    def _until_close(self, at: datetime) -> timedelta:
        return self.close_of(at.date()).astimezone(UTC) - at.astimezone(UTC)

    def edges_of(self, day: date) -> tuple[datetime, datetime]:
        """When the hours of a day begin and end, in UTC, whether or not it is a working day."""
        zone = ZoneInfo(self.zone)
        return (
            datetime.combine(day, self.opens, zone).astimezone(UTC),
            datetime.combine(day, self.closes, zone).astimezone(UTC),
        )

    def close_of(self, day: date) -> datetime:
        return datetime.combine(day, self.closes, ZoneInfo(self.zone))

    def next_working_day(self, day: date) -> date:
        day += timedelta(days=1)
        while not self.works_on(day):
            day += timedelta(days=1)
        return day

    def due_at(self, promise: Promise, now: datetime) -> datetime:
        """By when a promise made at `now` is to be kept; `Promise.NOW` is due at once."""
        if promise is Promise.NOW:
            return now
        if promise is Promise.GOOD_NEWS:
            return now + GOOD_NEWS_KEPT
        day = self._first_day(now)
        if promise is Promise.THIS_WEEK:
            for _ in range(3):
                day = self.next_working_day(day)
        return self.close_of(day).astimezone(now.tzinfo)

    def due_words(self, promise: Promise, now: datetime) -> str:
        """By when a promise made at `now` is to be kept, as a text says it: '5pm Tuesday'."""
        due = self.due_at(promise, now).astimezone(ZoneInfo(self.zone))
        return f"{_clock(due)} {due:%A}"

    def _first_day(self, now: datetime) -> date:
        local = now.astimezone(ZoneInfo(self.zone))
        today = local.date()
        enough = self.close_of(today) - local >= ENOUGH_OF_A_DAY
        return today if self.works_on(today) and enough else self.next_working_day(today)


def _clock(at: datetime | time) -> str:
    """'9am', '5:30pm'."""
    return f"{at:%I:%M%p}".lstrip("0").replace(":00", "").lower()
