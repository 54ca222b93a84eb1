"""One reply understood: what it says, what follows, and what is still to be written.

Nothing is written here, and only an answer out of order looks anything up. A reader that fails
never files a reply as routine: it goes to a person, marked *not read by the machine*.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any, Protocol, TypeVar
from zoneinfo import ZoneInfo

import structlog
from sqlalchemy.orm import Session

from connector.domain.answers import read_answer
from connector.domain.asked import AskedItem, Tie, late_word_on_going_on
from connector.domain.consent import AgreementState
from connector.domain.eyes import due_at, needs_eyes, spans_of
from connector.domain.phrases import Rulebook, Span
from connector.domain.programme import Programme
from connector.domain.promise import Promise, most_urgent
from connector.domain.question import OPEN, Question, QuestionKind
from connector.domain.reading import Asked as AskedFor
from connector.domain.reading import Concern, Intent, Reading, Scorer, read
from connector.domain.signals import (
    Signal,
    SignalKind,
    asks_what_is_held,
    from_reading,
    good_alone,
    not_read,
    stopped,
    to_confirm,
    told_of,
)
from connector.domain.silence import Rhythm
from connector.domain.steering import (
    Ask,
    News,
    Told,
    Wish,
    keyword,
    told_by_another,
    wished,
)
from connector.domain.usual import Floor
from connector.domain.working_hours import WorkingHours
from connector.services.asking import Posed
from connector.services.neighbours import NONE, Neighbours
from connector.services.noticing import set_of, settings_for, standing, with_answer
from connector.services.numbers import is_sure, why_doubted
from connector.store import usuals
from connector.store.replies import Read, Unread
from connector.store.residents import Writer

log = structlog.get_logger()

_HOLDING = frozenset((Intent.PAUSE, Intent.LATER, Intent.LESS, Intent.CALL_ME, Intent.HELP))
"""After one of these no next question goes: what they asked for comes first."""
_MARKED = (Intent.CALL_ME, Intent.HELP, Intent.OPT_OUT, Intent.WRONG_NUMBER)
_WORDED = (Ask.HELP, Ask.CALL, Ask.AWAY, Ask.BACK)
"""What somebody who asks for it has answered an open question with as well."""
NEW = usuals.State()
NOBODY = Writer(0, "", "en", "Europe/London", None, AgreementState.WITHDRAWN, None, None)


class Wording(Protocol):
    """The fixed texts that the service sends by itself, by language."""

    def text(self, language: str, name: str, number: int = 1) -> str: ...

    def crisis(self, language: str, *, open_now: bool, read_by: str) -> str: ...


@dataclass(frozen=True, slots=True)
class Reader:
    """What reading needs from outside: the rules, the model if any, hours, words, a channel."""

    rules: Rulebook
    wording: Wording
    hours: WorkingHours = field(default_factory=WorkingHours)
    scorer: Scorer | None = None
    channel: str = ""
    provider_answers: bool = False
    """Whether the provider answers a bare HELP by itself: then nobody is answered twice."""

    def crisis(self, language: str, now: datetime) -> str:
        """The one automatic answer to somebody in danger, true about when a person reads it."""
        return self.wording.crisis(
            language,
            open_now=self.hours.open_at(now),
            read_by=self.hours.next_opening_words(now),
        )


@dataclass(frozen=True, slots=True)
class Context:
    """What is known of a writer when their reply is read.

    `posed` is what they were asked last, the newest first; `programmes`, the names of their
    `scales` and the `states` go by the programme's id, as it is today.
    """

    writer: Writer
    posed: tuple[Posed, ...] = ()
    programmes: Mapping[int, Programme] = field(default_factory=dict)
    scales: Mapping[int, tuple[str, ...]] = field(default_factory=dict)
    states: Mapping[int, usuals.State] = field(default_factory=dict)
    flag_open: bool = False
    floor: Floor | None = None


@dataclass(frozen=True, slots=True)
class Heard:
    """What a reply says, and the question it speaks to, if to any."""

    reading: Reading
    weighed: bool
    posed: Posed | None = None
    tie: Tie = Tie.NONE

    @property
    def question(self) -> Question:
        return self.posed.question if self.posed else OPEN


@dataclass(frozen=True, slots=True)
class Learnt:
    """What an answer taught: the state to keep, the reasons it raises, the usual in words."""

    state: usuals.State | None = None
    signals: tuple[Signal, ...] = ()
    usual_words: str = ""


@dataclass(frozen=True, slots=True)
class Understood:
    """Everything that follows from one reply, still to be written.

    `posed` is the question it speaks to, with the answer it has by now; `repeated` says that the
    same text has come again and again: nothing answers it by itself. `wish` is what it asks about
    the texts themselves, `told` that somebody else wrote it, of or for the resident.
    """

    unread: Unread
    read: Read
    signals: tuple[Signal, ...] = ()
    intents: frozenset[Intent] = frozenset()
    usual_words: str = ""
    state: usuals.State | None = None
    posed: Posed | None = None
    tie: Tie = Tie.NONE
    repeated: bool = False
    writers: tuple[Writer, ...] = ()
    wish: Wish | None = None
    told: Told | None = None

    @property
    def promise(self) -> Promise:
        return most_urgent(signal.promise for signal in self.signals)

    @property
    def is_sure(self) -> bool:
        """Whether it is known who wrote it."""
        return is_sure(self.writers)

    @property
    def stops(self) -> bool:
        """Whether it asks for the texts to stop."""
        return self.unread.stops or Intent.OPT_OUT in self.intents

    @property
    def may_be_answered(self) -> bool:
        return not (self.stops or self.repeated)

    @property
    def steers(self) -> bool:
        """Whether it is about the texts themselves, or not the resident's own."""
        return self.wish is not None or self.told is not None

    @property
    def in_distress(self) -> bool:
        return any(
            signal.kind is SignalKind.WORDS and signal.promise is Promise.NOW
            for signal in self.signals
        )

    @property
    def answers(self) -> bool:
        """Whether the check-in it speaks to has had an answer with it."""
        return self.tie in (Tie.ANSWER, Tie.CORRECTION, Tie.AGAIN)

    @property
    def changes_answer(self) -> bool:
        """Whether the question it speaks to has another answer after it."""
        return self.tie in (Tie.ANSWER, Tie.CORRECTION, Tie.LATE)

    @property
    def needs_a_person(self) -> bool:
        """Whether a person goes on from here, and nothing automatic does."""
        held = not self.may_be_answered or self.steers or not _HOLDING.isdisjoint(self.intents)
        return held or self.promise.at_least(Promise.TODAY)


