"""Agreement to be texted: who asked, when, in which words, and where it stands.

Agreeing to texts is a courtesy that the resident can take back with one word. It is not the lawful
basis on which a record is kept, and ending it never removes the record. Only the resident's own act
brings texts back after a withdrawal: no ordinary reply does.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from connector.domain.answers import read_answer
from connector.domain.question import Question, QuestionKind


class AgreementState(StrEnum):
    INVITED = "invited"
    GIVEN = "given"
    PAUSED = "paused"
    WITHDRAWN = "withdrawn"

    @property
    def words(self) -> str:
        return _WORDS[self]


_WORDS = {
    AgreementState.INVITED: "Asked, not yet agreed",
    AgreementState.GIVEN: "Has agreed to texts",
    AgreementState.PAUSED: "Texts are paused",
    AgreementState.WITHDRAWN: "Stopped texts",
}


class How(StrEnum):
    """How the resident told us."""

    IN_PERSON = "in_person"
    BY_PHONE = "by_phone"
    BY_TEXT = "by_text"
    AT_PROVIDER = "at_provider"
    ON_A_LIST = "on_a_list"

    @property
    def words(self) -> str:
        return self.value.replace("_", " ")


_MAY_WE = Question(QuestionKind.YES_NO)


def says_yes(text: str) -> bool:
    """Whether it answers the welcome, "Text Y to begin", with a yes: Y, yes please, ok."""
    return read_answer(text, _MAY_WE) == 1


@dataclass(frozen=True, slots=True)
class AgreementEvent:
    """One dated line of the agreement's history. `words` is what was read out or texted."""

    state: AgreementState
    at: datetime
    how: How
    words: str = ""
    by_staff: int | None = None
