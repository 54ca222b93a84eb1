"""What residents ask about the texts themselves takes effect, and is answered once and truly.

At once: a time without texts begins or ends; the next text is left out for LESS, because nobody is
nagged while a person makes up their mind. Only as a proposal that a person accepts: another day,
time or pace. LATER brings the open question once more, and no answer, which would be one more text
to somebody who has no time. A stop gets no word from us either: the provider has its own.

Nothing is answered twice, nothing beside or after the answer to somebody in danger, nothing while a
person is talking with them, and nothing to who writes in somebody's place.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from connector.domain.asked import GO_ON
from connector.domain.attempt import Purpose
from connector.domain.cadence import Override, settle
from connector.domain.consent import AgreementState
from connector.domain.errors import Invalid, NotFound, Refused
from connector.domain.flag import Flag, FlagState
from connector.domain.placeholders import day_in
from connector.domain.placeholders import fill as fill_fixed
from connector.domain.programme import Part, chosen, fill
from connector.domain.promise import Promise
from connector.domain.reading import Intent, is_exact_start
from connector.domain.signals import Signal, SignalKind
from connector.domain.sms import fold
from connector.domain.steering import Ask, News, PaceWish, Wish, is_start_word
from connector.services import absences, answering, enrolment
from connector.services import standing as marks
from connector.services.asking import FRESH, Posed
from connector.services.flagging import Noticed
from connector.services.numbers import why_doubted
from connector.services.understanding import Reader, Understood
from connector.store import (
    asked,
    audit,
    check_ins,
    programmes,
    staff,
    texting_rules,
    wishes,
)
from connector.store.attempts import NewAttempt, add_many
from connector.store.residents import Writer
from connector.store.wishes import ProposalState

EPISODE = timedelta(hours=12)
ANSWER_KEPT = timedelta(hours=1)
SAME = timedelta(hours=1)
AGAIN_AFTER = timedelta(hours=3)
AGAIN_KEPT = timedelta(hours=1)
CLEAR_OF_NEXT = timedelta(hours=12)
"""A question is not put once more when the next one comes within half a day of it."""
SUBJECT = "resident"
LEFT_OUT: Final = "Not sent: they asked for fewer texts, and a person will look at how many."
WROTE_SINCE: Final = "Not sent: they have written to us since, so they are not asked again."

_ANSWERS: Final = {
    Ask.HELP: "ask_help",
    Ask.CALL: "ask_call",
    Ask.HELD: "ask_held",
    Ask.WHO: "who_reads",
    Ask.WHY: "why_texts",
    Ask.OPTIONS: "what_to_text",
}
_THOUGH_WORRIED: Final = (Ask.HELP, Ask.CALL, Ask.AWAY)
"""What is answered even where a person should read the same text today."""
_TO_WHO_AGREED: Final = (Ask.BACK, Ask.AWAY, Ask.LATER, Ask.PACE)
_PROVIDER_HELPS: Final = frozenset(("help", "info"))

Answer = tuple[str, str]
"""The name of a fixed text, and the day that it names."""


def heed(
    session: Session,
    own: Sequence[tuple[Writer, Understood]],
    changed: Mapping[int, Writer],
    standing: Mapping[int, Flag],
    reader: Reader,
    *,
    now: datetime,
) -> list[Noticed]:
    """What residents ask in these texts is done, and answered where it may be. What to look at.

    `changed` are those whose agreement these texts have changed already, as they are now.
    """
    heard = {who.id for who, one in own if one.wish is None or one.wish.ask is not Ask.LATER}
    if heard:
        wishes.ask_no_more(session, heard, WROTE_SINCE)
    noticed: list[Noticed] = []
    answers: dict[bytes, tuple[Writer, Answer]] = {}
    troubled = {who.id for who, one in own if _has_its_own_answer(one)}
    for before, one in own:
        who = changed.get(before.id, before)
        if one.told is not None:
            _hold(session, who, one, now)
        elif one.wish is not None and not one.stops:
            anew = before.agreement is not who.agreement
            answer, found = _do(session, who, one, one.wish, anew=anew, now=now)
            noticed += found
            if answer and who.id not in troubled and _may_answer(who, one, standing, reader, now):
                answers[one.unread.reply.sender_index] = who, answer
    _answer(session, answers, reader, now)
    return noticed


def _has_its_own_answer(one: Understood) -> bool:
    """Whether what is said to it, or that nothing is, is settled elsewhere, and goes before."""
    doubts = why_doubted(one.intents, one.unread.reply.body) is not None
    return one.in_distress or one.stops or doubts or one.told is not None


def accept(session: Session, proposal_id: int, *, by: int, now: datetime) -> None:
    """A wish is accepted: it is their pace from now on.

    Raises `NotFound`, `Invalid` for a pace that can no longer be, or `Refused` when somebody was
    quicker or they have left the programme.
    """
    resident_id, programme_id, own = _open(session, proposal_id)
    enrolment.change_pace(
        session, resident_id, programme_id, Override.from_text(own), by=by, now=now
    )
    wishes.decide(session, proposal_id, ProposalState.ACCEPTED, by=by, now=now)


def refuse(session: Session, proposal_id: int, *, by: int, now: datetime) -> None:
    """Not now; their pace stays. Raises `NotFound`, or `Refused` when somebody was quicker."""
    resident_id, _programme_id, own = _open(session, proposal_id)
    wishes.decide(session, proposal_id, ProposalState.REFUSED, by=by, now=now)
    audit.append(session, "wish refused", SUBJECT, resident_id, by=by, now=now, why=own)


def _open(session: Session, proposal_id: int) -> tuple[int, int, str]:
    found = wishes.lock(session, proposal_id)
    if found is None:
        raise NotFound("There is no such wish.")
    state, resident_id, programme_id, own = found
    if state is not ProposalState.OPEN:
        raise Refused("Somebody has already dealt with this wish, or they have asked for another.")
    return resident_id, programme_id, own


def _hold(session: Session, who: Writer, one: Understood, now: datetime) -> None:
    """Who is said to have died is sent nothing until a person has looked; a cry for help is."""
    died = one.told is not None and one.told.sure and one.told.news is News.DIED
    if died and not one.in_distress:
        marks.hold(session, who.id, now=now)


def _do(
    session: Session, who: Writer, one: Understood, wish: Wish, *, anew: bool, now: datetime
) -> tuple[Answer | None, list[Noticed]]:
    """What a wish brings about: how it is answered, and what a person should see to."""
    if wish.ask is Ask.BACK:
        return _come_back(session, who, one, anew=anew, now=now)
    if wish.ask in _TO_WHO_AGREED and who.agreement is not AgreementState.GIVEN:
        return None, []
    if wish.ask is Ask.AWAY and wish.absence is not None:
        return _go_away(session, who, one, wish, now), []
    if wish.ask is Ask.LATER:
        if not _is_worried(one):
            _ask_later(session, who, one, wish, now)
        return None, []
    if wish.ask is Ask.PACE and wish.pace is not None:
        return _propose(session, who, one, wish.pace, now)
    name = _ANSWERS.get(wish.ask)
    return ((name, "") if name else None), []


def _go_away(
    session: Session, who: Writer, one: Understood, wish: Wish, now: datetime
) -> Answer | None:
    assert wish.absence is not None
    try:
        kept = absences.begin(session, who.id, wish.absence, reply_id=one.unread.reply.id, now=now)
    except Invalid:  # days that are over by the time it is read
        return None
    wishes.ask_no_more(session, [who.id], "Not sent: the resident is away.")
    if kept.ends_on is None:
        return "away_open", ""
    return "away_until", f"{kept.ends_on:%A} {kept.ends_on.day} {kept.ends_on:%B}"


def _come_back(
    session: Session, who: Writer, one: Understood, *, anew: bool, now: datetime
) -> tuple[Answer | None, list[Noticed]]:
    """The end of a time away, or a START. Other words than START never undo a stop."""
    body = one.unread.reply.body
    exact, word = is_exact_start(body), is_start_word(body, who.language)
    asks = Intent.OPT_IN in one.intents
    was_away = who.agreement is AgreementState.GIVEN and absences.end(session, who.id, now=now)
    if exact or word:
        rejoined = who.agreement is AgreementState.GIVEN and _rejoin(session, who, now)
        # The provider answers START by itself.
        answers = (anew or was_away or rejoined) and not exact
        return (("back_again", "") if answers else None), []
    if was_away:
        return ("back_again", ""), []
    left = wishes.left_last(session, who.id) if asks else None
    if asks and (who.agreement is AgreementState.WITHDRAWN or left is not None):
        return None, [_noticed(who, one, _wants_back(who.known_as))]
    return None, []


def _rejoin(session: Session, who: Writer, now: datetime) -> bool:
    """Who has left every programme is on the last one again, at the pace they had."""
    left = wishes.left_last(session, who.id)
    if left is None:
        return False
    with suppress(Refused, NotFound):
        enrolment.rejoin(session, who.id, left, by=None, now=now)
        return True
    return False


def _propose(
    session: Session, who: Writer, one: Understood, pace: PaceWish, now: datetime
) -> tuple[Answer | None, list[Noticed]]:
    """Another pace waits for a person. What no pace can be made of is for a person to ask about."""
    proposed = []
    for programme in programmes.of_resident(session, who.id):
        enrolled = programmes.enrolment(session, programme.id, who.id)
        if enrolled is None or enrolled.ended_on is not None:
            continue
        wanted = pace.applied_to(programme.cadence, Override.from_text(enrolled.own))
        if wanted is None:
            continue
        proposed.append(programme.id)
        new = wishes.propose(
            session, who.id, programme.id, wanted.to_text(),
            reply_id=one.unread.reply.id, now=now,
        )  # fmt: skip
        if new and pace.less:
            wishes.skip_next(session, who.id, programme.id, LEFT_OUT)
    if not proposed:
        return ("pace_wish", ""), [_noticed(who, one, _wants_pace(who.known_as))]
    return ("pace_less" if pace.less else "pace_wish", ""), []


def _ask_later(session: Session, who: Writer, one: Understood, wish: Wish, now: datetime) -> None:
    """The open question once more, today or tomorrow, where that is of any use."""
    posed = one.posed
    if posed is None or posed.row.answered or now - one.unread.reply.received_at >= FRESH:
        return
    if wishes.asked_again_since(session, who.id, posed.row.asked_at):
        return
    at = _again_at(session, who, posed, wish, now)
    if at is None:
        return
    text = NewAttempt(who.id, Purpose.AGAIN, _question(session, who, posed), at, at + AGAIN_KEPT)
    add_many(session, [text], channel=one.unread.channel, now=now)


def _again_at(
    session: Session, who: Writer, posed: Posed, wish: Wish, now: datetime
) -> datetime | None:
    """In three hours, if that is an allowed hour today; else tomorrow at the time of today."""
    calendar = texting_rules.load(session, None).calendar
    zone = ZoneInfo(who.zone)
    today = now.astimezone(zone)
    local = (now + AGAIN_AFTER).astimezone(zone)
    tomorrow_at_best = wish.not_before is not None and wish.not_before > today.date()
    if tomorrow_at_best or local.date() != today.date() or calendar.why_not(local):
        tomorrow = posed.row.asked_at.astimezone(zone).timetz()
        next_day = datetime.combine(today.date() + timedelta(days=1), tomorrow)
        ruling = calendar.next_allowed(next_day)
        if ruling.skipped is not None or ruling.local.date() != next_day.date():
            return None
        local = ruling.local
    if wish.not_before is not None and wish.not_before > local.date():
        return None
    at = settle(local)[0].astimezone(UTC)
    coming = check_ins.next_due(session, who.id).values()
    if at + AGAIN_KEPT >= posed.row.closes_at or any(
        one.due_at < at + CLEAR_OF_NEXT for one in coming
    ):
        return None
    return at


def _question(session: Session, who: Writer, posed: Posed) -> str:
    """The words in which the open question was asked."""
    programme, row = posed.programme, posed.row
    number = asked.numbers(session, [row.check_in_id]).get(row.check_in_id, 1)
    sender = _sender(session, who)
    item = None if row.item == GO_ON else programme.item(row.item)
    if item is None:
        part = Part.GO_ON if row.item == GO_ON else Part.CHECK_IN
        words = programme.text_for(
            number, who.language, name=who.known_as, sender=sender, part=part
        )
    else:
        words = fill(chosen(item.wording, number, who.language), name=who.known_as, sender=sender)
    return fold(words)


def _sender(session: Session, who: Writer) -> str:
    account = staff.account(session, who.connector_id) if who.connector_id else None
    return account.member.name.split()[0] if account else ""


def _may_answer(
    who: Writer, one: Understood, standing: Mapping[int, Flag], reader: Reader, now: datetime
) -> bool:
    """Whether an automatic answer is fitting: the text is fresh, and no person is answering."""
    if not one.may_be_answered or who.agreement not in _ANSWERED:
        return False
    if now - one.unread.reply.received_at >= FRESH or _lately_in_danger(who, now):
        return False
    if reader.provider_answers and one.unread.reply.body.strip(" .!").lower() in _PROVIDER_HELPS:
        return False
    flag = standing.get(who.id)
    talking = flag is not None and flag.state in (FlagState.TAKEN, FlagState.WAITING)
    if talking or (flag is not None and flag.promise is Promise.NOW):
        return False
    return not _is_worried(one) or (one.wish is not None and one.wish.ask in _THOUGH_WORRIED)


_ANSWERED: Final = (AgreementState.GIVEN, AgreementState.INVITED)


def _lately_in_danger(who: Writer, now: datetime) -> bool:
    return who.crisis_answered_at is not None and now - who.crisis_answered_at < EPISODE


def _is_worried(one: Understood) -> bool:
    return any(
        signal.kind is SignalKind.WORDS and signal.promise.at_least(Promise.TODAY)
        for signal in one.signals
    )


def _answer(
    session: Session,
    answers: Mapping[bytes, tuple[Writer, Answer]],
    reader: Reader,
    now: datetime,
) -> None:
    """One answer a number, whatever came in at once; the same words once in an hour."""
    if not answers:
        return
    told = wishes.told_since(session, [who.id for who, _answer in answers.values()], now - SAME)
    texts = {
        index: NewAttempt(
            who.id, Purpose.ANSWER, _words(session, who, answer, reader, now), now,
            now + ANSWER_KEPT,
        )
        for index, (who, answer) in answers.items()
    }  # fmt: skip
    new = {
        index: text for index, text in texts.items() if (text.resident_id, text.body) not in told
    }
    answering.queue(session, new, channel=reader.channel, now=now)


def _words(session: Session, who: Writer, answer: Answer, reader: Reader, now: datetime) -> str:
    name, day = answer
    words = reader.wording.text(who.language, name)
    values = {
        "name": who.known_as,
        "sender": _sender(session, who) if "{sender}" in words else "",
        "hours": reader.hours.words(who.language),
        "by": day_in(who.language, reader.hours.due_words(Promise.TODAY, now)),
        "day": day_in(who.language, day),
    }
    return fold(fill_fixed(words, values))


def _noticed(who: Writer, one: Understood, signal: Signal) -> Noticed:
    return Noticed(who.id, who.connector_id, (signal,), one.unread.reply.id)


def _wants_back(name: str) -> Signal:
    return Signal(
        kind=SignalKind.ASKED,
        promise=Promise.TODAY,
        sentence=f"{name} seems to want the texts back, in their own words. "
        "None goes out yet; please ask, or ask them to text START.",
        rule="start in other words",
    )


def _wants_pace(name: str) -> Signal:
    return Signal(
        kind=SignalKind.ASKED,
        promise=Promise.THIS_WEEK,
        sentence=f"{name} would like the texts differently. Please ask how.",
        rule="a pace we cannot work out",
    )