Found = TypeVar("Found", Concern, AskedFor)


def after(context: Context, one: Unread, result: Understood) -> Context:
    """What is known of a writer when their next reply of the same batch is read."""
    context = replace(context, writer=replace(context.writer, heard_at=one.reply.received_at))
    spoken_to = result.posed
    if spoken_to is None:
        return context
    posed = tuple(
        spoken_to if other.row.id == spoken_to.row.id else other for other in context.posed
    )
    states = context.states
    if result.state is not None:
        states = {**states, spoken_to.row.programme_id: result.state}
    return replace(context, posed=posed, states=states)


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
        heard, wish, told = _steered(_hear(one, context, reader, near), one, context)
    except Exception as error:  # noqa: BLE001 a reader that fails must never lose a reply
        log.error("reply not read", reply=one.reply.id, error=type(error).__name__)
        written = _written(one, context, None, reader, near)
        said = (not_read(_name(context)),)
        return Understood(one, written, said, repeated=near.repeated, writers=writers)
    signals = _signals(one, context, heard)
    if wish is not None or told is not None:
        signals = (*_worded(signals), *_about_steering(wish, told, _name(context)))
    learnt = _learnt_or_not(session, one, context, heard)
    return Understood(
        unread=one,
        read=_written(one, context, heard, reader, near),
        signals=good_alone((*signals, *learnt.signals)),
        intents=frozenset(heard.reading.intents),
        usual_words=learnt.usual_words,
        state=learnt.state,
        posed=_with_answer(heard, one.reply.received_at),
        tie=heard.tie,
        repeated=near.repeated,
        writers=writers,
        wish=wish,
        told=told,
    )


