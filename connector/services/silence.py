"""Silence: a check-in whose time for an answer is over, and nobody answered, or not all of it.

Only a text known to have arrived can go unanswered. A text of which we do not know whether it left
counts for nothing, and nobody is missed who has written since or whose texts are stopped or paused,
nor our own phone. What was asked while the service itself was in trouble counts for nothing either
way. Silence after a worrying reply is no sign by itself, but the promise made then comes a step
sooner.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from connector.domain.asked import no_word_on_going_on
from connector.domain.attempt import AttemptState
from connector.domain.consent import AgreementState
from connector.domain.programme import Programme
from connector.domain.signals import Signal, SignalKind, still_quiet
from connector.domain.silence import Patience, Rhythm
from connector.domain.usual import Answer
from connector.domain.working_hours import WorkingHours
from connector.services import asking
from connector.services.asking import Posed, Told
from connector.services.flagging import Noticed, raise_or_join
from connector.services.noticing import scales, set_of, settings_for, standing
from connector.store import absences, alarms, canary, check_ins, flags, floors, residents, usuals
from connector.store.alarms import Alarm
from connector.store.check_ins import Closing
from connector.store.residents import Writer
from connector.store.standing import marked

PATIENCE = Patience()
_ARRIVED = (AttemptState.DELIVERED,)
_PERHAPS = (AttemptState.ACCEPTED, AttemptState.SENT)
_NOT = (AttemptState.UNDELIVERED, AttemptState.REFUSED)
_WORRYING = (SignalKind.WORDS, SignalKind.LOW, SignalKind.BELOW, SignalKind.SLIDING)


def notice(session: Session, *, limit: int, hours: WorkingHours, now: datetime) -> int:
    """Close up to `limit` check-ins whose time for an answer is over. Returns how many."""
    over = check_ins.claim_closing(session, limit, now=now)
    if not over:
        return 0
    ours = canary.among(session, {one.resident_id for one in over})
    closed, over = len(over), [one for one in over if one.resident_id not in ours]
    people = residents.lock(session, {one.resident_id for one in over})
    states = usuals.load(session, {(one.resident_id, one.programme_id) for one in over})
    closing = _missed(session, over, people, now)
    noticed = _heard_nothing_of(session, closing, people, states)
    noticed += _left_unfinished(session, over, people, states, now)
    usuals.save(session, states)
    noticed += _after_worry(session, closing, people, now)
    raise_or_join(session, noticed, hours=hours, now=now)
    return closed


def _missed(
    session: Session, over: Sequence[Closing], people: Mapping[int, Writer], now: datetime
) -> list[Closing]:
    """What nobody answered, without the people who were away, in hospital or marked meanwhile.

    An absence is no silence: what is known of somebody's rhythm stays as it was.
    """
    closing = [one for one in over if not one.answered]
    if not closing:
        return []
    first = min(one.asked_at for one in closing)
    known = absences.since(session, {one.resident_id for one in closing}, first)
    marks = marked(session, {one.resident_id for one in closing})
    return [
        one
        for one in closing
        if one.resident_id not in marks
        and not any(
            away.touches(*_days(one, people[one.resident_id], now))
            and (away.ended_at is None or away.ended_at > one.asked_at)
            for away in known.get(one.resident_id, ())
        )
    ]


def _days(one: Closing, writer: Writer, now: datetime) -> tuple[date, date]:
    zone = ZoneInfo(writer.zone)
    return one.asked_at.astimezone(zone).date(), now.astimezone(zone).date()


def _heard_nothing_of(
    session: Session,
    closing: Sequence[Closing],
    people: Mapping[int, Writer],
    states: dict[usuals.Key, usuals.State],
) -> list[Noticed]:
    """Everybody's rhythm after what nobody answered; `states` are moved on."""
    if not closing:
        return []
    troubles = alarms.since(session, min(one.asked_at for one in closing))
    noticed = []
    for one in sorted(closing, key=lambda closing: closing.asked_at):
        key = (one.resident_id, one.programme_id)
        state = states.get(key, usuals.State())
        rhythm = Rhythm.from_json(state.rhythm) if state.rhythm else Rhythm()
        writer = people[one.resident_id]
        after, signal = _heard_nothing(rhythm, one, writer, troubles)
        states[key] = usuals.State(state.usual, after.to_json())
        if signal is not None:
            noticed.append(Noticed(writer.id, writer.connector_id, (signal,)))
    return noticed


