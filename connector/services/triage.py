"""Triage: unread replies are read in batches, and a connector is asked to look where it matters.

Each reply is understood by itself, without touching the database; then everything is written at
once. A reader that fails never files a reply as routine: the reply goes to a person, marked *not
read by the machine*. A text from a number that nobody is known by is read and kept as unclaimed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import Any, Protocol
from zoneinfo import ZoneInfo

import structlog
from sqlalchemy.orm import Session

from connector.domain.attempt import Purpose
from connector.domain.consent import AgreementEvent, AgreementState, How
from connector.domain.flag import Flag
from connector.domain.phrases import Rulebook
from connector.domain.programme import Programme
from connector.domain.promise import Promise
from connector.domain.question import OPEN, Question, QuestionKind
from connector.domain.reading import Intent, Reading, Scorer, is_exact_start, read
from connector.domain.signals import Signal, SignalKind, from_reading, not_read, stopped
from connector.domain.silence import Rhythm
from connector.domain.usual import Answer, Settings, Usual, rebuilt
from connector.domain.working_hours import WorkingHours
from connector.services.flagging import Noticed, raise_or_join
from connector.services.jobs import Job, later
from connector.services.noticing import settings_for
from connector.store import (
    attempts,
    check_ins,
    flags,
    programmes,
    replies,
    residents,
    stops,
    usuals,
)
from connector.store.replies import Read, Unread
from connector.store.residents import Writer

log = structlog.get_logger()

EPISODE = timedelta(hours=12)
ANSWER_KEPT = timedelta(hours=1)
_MARKED = (Intent.CALL_ME, Intent.HELP, Intent.OPT_OUT, Intent.WRONG_NUMBER)
_NEW = usuals.State()
NOBODY = Writer(0, "", "en", "Europe/London", None, AgreementState.WITHDRAWN, None, None)


class Wording(Protocol):
    """The fixed texts that the service sends by itself, by language."""

    def crisis(self, language: str, *, open_now: bool, read_by: str) -> str: ...


@dataclass(frozen=True, slots=True)
class Reader:
    """What reading needs from outside: the rules, the model if any, hours, words, a channel."""

    rules: Rulebook
    wording: Wording
    hours: WorkingHours = field(default_factory=WorkingHours)
    scorer: Scorer | None = None
    channel: str = ""


@dataclass(frozen=True, slots=True)
class Context:
    """What is known of a writer when their reply is read."""

    writer: Writer
    asked: check_ins.Asked | None = None
    programme: Programme | None = None
    state: usuals.State = _NEW
    flag_open: bool = False

    @property
    def question(self) -> Question:
        return self.programme.question if self.programme else OPEN


@dataclass(frozen=True, slots=True)
class Understood:
    """Everything that follows from one reply, still to be written."""

    unread: Unread
    read: Read
    signals: tuple[Signal, ...] = ()
    intents: frozenset[Intent] = frozenset()
    usual_words: str = ""
    state: usuals.State | None = None
    programme_id: int | None = None
    answers: bool = False
    writers: tuple[Writer, ...] = ()


def triage(session: Session, reader: Reader, *, limit: int, now: datetime) -> int:
    """Read up to `limit` replies. Returns how many there were."""
    unread = replies.claim_unread(session, limit)
    if not unread:
        return 0
    people = residents.lock_by_number(session, {one.reply.sender_index for one in unread})
    everybody = [writer for writers in people.values() for writer in writers]
    standing = flags.lock_open(session, [writer.id for writer in everybody])
    contexts = _contexts(session, everybody, standing, now)
    understood: list[Understood] = []
    for one in unread:
        writers = people.get(one.reply.sender_index, [])
        context = contexts[writers[0].id] if len(writers) == 1 else Context(NOBODY)
        result = _understand(session, one, context, reader)
        if context.writer is not NOBODY:
            contexts[context.writer.id] = _after(context, one, result)
        understood.append(replace(result, writers=tuple(writers)))
    _write(session, understood, standing, reader, now)
    return len(unread)


def _after(context: Context, one: Unread, result: Understood) -> Context:
    """What is known of a writer when their next reply of the same batch is read."""
    asked = context.asked
    if asked is not None and result.answers:
        asked = replace(asked, answered=True)
    writer = replace(context.writer, heard_at=one.reply.received_at)
    return replace(context, writer=writer, asked=asked, state=result.state or context.state)


def _contexts(
    session: Session, everybody: Sequence[Writer], standing: Mapping[int, Flag], now: datetime
) -> dict[int, Context]:
    asked = check_ins.last_asked(session, [writer.id for writer in everybody], now=now)
    known = programmes.by_id(session, {one.programme_id for one in asked.values()})
    states = usuals.load(session, [(id_, one.programme_id) for id_, one in asked.items()])
    contexts = {}
    for writer in everybody:
        question = asked.get(writer.id)
        contexts[writer.id] = Context(
            writer=writer,
            asked=question,
            programme=known[question.programme_id] if question else None,
            state=states.get((writer.id, question.programme_id), _NEW) if question else _NEW,
            flag_open=writer.id in standing,
        )
    return contexts


def _understand(session: Session, one: Unread, context: Context, reader: Reader) -> Understood:
    """One reply, read. Only a reply out of order looks anything up."""
    try:
        reading = read(one.reply.body, context.question, reader.rules, reader.scorer)
    except Exception as error:  # noqa: BLE001 a reader that fails must never lose a reply
        log.error("reply not read", reply=one.reply.id, error=type(error).__name__)
        written = _written(one, context, None, reader.rules.version)
        return Understood(one, written, (not_read(_name(context)),))
    signals = from_reading(
        reading, context.question, name=_name(context), with_usual=_scored(reading, context)
    )
    if one.reply.media or not one.reply.body.strip():
        signals = (*_worded(signals), _wordless(one, context))
    if one.stops and all(signal.kind is not SignalKind.STOPPED for signal in signals):
        signals = (*signals, stopped(_name(context), by="a reply"))
    state, more, words = _compared(session, one, context, reading)
    return Understood(
        one,
        _written(one, context, reading, reader.rules.version),
        (*signals, *more),
        frozenset(reading.intents),
        words,
        state,
        context.asked.programme_id if context.asked else None,
        context.asked is not None
        and (reading.answer is not None or context.question.kind is QuestionKind.OPEN),
    )


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
    settings = settings_for(programme)
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


def _written(one: Unread, context: Context, reading: Reading | None, rules: str) -> Read:
    return Read(
        reply_id=one.reply.id,
        resident_id=context.writer.id or None,
        check_in_id=context.asked.check_in_id if context.asked else None,
        answer=reading.answer if reading else None,
        promise=(reading.promise if reading else Promise.TODAY).value,
        found=_found(reading) if reading else [],
        read_first=reading.read_first if reading else True,
        weight=reading.weight if reading else 0.0,
        rules=rules,
        not_read=reading is None,
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


def _write(
    session: Session,
    understood: Sequence[Understood],
    standing: dict[int, Flag],
    reader: Reader,
    now: datetime,
) -> None:
    replies.mark_read(session, [one.read for one in understood], now=now)
    own = [(one.writers[0], one) for one in understood if len(one.writers) == 1]
    residents.heard(
        session,
        {who.id: one.unread.reply.received_at for one in understood for who in one.writers},
    )
    answered = [
        one.read.check_in_id
        for _who, one in own
        if one.answers and one.read.check_in_id is not None
    ]
    check_ins.answered(session, answered, now=now)
    usuals.save(session, _states(understood))
    changed: dict[int, Writer] = {}
    for writer, one in own:
        after = _honour(session, changed.get(writer.id, writer), one, now)
        if after is not writer:
            changed[writer.id] = after
    _answer_distress(session, own, reader, now)
    noticed = [
        Noticed(who.id, who.connector_id, one.signals, one.unread.reply.id, one.usual_words)
        for one in understood
        for who in one.writers
        if one.signals or who.id in standing
    ]
    raise_or_join(session, noticed, hours=reader.hours, now=now, standing=standing)


def _states(understood: Sequence[Understood]) -> dict[usuals.Key, usuals.State]:
    return {
        (one.writers[0].id, one.programme_id): one.state
        for one in understood
        if one.state is not None and one.programme_id is not None
    }


def _honour(session: Session, writer: Writer, one: Understood, now: datetime) -> Writer:
    """What a resident asked for about the texts themselves takes effect, in the order it came."""
    reply = one.unread.reply
    if one.unread.stops or Intent.OPT_OUT in one.intents:
        if not one.unread.stops:  # an exact STOP took effect at the door; a START may have followed
            stops.add(session, reply.sender_index, one.unread.channel, now=reply.received_at)
        check_ins.drop_planned(session, [writer.id], "Not sent: the resident has stopped texts.")
        return _agreement(session, writer, AgreementState.WITHDRAWN, now)
    if is_exact_start(reply.body):
        stops.lift(session, reply.sender_index, until=reply.received_at)
        check_ins.take_up_again(session, [writer.id], now=now)
        programmes.plan_again(session, [writer.id])
        return _agreement(session, writer, AgreementState.GIVEN, now)
    if Intent.WRONG_NUMBER in one.intents:
        return _agreement(session, writer, AgreementState.PAUSED, now)
    if Intent.OPT_IN in one.intents and writer.agreement is AgreementState.INVITED:
        return _agreement(session, writer, AgreementState.GIVEN, now)
    return writer


def _agreement(session: Session, writer: Writer, state: AgreementState, now: datetime) -> Writer:
    if writer.agreement is state:
        return writer
    residents.agree(session, writer.id, AgreementEvent(state, now, How.BY_TEXT))
    return replace(writer, agreement=state)


def _answer_distress(
    session: Session, own: Sequence[tuple[Writer, Understood]], reader: Reader, now: datetime
) -> None:
    """One honest automatic answer an episode; it never stands in for the flag."""
    people = {
        writer.id: writer
        for writer, one in own
        if _in_distress(one) and _may_answer(writer, one, now)
    }
    if not people:
        return
    texts = [_crisis_text(writer, reader, now) for writer in people.values()]
    attempts.add_many(session, texts, channel=reader.channel, now=now)
    residents.crisis_answered(session, people, now=now)
    later(session, Job.DISPATCH)


def _in_distress(one: Understood) -> bool:
    return any(
        signal.kind is SignalKind.WORDS and signal.promise is Promise.NOW for signal in one.signals
    )


def _may_answer(writer: Writer, one: Understood, now: datetime) -> bool:
    stopping = one.unread.stops or Intent.OPT_OUT in one.intents
    lately = writer.crisis_answered_at is not None and now - writer.crisis_answered_at < EPISODE
    return not (stopping or lately or writer.agreement is AgreementState.WITHDRAWN)


def _crisis_text(writer: Writer, reader: Reader, now: datetime) -> attempts.NewAttempt:
    read_by = reader.hours.next_opening_words(now)
    body = reader.wording.crisis(
        writer.language, open_now=reader.hours.open_at(now), read_by=read_by
    )
    return attempts.NewAttempt(writer.id, Purpose.ANSWER, body, now, now + ANSWER_KEPT)