def _steered(heard: Heard, one: Unread, context: Context) -> tuple[Heard, Wish | None, Told | None]:
    """What is asked about the texts themselves, or told by somebody else; neither is an answer.

    A keyword of another language than English is heard as the intent it stands for.
    """
    body, writer = one.reply.body, context.writer
    heard = _with_keyword(heard, body, writer.language)
    if writer is NOBODY:
        return heard, None, None
    intents = heard.reading.intents
    told = told_by_another(body, writer.known_as)
    if told is not None:
        if told.sure:
            heard = replace(heard, reading=replace(heard.reading, answer=None), tie=Tie.NONE)
        return heard, None, told
    if one.stops or Intent.OPT_OUT in intents or why_doubted(intents, body):
        return heard, None, None
    wish = wished(body, intents, language=writer.language, today=_local_day(one, context))
    if wish is not None and heard.question.kind is QuestionKind.OPEN and wish.ask not in _WORDED:
        heard = replace(heard, tie=Tie.NONE)
    return heard, wish, None


def _with_keyword(heard: Heard, body: str, language: str) -> Heard:
    word = keyword(body, language)
    reading = heard.reading
    if word is None or word in reading.intents:
        return heard
    found = AskedFor(word, "keyword", 1, Span(0, len(body)))
    return replace(
        heard,
        reading=replace(
            reading,
            asked=(*reading.asked, found),
            intents=(*reading.intents, word),
            understood=True,
        ),
    )


def _about_steering(wish: Wish | None, told: Told | None, name: str) -> tuple[Signal, ...]:
    """Why a person should see to it; most of what is asked about the texts needs nobody."""
    if told is not None:
        return (told_of(name, told.news.words, died=told.news is News.DIED, sure=told.sure),)
    return (asks_what_is_held(name),) if wish is not None and wish.ask is Ask.HELD else ()


def _with_answer(heard: Heard, at: datetime) -> Posed | None:
    """The question that was spoken to, with the answer it has now."""
    if heard.posed is None or heard.tie in (Tie.NONE, Tie.AGAIN):
        return heard.posed
    answered_at = heard.posed.row.answered_at if heard.tie is Tie.CORRECTION else at
    row = heard.posed.row._replace(answer=heard.reading.answer, answered_at=answered_at)
    return replace(heard.posed, row=row)


def _hear(one: Unread, context: Context, reader: Reader, near: Neighbours) -> Heard:
    """What a reply says, read against the question it speaks to (`domain/asked` has the rules)."""
    at = one.reply.received_at
    posed = _spoken_to(context, at, near)
    if posed is None:
        return Heard(*_read(one, OPEN, reader, near))
    if not posed.row.in_time(at):
        return _hear_late(one, posed, context, reader, near)
    reading, weighed = _read(one, posed.judged, reader, near)
    if reading.answer is None and posed.question.kind is not QuestionKind.OPEN:
        before = _corrects(one, posed, context, near)
        if before is not None:
            return Heard(*_read(one, before.judged, reader, near), before, Tie.CORRECTION)
        return Heard(reading, weighed, posed)
    return Heard(reading, weighed, posed, _tie(posed, at))


def _spoken_to(context: Context, at: datetime, near: Neighbours) -> Posed | None:
    """The newest question that had been asked when a text was written.

    A piece of a longer text speaks to what its first piece spoke to.
    """
    written = near.since or at
    return next((posed for posed in context.posed if posed.row.asked_at <= written), None)


