"""A programme tried out: somebody plays the resident, and nothing is written or sent.

What is typed is understood and followed by the very code that runs live, on a person who does not
exist. The whole conversation is played again from its first text each time, so that nothing has to
be kept. The one text that does leave goes to the own phone of who asked for it, a few times a day.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy.orm import Session

from connector.domain.asked import GO_ON, AskedItem, Tie
from connector.domain.attempt import Purpose
from connector.domain.consent import AgreementState
from connector.domain.errors import Invalid, Refused
from connector.domain.programme import Part, Programme
from connector.domain.question import Question, QuestionKind
from connector.domain.reply import Reply
from connector.domain.rota import Member
from connector.domain.sms import SmsText, fold
from connector.services.asking import Posed, Turn, told_of, what_follows
from connector.services.jobs import Job, later
from connector.services.understanding import Context, Reader, Understood, after, understand
from connector.store import attempts, audit, versions
from connector.store.replies import Unread
from connector.store.residents import Writer
from connector.store.versions import SUBJECT, Version

MOST_MOVES = 40
LONGEST_REPLY = 480
TRIALS_A_DAY = 5
TRIAL = "Trial: "
TRIAL_ACT = "trial sent to own phone"
KEPT = timedelta(minutes=30)
A_DAY = timedelta(days=1)
_BETWEEN = timedelta(minutes=20)
_SENDER = 1


class Act(StrEnum):
    """What somebody who tries a programme out may do next, besides writing."""

    SAYS = "says"
    SILENCE = "silence"
    NEXT = "next"
    GO_ON = "go_on"
    GOODBYE = "goodbye"


@dataclass(frozen=True, slots=True)
class Move:
    """One thing that was done; `words` are what was written with `SAYS`."""

    act: Act
    words: str = ""


@dataclass(frozen=True, slots=True)
class Person:
    """Whom somebody plays: invented, with a name and a language."""

    name: str
    language: str
    sender: str


@dataclass(frozen=True, slots=True)
class Line:
    """One text of the conversation, ours or theirs, and what there is to say of it."""

    text: SmsText | None
    ours: bool
    notes: tuple[str, ...] = ()


def play(
    session: Session,
    programme: Programme,
    moves: Sequence[Move],
    *,
    person: Person,
    reader: Reader,
    now: datetime,
) -> list[Line]:
    """The conversation so far, from the first text of the programme. Writes nothing."""
    table = _Table(session, programme, person, reader, now)
    table.opens(Part.CHECK_IN)
    for move in moves[:MOST_MOVES]:
        table.does(move)
    return table.lines


def send_to_own_phone(
    session: Session, version: Version, *, by: Member, channel: str, now: datetime
) -> None:
    """The first text of a version goes to the number of who asks for it, marked as a trial.

    Raises `Invalid` when they have no number, `Refused` when they have had several today.
    """
    if not by.number:
        raise Invalid(
            "You have no mobile number here, so nothing was sent: ask an administrator to add it."
        )
    had = versions.acts_by(session, TRIAL_ACT, by.id, since=now - A_DAY)
    if had >= TRIALS_A_DAY:
        raise Refused(f"You have had {had} trials in a day, which is the most. Try again tomorrow.")
    first = by.name.split()[0]
    words = version.programme.text_for(1, "en", name=first, sender=first)
    text = attempts.NewAttempt(
        None, Purpose.STAFF, fold(f"{TRIAL}{words}"), now, now + KEPT, number=by.number
    )
    attempts.add_many(session, [text], channel=channel, now=now)
    audit.append(session, TRIAL_ACT, SUBJECT, version.id, by=by.id, now=now)
    later(session, Job.DISPATCH)


@dataclass
class _Table:
    """Where a conversation is played: the questions that were asked, and the time on its clock."""

    session: Session
    programme: Programme
    person: Person
    reader: Reader
    at: datetime
    number: int = 0
    reminded: bool = False
    lines: list[Line] = field(default_factory=list)
    context: Context = field(init=False)

    def __post_init__(self) -> None:
        writer = Writer(
            0, self.person.name, self.person.language, "Europe/London", _SENDER,
            AgreementState.GIVEN, None, None,
        )  # fmt: skip
        told = told_of(self.programme, ())
        self.context = Context(writer, programmes=told.programmes, scales=told.scales)

    def does(self, move: Move) -> None:
        self.at += _BETWEEN
        if move.act is Act.SAYS:
            self._hears(move.words)
        elif move.act is Act.SILENCE:
            self._waits()
        elif move.act is Act.NEXT:
            self.opens(Part.CHECK_IN)
        else:
            self.opens(Part.GO_ON if move.act is Act.GO_ON else Part.GOODBYE)

    def opens(self, part: Part) -> None:
        """A text that we open, with the question it asks."""
        self.number += part is Part.CHECK_IN
        self.at += A_DAY * bool(self.lines)
        if part in _PARTS and not getattr(self.programme, part.value):
            self._notes(f"There are no words for {_PARTS[part]} yet.")
            return
        self.reminded = False
        self._says(self._worded(part))
        if part is Part.GO_ON:
            self._asks(GO_ON, new=True)
        elif part is Part.CHECK_IN and self.programme.asks:
            self._asks(self.programme.items[0].key, new=True)

    def _waits(self) -> None:
        """Nobody answers: the one reminder, and then the question closes."""
        posed = self._posed()
        if posed is None or posed.row.answered or not posed.row.in_time(self.at):
            self._notes("Nothing is waiting for an answer.")
            return
        if self.programme.reminds and not self.reminded:
            self.reminded = True
            self.at = max(self.at, posed.row.asked_at + self.programme.remind_after)
            self._says(self._worded(Part.REMINDER), "The one reminder.")
            return
        self.at = max(self.at, posed.row.closes_at)
        self._notes("The question has closed. An answer from now on is kept and shown as late.")

    def _hears(self, words: str) -> None:
        reply = Reply(len(self.lines), b"", words, 0, self.at)
        one = Unread(reply, "", stops=False)
        result = understand(self.session, one, self.context, self.reader)
        self.context = after(self.context, one, result)
        self.lines.append(Line(SmsText(words), ours=False, notes=tuple(_read_as(result))))
        self._follows(result)

    def _follows(self, result: Understood) -> None:
        """What the service sends by itself."""
        if result.in_distress:
            self._says(self.reader.crisis(self.person.language, self.at), "To somebody in danger.")
        posed = result.posed
        if posed is None or result.tie is not Tie.ANSWER or result.needs_a_person:
            return
        turn = Turn(self.context.writer, posed, held=False)
        words, item = what_follows(
            turn, self.reader.wording, self.number, {_SENDER: self.person.sender}
        )
        if words:
            self._says(words)
        if item:
            self._asks(item, new=False)

    def _worded(self, part: Part) -> str:
        return self.programme.text_for(
            self.number, self.person.language,
            name=self.person.name, sender=self.person.sender, part=part,
        )  # fmt: skip

    def _says(self, words: str, *notes: str) -> None:
        self.lines.append(Line(SmsText(fold(words)), ours=True, notes=notes))

    def _notes(self, words: str) -> None:
        self.lines.append(Line(None, ours=True, notes=(words,)))

    def _posed(self) -> Posed | None:
        return self.context.posed[0] if self.context.posed else None

    def _asks(self, item: str, *, new: bool) -> None:
        """A question is open: the first of a check-in, or the next of the same."""
        before = self._posed()
        check_in, closes_at = len(self.lines), self.at + self.programme.answer_within
        if before and not new:
            check_in, closes_at = before.row.check_in_id, before.row.closes_at
        row = AskedItem(
            len(self.lines), check_in, 0, self.programme.id, None, item, self.at, closes_at
        )
        [posed] = told_of(self.programme, [row]).posed[0]
        self.context = replace(self.context, posed=(posed, *self.context.posed))


_PARTS = {Part.GO_ON: "asking whether to go on", Part.GOODBYE: "a goodbye"}
_TIES = {
    Tie.CORRECTION: "It corrects the answer before.",
    Tie.AGAIN: "The question has its answer; this is kept as what was written.",
    Tie.LATE: "It is late: kept and shown, never counted as today’s.",
}


def _read_as(result: Understood) -> list[str]:
    """How a reply was understood, and what a person is asked to do."""
    notes = [_answer_words(result)]
    if result.tie in _TIES:
        notes.append(_TIES[result.tie])
    notes += [
        f"A connector is told ({signal.promise.words.lower()}): {signal.sentence}"
        for signal in result.signals
    ]
    if result.stops:
        notes.append("No more texts go to this number.")
    elif result.needs_a_person and result.tie is Tie.ANSWER:
        notes.append("Nothing follows by itself: a person goes on from here.")
    return notes


def _answer_words(result: Understood) -> str:
    answer, posed = result.read.answer, result.posed
    if posed is None or result.tie is Tie.NONE:
        return "Kept as free text. The question stays open, and a person reads it."
    if answer is None or posed.question.kind is QuestionKind.OPEN:
        return "Kept as it is written, as the answer. A person reads it."
    return f"Read as {said(answer, posed.question)}."


def said(answer: float, question: Question) -> str:
    """An answer in the question's own words: '7', 'yes', '2 (part way)'."""
    if question.kind is QuestionKind.YES_NO:
        return "yes" if answer else "no"
    place = int(answer)
    if 1 <= place <= len(question.options):
        return f"{place} ({question.options[place - 1]})"
    return f"{answer:g}"
