"""A list of people as somebody keeps it: which column is what, what a line says, what is wrong.

Spreadsheets damage numbers in known ways: what can be put back without guessing is put back, with
a note; what cannot is a problem in plain words. No sentence repeats what stood in a cell, and an
empty cell never wipes what we know.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum

from rapidfuzz import fuzz

from connector.domain.consent import AgreementState
from connector.domain.phone_number import NotAMobile, PhoneNumber
from connector.domain.resident import ContactBy, Resident, needs_with

Cells = Sequence[str]
MOST_HEADING_LINES = 10
ALIKE = 86
ALIKE_HEADING = 80
LONGEST = 500
LONGEST_NAME = 60
LONGEST_REFERENCE = 40


class Column(StrEnum):
    """What a column of a list can tell us."""

    KNOWN_AS = "known_as"
    GIVEN = "given_name"
    FAMILY = "family_name"
    FULL = "full_name"
    NUMBER = "number"
    REACH = "contact_by"
    LANGUAGE = "language"
    NEEDS = "needs"
    LIKES = "likes"
    SHARED = "shared_phone"
    MESSAGE = "message_ok"
    PROGRAMME = "programme"
    CONNECTOR = "connector"
    REFERENCE = "reference"

    @property
    def words(self) -> str:
        return _COLUMN_WORDS[self]


_COLUMN_WORDS = {
    Column.KNOWN_AS: "What they like to be called",
    Column.GIVEN: "First name",
    Column.FAMILY: "Family name",
    Column.FULL: "Whole name",
    Column.NUMBER: "Phone number",
    Column.REACH: "Text, call or visit",
    Column.LANGUAGE: "Language",
    Column.NEEDS: "What helps",
    Column.LIKES: "Likes and strengths",
    Column.SHARED: "Shared phone",
    Column.MESSAGE: "Safe to leave a message",
    Column.PROGRAMME: "Programme",
    Column.CONNECTOR: "Community connector",
    Column.REFERENCE: "Your reference",
}
_HEADINGS: dict[Column, tuple[str, ...]] = {
    Column.KNOWN_AS: ("known as", "likes to be called", "preferred name", "nickname", "called"),
    Column.GIVEN: ("first name", "given name", "forename", "christian name", "firstname"),
    Column.FAMILY: ("family name", "surname", "last name", "second name", "lastname"),
    Column.FULL: ("name", "full name", "whole name", "resident", "resident name", "client name"),
    Column.NUMBER: (
        "mobile",
        "mobile number",
        "mobile phone",
        "mobile no",
        "phone number",
        "phone",
        "telephone",
        "telephone number",
        "tel",
        "tel no",
        "number",
        "contact number",
        "cell",
        "landline",
        "home phone",
    ),
    Column.REACH: (
        "text call or visit",
        "contact by",
        "how to reach",
        "reach by",
        "contact method",
    ),
    Column.LANGUAGE: ("language", "preferred language", "first language", "lang"),
    Column.NEEDS: ("what helps", "needs", "support needs", "access needs"),
    Column.LIKES: ("likes and strengths", "likes", "interests", "hobbies", "enjoys", "strengths"),
    Column.SHARED: ("shared phone", "phone shared", "shares phone", "shared"),
    Column.MESSAGE: (
        "safe to leave a message",
        "leave message",
        "message ok",
        "voicemail ok",
        "may leave message",
    ),
    Column.PROGRAMME: ("programme", "program", "programme name", "check in programme"),
    Column.CONNECTOR: ("community connector", "connector", "worker", "key worker", "staff"),
    Column.REFERENCE: ("your reference", "reference", "ref", "id", "case number", "record number"),
}
_BY_HEADING = {words: column for column, all_ in _HEADINGS.items() for words in all_}

Match = Mapping[Column, int]
"""Which column of the list tells what."""


@dataclass(frozen=True, slots=True)
class Directory:
    """What a line may name: languages, programmes and connectors, by their folded words."""

    languages: Mapping[str, str]
    programmes: Mapping[str, int]
    connectors: Mapping[str, int]
    drama: bool = False


@dataclass(frozen=True, slots=True)
class Listed:
    """One person as a line says it. What the line does not say is empty, or None."""

    given_name: str = ""
    family_name: str = ""
    known_as: str = ""
    number: str = ""
    contact_by: str = ""
    language: str = ""
    needs: tuple[str, ...] = ()
    likes: tuple[str, ...] = ()
    shared_phone: bool | None = None
    message_ok: bool | None = None
    connector_id: int | None = None
    programmes: tuple[int, ...] = ()
    reference: str = ""


@dataclass(frozen=True, slots=True)
class Line:
    """What was read of a line. With a problem, the line is left out; a note is only said."""

    person: Listed
    problems: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Known:
    """Somebody who is here already, and the programmes they are or were on."""

    resident: Resident
    programmes: frozenset[int] = frozenset()

    @property
    def id(self) -> int:
        return self.resident.id


class Act(StrEnum):
    """What bringing a line in does."""

    ADD = "add"
    UPDATE = "update"
    SAME = "same"
    LEAVE = "leave"


@dataclass(frozen=True, slots=True)
class Decision:
    """What becomes of a line: whom it changes and to what, or why it is left out."""

    act: Act
    person: Listed
    known: Known | None = None
    changes: Mapping[str, object] = field(default_factory=dict)
    programmes: tuple[int, ...] = ()
    problems: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


# Which column is what


def find_headings(rows: Sequence[Cells]) -> int | None:
    """Which of the first lines is the headings: the one with most words we know; None for none."""
    best, most = None, 0
    for place, cells in enumerate(rows[:MOST_HEADING_LINES]):
        found = len(match(cells))
        if found > most and not _looks_like_a_person(cells):
            best, most = place, found
    return best


def match(headings: Cells) -> dict[Column, int]:
    """Which column is what, by the words at its head: the same word first, then one much like it.

    Two columns never tell the same thing: the best word wins ('mobile' before 'phone').
    """
    ranked = sorted(
        (rank, place, column)
        for place, words in enumerate(headings)
        for rank, column in _ranked(_plain(words))
    )
    found: dict[Column, int] = {}
    for _rank, place, column in ranked:
        if column not in found and place not in found.values():
            found[column] = place
    return found


def _ranked(words: str) -> Iterable[tuple[int, Column]]:
    if not words:
        return
    if (column := _BY_HEADING.get(words)) is not None:
        yield _HEADINGS[column].index(words), column
        return
    for known, column in _BY_HEADING.items():
        alike = fuzz.ratio(words, known)
        if alike >= ALIKE_HEADING and len(words) > 3:
            yield 200 - int(alike), column


def _looks_like_a_person(cells: Cells) -> bool:
    return any(len(re.sub(r"\D", "", cell)) >= 9 for cell in cells)


def problems_of_match(found: Match) -> tuple[str, ...]:
    """Why this match cannot be used."""
    named = any(one in found for one in (Column.KNOWN_AS, Column.GIVEN, Column.FULL))
    problems = []
    if not named:
        problems.append("Say which column holds the names.")
    if Column.NUMBER not in found and Column.REACH not in found:
        problems.append("Say which column holds the phone numbers.")
    if len(set(found.values())) < len(found):
        problems.append("One column is chosen for two things; each can be used once.")
    return tuple(problems)


# What a line says


def read(cells: Cells, found: Match, directory: Directory) -> Line:
    """What a line says, with its problems and notes."""
    said = {column: _cell(cells, place) for column, place in found.items()}
    problems, notes = list(_damage(said)), list[str]()
    names = _names(said)
    problems += _name_problems(names)
    notes += _name_notes(names)
    number = read_number(said.get(Column.NUMBER, ""), drama=directory.drama)
    reach, reach_problem = _reach(said.get(Column.REACH, ""), number)
    shared, message, flags = _flags(said)
    looked_up, unknown = _looked_up(said, directory)
    problems += [*number.problems, *reach_problem, *flags, *unknown]
    notes += number.notes if reach == number.contact_by or number.problems else ()
    reference = said.get(Column.REFERENCE, "")
    if len(reference) > LONGEST_REFERENCE:
        problems.append(f"The reference is too long; {LONGEST_REFERENCE} characters fit.")
    person = Listed(
        *names,
        number=number.number,
        contact_by=reach,
        language=looked_up.language,
        needs=_lines(said.get(Column.NEEDS, "")),
        likes=_lines(said.get(Column.LIKES, "")),
        shared_phone=shared,
        message_ok=message,
        connector_id=looked_up.connector_id,
        programmes=looked_up.programmes,
        reference=reference,
    )
    return Line(person, tuple(dict.fromkeys(problems)), tuple(notes))


def is_empty(cells: Cells) -> bool:
    return not any(cell.strip() for cell in cells)


def _cell(cells: Cells, place: int) -> str:
    """The cell without what spreadsheets put around text: ="…" and a leading apostrophe."""
    text = cells[place].strip() if place < len(cells) else ""
    if quoted := _QUOTED_FORMULA.fullmatch(text):
        text = quoted[1].strip()
    return text.removeprefix("'").strip()


_QUOTED_FORMULA = re.compile(r'="([^"]*)"')
_ERRORS = re.compile(
    r"#(?:N/A|REF!|VALUE!|NAME\?|DIV/0!|NULL!|NUM!|SPILL!|CALC!|####*)|#{3,}", re.IGNORECASE
)
_MOJIBAKE = re.compile(r"�|Ã[\u0080-ÿ]|Â[\u0080-¿]|â€|Å[\u0080-¿‘’“”•–—˜™š›œžŸ]|\?{3,}")
_FORMULA = re.compile(r"[=@|+\-]")


def _damage(said: Mapping[Column, str]) -> Iterable[str]:
    """What a spreadsheet did to cells of the line, whatever they are for."""
    for column, text in said.items():
        where = f"‘{column.words}’"
        if column is not Column.NUMBER and _ERRORS.fullmatch(text):
            yield f"{where} holds a spreadsheet's error; put back what stood there."
        elif column is not Column.NUMBER and text and _FORMULA.match(text) and len(text) > 1:
            yield f"{where} begins with a sign that makes it a formula; write it as plain words."
        if _MOJIBAKE.search(text):
            yield (
                f"Some letters in {where} were damaged when the list was saved; "
                "save it again as ‘CSV UTF-8’ or as a workbook."
            )
        if len(text) > LONGEST:
            yield f"{where} is too long; {LONGEST} characters fit."


_TITLES = re.compile(r"(?:mr|mrs|ms|miss|mx|dr|rev|sir|lady|mr & mrs)\.?\s+", re.IGNORECASE)
_NOBODY = frozenset({"", "n a", "none", "unknown", "tbc", "nil", "no name"})


def _names(said: Mapping[Column, str]) -> tuple[str, str, str]:
    given = _spaced(said.get(Column.GIVEN, ""))
    family = _spaced(said.get(Column.FAMILY, ""))
    known_as = _spaced(said.get(Column.KNOWN_AS, ""))
    if not given and not family and (whole := _spaced(said.get(Column.FULL, ""))):
        given, family = _split(whole)
    given = _TITLES.sub("", given, count=1) if _TITLES.match(given) else given
    given, known_as = given or known_as, known_as or given
    return given, family, known_as


def _split(whole: str) -> tuple[str, str]:
    """'Begum, Sara' and 'Mrs Sara Begum' are Sara Begum; what stands last is the family's name."""
    whole = _TITLES.sub("", whole, count=1) if _TITLES.match(whole) else whole
    if "," in whole:
        family, _, given = whole.partition(",")
        return _spaced(_TITLES.sub("", given.strip(), count=1)), _spaced(family)
    given, _, family = whole.rpartition(" ")
    return (given, family) if given else (family, "")