def _open_to(context: Context, at: datetime, near: Neighbours) -> Posed | None:
    """As `_spoken_to`, unless its time was over."""
    posed = _spoken_to(context, at, near)
    return posed if posed and posed.row.in_time(at) else None


def _tie(posed: Posed, at: datetime) -> Tie:
    if not posed.row.answered:
        return Tie.ANSWER
    corrects = posed.question.kind is not QuestionKind.OPEN and posed.row.corrected_by(at)
    return Tie.CORRECTION if corrects else Tie.AGAIN


def _corrects(one: Unread, posed: Posed, context: Context, near: Neighbours) -> Posed | None:
    """The question before in the same set, where it is this one's answer that a text corrects."""
    at, place = one.reply.received_at, context.posed.index(posed)
    before = context.posed[place + 1] if place + 1 < len(context.posed) else None
    if posed.row.answered or before is None or before.row.check_in_id != posed.row.check_in_id:
        return None
    if not before.row.corrected_by(at) or before.question.kind is QuestionKind.OPEN:
        return None
    return (
        before if read_answer(near.before + one.reply.body, before.question) is not None else None
    )


def _hear_late(
    one: Unread, posed: Posed, context: Context, reader: Reader, near: Neighbours
) -> Heard:
    """A reply after its question has closed: a late answer, or free text."""
    newest = posed is context.posed[0]
    if newest and posed.row.late(one.reply.received_at):
        answer = read_answer(near.before + one.reply.body, posed.question)
        if answer is not None:
            question = replace(posed.question, levels=False)
            return Heard(*_read(one, question, reader, near), posed, Tie.LATE)
    return Heard(*_read(one, OPEN, reader, near))


def _signals(one: Unread, context: Context, heard: Heard) -> tuple[Signal, ...]:
    """What the reply itself gives as reasons, without what is usual for its writer."""
    name = _name(context)
    signals = from_reading(
        heard.reading,
        heard.question,
        name=name,
        levels=heard.question.levels,
        with_usual=_number_is_judged_elsewhere(heard, context),
    )
    if not heard.weighed:
        signals = (*signals, not_read(name))
    if one.reply.media or not one.reply.body.strip():
        signals = (*_worded(signals), _wordless(one, context))
    if heard.tie is Tie.LATE and heard.posed and heard.posed.goes_on:
        signals = (*signals, late_word_on_going_on(name, wants=bool(heard.reading.answer)))
    return _about_stopping(signals, one, name)


def _about_stopping(signals: tuple[Signal, ...], one: Unread, name: str) -> tuple[Signal, ...]:
    """A stop at the door is a reason, and one in ordinary words is for a person to confirm."""
    if not one.stops:
        return tuple(
            to_confirm(signal, name) if signal.kind is SignalKind.STOPPED else signal
            for signal in signals
        )
    if all(signal.kind is not SignalKind.STOPPED for signal in signals):
        return (*signals, stopped(name, by="a reply"))
    return signals


def _number_is_judged_elsewhere(heard: Heard, context: Context) -> bool:
    """Whether a low number is no reason by itself: the usual speaks of it, or nobody does."""
    if heard.posed is None or heard.tie is Tie.LATE or not heard.posed.speaks_of_level:
        return True
    return _is_learnt_from(heard, context)


def _read(
    one: Unread, question: Question, reader: Reader, near: Neighbours
) -> tuple[Reading, bool]:
    """What the reply says, and whether the model saw it where there is one.

    What stands wholly in an earlier piece was said then.
    """
    whole = near.before + one.reply.body
    reading, weighed = _weighed(one, whole, question, reader)
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


