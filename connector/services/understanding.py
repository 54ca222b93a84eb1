"""One reply understood: what it says, what follows, and what is still to be written.

Nothing is written here, and only a reply out of order looks anything up. A reader that fails never
files a reply as routine: it goes to a person, marked *not read by the machine*.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any, Protocol, TypeVar
from zoneinfo import ZoneInfo

import structlog
from sqlalchemy.orm import Session

from connector.domain.consent import AgreementState
from connector.domain.eyes import due_at, needs_eyes, spans_of
from connector.domain.phrases import Rulebook, Span
from connector.domain.programme import Programme
from connector.domain.promise import Promise, most_urgent
from connector.domain.question import OPEN, Question, QuestionKind
from connector.domain.reading import Asked as AskedFor
from connector.domain.reading import Concern, Intent, Reading, Scorer, read
from connector.domain.signals import Signal, SignalKind, from_reading, not_read, stopped, to_confirm
from connector.domain.silence import Rhythm
from connector.domain.usual import Answer, Floor, Settings, Usual, rebuilt
from connector.domain.working_hours import WorkingHours
from connector.services.neighbours import NONE, Neighbours
from connector.services.noticing import settings_for
from connector.store import check_ins, replies, usuals
from connector.store.replies import Read, Unread
from connector.store.residents import Writer

log = structlog.get_logger()

_MARKED = (Intent.CALL_ME, Intent.HELP, Intent.OPT_OUT, Intent.WRONG_NUMBER)
NEW = usuals.State()
NOBODY = Writer(0, "", "en", "Europe/London", None, AgreementState.WITHDRAWN, None, None)


class Wording(Protocol):
    """The fixed texts that the service sends by itself, by language."""

    def text(self, language: str, name: str) -> str: ...

    def crisis(self, language: str, *, open_now: bool, read_by: str) -> str: ...


@dataclass(frozen=True, slots=True)
class Reader:
    """What reading needs from outside: the rules, the model if any, hours, words, a channel."""

    rules: Rulebook
    wording: Wording
    hours: WorkingHours = field(default_factory=WorkingHours)
    scorer: Scorer | None = None
    channel: str = ""

    def crisis(self, language: str, now: datetime) -> str:
        """The one automatic answer to somebody in danger, true about when a person reads it."""
        return self.wording.crisis(
            language,
            open_now=self.hours.open_at(now),
            read_by=self.hours.next_opening_words(now),
        )


@dataclass(frozen=True, slots=True)
class Context:
    """What is known of a writer when their reply is read."""

    writer: Writer
    asked: check_ins.Asked | None = None
    programme: Programme | None = None
    state: usuals.State = NEW
    flag_open: bool = False
    floor: Floor | None = None

    @property
    def question(self) -> Question:
        return self.programme.question if self.programme else OPEN


@dataclass(frozen=True, slots=True)
class Understood:
    """Everything that follows from one reply, still to be written.

    `repeated` says that the same text has come again and again: nothing answers it by itself.
    """

    unread: Unread
    read: Read
    signals: tuple[Signal, ...] = ()
    intents: frozenset[Intent] = frozenset()
    usual_words: str = ""
    state: usuals.State | None = None
    programme_id: int | None = None
    answers: bool = False
    repeated: bool = False
    writers: tuple[Writer, ...] = ()

    @property
    def promise(self) -> Promise:
        return most_urgent(signal.promise for signal in self.signals)

    @property
    def stops(self) -> bool:
        """Whether it asks for the texts to stop."""
        return self.unread.stops or Intent.OPT_OUT in self.intents

    @property
    def may_be_answered(self) -> bool:
        return not (self.stops or self.repeated)

    @property
    def in_distress(self) -> bool:
        return any(
            signal.kind is SignalKind.WORDS and signal.promise is Promise.NOW
            for signal in self.signals
        )


Found = TypeVar("Found", Concern, AskedFor)


def after(context: Context, one: Unread, result: Understood) -> Context:
    """What is known of a writer when their next reply of the same batch is read."""
    asked = context.asked
    if asked is not None and result.answers:
        asked = replace(asked, answered=True)
    writer = replace(context.writer, heard_at=one.reply.received_at)
    return replace(context, writer=writer, asked=asked, state=result.state or context.state)


def understand(
    session: Session,
    one: Unread,
    context: Context,
    reader: Reader,
    near: Neighbours = NONE,
    writers: tuple[Writer, ...] = (),
) -> Understood:
    """One reply, read together with the pieces before it. `writers` are those it may be from."""
    try:
        reading, weighed = _read(one, context, reader, near)
    except Exception as error:  # noqa: BLE001 a reader that fails must never lose a reply
        log.error("reply not read", reply=one.reply.id, error=type(error).__name__)
        written = _written(one, context, None, reader, near)
        said = (not_read(_name(context)),)
        return Understood(one, written, said, repeated=near.repeated, writers=writers)
    signals = from_reading(
        reading,
        context.question,
        name=_name(context),
        levels=context.question.levels,
        with_usual=_scored(reading, context),
    )
    if not weighed:
        signals = (*signals, not_read(_name(context)))
    if one.reply.media or not one.reply.body.strip():
        signals = (*_worded(signals), _wordless(one, context))
    if not one.stops:
        signals = tuple(
            to_confirm(signal, _name(context)) if signal.kind is SignalKind.STOPPED else signal
            for signal in signals
        )
    if one.stops and all(signal.kind is not SignalKind.STOPPED for signal in signals):
        signals = (*signals, stopped(_name(context), by="a reply"))
    state, more, words = _compared_or_not(session, one, context, reading)
    return Understood(
        one,
        _written(one, context, reading, reader, near, weighed=weighed),
        (*signals, *more),
        frozenset(reading.intents),
        words,
        state,
        context.asked.programme_id if context.asked else None,
        context.asked is not None
        and (reading.answer is not None or context.question.kind is QuestionKind.OPEN),
        near.repeated,
        writers,
    )


def _read(one: Unread, context: Context, reader: Reader, near: Neighbours) -> tuple[Reading, bool]:
    """What the reply says, and whether the model saw it where there is one.

    What stands wholly in an earlier piece was said then.
    """
    whole = near.before + one.reply.body
    reading, weighed = _weighed(one, whole, context.question, reader)
    if not near.before:
        return reading, weighed
    shift = len(near.before)
    concerns = tuple(_moved(found, shift) for found in reading.concerns if found.span.end > shift)
    asked = tuple(_moved(found, shift) for found in reading.asked if found.span.end > shift)
    only_this = replace(
        reading,
        concerns=concerns,
        asked=asked,
        intents=tuple(dict.fromkeys(found.intent for found in asked)),
        promise=most_urgent(found.promise for found in concerns),
        understood=True,
    )
    return only_this, weighed


def _weighed(one: Unread, whole: str, question: Question, reader: Reader) -> tuple[Reading, bool]:
    """The reading; by rules alone, and said so, when the model fails on this text."""
    scorer = reader.scorer
    if scorer is not None and not needs_eyes(whole, question):
        scorer = None  # the model orders what people read; nobody has to read a bare answer
    try:
        return read(whole, question, reader.rules, scorer), True
    except Exception as error:
        if scorer is None:
            raise
        log.error("reply not weighed", reply=one.reply.id, error=type(error).__name__)
    return read(whole, question, reader.rules), False


def _moved(found: Found, shift: int) -> Found:
    """What was found, with its characters counted in the last piece alone."""
    start = max(found.span.start - shift, 0)
    return replace(found, span=Span(start, found.span.end - shift))


def _name(context: Context) -> str:
    return context.writer.known_as or "Somebody we do not know"


def _scored(reading: Reading, context: Context) -> bool:
    """Whether this reply is an answer that a person's usual is learnt from."""
    return (
        reading.answer is not None
        and context.question.kind is QuestionKind.SCALE
        and context.asked is not None
        and not context.asked.answered
    )