def _name_problems(names: tuple[str, str, str]) -> Iterable[str]:
    given, _family, known_as = names
    if _plain(known_as) in _NOBODY and _plain(given) in _NOBODY:
        yield "The name is missing; write at least what they like to be called."
    if any(re.search(r"\d|@", name) for name in names):
        yield "The name has digits or an @ in it; look whether the columns are matched rightly."
    if any(len(name) > LONGEST_NAME for name in names):
        yield f"The name is too long; {LONGEST_NAME} characters fit in each part."


def _name_notes(names: tuple[str, str, str]) -> Iterable[str]:
    if len(names[2]) > 2 and names[2].isupper():
        yield "The name is in capitals, and texts would say it like that."


@dataclass(frozen=True, slots=True)
class Number:
    """What was read of a number: E.164, how its owner can be reached, and what was mended."""

    number: str = ""
    contact_by: str = ""
    problems: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


_NO_NUMBER = frozenset({"", "na", "none", "nophone", "nomobile", "unknown", "tbc", "nil", "no"})
_DATE = re.compile(
    r"\d{4}-\d{1,2}-\d{1,2}(?:[ T]\d.*)?|\d{1,2}[/.]\d{1,2}[/.]\d{2,4}"
    r"|(?:\d{1,2}[- ])?[A-Za-z]{3,9}[- ]\d{2,4}",
    re.ASCII,
)
_POWER = re.compile(r"(\d)(?:[.,](\d+))?[eE]\+?(\d{1,2})", re.ASCII)
_WHOLE = re.compile(r"\+?\d+[.,]0+", re.ASCII)
_TWO = re.compile(r"\d{9,}\s*(?:/|;|,|\||&|\bor\b|\band\b|\n|\s)\s*\+?\d{9,}", re.IGNORECASE)
LOST_ZERO = "The 0 at the front was lost in the spreadsheet; it has been put back."
LANDLINE = "This is a landline, so they will be called instead of texted."