def _is_learnt_from(heard: Heard, context: Context) -> bool:
    """Whether this reply is an answer that a person's usual is learnt from."""
    if heard.tie is not Tie.ANSWER or heard.posed is None or heard.reading.answer is None:
        return False
    row = heard.posed.row
    return row.item in context.scales.get(row.programme_id, ())


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


def _learnt_or_not(session: Session, one: Unread, context: Context, heard: Heard) -> Learnt:
    """As `_learnt`; somebody whose history cannot be used goes to a person and delays nobody."""
    try:
        return _learnt(session, one, context, heard)
    except (ArithmeticError, AttributeError, LookupError, TypeError, ValueError) as error:
        log.error("reply not compared", reply=one.reply.id, error=type(error).__name__)
        return Learnt(signals=(not_read(_name(context)),))


def _learnt(session: Session, one: Unread, context: Context, heard: Heard) -> Learnt:
    """The state after this reply, what the usual says about it, and the usual in words.

    Several scales are one answer, compared once the last of them is in; until then only the level
    of the first one speaks.
    """
    if heard.posed is None:
        return Learnt()
    row = heard.posed.row
    state = context.states.get(row.programme_id, NEW)
    if not _heard_already(context, row):
        state = _replied(state, late=heard.tie is Tie.LATE)
    if not _is_learnt_from(heard, context):
        return Learnt(state)
    programme = context.programmes[row.programme_id]
    settings = settings_for(programme, context.floor)
    keys = context.scales[row.programme_id]
    answer = set_of(_given(heard, context), keys, _local_day(one, context))
    usual = standing(session, state.usual, context.writer.id, programme, settings)
    if None not in answer.items:
        usual, signals = with_answer(
            session, usual, context.writer.id, programme, answer, settings,
            check_in_id=row.check_in_id, held=context.flag_open,
        )  # fmt: skip
    elif row.item == keys[0] and heard.reading.answer is not None:
        usual, signals = usual.level_alone(heard.reading.answer, answer.at, settings)
    else:
        return Learnt(state)
    return Learnt(replace(state, usual=usual.to_json()), signals, usual.in_words(settings))


def _given(heard: Heard, context: Context) -> dict[str, float | None]:
    """The answers of a set so far, this one included, by the questions' names."""
    assert heard.posed is not None
    own = heard.posed.row
    given = {
        posed.row.item: posed.row.answer
        for posed in context.posed
        if posed.row.check_in_id == own.check_in_id and posed.row.answered_in_time
    }
    return {**given, own.item: heard.reading.answer}


def _heard_already(context: Context, row: AskedItem) -> bool:
    """Whether the writer has already replied since the check-in, of which this was asked."""
    heard_at = context.writer.heard_at
    if heard_at is None:
        return False
    return any(
        posed.row.check_in_id == row.check_in_id and heard_at >= posed.row.asked_at
        for posed in context.posed
    )


def _replied(state: usuals.State, *, late: bool = False) -> usuals.State:
    rhythm = Rhythm.from_json(state.rhythm) if state.rhythm else Rhythm()
    return replace(state, rhythm=rhythm.replied(late=late).to_json())


def _local_day(one: Unread, context: Context) -> date:
    return one.reply.received_at.astimezone(ZoneInfo(context.writer.zone)).date()


def _written(
    one: Unread, context: Context, heard: Heard | None, reader: Reader, near: Neighbours
) -> Read:
    failed = heard is None or not heard.weighed
    reading = heard.reading if heard else None
    posed = heard.posed if heard else _open_to(context, one.reply.received_at, near)
    tied = heard is not None and heard.tie is not Tie.NONE
    question = posed.question if posed else OPEN
    for_eyes = failed or needs_eyes(one.reply.body, question, media=one.reply.media)
    return Read(
        reply_id=one.reply.id,
        resident_id=context.writer.id or None,
        check_in_id=posed.row.check_in_id if posed else None,
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
        asked_id=posed.row.id if posed and tied else None,
        late=heard is not None and heard.tie is Tie.LATE,
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
