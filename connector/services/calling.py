"""Whoever is rung or visited instead of texted: what is due goes to the queue, and what they say
is kept and compared like any answer.

Nobody is left out for want of a phone, and nothing is sent to anybody here. What a person hears is
theirs to act on: no automatic words follow.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy.orm import Session

from connector.domain import meeting
from connector.domain.answers import read_answer
from connector.domain.asked import GO_ON
from connector.domain.cadence import zone_named
from connector.domain.check_in import CheckIn
from connector.domain.errors import Invalid, Refused
from connector.domain.flag import Outcome
from connector.domain.meeting import Said, Sheet, ToAsk, Went
from connector.domain.phrases import Rulebook
from connector.domain.programme import Part, Programme
from connector.domain.question import QuestionKind
from connector.domain.reading import read
from connector.domain.resident import ContactBy, Resident
from connector.domain.rota import Member
from connector.domain.signals import Signal, SignalKind, from_reading, good_alone
from connector.domain.silence import Rhythm
from connector.domain.working_hours import WorkingHours
from connector.services import casework, enrolment
from connector.services.flagging import Noticed, raise_or_join
from connector.services.noticing import scales, set_of, settings_for, standing, with_answer
from connector.store import audit, calling, flags, floors, programmes, residents, staff, usuals
from connector.store.calling import Answer, Planned

LONGEST = 500


@dataclass(frozen=True, slots=True)
class Meeting:
    """A check-in that has become a call or a visit."""

    check_in: CheckIn
    programme: Programme
    known_as: str
    connector_id: int | None
    by: ContactBy
    zone: str


def fall_due(
    session: Session, meetings: Sequence[Meeting], *, hours: WorkingHours, now: datetime
) -> None:
    """What is due goes to the queue, for that day. The residents' rows are locked already."""
    noticed = [
        Noticed(
            one.check_in.resident_id,
            one.connector_id,
            (
                meeting.due(
                    one.known_as, one.by, one.programme.name, one.check_in.part, one.check_in.id
                ),
            ),
        )
        for one in meetings
    ]
    raise_or_join(session, noticed, hours=hours, now=now)
    for one in meetings:
        if one.check_in.part is Part.GOODBYE:
            today = now.astimezone(zone_named(one.zone)).date()
            programmes.end(session, one.programme.id, [one.check_in.resident_id], on=today)


def sheet(session: Session, check_in_id: int) -> tuple[Sheet, Resident]:
    """What to say and ask, and whom. Raises `NotFound`, or `Refused` for somebody who is texted."""
    planned = calling.planned(session, check_in_id)
    resident = residents.get(session, planned.resident_id)
    return _sheet(session, planned, resident), resident


def _sheet(session: Session, planned: Planned, resident: Resident) -> Sheet:
    if resident.is_texted and planned.said_at is None:
        raise Refused(f"{resident.known_as} gets texts now, so there is nothing to ask by phone.")
    by = resident.contact_by if not resident.is_texted else ContactBy.CALL
    programme = programmes.by_id(session, [planned.programme_id])[planned.programme_id]
    members = {member.id: member.name.split()[0] for member in staff.members(session)}
    sender = members.get(resident.connector_id or 0, "")
    part, number, language = planned.part, planned.number, resident.language
    name = resident.known_as
    return Sheet(
        check_in_id=planned.id,
        resident_id=resident.id,
        programme=programme,
        by=by,
        part=planned.part,
        due_at=planned.due_at,
        opening=meeting.opening(programme, part, number, language, name=name, sender=sender),
        questions=meeting.to_ask(programme, part, number, language, name=name, sender=sender),
        said_at=planned.said_at,
    )


def record(
    session: Session,
    check_in_id: int,
    said: Said,
    *,
    rules: Rulebook,
    by: Member,
    hours: WorkingHours,
    now: datetime,
) -> bool:
    """Write down how a call or visit went, and finish what is to do where nothing else is.

    Returns whether it is finished. Raises `Invalid` for an answer that cannot be read, `Refused`
    when it was written down already, `NotYours` when somebody else has it.
    """
    resident_id = calling.planned(session, check_in_id).resident_id
    residents.lock(session, [resident_id])
    planned = calling.planned(session, check_in_id, lock=True)
    resident = residents.get(session, resident_id)
    if planned.said_at is not None:
        raise Refused("This has been written down already.")
    about = _sheet(session, planned, resident)
    if said.went is Went.REACHED:
        answers = _answers(about, said)
        noticed = _keep(session, planned, about, resident, answers, rules, by, now)
        raise_or_join(session, noticed, hours=hours, now=now)
    audit.append(
        session, f"{about.by.value} written down", "resident", resident_id, by=by.id, now=now
    )
    return _log(session, resident_id, said, about, by, now)