def read_number(cell: str, *, drama: bool) -> Number:
    """The number in a cell, with what a spreadsheet took away put back where that is certain."""
    text = cell.strip()
    if (
        not _ERRORS.fullmatch(text)
        and _plain(text).replace(" ", "") in _NO_NUMBER
        and not re.search(r"\d", text)
    ):
        return Number()
    if problem := _beyond_repair(text):
        return Number(problems=(problem,))
    mended, notes = _mended(text)
    try:
        return Number(PhoneNumber.parse(mended, drama=drama).e164, "text", notes=notes)
    except NotAMobile as problem:
        if landline := _landline(mended, drama=drama):
            return Number(landline, "call", notes=(*notes, LANDLINE))
        return Number(problems=(str(problem),))


def _beyond_repair(text: str) -> str:
    if _ERRORS.fullmatch(text):
        return "The number column holds a spreadsheet's error; put the number back."
    if _DATE.fullmatch(text):
        return "There is a date where the number should be; format the column as text and type it."
    if (power := _POWER.fullmatch(text)) and _exact(power) is None:
        return (
            "The spreadsheet has shortened the number to a form with E+11 in it, and its last "
            "digits are lost; format the column as text and type the number again."
        )
    digits = re.sub(r"(?<=\d)[ \-]+(?=\d)", "", text)
    if _TWO.search(digits) or re.search(r"\d{20,}", digits):
        return "There are two numbers in one cell; keep the one to use."
    words = re.search(r"[^\W\d_]{3,}", text) and re.search(r"\d{3}", text)
    if words and not _POWER.fullmatch(text):
        return "There are words beside the number; put them in another column."
    return ""


