"""Triage: unread replies are read in batches, and a connector is asked to look where it matters.

Each reply is understood by itself (`understanding`); then everything is written at once. A text
from a number that nobody is known by is read by the same rules and kept as unclaimed.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from connector.domain.asked import Tie
from connector.domain.attempt import Purpose
from connector.domain.consent import AgreementEvent, AgreementState, How, says_yes
from connector.domain.errors import Invalid, NotFound
from connector.domain.flag import Flag, FlagState
from connector.domain.promise import Promise
from connector.domain.reading import Intent, is_exact_start
from connector.domain.steering import is_start_word
from connector.services import (
    answering,
    asking,
    enrolment,
    inbound,
    neighbours,
    numbers,
    referrals,
    steering,
    strangers,
)
from connector.services import standing as marks
from connector.services.asking import FRESH, Turn
from connector.services.flagging import Noticed, raise_or_join
from connector.services.understanding import (
    NOBODY,
    Context,
    Reader,
    Understood,
    after,
    understand,
)
from connector.store import (
    asked,
    attempts,
    audit,
    check_ins,
    flags,
    floors,
    programmes,
    replies,
    residents,
    usuals,
)
from connector.store.replies import Unread
from connector.store.residents import Writer

EPISODE = timedelta(hours=12)
ANSWER_KEPT = timedelta(hours=1)


def triage(session: Session, reader: Reader, *, limit: int, now: datetime) -> int:
    """Read up to `limit` replies. Returns how many there were."""
    unread = replies.claim_unread(session, limit)
    if not unread:
        return 0
    people = residents.lock_by_number(session, {one.reply.sender_index for one in unread})
    _read_all(session, unread, people, reader, now)
    return len(unread)


def attach(
    session: Session,
    reply_id: int,
    resident_id: int,
    reader: Reader,
    *,
    only: Collection[int] = (),
    by: int,
    now: datetime,
) -> int:
    """Somebody says whose an unclaimed text is: the whole thread of its number becomes theirs, or
    of a number that several share those texts alone that were chosen (`only`).

    Returns how many texts that were. Raises `NotFound`, or `Invalid` when it was claimed already.
    """
    index = replies.sender_of(session, reply_id)
    writer = residents.lock(session, [resident_id]).get(resident_id)
    if index is None or writer is None:
        raise NotFound("There is no such text or no such resident.")
    if writer.doubted:
        numbers.confirm(session, resident_id, of=index, by=by, now=now)
        writer = replace(writer, doubted=False)
    unread = replies.claim_for(session, index, only)
    if not unread:
        raise Invalid("Somebody has already said whose text this is.")
    _read_all(session, unread, {index: [writer]}, reader, now)
    audit.append(session, "text attached", "resident", resident_id, by=by, now=now)
    return len(unread)


def _read_all(
    session: Session,
    unread: Sequence[Unread],
    people: Mapping[bytes, list[Writer]],
    reader: Reader,
    now: datetime,
) -> None:
    everybody = [writer for writers in people.values() for writer in writers]
    standing = flags.lock_open(session, [writer.id for writer in everybody])
    contexts = _contexts(session, everybody, standing, now)
    near = neighbours.look(session, unread)
    often = Counter(one.reply.sender_index for one in unread)
    understood: list[Understood] = []
    for text in unread:
        one, writers = numbers.by_their_word(text, people.get(text.reply.sender_index, ()))
        context = contexts[writers[0].id] if numbers.is_sure(writers) else Context(NOBODY)
        around = near.get(one.reply.id, neighbours.NONE)
        result = understand(session, one, context, reader, around, writers)
        if context.writer is NOBODY:
            # Nobody's flag will say by when to look, so the text in the tray does.
            result = replace(result, read=replace(result.read, promise=result.promise.value))
        elif often[one.reply.sender_index] > 1:
            contexts[context.writer.id] = after(context, one, result)
        understood.append(result)
    _write(session, understood, standing, reader, now)


def _contexts(
    session: Session, everybody: Sequence[Writer], standing: Mapping[int, Flag], now: datetime
) -> dict[int, Context]:
    ids = [writer.id for writer in everybody]
    told = asking.look(session, ids, now=now)
    keys = [(id_, one.row.programme_id) for id_, some in told.posed.items() for one in some]
    states = usuals.by_resident(usuals.load(session, keys))
    lowered = floors.standing(session, told.posed, on=now.date())
    return {
        writer.id: Context(
            writer=writer,
            posed=told.posed.get(writer.id, ()),
            programmes=told.programmes,
            scales=told.scales,
            states=states.get(writer.id, {}),
            flag_open=writer.id in standing,
            floor=lowered.get(writer.id),
        )
        for writer in everybody
    }


def _write(
    session: Session,
    understood: Sequence[Understood],
    standing: dict[int, Flag],
    reader: Reader,
    now: datetime,
) -> None:
    replies.mark_read(session, [one.read for one in understood], now=now)
    own = [(one.writers[0], one) for one in understood if one.is_sure]
    residents.heard(
        session,
        {
            who.id: one.unread.reply.received_at
            for one in understood
            for who in one.writers
            if not who.doubted
            if who.heard_at is None or who.heard_at < one.unread.reply.received_at
        },
    )
    answered = [
        one.read.check_in_id
        for _who, one in own
        if one.answers and one.read.check_in_id is not None
    ]
    check_ins.answered(session, answered, now=now)
    asked.answered(session, _answers(understood))
    usuals.save(session, _states(understood))
    changed: dict[int, Writer] = {}
    for writer, one in own:
        after = _honour(session, changed.get(writer.id, writer), one, now)
        if after is not writer:
            changed[writer.id] = after
    # On a shared number nobody guesses who wrote, but whoever did gets the one honest answer.
    _answer_distress(
        session, [(one.writers[0], one) for one in understood if one.writers], reader, now
    )
    written = [(who, one.unread.reply.id) for one in understood for who in one.writers]
    careful = marks.careful(session, written)  # before these texts themselves have any held
    wished = steering.heed(session, own, changed, standing, reader, now=now)
    turns = _turns(own, changed, standing, now)
    asking.carry_on(session, turns, wording=reader.wording, channel=reader.channel, now=now)
    _honour_others(session, [one for one in understood if not one.is_sure])
    noticed = _doubt(session, understood, reader, now)
    unknown = [one for one in understood if not one.writers]
    strangers.receive(session, unknown, reader, now=now)
    referrals.of_known(session, own, reader, now=now)
    noticed += wished
    noticed += asking.ready_for_more(session, turns, now=now)
    noticed += careful
    noticed += [
        Noticed(who.id, who.connector_id, one.signals, one.unread.reply.id, one.usual_words)
        for one in understood
        for who in one.writers
        if one.signals or who.id in standing
    ]
    raise_or_join(session, noticed, hours=reader.hours, now=now, standing=standing)


def _answers(understood: Sequence[Understood]) -> dict[int, tuple[float | None, datetime]]:
    """The answers that questions have by now, and when each first came."""
    return {
        row.id: (row.answer, row.answered_at)
        for one in understood
        if one.changes_answer and one.posed is not None
        if (row := one.posed.row).answered_at is not None
    }


def _states(understood: Sequence[Understood]) -> dict[usuals.Key, usuals.State]:
    return {
        (one.writers[0].id, one.posed.row.programme_id): one.state
        for one in understood
        if one.state is not None and one.posed is not None
    }


def _turns(
    own: Sequence[tuple[Writer, Understood]],
    changed: Mapping[int, Writer],
    standing: Mapping[int, Flag],
    now: datetime,
) -> list[Turn]:
    """The questions that were answered just now, one a person, each with its last answer.

    Where anything that somebody wrote asks for a person, or one is talking with them already, the
    turn is that person's and nothing goes by itself.
    """
    held = {writer.id for writer, one in own if one.needs_a_person}
    newly = {one.posed.row.id for _who, one in own if one.posed and one.tie is Tie.ANSWER}
    last = {
        writer.id: (changed.get(writer.id, writer), one, one.posed)
        for writer, one in own
        if one.posed and one.tie in (Tie.ANSWER, Tie.CORRECTION) and one.posed.row.id in newly
    }
    return [
        Turn(
            writer,
            posed,
            held=writer.id in held
            or not _is_fresh(one, now)
            or _is_taken_over(writer, standing.get(writer.id)),
        )
        for writer, one, posed in last.values()
    ]


def _is_taken_over(writer: Writer, flag: Flag | None) -> bool:
    if writer.agreement is not AgreementState.GIVEN:
        return True
    talking = flag is not None and flag.state in (FlagState.TAKEN, FlagState.WAITING)
    return talking or (flag is not None and flag.promise is Promise.NOW)


def _honour(session: Session, writer: Writer, one: Understood, now: datetime) -> Writer:
    """What a resident asked for about the texts themselves takes effect, in the order it came."""
    reply = one.unread.reply
    if one.stops:
        return _stop(session, writer, one)
    if is_exact_start(reply.body) or is_start_word(reply.body, writer.language):
        return _start(session, writer, one, now)
    if writer.agreement is AgreementState.INVITED and _agrees(one):
        enrolment.begin(session, writer.id, zone=writer.zone, now=now)
        return _agreement(session, writer, AgreementState.GIVEN, reply.received_at)
    return writer


def _agrees(one: Understood) -> bool:
    """Whether it answers the welcome, in whichever words."""
    return Intent.OPT_IN in one.intents or says_yes(one.unread.reply.body)


def _stop(session: Session, writer: Writer, one: Understood) -> Writer:
    reply = one.unread.reply
    if not inbound.stop(session, reply.sender_index, one.unread.channel, at=reply.received_at):
        return writer
    check_ins.drop_planned(session, [writer.id], "Not sent: the resident has stopped texts.")
    return _agreement(session, writer, AgreementState.WITHDRAWN, reply.received_at)


def _start(session: Session, writer: Writer, one: Understood, now: datetime) -> Writer:
    """Texts come back, unless they were stopped after this was sent, by text or in person."""
    reply = one.unread.reply
    may_be_texted = numbers.start(session, writer, reply.sender_index, until=reply.received_at)
    if not may_be_texted or _withdrawn_since(session, writer, reply.received_at):
        return writer
    check_ins.take_up_again(session, [writer.id], now=now)
    programmes.fresh_again(session, resident_ids=[writer.id])
    if writer.agreement is AgreementState.INVITED:
        enrolment.begin(session, writer.id, zone=writer.zone, now=now)
    return _agreement(session, writer, AgreementState.GIVEN, reply.received_at)


def _withdrawn_since(session: Session, writer: Writer, at: datetime) -> bool:
    if writer.agreement is not AgreementState.WITHDRAWN:
        return False
    return residents.agreement_history(session, writer.id)[-1].at > at


def _honour_others(session: Session, others: Sequence[Understood]) -> None:
    """A stop in ordinary words holds for a number, whoever it belongs to or however many."""
    for one in others:
        if one.stops:
            reply = one.unread.reply
            inbound.stop(session, reply.sender_index, one.unread.channel, at=reply.received_at)


def _doubt(
    session: Session, understood: Sequence[Understood], reader: Reader, now: datetime
) -> list[Noticed]:
    """A number of which somebody says that it is not theirs, or asks who we are, is doubted."""
    noticed = []
    for one in understood:
        why = numbers.why_doubted(one.intents, one.unread.reply.body)
        if not one.writers or not why:
            continue
        quiet = one.in_distress or not one.may_be_answered or not _is_fresh(one, now)
        numbers.doubt(
            session,
            one.writers,
            one.unread.reply.sender_index,
            ask=not quiet,
            wording=reader.wording,
            channel=reader.channel,
            now=now,
        )
        noticed += numbers.to_look_at(one.writers, why, one.unread.reply.id)
    return noticed


def _agreement(session: Session, writer: Writer, state: AgreementState, at: datetime) -> Writer:
    if writer.agreement is state:
        return writer
    residents.agree(session, writer.id, AgreementEvent(state, at, How.BY_TEXT))
    return replace(writer, agreement=state)


def _answer_distress(
    session: Session, own: Sequence[tuple[Writer, Understood]], reader: Reader, now: datetime
) -> None:
    """One honest automatic answer an episode; it never stands in for the flag."""
    people = {
        one.unread.reply.sender_index: writer
        for writer, one in own
        if one.in_distress and _may_answer(writer, one, now) and _is_fresh(one, now)
    }
    texts = {index: _crisis_text(writer, reader, now) for index, writer in people.items()}
    answered = answering.queue(session, texts, channel=reader.channel, now=now)
    residents.crisis_answered(session, [people[index].id for index in answered], now=now)


def _is_fresh(one: Understood, now: datetime) -> bool:
    """An automatic answer hours later would only puzzle: the flag alone is raised then."""
    return now - one.unread.reply.received_at < FRESH


def _may_answer(writer: Writer, one: Understood, now: datetime) -> bool:
    lately = writer.crisis_answered_at is not None and now - writer.crisis_answered_at < EPISODE
    return one.may_be_answered and not (lately or writer.agreement is AgreementState.WITHDRAWN)


def _crisis_text(writer: Writer, reader: Reader, now: datetime) -> attempts.NewAttempt:
    body = reader.crisis(writer.language, now)
    return attempts.NewAttempt(writer.id, Purpose.ANSWER, body, now, now + ANSWER_KEPT)