def _worded(signals: tuple[Signal, ...]) -> tuple[Signal, ...]:
    return tuple(signal for signal in signals if signal.kind is not SignalKind.UNCLEAR)


def _wordless(one: Unread, context: Context) -> Signal:
    what = "a picture or a recording" if one.reply.media else "an empty text"
    return Signal(
        SignalKind.UNCLEAR,
        Promise.TODAY,
        f"{_name(context)} sent {what}. Please look.",
        "nothing to read",
    )


def _compared_or_not(
    session: Session, one: Unread, context: Context, reading: Reading
) -> tuple[usuals.State | None, tuple[Signal, ...], str]:
    """As `_compared`; somebody whose history cannot be used goes to a person and delays nobody."""
    try:
        return _compared(session, one, context, reading)
    except (ArithmeticError, AttributeError, LookupError, TypeError, ValueError) as error:
        log.error("reply not compared", reply=one.reply.id, error=type(error).__name__)
        return None, (not_read(_name(context)),), ""


def _compared(
    session: Session, one: Unread, context: Context, reading: Reading
) -> tuple[usuals.State | None, tuple[Signal, ...], str]:
    """The state after this reply, what the usual says about it, and the usual in words."""
    programme, asked = context.programme, context.asked
    if programme is None or asked is None:
        return None, (), ""
    state = context.state if _heard_already(context) else _replied(context.state)
    if not _scored(reading, context) or reading.answer is None:
        return state, (), ""
    settings = settings_for(programme, context.floor)
    usual = Usual.from_json(state.usual) if state.usual else Usual.start(settings)
    answer = Answer(_local_day(one, context), (reading.answer,))
    if usual.replies and answer.at.toordinal() <= usual.last:
        usual, signals = _from_the_start(session, context, answer, settings)
    else:
        usual, signals = usual.add(answer, settings, held=context.flag_open)
    return replace(state, usual=usual.to_json()), signals, usual.in_words(settings)


