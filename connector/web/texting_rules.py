"""Texting rules: when texts go out, how many a person gets and what one costs, for everybody.

Whoever coordinates changes them here, and sees first what would move, with nothing written. What is
refused is said in words, and nothing typed is lost.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from connector.domain.calendar import (
    HOLIDAYS_KNOWN_TO,
    Calendar,
    DayOverride,
    Nation,
    Opening,
    QuietHours,
    WhenClosed,
    holidays_between,
)
from connector.domain.calendar import said as said_in_full
from connector.domain.caps import Cap
from connector.domain.errors import Invalid
from connector.domain.texting_rules import SUNDAY, WEEKDAYS, TextingRules, hours_of, usual_hours
from connector.services import texting_rules as service
from connector.services.texting_rules import Effect, Overtaken, Preview
from connector.store import texting_rules as store
from connector.store.texting_rules import Kept
from connector.web.auth import Guard, guard, member
from connector.web.room import said, wired
from connector.web.said import Said

room = Blueprint("texting_rules", __name__, url_prefix="/texting-rules")

TWO_YEARS = timedelta(days=730)
SOON = timedelta(days=365)
LONGEST_WHY = 120
CLOCK_AT = time(10)
Entered = Mapping[str, str]


@room.get("")
@guard(Guard.COORDINATION)
def index() -> ResponseReturnValue:
    return _form(day=request.args.get("day", ""))


@room.post("/preview")
@guard(Guard.COORDINATION)
def preview() -> ResponseReturnValue:
    """Everything that saving would do. Nothing is written."""
    try:
        return _previewed(_rules(request.form, _kept().rules), "texting_rules.save")
    except Invalid as problem:
        return _form(str(problem), request.form), 400


@room.post("/change")
@guard(Guard.COORDINATION)
def change() -> ResponseReturnValue:
    """Back to the form, with what was chosen."""
    return _form("", request.form)


@room.post("")
@guard(Guard.COORDINATION)
def save() -> ResponseReturnValue:
    try:
        return _saved(_rules(request.form, _kept().rules))
    except Invalid as problem:
        return _form(str(problem), request.form), 400


@room.post("/days/preview")
@guard(Guard.COORDINATION)
def preview_day() -> ResponseReturnValue:
    """What one more day of our own, or one less, would do. Nothing is written."""
    try:
        return _previewed(_with_day(request.form, _kept().rules), "texting_rules.save_day")
    except Invalid as problem:
        return _form(day_problem=str(problem), day_entered=request.form), 400


@room.post("/days")
@guard(Guard.COORDINATION)
def save_day() -> ResponseReturnValue:
    try:
        return _saved(_with_day(request.form, _kept().rules))
    except Invalid as problem:
        return _form(day_problem=str(problem), day_entered=request.form), 400


@room.post("/days/change")
@guard(Guard.COORDINATION)
def change_day() -> ResponseReturnValue:
    """Back to the form, with the day that was being added."""
    return _form(day_entered=request.form if request.form.get("act") == "add" else None)


def _kept() -> Kept:
    with wired().reading() as session:
        return store.kept(session, wired().calendar)


def _previewed(rules: TextingRules, save_at: str) -> str:
    wiring = wired()
    with wiring.reading() as session:
        found = service.preview(
            session,
            rules,
            default=wiring.calendar,
            zone=wiring.settings.zone,
            now=said().now,
        )
    return render_template(
        "texting_rules_preview.html",
        **_shown(found),
        entered=_entered(request.form),
        save_at=save_at,
        nav_active="programmes",
    )


def _saved(rules: TextingRules) -> ResponseReturnValue:
    wiring = wired()
    try:
        with wiring.transaction() as session:
            service.save(
                session,
                rules,
                edits=_edits(request.form),
                default=wiring.calendar,
                zone=wiring.settings.zone,
                by=member().id,
                now=said().now,
            )
    except Overtaken as problem:
        is_day = "act" in request.form
        return _form(
            "" if is_day else str(problem),
            {} if is_day else request.form,
            str(problem) if is_day else "",
            request.form if is_day else {},
        ), 409
    flash("Saved. Texts that have not gone yet are planned again by these rules.", "success")
    return redirect(url_for("texting_rules.index"))


def _edits(entered: Entered) -> int:
    """The count of edits that the editor saw; one that never was when it cannot be read."""
    seen = entered.get("edits", "")
    return int(seen) if seen.isdecimal() and len(seen) < 10 else -1


def _rules(entered: Entered, before: TextingRules) -> TextingRules:
    """What the form asks for; the days of our own stay as they are. Raises `Invalid`."""
    quiet = _quiet(entered)
    opening = _opening(entered)
    sundays = any(hours.weekday == SUNDAY for hours in opening)
    if not opening:
        raise Invalid("Choose at least one weekday on which texts go out.")
    if opening == usual_hours(quiet, sundays=sundays):
        opening = ()
    weekdays = _when_closed(entered, "on_weekday")
    calendar = replace(
        before.calendar,
        nation=_nation(entered),
        sundays=sundays,
        quiet=quiet,
        opening=opening,
        on_holiday=_when_closed(entered, "on_holiday"),
        on_sunday=weekdays,
        on_weekday=weekdays,
    )
    return TextingRules(calendar, _cap(entered), _price(entered))


def _opening(entered: Entered) -> tuple[Opening, ...]:
    return tuple(
        _hours(weekday, name, entered)
        for weekday, name in enumerate(WEEKDAYS)
        if entered.get(f"open_{weekday}")
    )


def _hours(weekday: int, name: str, entered: Entered) -> Opening:
    try:
        opens, closes = (_clock(entered.get(f"{end}_{weekday}", "")) for end in ("from", "to"))
        return Opening(weekday, opens, closes)
    except ValueError:
        raise Invalid(
            f"{name}: write both times as hours and minutes, such as 09:00 and 17:00."
        ) from None
    except Invalid as problem:
        raise Invalid(f"{name}: {str(problem)[:1].lower()}{str(problem)[1:]}") from None


def _quiet(entered: Entered) -> QuietHours | None:
    start, end = entered.get("quiet_from", "").strip(), entered.get("quiet_to", "").strip()
    if not start and not end:
        return None
    try:
        return QuietHours(_clock(start), _clock(end))
    except ValueError:
        raise Invalid("Quiet hours: write when they start and when they end, or neither.") from None


def _clock(written: str) -> time:
    """Hours and minutes. Raises `ValueError`."""
    return datetime.strptime(written.strip(), "%H:%M").time()  # noqa: DTZ007 a time of any day


def _nation(entered: Entered) -> Nation | None:
    chosen = entered.get("nation", "")
    if chosen not in ("", *Nation):
        raise Invalid("Choose whose bank holidays count.")
    return Nation(chosen) if chosen else None


def _when_closed(entered: Entered, name: str) -> WhenClosed:
    try:
        return WhenClosed(entered.get(name, ""))
    except ValueError:
        raise Invalid("Choose what happens to a text on a closed day.") from None


def _cap(entered: Entered) -> Cap:
    written = [entered.get(f"cap_{span}", "").strip() for span in ("day", "week", "month")]
    if not all(one.isdecimal() and len(one) < 4 for one in written):
        raise Invalid("The cap is three whole numbers: texts a day, in 7 days and in 28 days.")
    return Cap(*map(int, written))


def _price(entered: Entered) -> Decimal:
    try:
        return Decimal(entered.get("price", "").strip())
    except InvalidOperation:
        raise Invalid("Write the price of one segment in pence, such as 4.") from None


def _with_day(entered: Entered, before: TextingRules) -> TextingRules:
    """The rules with one day of our own more, or one less. Raises `Invalid`."""
    calendar = before.calendar
    day, nation = _day(entered), _nation({"nation": entered.get("where", "")})
    others = tuple(one for one in calendar.overrides if (one.day, one.nation) != (day, nation))
    if entered.get("act") == "remove":
        if len(others) == len(calendar.overrides):
            raise Invalid("That day is not in the list any more.")
        return replace(before, calendar=replace(calendar, overrides=others))
    today = _today()
    if not today <= day <= today + TWO_YEARS:
        raise Invalid("Choose a day from today to two years ahead.")
    if len(others) < len(calendar.overrides):
        raise Invalid(f"{said_in_full(day)} is in the list already: take it away first.")
    one = DayOverride(day, _is_open(entered), _why(entered), nation)
    _refuse_what_is_so(replace(calendar, overrides=others), one)
    overrides = tuple(sorted((*others, one), key=lambda each: (each.day, each.nation or "")))
    return replace(before, calendar=replace(calendar, overrides=overrides))


def _refuse_what_is_so(calendar: Calendar, one: DayOverride) -> None:
    """A day that is open needs no opening, and one that is closed no closing."""
    if one.nation is not None and one.nation != calendar.nation:
        return
    closed = calendar.why_closed(one.day)
    if one.is_open and not closed:
        raise Invalid(f"Texts go out on {said_in_full(one.day)} as it is.")
    if not one.is_open and closed:
        raise Invalid(f"No texts go out on {said_in_full(one.day)} as it is: {closed}.")


def _day(entered: Entered) -> date:
    try:
        return date.fromisoformat(entered.get("day", "").strip())
    except ValueError:
        raise Invalid("Choose the day.") from None


def _is_open(entered: Entered) -> bool:
    if entered.get("kind") not in ("open", "closed"):
        raise Invalid("Choose whether texts go out on that day.")
    return entered["kind"] == "open"


def _why(entered: Entered) -> str:
    why = " ".join(entered.get("why", "").split()).rstrip(".")[:LONGEST_WHY]
    if not why:
        raise Invalid("Write in a few words why. Whoever asks about a text reads it.")
    return why


def _today() -> date:
    return said().local(said().now).date()


def _form(
    problem: str = "",
    entered: Entered | None = None,
    day_problem: str = "",
    day_entered: Entered | None = None,
    day: str = "",
) -> str:
    kept, words = _kept(), said()
    chosen = entered or _as_entered(kept.rules)
    return render_template(
        "texting_rules.html",
        problem=problem,
        day_problem=day_problem,
        entered=chosen,
        edits=kept.edits,
        weekdays=list(enumerate(WEEKDAYS)),
        nations=[(nation.value, nation.words) for nation in Nation],
        day_entered=day_entered or {"day": day, "kind": "open" if day else "closed"},
        days=[_own_day(one) for one in kept.rules.calendar.overrides if one.day >= _today()],
        holidays=_holidays(kept.rules.calendar),
        ends_soon=_ends_soon(kept.rules.calendar),
        first_day=_today().isoformat(),
        last_day=(_today() + TWO_YEARS).isoformat(),
        changed_words=_changed(kept, words),
        nav_active="programmes",
    )


def _as_entered(rules: TextingRules) -> dict[str, str]:
    """The rules as the form writes them."""
    calendar = rules.calendar
    fields = {
        "quiet_from": f"{calendar.quiet.start:%H:%M}" if calendar.quiet else "",
        "quiet_to": f"{calendar.quiet.end:%H:%M}" if calendar.quiet else "",
        "nation": calendar.nation.value if calendar.nation else "",
        "on_holiday": calendar.on_holiday.value,
        "on_weekday": calendar.on_weekday.value,
        "cap_day": str(rules.cap.day),
        "cap_week": str(rules.cap.week),
        "cap_month": str(rules.cap.month),
        "price": f"{rules.price:f}",
    }
    for hours in hours_of(calendar).values():
        fields[f"open_{hours.weekday}"] = "yes"
        fields[f"from_{hours.weekday}"] = f"{hours.opens:%H:%M}"
        fields[f"to_{hours.weekday}"] = f"{hours.closes:%H:%M}"
    return fields


def _entered(form: Entered) -> dict[str, str]:
    """What the preview carries on to the save, and back to the form."""
    return {name: value for name, value in form.items() if name != "csrf_token"}


def _changed(kept: Kept, words: Said) -> str:
    if kept.changed_at is None:
        return "Nobody has changed them yet: these are the ones the service came with."
    by = f" by {kept.changed_by}" if kept.changed_by else ""
    return f"Last changed {words.at(kept.changed_at)}{by}."


def _own_day(one: DayOverride) -> dict[str, str]:
    return {
        "day": one.day.isoformat(),
        "day_words": said_in_full(one.day),
        "kind_words": "Texts go out" if one.is_open else "No texts",
        "where": one.nation.value if one.nation else "",
        "where_words": f"in {one.nation.words} alone" if one.nation else "",
        "why": one.why,
    }


def _holidays(calendar: Calendar) -> list[dict[str, str]]:
    """The bank holidays of the coming two years, each with what becomes of a text."""
    if calendar.nation is None:
        return []
    today = _today()
    return [
        {
            "name": name,
            "day": day.isoformat(),
            "day_words": said_in_full(day),
            "becomes": _becomes(calendar, day),
            "may_open": "" if calendar.special(day) else "yes",
        }
        for day, name in holidays_between(calendar.nation, today, today + TWO_YEARS)
    ]


def _becomes(calendar: Calendar, day: date) -> str:
    """'Moves on to Tuesday 28 December 2027', 'Skipped', or that texts go out after all."""
    by_hand = calendar.special(day)
    if by_hand is not None and by_hand.is_open:
        return f"Texts go out: {by_hand.why}"
    ruling = calendar.next_allowed(datetime.combine(day, CLOCK_AT))
    if ruling.skipped is not None:
        return "Skipped"
    return f"Moves on to {said_in_full(ruling.local.date())}"


def _ends_soon(calendar: Calendar) -> str:
    """A warning when the list of bank holidays ends within a year; empty when it does not."""
    if calendar.nation is None or HOLIDAYS_KNOWN_TO - _today() > SOON:
        return ""
    return (
        f"The list of bank holidays was checked up to {said_in_full(HOLIDAYS_KNOWN_TO)}. Later "
        "ones are worked out by rule: bring the service up to date, or add special ones by hand."
    )


def _shown(found: Preview) -> dict[str, Any]:
    return {
        "changes": found.changes,
        "effect_words": _effect_words(found),
        "effects": [_effect(one) for one in found.effects if one.moved or one.skipped],
        "problems": found.problems,
        "too_much": found.too_much,
    }


def _effect_words(found: Preview) -> str:
    """'Of 40 texts planned for the next 14 days, 3 would move and none would be skipped.'"""
    if not found.texts:
        return "No text that is planned for the next 14 days is touched."
    planned = f"Of {_texts(found.texts)} planned for the next 14 days"
    if not (found.moved or found.skipped):
        return f"{planned}, every one stays where it is."
    return f"{planned}, {_count(found.moved)} would move and {_count(found.skipped)} be skipped."


def _effect(one: Effect) -> dict[str, str]:
    return {
        "name": one.name,
        "words": f"{_count(one.moved)} of {one.texts} would move, {_count(one.skipped)} be skipped",
        "example": one.example,
    }


def _count(number: int) -> str:
    return str(number or "none")


def _texts(number: int) -> str:
    return "1 text" if number == 1 else f"{number} texts"
