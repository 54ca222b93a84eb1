"""What a preview of a cadence shows: people side by side, counts as bars, and every text."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Any

from connector.domain.cadence import Occurrence
from connector.domain.cadence_words import own_words
from connector.domain.consent import AgreementState
from connector.domain.moves import Move, moved_words
from connector.domain.programme import Part
from connector.domain.texting_rules import TextingRules
from connector.domain.working_hours import WorkingHours
from connector.services.cadences import Hour, Note, Pair, Preview, Shown, Text, Week
from connector.web.person import LANGUAGES
from connector.web.said import Said

MOST_NOTES = 8
MOST_PAIRS = 8
LONGEST_BAR = 100
PARTS = {
    Part.CHECK_IN: "",
    Part.REMINDER: "Reminder",
    Part.GO_ON: "Asks whether to go on",
    Part.GOODBYE: "Goodbye",
}


def shown(
    found: Preview, rules: TextingRules, hours: WorkingHours, words: Said, *, names: bool
) -> dict[str, Any]:
    """The whole preview for its page."""
    return {
        "people": people_words(found.people),
        "silent": found.silent,
        "moved": found.moved,
        "moved_words": _moved_words(found),
        "persons": [_person(one, words, names=names) for one in found.shown],
        "moves": _moves(found, names=names),
        "weeks": _weeks(found.weeks, words),
        "has_before": any(week.before for week in found.weeks),
        "total": found.texts,
        "cost": pounds(found.cost),
        "cap_words": _cap_words(found, rules),
        "capped": found.capped,
        "notes": [_note(one) for one in found.notes[:MOST_NOTES]],
        "more_notes": [_note(one) for one in found.notes[MOST_NOTES:]],
        "hours": _hours(found.hours, hours),
        "hours_words": f"{hours.opens:%H:%M} to {hours.closes:%H:%M}",
        "unread": sum(hour.unread for hour in found.hours),
        "not_on_it": found.not_on_it,
    }


def people_words(count: int) -> str:
    return "1 person" if count == 1 else f"{count:,} people"


def pounds(amount: Decimal) -> str:
    return f"£{amount:,.2f}"


def at_words(one: Occurrence, words: Said) -> str:
    """'Tue 24 Nov, 10:00' on the person's own clock."""
    return f"{words.date(one.local.date())}, {one.local:%H:%M}"


def bar(amount: float, most: float) -> float:
    """How long a bar is; something that is there is never quite nothing."""
    return max(2.0, round(LONGEST_BAR * amount / most, 1)) if amount and most else 0.0


def pair_words(pair: Pair, words: Said) -> dict[str, str]:
    """One line of old and new side by side, with by how much it moves."""
    before = pair.before if pair.before and pair.before.skipped is None else None
    after = pair.after if pair.after and pair.after.skipped is None else None
    because = next((one.skipped or one.moved for one in (pair.after,) if one), None)
    return {
        "before": at_words(before, words) if before else "",
        "after": at_words(after, words) if after else "",
        "moved": _moved(before, after),
        "stays": str(before is not None and after is not None and before.local == after.local),
        "because": because or "",
    }


def _moved(before: Occurrence | None, after: Occurrence | None) -> str:
    if before and after:
        return moved_words(before.local, after.local)
    if before:
        return "falls away"
    return "new" if after else "not sent"


def _person(one: Shown, words: Said, *, names: bool) -> dict[str, Any]:
    person = one.person
    pairs = [pair_words(pair, words) for pair in one.pairs]
    cost = sum((text.cost for text in one.texts), Decimal(0))
    return {
        "id": person.id if names else None,
        "name": person.name or one.why,
        "why": one.why if person.name else "",
        "own_words": own_words(one.own),
        "zone": _place(person.pace.zone) if person.pace.zone != str(words.zone) else "",
        "language": LANGUAGES.get(person.language, person.language),
        "pairs": pairs[:MOST_PAIRS],
        "later": pairs[MOST_PAIRS:],
        "texts": [_text(text, words) for text in one.texts],
        "texts_words": f"{_texts_words(len(one.texts))}, {pence(cost)}",
        "agreement": "" if person.agreement is AgreementState.GIVEN else person.agreement.words,
    }


def _place(zone: str) -> str:
    return zone.rpartition("/")[2].replace("_", " ")


def _text(text: Text, words: Said) -> dict[str, Any]:
    segments = text.sms.segments
    return {
        "at_words": at_words(text.planned.occurrence, words),
        "part": PARTS[text.planned.part],
        "body": text.sms.body,
        "size": f"{text.sms.characters} characters, "
        f"{'1 segment' if segments == 1 else f'{segments} segments'}, {pence(text.cost)}",
    }


def _texts_words(count: int) -> str:
    return "1 text" if count == 1 else f"{count} texts"


def pence(cost: Decimal) -> str:
    """'4p', '4.5p', '£1.20'."""
    if cost >= 1:
        return pounds(cost)
    return f"{(cost * 100).normalize():f}p"


def _moved_words(found: Preview) -> str:
    if not found.people:
        return "Nobody is on this programme yet."
    if not found.moved:
        return "Nobody’s next text moves."
    return f"The next text moves for {found.moved:,} of {people_words(found.people)}."


def _moves(found: Preview, *, names: bool) -> list[dict[str, Any]]:
    return [
        {
            "size": size.value,
            "words": size.words,
            "people": people_words(count),
            "bar": bar(count, found.people),
            "names": names and size is not Move.STAYS,
        }
        for size, count in found.moves.items()
    ]


def _weeks(weeks: Sequence[Week], words: Said) -> list[dict[str, Any]]:
    most = max((max(week.before, week.after) for week in weeks), default=0)
    return [
        {
            "starts": words.date(week.starts),
            "before": week.before,
            "after": week.after,
            "before_bar": bar(week.before, most),
            "after_bar": bar(week.after, most),
            "capped": week.capped,
        }
        for week in weeks
    ]


def _cap_words(found: Preview, rules: TextingRules) -> str:
    cap = rules.cap
    allowed = f"At most {cap.day} a day, {cap.week} in 7 days and {cap.month} in 28 days"
    if not found.capped:
        return f"{allowed}, over all programmes. Nobody meets that in these weeks."
    return (
        f"{allowed}, over all programmes. Some people would meet that: "
        "a text too many is not sent, and says so."
    )


def _note(note: Note) -> dict[str, Any]:
    return {"words": note.words, "people": people_words(note.people), "skipped": note.skipped}


def _hours(found: Iterable[Hour], hours: WorkingHours) -> list[dict[str, Any]]:
    rows = list(found)
    most = max((hour.texts for hour in rows), default=0)
    return [
        {
            "words": f"{hour.hour:02}:00",
            "texts": hour.texts,
            "unread": hour.unread,
            "bar": bar(hour.texts, most),
            "open": hours.opens.hour <= hour.hour < hours.closes.hour,
        }
        for hour in rows
    ]