def _heard_already(context: Context) -> bool:
    """Whether the writer has already replied since they were last asked."""
    heard_at, asked = context.writer.heard_at, context.asked
    return heard_at is not None and asked is not None and heard_at >= asked.asked_at


def _replied(state: usuals.State) -> usuals.State:
    rhythm = Rhythm.from_json(state.rhythm) if state.rhythm else Rhythm()
    return replace(state, rhythm=rhythm.replied().to_json())


def _from_the_start(
    session: Session, context: Context, answer: Answer, settings: Settings
) -> tuple[Usual, tuple[Signal, ...]]:
    """A second answer of one day, or one out of order: the whole history is gone through again."""
    assert context.programme is not None
    zone = ZoneInfo(context.writer.zone)
    history = [
        Answer(at.astimezone(zone).date(), (value,))
        for at, value in replies.answers(session, context.writer.id, context.programme.id)
        if value is not None
    ]
    return rebuilt([*history, answer], settings, since=answer.at)


def _local_day(one: Unread, context: Context) -> date:
    return one.reply.received_at.astimezone(ZoneInfo(context.writer.zone)).date()


def _written(
    one: Unread,
    context: Context,
    reading: Reading | None,
    reader: Reader,
    near: Neighbours,
    *,
    weighed: bool = True,
) -> Read:
    failed = reading is None or not weighed
    for_eyes = failed or needs_eyes(one.reply.body, context.question, media=one.reply.media)
    return Read(
        reply_id=one.reply.id,
        resident_id=context.writer.id or None,
        check_in_id=context.asked.check_in_id if context.asked else None,
        answer=reading.answer if reading else None,
        promise=(reading.promise if reading else Promise.TODAY).value,
        found=_found(reading) if reading else [],
        read_first=failed or (reading is not None and reading.read_first),
        weight=reading.weight if reading else 0.0,
        rules=reader.rules.version,
        not_read=failed,
        continues=near.continues,
        eyes_due_at=due_at(one.reply.received_at, reader.hours) if for_eyes else None,
        because=spans_of(reading.because, one.reply.body) if reading else (),
    )


def _found(reading: Reading) -> list[dict[str, Any]]:
    """What was found, with its characters; only what asks for a person is marked on pages."""
    concerns = [
        {
            "kind": found.kind.value,
            "promise": found.promise.value,
            "rule": found.rule,
            "version": found.version,
            "start": found.span.start,
            "end": found.span.end,
            "note": found.note,
            "marks": True,
        }
        for found in reading.concerns
    ]
    intents = [
        {
            "kind": found.intent.value,
            "rule": found.rule,
            "version": found.version,
            "start": found.span.start,
            "end": found.span.end,
            "marks": found.intent in _MARKED,
        }
        for found in reading.asked
    ]
    return concerns + intents
