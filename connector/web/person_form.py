"""The form of a person: what was typed as a record, and a record as fields.

Every problem is found at once, names its field and is a sentence. What was typed is never thrown
away. A number that cannot be texted is no refusal: the person is rung at the same pace instead.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from typing import Any

from connector.domain.errors import Invalid
from connector.domain.phone_number import PhoneNumber
from connector.domain.resident import (
    KNOWN_NEEDS,
    NO_MESSAGE,
    ContactBy,
    Resident,
    needs_with,
)
from connector.web.cadence_form import Problem
from connector.web.person import LANGUAGES, local_number

LONGEST_NAME = 60
LONGEST_LINE = 120
MOST_LINES = 12
STEPS = 4
MANY = ("needs", "step", "days", "programmes")
SHOW = "words"
"""What a button is named that only shows the words to read out; nothing is decided then."""
MESSAGES = {"yes": True, "no": False}


class Fields(dict[str, str]):
    """What a form holds: a text a field, and a list for those that may be ticked or come again."""

    def __init__(self, values: Mapping[str, str] | None = None, **many: Sequence[str]) -> None:
        super().__init__(values or {})
        self.many: dict[str, tuple[str, ...]] = {name: tuple(many.get(name, ())) for name in MANY}


def fields_of(form: Any) -> Fields:
    """What came by a form."""
    single = {name: clean(form.get(name, "")) for name in form if name not in MANY}
    return Fields(single, **{name: [clean(one) for one in form.getlist(name)] for name in MANY})


def clean(text: str) -> str:
    """What somebody typed, without signs that nobody sees; lines stay lines."""
    lines = text.replace("\r\n", "\n").split("\n")
    return "\n".join(
        "".join(sign for sign in line if unicodedata.category(sign) != "Cc") for line in lines
    )


def filled(resident: Resident) -> Fields:
    """The fields that say what a record says."""
    own = [need for need in resident.needs if need not in (*KNOWN_NEEDS, NO_MESSAGE)]
    message = next((name for name, ok in MESSAGES.items() if ok is resident.message_ok), "")
    if resident.message_ok is None and NO_MESSAGE in resident.needs:
        message = "no"
    return Fields(
        {
            "known_as": resident.known_as,
            "given_name": resident.given_name,
            "family_name": resident.family_name,
            "contact_by": resident.contact_by.value,
            "number": local_number(resident.number),
            "shared_phone": "yes" if resident.shared_phone else "",
            "message_ok": message,
            "language": resident.language,
            "likes": "\n".join(resident.likes),
            "needs_other": "\n".join(own),
            "connector_id": str(resident.connector_id or ""),
        },
        needs=[need for need in resident.needs if need in KNOWN_NEEDS],
        step=resident.no_answer,
    )


class Reading:
    """A form as it is read into a record; every problem on the way is kept."""

    def __init__(self, fields: Fields) -> None:
        self.fields = fields
        self.problems: list[Problem] = []

    def refuse(self, name: str, words: str) -> None:
        self.problems.append(Problem(name, words))

    def name(self, field: str, what: str) -> str:
        written = " ".join(self.fields.get(field, "").split())
        if len(written) > LONGEST_NAME:
            self.refuse(field, f"{what} is longer than {LONGEST_NAME} letters. Make it shorter.")
        return written

    def lines(self, field: str, written: Sequence[str], what: str) -> tuple[str, ...]:
        """Lines with something in them, each once."""
        found = tuple(dict.fromkeys(filter(None, (" ".join(one.split()) for one in written))))
        if any(len(line) > LONGEST_LINE for line in found):
            self.refuse(field, f"{what}: a line is longer than {LONGEST_LINE} letters.")
        if len(found) > MOST_LINES:
            self.refuse(field, f"{what}: keep at most {MOST_LINES} lines.")
        return found

    def one_of(self, field: str, choices: Collection[str], words: str) -> str:
        written = self.fields.get(field, "")
        if written not in choices:
            self.refuse(field, words)
        return written


def read(
    fields: Fields, base: Resident, *, demo: bool, team: Collection[int]
) -> tuple[Resident, list[Problem]]:
    """`base` with what the fields say, and what has to change before it can be kept.

    Where a number cannot be texted, `fields` say by call from now on.
    """
    reading = Reading(fields)
    known_as = reading.name("known_as", "What they like to be called")
    given = reading.name("given_name", "The given name")
    family = reading.name("family_name", "The family name")
    if not (known_as or given):
        reading.refuse("known_as", "Write what they like to be called.")
    contact_by, number = _way(reading, base, demo=demo)
    message_ok = MESSAGES.get(fields.get("message_ok", ""))
    language = reading.one_of("language", LANGUAGES, "Choose a language.")
    likes = reading.lines("likes", fields.get("likes", "").split("\n"), "Likes")
    other = reading.lines("needs_other", fields.get("needs_other", "").split("\n"), "Needs")
    steps = reading.lines("step-1", fields.many["step"], "The steps")
    connector = fields.get("connector_id", "")
    if connector and connector not in map(str, team):
        reading.refuse("connector_id", "Choose a connector from the list.")
    ticked = [need for need in KNOWN_NEEDS if need in fields.many["needs"]]
    resident = replace(
        base,
        known_as=known_as or given,
        given_name=given or known_as,
        family_name=family,
        contact_by=contact_by,
        number=number,
        shared_phone=fields.get("shared_phone") == "yes",
        message_ok=message_ok,
        language=language,
        likes=likes,
        needs=needs_with((*ticked, *other), message_ok),
        no_answer=steps,
        connector_id=int(connector) if connector and not reading.problems else None,
    )
    return resident, reading.problems


def _way(reading: Reading, base: Resident, *, demo: bool) -> tuple[ContactBy, str]:
    """How somebody is reached, and at which number. Without a mobile they are rung."""
    fields = reading.fields
    chosen = reading.one_of("contact_by", list(ContactBy), "Choose how we keep in touch.")
    if chosen not in list(ContactBy):
        return base.contact_by, base.number
    written = fields.get("number", "").strip()
    way = ContactBy(chosen)
    showing = fields.get("act") == SHOW
    if way is ContactBy.TEXT and not showing and (not written or _is_landline(written)):
        way = ContactBy.CALL
        fields["contact_by"] = way.value
    if not written:
        return way, ""
    if base.number and written == local_number(base.number):
        return way, base.number
    try:
        return way, _number(written, texted=way is ContactBy.TEXT, demo=demo)
    except Invalid as refusal:
        reading.refuse("number", str(refusal))
        return way, base.number


def _number(written: str, *, texted: bool, demo: bool) -> str:
    """The number as E.164: invented ones in a demonstration, and real ones outside it."""
    parse = PhoneNumber.parse if texted else PhoneNumber.to_ring
    number = parse(written, drama=demo)
    if demo and not number.is_invented:
        raise Invalid(
            "This is a demonstration with invented people. Write a number that nobody has, "
            "from 07700 900000 to 07700 900999."
        )
    return number.e164


def _is_landline(written: str) -> bool:
    """Whether it may be rung and not texted."""
    try:
        PhoneNumber.to_ring(written, drama=True)
    except Invalid:
        return False
    try:
        PhoneNumber.parse(written, drama=True)
    except Invalid:
        return True
    return False