def _exact(power: re.Match[str]) -> str | None:
    """4.47700900123E+11 still has every digit; 4.47E+11 has not."""
    digits = power[1] + (power[2] or "")
    places = int(power[3]) + 1
    return digits if len(digits) == places and places in (10, 12) else None


def _mended(text: str) -> tuple[str, tuple[str, ...]]:
    if power := _POWER.fullmatch(text):
        text = _exact(power) or text
    if _WHOLE.fullmatch(text):
        text = re.split(r"[.,]", text)[0]
    digits = re.sub(r"\D", "", text)
    if text.lstrip("(").startswith(("+", "0")):
        return text, ()
    if len(digits) == 10 and digits[0] in "1237":
        return f"0{digits}", (LOST_ZERO,)
    if len(digits) == 12 and digits.startswith("44"):
        return f"+{digits}", ()
    return text, ()


def _landline(text: str, *, drama: bool) -> str:
    """A number that can be rung but not texted, as E.164; empty for any other."""
    try:
        return PhoneNumber.to_ring(text, drama=drama).e164
    except NotAMobile:
        return ""


_REACH = {
    "text": ("text", "texts", "sms", "mobile", "text message"),
    "call": ("call", "calls", "phone", "ring", "telephone", "landline", "phone call", "voice"),
    "visit": ("visit", "visits", "knock", "in person", "face to face", "home visit"),
}
_REACH_WORDS = {word: kind for kind, words in _REACH.items() for word in words}


