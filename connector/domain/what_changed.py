"""What is different between two versions of a programme, in plain words.

For people who look before they publish. It names each difference with what was and what is; it
judges none of them.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import zip_longest

from connector.domain.cadence_words import cadence_rows
from connector.domain.programme import DEFAULT_LANGUAGE, Item, Programme, Wordings
from connector.domain.publishing import language_name, parts
from connector.domain.question import About, Better, Question, QuestionKind

_KINDS = {
    QuestionKind.SCALE: "a number",
    QuestionKind.YES_NO: "yes or no",
    QuestionKind.CHOICE: "one of several",
    QuestionKind.STEP: "did it, part way or not this time",
    QuestionKind.OPEN: "any words",
}


@dataclass(frozen=True, slots=True)
class Change:
    """One difference. Empty `before` is something new, empty `after` something taken away."""

    what: str
    before: str = ""
    after: str = ""


def changes(before: Programme, after: Programme) -> list[Change]:
    """Every difference from `before` to `after`: the dates, the questions, the words, the rest."""
    return [
        *_dates(before, after),
        *_questions(before, after),
        *_texts(before, after),
        *_settings(before, after),
    ]


def _dates(before: Programme, after: Programme) -> Iterator[Change]:
    was, now = dict(cadence_rows(before.cadence)), dict(cadence_rows(after.cadence))
    for name in dict.fromkeys((*was, *now)):
        yield from _one(name, was.get(name, ""), now.get(name, ""))


def _questions(before: Programme, after: Programme) -> Iterator[Change]:
    was = {item.key: item for item in before.everything_asked()}
    now = {item.key: item for item in after.everything_asked()}
    for key, item in was.items():
        if key not in now:
            yield Change(f"Question '{key}' taken out", _english(item))
    for key, item in now.items():
        if key not in was:
            yield Change(f"Question '{key}' added", after=_english(item))
        else:
            name = f"Answers to '{key}'"
            yield from _one(name, _answers(was[key].question), _answers(item.question))
    stay = [key for key in was if key in now]
    order = [key for key in now if key in was]
    if stay != order:
        yield Change("Order of the questions", ", ".join(stay), ", ".join(order))
    yield from _one("Follow-ups", _bands(before), _bands(after))


def _texts(before: Programme, after: Programme) -> Iterator[Change]:
    was, now = _worded(before), _worded(after)
    for where in dict.fromkeys((*was, *now)):
        yield from _wordings(where, was.get(where, {}), now.get(where, {}))


def _worded(programme: Programme) -> dict[str, Wordings]:
    """Every text by what it is called; a question that is new or gone is told as a whole."""
    asked = {f"Question '{item.key}'": item.wording for item in programme.everything_asked()}
    others = {name.capitalize(): texts for name, texts in parts(programme).items()}
    return {"The opening": programme.opening, **asked, **others}


def _wordings(where: str, was: Wordings, now: Wordings) -> Iterator[Change]:
    is_question = where.startswith("Question ")
    if is_question and not (was and now):
        return
    for language in dict.fromkeys((*was, *now)):
        name = where if language == DEFAULT_LANGUAGE else f"{where} in {language_name(language)}"
        for one, other in zip_longest(was.get(language, ()), now.get(language, ()), fillvalue=""):
            yield from _one(name, one, other)


def _settings(before: Programme, after: Programme) -> Iterator[Change]:
    yield from _one("Meant for", before.meant_for, after.meant_for)
    yield from _one("Source", before.source, after.source)
    yield from _one("Sent late", _hours(before, "timely_for"), _hours(after, "timely_for"))
    yield from _one(
        "Time to answer", _hours(before, "answer_within"), _hours(after, "answer_within")
    )
    yield from _one("Reminder after", _hours(before, "remind_after"), _hours(after, "remind_after"))
    yield from _one("A person in touch", _floor(before), _floor(after))


def _one(what: str, was: str, now: str) -> Iterator[Change]:
    if was != now:
        yield Change(what, was, now)


def _english(item: Item) -> str:
    return item.wording[DEFAULT_LANGUAGE][0]


def _answers(question: Question) -> str:
    words = _KINDS[question.kind]
    if question.kind is QuestionKind.SCALE:
        best = question.high if question.better is Better.HIGH else question.low
        words = f"{words} from {question.low} to {question.high}, {best} is best"
    if question.kind is QuestionKind.CHOICE:
        words = f"{words}: {', '.join(question.options)}"
    about = "the day" if question.about is About.DAY else "the week"
    alone = "" if question.levels else ", never a reason by itself"
    return f"{words}, about {about}{alone}"


def _bands(programme: Programme) -> str:
    return "; ".join(
        f"{item.key} {one.low:g} to {one.high:g} brings {one.item.key}"
        for item in programme.items
        for one in item.follow_ups
    )


def _hours(programme: Programme, name: str) -> str:
    minutes = int(getattr(programme, name).total_seconds() // 60)
    return f"{minutes / 60:g} hours" if minutes >= 60 else f"{minutes} minutes"


def _floor(programme: Programme) -> str:
    floor = programme.floor
    if floor.weeks:
        return f"at least every {floor.weeks} weeks"
    return f"no promise until {floor.review_on}, because: {floor.why_none}"
