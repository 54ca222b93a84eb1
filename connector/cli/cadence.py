"""`connector cadence preview`: the dates a cadence gives, by the code that plans them.

It uses standard input and output only: no settings, no database, no clock.
"""

from __future__ import annotations

import json
import re
from datetime import UTC, date, time

import click

from connector.cli.plain_errors import PlainGroup
from connector.domain.cadence import (
    Cadence,
    Occurrence,
    Taper,
    Unit,
    Weekday,
    preview,
)
from connector.domain.calendar import Calendar, Nation, QuietHours, WhenClosed
from connector.domain.errors import Invalid

MOST_ROWS = 10_000


def read_days(text: str) -> tuple[Weekday, ...]:
    """TUE,FRI as weekdays; whole names do as well."""
    names = [part.strip().upper() for part in text.split(",")]
    known = {day.value: day for day in Weekday} | _WHOLE_NAMES
    if not all(name in known for name in names):
        raise Invalid("--days takes days of the week with commas between, such as TUE,FRI.")
    return tuple(known[name] for name in names)


_WHOLE_NAMES = {
    "MONDAY": Weekday.MON,
    "TUESDAY": Weekday.TUE,
    "WEDNESDAY": Weekday.WED,
    "THURSDAY": Weekday.THU,
    "FRIDAY": Weekday.FRI,
    "SATURDAY": Weekday.SAT,
    "SUNDAY": Weekday.SUN,
}


def read_time(text: str) -> time:
    """HH:MM; 24:00 is the midnight at the end of a day."""
    found = re.fullmatch(r"([01]?\d|2[0-3]):([0-5]\d)", text.strip(), re.ASCII)
    if found is None:
        raise Invalid("A time is hours and minutes on a 24 hour clock, such as 10:00.")
    return time(int(found[1]), int(found[2]))


def read_date(text: str) -> date:
    """YYYY-MM-DD."""
    sentence = "A date is a year, month and day that exist, such as 2027-03-20."
    if re.fullmatch(r"\d{4}-\d{2}-\d{2}", text.strip(), re.ASCII) is None:
        raise Invalid(sentence)
    try:
        return date.fromisoformat(text.strip())
    except ValueError:
        raise Invalid(sentence) from None


def read_quiet(text: str) -> QuietHours:
    """20:00-09:00; may end at 24:00."""
    start, dash, end = text.partition("-")
    if not dash:
        raise Invalid("--quiet takes a start and an end, such as 20:00-09:00.")
    return QuietHours(read_time(start), time(0) if end.strip() == "24:00" else read_time(end))


def read_taper(text: str) -> Taper:
    """12,2,4: 12 weeks at full pace, then every 2 weeks, then every 4."""
    weeks, *paces = read_numbers(
        text, "--taper takes weeks at full pace and slower paces, as 12,2,4."
    )
    return Taper(weeks, tuple(paces))


def read_after(text: str) -> tuple[int, ...]:
    """3,10: days after joining."""
    return tuple(read_numbers(text, "--after takes days after joining, such as 3,10."))


def read_numbers(text: str, sentence: str) -> list[int]:
    parts = [part.strip() for part in text.split(",")]
    if not all(re.fullmatch(r"\d{1,4}", part, re.ASCII) for part in parts):
        raise Invalid(sentence)
    return [int(part) for part in parts]


@click.group(cls=PlainGroup)
def cadence() -> None:
    """When texts would go out."""


@cadence.command("preview")
@click.option("--days", type=read_days, metavar="DAYS", help="Days of the week, such as TUE,FRI.")
@click.option(
    "--time",
    type=read_time,
    metavar="HH:MM",
    required=True,
    help="Time of day, on the person's clock.",
)
@click.option("--every", default=1, metavar="N", help="Every n weeks (or months); 1 if not given.")
@click.option(
    "--unit", type=click.Choice(["weeks", "months"]), default="weeks", help="What N counts."
)
@click.option("--week-of-month", default=1, help="With months: 1 to 4, or -1 for the last.")
@click.option(
    "--after",
    type=read_after,
    metavar="DAYS",
    help="Days after joining (--start) instead of --days: 3,10.",
)
@click.option("--zone", default="Europe/London", help="Time zone of the person.")
@click.option(
    "--start",
    type=read_date,
    metavar="DATE",
    required=True,
    help="First day, included: YYYY-MM-DD.",
)
@click.option("--end", type=read_date, metavar="DATE", help="Last day, included.")
@click.option("--count", default=6, metavar="N", help="How many texts; skipped ones do not count.")
@click.option(
    "--nation",
    type=click.Choice([nation.value for nation in Nation], case_sensitive=False),
    help="Its bank holidays.",
)
@click.option(
    "--holidays",
    type=click.Choice([action.value for action in WhenClosed], case_sensitive=False),
    default="next",
    help="On a bank holiday: the next allowed day (if not given), or skip.",
)
@click.option(
    "--quiet",
    type=read_quiet,
    metavar="HH:MM-HH:MM",
    help="Quiet hours; a text in them waits for their end.",
)
@click.option("--no-sunday", is_flag=True, help="Move what falls on a Sunday.")
@click.option("--spread-for", metavar="ID", help="Add the fixed spread of the person with this id.")
@click.option(
    "--taper",
    type=read_taper,
    metavar="N,N,N",
    help="12,2,4: 12 weeks at full pace, every 2 weeks, every 4.",
)
@click.option("--json", "as_json", is_flag=True, help="Print a JSON array.")
def preview_command(
    days: tuple[Weekday, ...] | None,
    time: time,
    every: int,
    unit: str,
    week_of_month: int,
    after: tuple[int, ...] | None,
    zone: str,
    start: date,
    end: date | None,
    count: int,
    nation: str | None,
    holidays: str,
    quiet: QuietHours | None,
    no_sunday: bool,
    spread_for: str | None,
    taper: Taper | None,
    as_json: bool,
) -> None:
    """Print the next texts of a cadence: when they are due, what was moved or skipped and why."""
    if days is None and after is None:
        raise Invalid("Say on which days, with --days TUE,FRI.")
    if not 1 <= count <= MOST_ROWS:
        raise Invalid(f"--count is a number from 1 to {MOST_ROWS}.")
    plan = Cadence(
        days=days or (),
        time=time,
        starts_on=start,
        every=every,
        ends_on=end,
        unit=Unit.DAYS_AFTER if after is not None else Unit(unit),
        week_of_month=week_of_month,
        after=after or (),
        taper=taper,
    )
    calendar = Calendar(
        nation=Nation(nation) if nation else None,
        sundays=not no_sunday,
        quiet=quiet,
        on_holiday=WhenClosed(holidays),
    )
    rows = preview(plan, zone=zone, count=count, calendar=calendar, spread_for=spread_for)
    click.echo(json.dumps([as_row(row) for row in rows], indent=2) if as_json else as_lines(rows))


def as_row(one: Occurrence) -> dict[str, str | None]:
    """An occurrence as the JSON row of the contract."""
    return {
        "due": f"{one.due.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}",
        "local": one.local.isoformat(timespec="seconds"),
        "moved": one.moved,
        "skipped": one.skipped,
    }


def as_lines(rows: list[Occurrence]) -> str:
    """The occurrences as a person reads them, one a line."""
    return "\n".join(
        f"{one.number:>3}  {one.local:%a} {one.local.day:>2} {one.local:%b %Y %H:%M %Z}"
        + (f"  {one.moved or one.skipped}" if one.moved or one.skipped else "")
        for one in rows
    )