def _reach(words: str, number: Number) -> tuple[str, tuple[str, ...]]:
    """How somebody is reached: as the line says, as far as their number allows it."""
    wished = _REACH_WORDS.get(_plain(words), "") if words else ""
    if words and not wished:
        return "", ("Write text, call or visit for how they are reached.",)
    if number.problems or wished == "visit":
        return wished, ()
    if not number.number:
        return "", ("The number is missing; write one, or ‘visit’ for how they are reached.",)
    if number.contact_by == "call":
        return "call", ()
    return wished or number.contact_by, ()


_YES = frozenset({"yes", "y", "true", "1", "x", "ok", "✓"})
_NO = frozenset({"no", "n", "false", "0", "not ok"})


def _flags(said: Mapping[Column, str]) -> tuple[bool | None, bool | None, list[str]]:
    read_, problems = [], []
    for column in (Column.SHARED, Column.MESSAGE):
        words = said.get(column, "").lower()
        if words and words not in _YES | _NO:
            problems.append(f"Write yes or no for ‘{column.words}’, or leave it empty.")
        read_.append(True if words in _YES else False if words in _NO else None)
    return read_[0], read_[1], problems


def _looked_up(said: Mapping[Column, str], known: Directory) -> tuple[Listed, list[str]]:
    """The language, programmes and connector that a line names."""
    problems = []
    language = _plain(said.get(Column.LANGUAGE, ""))
    if language and language not in known.languages:
        problems.append("We do not know this language; write English, Welsh, Polish or Arabic.")
    names = [part for part in re.split(r"[;|\n]", said.get(Column.PROGRAMME, "")) if part.strip()]
    if any(_plain(name) not in known.programmes for name in names):
        problems.append("There is no programme of this name; look at its spelling.")
    connector = _plain(said.get(Column.CONNECTOR, ""))
    if connector and connector not in known.connectors:
        problems.append("No connector of this name works here; look at the spelling.")
    found = Listed(
        language=known.languages.get(language, ""),
        connector_id=known.connectors.get(connector) if connector else None,
        programmes=tuple(
            known.programmes[_plain(name)] for name in names if _plain(name) in known.programmes
        ),
    )
    return found, problems


def _lines(text: str) -> tuple[str, ...]:
    """Short lines, however they were parted."""
    return tuple(part for line in re.split(r"[;\n]", text) if (part := _spaced(line)))


def _spaced(text: str) -> str:
    return " ".join(text.split())


def _plain(text: str) -> str:
    """Words to compare by: small letters without accents or signs."""
    bare = unicodedata.normalize("NFKD", text).casefold()
    kept = "".join(c if c.isalnum() else " " for c in bare if not unicodedata.combining(c))
    return " ".join(kept.split())


def folded(words: Mapping[str, int]) -> dict[str, int]:
    """Names of things by the words that a line may use for them."""
    return {_plain(name): id_ for name, id_ in words.items()}


LANGUAGES = {
    "en": "en",
    "english": "en",
    "eng": "en",
    "cy": "cy",
    "welsh": "cy",
    "cymraeg": "cy",
    "pl": "pl",
    "polish": "pl",
    "polski": "pl",
    "ar": "ar",
    "arabic": "ar",
    "العربية": "ar",
}


# What becomes of it


def decide(
    line: Line,
    *,
    by_reference: Known | None,
    on_number: Sequence[Known],
    earlier: Sequence[tuple[int, Listed]] = (),
    stopped: bool = False,
    extra: Listed | None = None,
) -> Decision:
    """What bringing a line in does.

    Somebody is known by the list's own reference, or by number and name together: a number alone
    may be shared, or somebody else's by now. `earlier` are lines of the same list with this number,
    `extra` what was chosen for everybody on it.
    """
    person = line.person
    problems = [*line.problems, *_twice(person, earlier)]
    known = by_reference or _same(person, on_number)
    problems += _whose(person, known, on_number)
    if problems:
        return Decision(Act.LEAVE, person, known, problems=tuple(problems), notes=line.notes)
    notes = (*line.notes, *_said_of(person, known, stopped=stopped))
    joins = (*person.programmes, *(extra.programmes if extra else ()))
    if known is None:
        complete = _complete(person, extra or Listed())
        return Decision(Act.ADD, complete, programmes=tuple(dict.fromkeys(joins)), notes=notes)
    changes = changed(known.resident, person)
    new = tuple(one for one in dict.fromkeys(joins) if one not in known.programmes)
    act = Act.UPDATE if changes or new else Act.SAME
    return Decision(act, person, known, changes, new, notes=notes)