def _answers(about: Sheet, said: Said) -> list[Answer]:
    """What was answered, each on its question's own scale. Raises `Invalid`."""
    answers = []
    for asked in about.questions:
        words = said.answers.get(asked.key, "").strip()[:LONGEST]
        if not words:
            continue
        answer = read_answer(words, asked.question)
        if answer is None and asked.question.kind is not QuestionKind.OPEN:
            raise Invalid(f"We could not read the answer to “{asked.words}”. {asked.hint}")
        answers.append(Answer(asked.key, words, answer))
    return answers


def _keep(
    session: Session,
    planned: Planned,
    about: Sheet,
    resident: Resident,
    answers: Sequence[Answer],
    rules: Rulebook,
    by: Member,
    now: datetime,
) -> list[Noticed]:
    programme = about.programme
    calling.took_place(session, planned.id, programme.version_id, answered=bool(answers), now=now)
    ids = calling.keep(
        session,
        planned,
        answers,
        version_id=programme.version_id,
        source=meeting.source_of(about.by),
        rules=rules.version,
        by=by.id,
        now=now,
    )
    learnt = _learnt(session, planned, programme, resident, answers, now)
    found = [
        Noticed(resident.id, resident.connector_id, signals, ids[each.item], learnt.usual_words)
        for each in answers
        if (signals := _read(each, about, resident, rules))
    ]
    _go_on_or_not(session, planned, answers, by, now)
    return [*found, learnt] if learnt.signals else found


def _read(each: Answer, about: Sheet, resident: Resident, rules: Rulebook) -> tuple[Signal, ...]:
    """What the words themselves give as reasons; a figure is compared with what is usual."""
    asked: ToAsk = next(one for one in about.questions if one.key == each.item)
    keys = [item.key for item in scales(about.programme)]
    speaks = keys[:1] == [each.item]
    question = asked.question if speaks else replace(asked.question, levels=False)
    found = from_reading(
        read(each.words, question, rules),
        question,
        name=resident.known_as,
        levels=question.levels,
        with_usual=each.item in keys,
    )
    return good_alone(one for one in found if one.kind is not SignalKind.UNCLEAR)


def _learnt(
    session: Session,
    planned: Planned,
    programme: Programme,
    resident: Resident,
    answers: Sequence[Answer],
    now: datetime,
) -> Noticed:
    """The answers beside what is usual for them, and the usual with them in it."""
    nothing = Noticed(resident.id, resident.connector_id, ())
    keys = [item.key for item in scales(programme)]
    given = {each.item: each.answer for each in answers if each.item in keys}
    key = (resident.id, programme.id)
    state = usuals.load(session, [key]).get(key, usuals.State())
    rhythm = Rhythm.from_json(state.rhythm) if state.rhythm else Rhythm()
    state = replace(state, rhythm=rhythm.explained().to_json())
    usuals.save(session, {key: state})
    if not given:
        return nothing
    lowered = floors.standing(session, [resident.id], on=now.date())
    settings = settings_for(programme, lowered.get(resident.id))
    on = now.astimezone(zone_named(resident.zone)).date()
    answer = set_of(given, keys, on)
    usual = standing(session, state.usual, resident.id, programme, settings)
    held = resident.id in flags.lock_open(session, [resident.id])
    usual, signals = with_answer(
        session, usual, resident.id, programme, answer, settings, check_in_id=planned.id, held=held
    )
    usuals.save(session, {key: replace(state, usual=usual.to_json())})
    return replace(nothing, signals=signals, usual_words=usual.in_words(settings))


def _go_on_or_not(
    session: Session, planned: Planned, answers: Sequence[Answer], by: Member, now: datetime
) -> None:
    if any(each.item == GO_ON and each.answer == 0 for each in answers):
        enrolment.end(
            session,
            planned.resident_id,
            planned.programme_id,
            goodbye=False,
            by=by.id,
            now=now,
        )


def _log(
    session: Session, resident_id: int, said: Said, about: Sheet, by: Member, now: datetime
) -> bool:
    """The contact stands with the flag; it is finished where only this call was to do."""
    flag_id = calling.open_flag(session, resident_id)
    if flag_id is None:
        return True
    flag = flags.lock(session, flag_id)
    if flag.owner_id is None:
        casework.take(session, flag_id, by=by, now=now)
    outcome: Outcome = said.went.outcome(about.by)
    only_this = calling.only_due(session, flag_id) and not [
        id_ for id_ in calling.due_of_flag(session, flag_id) if id_ != about.check_in_id
    ]
    if said.went is Went.REACHED and only_this:
        casework.finish(session, flag_id, outcome, said.note, by=by, now=now)
        return True
    casework.log_contact(session, flag_id, outcome, said.note, by=by, now=now)
    return False
