"""Five batches of invented replies, as many different people would write them, and what they say.

The table is `test_reading_batches.txt`. What the rules still miss is named here, so that nobody
takes the table for proof of everything: each must stay a miss until somebody moves it out.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pytest

from connector.domain.promise import Promise
from connector.domain.question import OPEN, Question, QuestionKind
from connector.domain.reading import Intent, Reading, read
from connector.gateways.phrase_book import phrase_book

TABLE = Path(__file__).with_name("test_reading_batches.txt")
PROMISES = {"week": Promise.THIS_WEEK, "good": Promise.GOOD_NEWS}
LOUD = {Intent.OPT_OUT, Intent.WRONG_NUMBER, Intent.CALL_ME, Intent.HELP}
MISSED = frozenset(
    """
got my insulin here, all of it. thinking
been sat on the bathroom floor crying for hours
whats left for me here? nothing. so im off
shoot me now honestly id thank you
bloody Liverpool lost again im gutted
got nobody to leave me stuff to so its all going in the skip before i go
i wish the earth would swallow me up for good
train comes at 10.40 and ill be there
stop the world i want to get off. for real this time
My plan is ready. Nothing personal. You people were nice.
feel like im losing my mind
nearly did it, one more point and wed have won
you have the right number, its just me sister has my phone
stop worrying about me im fine
tell my mam i tried
sometimes i think the kids deserve better than me alive
no me left to live for nobody
gave my telly and my records to the lad next door, wont be needing them
cheers for everything, this is where i get off
I keep walking to the bridge
i passed
id go 7
    """.strip().splitlines()
)


@dataclass(frozen=True)
class Row:
    promises: frozenset[Promise]
    says: tuple[frozenset[str], ...]
    answers: tuple[float | None, ...]
    text: str


def rows() -> list[Row]:
    lines = TABLE.read_text(encoding="utf-8").splitlines()
    return [_row(line) for line in lines if line and not line.startswith("#")]


def _row(line: str) -> Row:
    promises, says, text = (part.strip() for part in line.split("|", 2))
    words = says.split()
    return Row(
        frozenset(PROMISES.get(word) or Promise(word) for word in promises.split("/")),
        tuple(frozenset(word.split("/")) for word in words if word[0] != "="),
        tuple(None if word == "=none" else float(word[1:]) for word in words if word[0] == "="),
        text,
    )


def _reading(row: Row) -> Reading:
    question = Question(QuestionKind.SCALE) if row.answers else OPEN
    return read(row.text, question, phrase_book())


def _right(row: Row) -> bool:
    reading = _reading(row)
    concerns = {concern.kind.value for concern in reading.concerns}
    found = concerns | {intent.value for intent in reading.intents}
    expected = frozenset().union(*row.says)
    quiet = {Promise.NONE, Promise.GOOD_NEWS}.isdisjoint(row.promises) or concerns <= expected
    loud = {intent.value for intent in LOUD & set(reading.intents)} <= expected
    return (
        reading.promise in row.promises
        and all(found & either for either in row.says)
        and all(reading.answer == answer for answer in row.answers)
        and quiet
        and loud
    )


@pytest.mark.parametrize("row", rows(), ids=lambda row: row.text)
def test_a_reply_of_a_batch_says_what_was_written_down_before(row: Row) -> None:
    assert _right(row) is (row.text not in MISSED)


def test_what_is_missed_is_in_the_table() -> None:
    assert {row.text for row in rows()} >= MISSED