def same_name(one: Listed | Resident, other: Listed | Resident) -> bool:
    """Whether two names may well be one person's: a first name in common, and the family's."""
    firsts = [_plain(name) for name in (one.given_name, one.known_as) if name]
    others = [_plain(name) for name in (other.given_name, other.known_as) if name]
    first = any(fuzz.ratio(mine, theirs) >= ALIKE for mine in firsts for theirs in others)
    families = _plain(one.family_name), _plain(other.family_name)
    return first and (not all(families) or fuzz.ratio(*families) >= ALIKE)


def _same(person: Listed, on_number: Sequence[Known]) -> Known | None:
    return next((one for one in on_number if same_name(person, one.resident)), None)


def _twice(person: Listed, earlier: Sequence[tuple[int, Listed]]) -> Iterable[str]:
    for number, other in earlier:
        if same_name(person, other):
            yield f"The same person stands on line {number} already."
            return
        if not (person.shared_phone and other.shared_phone):
            yield (
                f"The same number stands on line {number} for somebody else; "
                "if they share the phone, write yes under ‘Shared phone’ on both lines."
            )
            return


def _whose(person: Listed, known: Known | None, on_number: Sequence[Known]) -> Iterable[str]:
    if known is not None and known.resident.standing == "died":
        yield "This person is marked as having died; nothing is changed by a list."
    others = [one for one in on_number if known is None or one.id != known.id]
    if known is None and others and not person.shared_phone:
        yield (
            "The number is here already for somebody of another name; if they share the phone, "
            "write yes under ‘Shared phone’."
        )


def _said_of(person: Listed, known: Known | None, *, stopped: bool) -> Iterable[str]:
    if known and person.number and known.resident.number not in ("", person.number):
        yield (
            "We have another number for this person, and it stays; "
            "a new number is changed on their own page, where it is asked who answers it."
        )
    if stopped:
        yield "This number has said STOP; no text goes to it."


def _complete(person: Listed, extra: Listed) -> Listed:
    """A newcomer with what was chosen for the whole list where their line says nothing."""
    return replace(
        person,
        language=person.language or extra.language or "en",
        connector_id=person.connector_id or extra.connector_id,
    )


def as_resident(person: Listed, *, zone: str, called_agreed: bool = False) -> Resident:
    """A newcomer as the record keeps them: invited, since nobody here has asked them yet.

    Only whoever is rung or visited may have agreed to that before (`called_agreed`); texts wait
    for the person's own Y.
    """
    called = person.contact_by != ContactBy.TEXT
    return Resident(
        0,
        person.given_name,
        person.family_name,
        person.known_as,
        person.number,
        person.language,
        zone,
        person.connector_id,
        AgreementState.GIVEN if called and called_agreed else AgreementState.INVITED,
        needs_with(person.needs, person.message_ok),
        ContactBy(person.contact_by),
        person.likes,
        shared_phone=bool(person.shared_phone),
        message_ok=person.message_ok,
    )


_CHANGEABLE = (
    "given_name",
    "family_name",
    "known_as",
    "contact_by",
    "language",
    "likes",
    "shared_phone",
    "message_ok",
    "connector_id",
)


def changed(known: Resident, person: Listed) -> dict[str, object]:
    """What a line says otherwise than the record. What it does not say stays as it is.

    A number only comes to somebody who had none; how somebody is reached changes with it.
    """
    news: dict[str, object] = {}
    for name in _CHANGEABLE:
        said = getattr(person, name)
        if said not in ("", None, ()) and said != getattr(known, name):
            news[name] = ContactBy(said) if name == "contact_by" else said
    if person.known_as == person.given_name:
        news.pop("known_as", None)
    message_ok = known.message_ok if person.message_ok is None else person.message_ok
    needs = needs_with(person.needs or known.needs, message_ok)
    if needs != known.needs:
        news["needs"] = needs
    if person.number and not known.number:
        news["number"] = person.number
    elif person.number != known.number:
        news.pop("contact_by", None)
    return news