def _left_unfinished(
    session: Session,
    over: Sequence[Closing],
    people: Mapping[int, Writer],
    states: dict[usuals.Key, usuals.State],
    now: datetime,
) -> list[Noticed]:
    """Sets that stay partial are compared as far as they got; `states` are moved on.

    Who was asked whether to go on and has not said is a person's to ask: nothing ends by itself.
    """
    told = asking.asked_by(session, [one.check_in_id for one in over])
    known = [some for some in told.posed.values() if some]
    partial = [some for some in known if _is_partial(some, told)]
    held = flags.lock_open(session, {some[0].row.resident_id for some in partial})
    lowered = floors.standing(session, [some[0].row.resident_id for some in partial], on=now.date())
    noticed = []
    for some in partial:
        row = some[0].row
        writer, programme = people[row.resident_id], told.programmes[row.programme_id]
        settings = settings_for(programme, lowered.get(writer.id))
        state = states.get((writer.id, programme.id), usuals.State())
        usual = standing(session, state.usual, writer.id, programme, settings)
        answer = _as_far_as_it_got(some, programme, ZoneInfo(writer.zone))
        if usual.replies and answer.at.toordinal() <= usual.last:
            continue  # newer answers have been compared already
        usual, signals = usual.add(answer, settings, held=writer.id in held)
        states[writer.id, programme.id] = replace(state, usual=usual.to_json())
        words = usual.in_words(settings)
        noticed.append(Noticed(writer.id, writer.connector_id, signals, None, words))
    return [one for one in noticed if one.signals] + _no_word_on_going_on(known, people)


def _is_partial(some: Sequence[Posed], told: Told) -> bool:
    """Whether a set of several scales has some answers and not all."""
    keys = set(told.scales.get(some[0].row.programme_id, ()))
    answered = {posed.row.item for posed in some if posed.row.answered_in_time}
    return len(keys) > 1 and bool(keys & answered) and not keys <= answered


def _as_far_as_it_got(some: Sequence[Posed], programme: Programme, zone: ZoneInfo) -> Answer:
    keys = [item.key for item in scales(programme)]
    given = {posed.row.item: posed.row.answer for posed in some if posed.row.answered_in_time}
    last = max(
        posed.row.answered_at
        for posed in some
        if posed.row.answered_at is not None and posed.row.item in keys
    )
    return set_of(given, keys, last.astimezone(zone).date())


def _no_word_on_going_on(
    known: Sequence[Sequence[Posed]], people: Mapping[int, Writer]
) -> list[Noticed]:
    unsaid = [
        people[posed.row.resident_id]
        for some in known
        for posed in some
        if posed.goes_on and not posed.row.answered
    ]
    return [
        Noticed(writer.id, writer.connector_id, (no_word_on_going_on(writer.known_as),))
        for writer in unsaid
        if writer.agreement is AgreementState.GIVEN
    ]


def _after_worry(
    session: Session, closing: Sequence[Closing], people: Mapping[int, Writer], now: datetime
) -> list[Noticed]:
    """Who wrote something worrying last and has not answered the text after it: look sooner."""
    last = flags.last_reasons(session, people)
    noticed = {}
    for one in closing:
        writer, worry = people[one.resident_id], last.get(one.resident_id)
        silent = one.reached in _ARRIVED and not _wrote_since(writer, one)
        if worry is None or worry.kind not in _WORRYING or worry.at > one.asked_at or not silent:
            continue
        zone = ZoneInfo(writer.zone)
        signal = still_quiet(
            writer.known_as,
            since=worry.at.astimezone(zone).date(),
            today=now.astimezone(zone).date(),
            before=worry.promise,
        )
        noticed[writer.id] = Noticed(writer.id, writer.connector_id, (signal,))
    return list(noticed.values())


def _wrote_since(writer: Writer, one: Closing) -> bool:
    return writer.heard_at is not None and writer.heard_at >= one.asked_at


def _heard_nothing(
    rhythm: Rhythm, one: Closing, writer: Writer, troubles: Sequence[Alarm]
) -> tuple[Rhythm, Signal | None]:
    on = one.asked_at.astimezone(ZoneInfo(writer.zone)).date()
    if _wrote_since(writer, one) or writer.agreement is not AgreementState.GIVEN:
        return rhythm.explained(), None
    if any(trouble.covers(one.asked_at) for trouble in troubles):
        return rhythm, None
    if one.reached in _ARRIVED:
        return rhythm.unanswered(on, PATIENCE, name=writer.known_as)
    if one.reached in _PERHAPS:
        return rhythm.unanswered(on, PATIENCE, name=writer.known_as, sure=False)
    if one.reached in _NOT:
        return rhythm.not_delivered(on, PATIENCE, name=writer.known_as)
    return rhythm, None
