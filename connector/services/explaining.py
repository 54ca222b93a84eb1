"""Why somebody was, or was not, texted on a day, and which texts are to come.

It loads what the records hold, lines it up and lets `domain.why` say it. It changes nothing, and
decides nothing again about what is past: what was written down then is what is shown. What is to
come is worked out by the code that plans and decides, and says that it may still change.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from enum import StrEnum
from functools import cached_property

from sqlalchemy.orm import Session

from connector.domain import why
from connector.domain.attempt import AttemptState, Purpose
from connector.domain.cadence import Cadence, Occurrence, Override, occurrences
from connector.domain.calendar import ONE_DAY
from connector.domain.caps import MONTH
from connector.domain.check_in import (
    TEXT,
    CheckIn,
    CheckInState,
    Decision,
    Expire,
    First,
    Skip,
    Wait,
    decide,
    why_not_text,
)
from connector.domain.consent import AgreementState
from connector.domain.errors import Invalid
from connector.domain.programme import Part, Programme
from connector.domain.sms import SmsText, fold
from connector.domain.texting_rules import TextingRules
from connector.domain.why import Agreed, Away, Halt, Joined, Page, Planned, Tense, Try
from connector.store import attempts, explained
from connector.store.explained import Came, Enrolment, Person, Wording
from connector.store.views import ThreadLine

MOVED_AT_MOST = timedelta(days=31)
"""A text that closed days have moved is looked for this long before the day it lands on."""
LOOK_AHEAD = timedelta(days=400)
"""How far the next text after a day is looked for."""
WEIGHS = MONTH + 2 * ONE_DAY
"""No text weighs on the cap for longer than this, whatever the zone and the change of clocks."""
FURTHEST = timedelta(days=366)
"""No day further ahead than this is worked out."""
EARLIEST = date(2000, 1, 1)


class Kind(StrEnum):
    """What a line of the page is."""

    WENT = "went"
    NOT_SENT = "not_sent"
    WAITS = "waits"
    COMING = "coming"
    WOULD_NOT_GO = "would_not_go"
    DATE_SKIPPED = "date_skipped"
    CAME = "came"


@dataclass(frozen=True, slots=True)
class Line:
    """One text, in or out, with its sentences. `programme_id` is 0 where no programme has it.

    `projected` when it is to come and not planned yet.
    """

    at: datetime
    kind: Kind
    title: str
    sentences: tuple[str, ...]
    body: str = ""
    programme_id: int = 0
    part: Part | None = None
    said: ThreadLine | None = None
    projected: bool = False
    purpose: Purpose | None = None

    @property
    def text(self) -> SmsText:
        return SmsText(self.body)

    @property
    def goes(self) -> bool:
        return self.kind is Kind.COMING


@dataclass(frozen=True, slots=True)
class Day:
    """One day of one person: the answer, why there was no text, and all texts of the day."""

    day: date
    person: Person
    tense: Tense
    answer: str
    reasons: tuple[str, ...]
    lines: tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class Timeline:
    """Texts of one person, past and coming, oldest first; `reasons` why nothing comes now."""

    person: Person
    first: date
    last: date
    reasons: tuple[str, ...]
    lines: tuple[Line, ...]
    joined: tuple[Joined, ...]


def explain(
    session: Session, resident_id: int, day: date, *, rules: TextingRules, now: datetime
) -> Day:
    """Why this person was, or was not, or is to be texted on a day.

    Raises `NotFound`, or `Invalid` for a day that nothing can be said about.
    """
    person = explained.person(session, resident_id)
    _refuse_strange(day, now.astimezone(person.zone).date())
    page = Page(person.known_as, person.zone, day, now)
    known = _load(session, person, day, day, rules, now)
    lines = tuple(known.lines(page))
    return Day(day, person, page.tense, _answer(page, lines), _reasons(page, known, lines), lines)


def _refuse_strange(day: date, today: date) -> None:
    if day > today + FURTHEST:
        raise Invalid("Texts are worked out for a year ahead, and no further. Choose a nearer day.")
    if day < EARLIEST:
        raise Invalid("There were no texts before the year 2000. Choose a later day.")


def timeline(
    session: Session,
    resident_id: int,
    *,
    rules: TextingRules,
    now: datetime,
    weeks_back: int = 4,
    weeks_ahead: int = 12,
) -> Timeline:
    """The texts of the last weeks and of the next, in one list. Raises `NotFound`."""
    person = explained.person(session, resident_id)
    today = now.astimezone(person.zone).date()
    first, last = today - timedelta(weeks=weeks_back), today + timedelta(weeks=weeks_ahead)
    known = _load(session, person, first, last, rules, now)
    page = Page(person.known_as, person.zone, today, now)
    lines = tuple(known.lines(page))
    reasons = _standing_reasons(page, known)
    return Timeline(person, first, last, reasons, lines, tuple(known.joined.values()))


def _load(
    session: Session, person: Person, first: date, last: date, rules: TextingRules, now: datetime
) -> Known:
    since, until = explained.span(person.zone, first, last)
    days = (first, last)
    planned = explained.planned(session, person.id, since, until, days, now=now)
    enrolled = explained.enrolments(session, person.id)
    versions = {one.version_id for one in planned if one.version_id is not None}
    wordings = explained.wordings(session, [one.programme_id for one in enrolled], versions)
    return Known(
        person=person,
        since=since,
        until=until,
        days=days,
        rules=rules,
        now=now,
        planned=planned,
        tries=explained.tries(session, person.id, since, until),
        came=explained.came(session, person.id, since, until),
        agreed=explained.agreements(session, person.id),
        away=_away(session, person, days),
        halts=explained.halts(session, since, max(until, now + ONE_DAY)),
        joined={one.programme_id: _joined(one, wordings, person) for one in enrolled},
        versions={one.id: one.programme for one in wordings if one.programme},
        had=_had(session, person, now),
    )


def _away(session: Session, person: Person, days: tuple[date, date]) -> list[Away]:
    """Times without texts; what stands on the person alone has no history and counts from now."""
    known = explained.absences(session, person.id, person.zone, days)
    return [*known, person.away] if person.away and not known else known


def _had(session: Session, person: Person, now: datetime) -> Sequence[datetime]:
    had = attempts.opened_by_us(session, [person.id], now - MONTH - ONE_DAY, waiting=False)
    return had.get(person.id, [])


def _joined(one: Enrolment, wordings: Sequence[Wording], person: Person) -> Joined:
    version = next(
        (each for each in wordings if each.published and each.programme_id == one.programme_id),
        None,
    )
    programme = version.programme if version else None
    dated = (
        version.published_at.astimezone(person.zone) if version and version.published_at else None
    )
    return Joined(
        programme_id=one.programme_id,
        name=one.name,
        active=one.active,
        programme=programme,
        cadence=_personal(programme.cadence, one) if programme else None,
        started_on=one.started_on,
        ended_on=one.ended_on,
        own=one.own,
        spread=one.spread,
        planned_to=one.planned_to,
        dated_on=dated.astimezone(person.zone).date() if dated else None,
        readable=version is None or programme is not None,
    )


def _personal(cadence: Cadence, one: Enrolment) -> Cadence | None:
    """The person's own cadence; None when it has no date for them."""
    try:
        return cadence.personal(one.started_on, Override.from_text(one.own) if one.own else None)
    except Invalid:
        return None


@dataclass(frozen=True)
class Known:
    """Everything that was loaded about one person's texts over some days.

    `had` are the texts of the last weeks that count against the cap.
    """

    person: Person
    since: datetime
    until: datetime
    days: tuple[date, date]
    rules: TextingRules
    now: datetime
    planned: Sequence[Planned]
    tries: Sequence[Try]
    came: Sequence[Came]
    agreed: Sequence[Agreed]
    away: Sequence[Away]
    halts: Sequence[Halt]
    joined: Mapping[int, Joined]
    versions: Mapping[int, Programme]
    had: Sequence[datetime]

    def lines(self, page: Page) -> Iterator[Line]:
        """Every text of the span, past and coming, in order."""
        found = [*self._past(page), *self._loose(page), *self._replies(page), *self._coming(page)]
        yield from sorted(found, key=lambda line: line.at)

    def within(self, moment: datetime) -> bool:
        return self.since <= moment < self.until

    def of(self, programme_id: int) -> Joined:
        """The programme of a text; one that somebody is not on any more, as far as is kept."""
        gone = Joined(programme_id, "An earlier programme", False, None, None, EARLIEST)
        return self.joined.get(programme_id, gone)

    def near(self, joined: Joined, day: date) -> list[Occurrence]:
        """What a programme's dates give from a month before a day to the next after it."""
        if joined.cadence is None:
            return []
        found = list[Occurrence]()
        for one in self._occurrences(joined, day - MOVED_AT_MOST, day + LOOK_AHEAD):
            found.append(one)
            if one.skipped is None and one.local.date() > day and one.date > day:
                break
        return found

    # What was planned and is past, or waits

    def _past(self, page: Page) -> Iterator[Line]:
        for text in self.planned:
            tries = self._tries_of.get(text.id, [])
            at = text.attempted_at or text.due_at
            is_coming = text.state is CheckInState.PLANNED and text.due_at > self.now
            if not is_coming and self.within(at):
                yield self._written(page, text, tries, at)

    def _written(self, page: Page, text: Planned, tries: Sequence[Try], at: datetime) -> Line:
        joined = self.of(text.programme_id)
        version = self._version_of(text)
        handed = [one for one in tries if one.purpose not in _FOLLOW]
        reason = why.because(page, joined, text.part, text.number, version if handed else None)
        sentences = [reason, why.part_sentence(page, text.part), text.moved]
        if handed:
            sentences += [why.times(page, text, handed), why.network(page, handed[0])]
            sentences += [why.after_the_first(page, one) for one in handed[1:]]
            asks = version is not None and version.asks and _may_arrive(handed)
            sentences.append(why.heard_back(page, text, asks=asks))
        else:
            sentences.insert(0, why.not_sent(page, text, self.halts))
        return Line(
            at,
            _kind(text, handed, self.now),
            why.title(joined.name, text.part, text.number),
            _said(sentences),
            handed[0].body if handed else "",
            text.programme_id,
            text.part,
            purpose=handed[0].purpose if handed else None,
        )

    def _version_of(self, text: Planned) -> Programme | None:
        """The version whose words went out; where it was not kept, the published one."""
        if text.version_id is not None:
            return self.versions.get(text.version_id)
        return self.of(text.programme_id).programme

    @cached_property
    def _tries_of(self) -> dict[int, list[Try]]:
        found: dict[int, list[Try]] = {}
        for one in self.tries:
            if one.check_in_id is not None:
                found.setdefault(one.check_in_id, []).append(one)
        return found

    # What no programme planned, and what came in

    def _loose(self, page: Page) -> Iterator[Line]:
        shown = {text.id for text in self.planned}
        for one in self.tries:
            follows = _follows(one)
            if (follows or one.check_in_id not in shown) and self.within(one.at):
                reason = why.followed(page) if follows else why.loose(page, one)
                kind = _kind_of_try(one, self.now)
                sentences = [reason, why.network(page, one)]
                if kind is Kind.COMING and (why_not := self._why_not_at_all(one)):
                    kind, sentences = Kind.WOULD_NOT_GO, [why.would_go(page, why_not), reason]
                yield Line(
                    one.at, kind, _TITLES[one.purpose], _said(sentences), one.body,
                    purpose=one.purpose,
                )  # fmt: skip

    def _why_not_at_all(self, text: Try) -> str:
        """Why a text that waits in the queue would not go to this person, as things stand."""
        ours = (*attempts.OPENED_BY_US, Purpose.FOLLOW_UP, Purpose.AGAIN)
        return why_not_text(self.person.standing) if text.purpose in ours else ""

    def _replies(self, page: Page) -> Iterator[Line]:
        titles = {text.id: self._title(text) for text in self.planned}
        for one in self.came:
            to = titles.get(one.check_in_id or 0, "an earlier text" if one.check_in_id else "")
            told = why.reply_sentences(to=to, answer=one.answer, late=one.late, read=one.read)
            title = f"{page.name} wrote"
            yield Line(one.line.at, Kind.CAME, title, told, one.line.text, said=one.line)

    def _title(self, text: Planned) -> str:
        return why.title(self.of(text.programme_id).name, text.part, text.number)

    # What is to come

    def _coming(self, page: Page) -> Iterator[Line]:
        """Texts to come in their order: each weighs on the cap of those after it."""
        if self.until <= self.now:
            return
        had = list(self.had)
        for text in sorted(self._to_come(), key=lambda text: text.due):
            if text.skipped:
                if self.within(text.due):
                    yield text.line(Kind.DATE_SKIPPED, [text.skipped])
                continue
            had = [at for at in had if text.due - at < WEIGHS]
            verdict = self._verdict(page, text, had)
            if isinstance(verdict, Wait):
                text = replace(text, due=verdict.until, moved=verdict.moved)  # noqa: PLW2901
            why_not = verdict.why if isinstance(verdict, Skip | Expire) else ""
            if not why_not:
                had.append(text.due)
            if self.within(text.due):
                yield self._coming_line(page, text, why_not)

    def _coming_line(self, page: Page, text: ToCome, why_not: str) -> Line:
        sentences = [
            why.would_go(page, why_not),
            why.because(page, text.joined, text.part, text.number, text.joined.programme),
            why.part_sentence(page, text.part),
            text.moved,
            why.how_sure(written=text.written, through=text.joined.planned_to),
            *(why.halt_sentence(page, one) for one in self.halts if one.until is None),
        ]
        if text.part is Part.CHECK_IN and text.joined.programme is not None and not why_not:
            sentences.append(why.reminder_to_come(page, text.joined.programme, text.due))
        kind = Kind.WOULD_NOT_GO if why_not else Kind.COMING
        return text.line(kind, sentences, body=self._body(text))

    def _body(self, text: ToCome) -> str:
        programme = text.joined.programme
        if programme is None:
            return ""
        words = programme.text_for(
            text.number,
            self.person.language,
            name=self.person.known_as,
            sender=self.person.sender,
            part=text.part,
        )
        return fold(words)

    def _verdict(self, page: Page, text: ToCome, had: Sequence[datetime]) -> Decision:
        """What is decided about a text to come, as things stand: by the code that decides."""
        day = page.local(text.due).date()
        if stands := why_not_text(self.person.standing):
            return Skip(stands)
        if away := next((one for one in self.away if one.covers(day)), None):
            return Skip(why.away_sentence(page, away))
        decision = decide(
            text.check_in(self.person.id),
            self.person.standing,
            now=text.due,
            revision=text.revision_now if text.written else "",
            first=self._first(text),
            calendar=self.rules.calendar,
            zone=self.person.zone.key,
        )
        if isinstance(decision, Skip | Expire):
            return decision
        at = decision.until if isinstance(decision, Wait) else text.due
        queued = [one.due_at for one in self._queued if one.due_at <= at]
        too_many = self.rules.cap.why_capped([*had, *queued], self.person.zone.key, at)
        return Skip(too_many) if too_many else decision

    def _first(self, text: ToCome) -> First | None:
        """What became of the text that a reminder reminds of."""
        if text.part is not Part.REMINDER:
            return None
        for one in self.planned:
            same = (one.programme_id, one.occurrence) == (text.joined.programme_id, text.day)
            if same and one.part is not Part.REMINDER and one.attempted_at is not None:
                tries = self._tries_of.get(one.id, [])
                return First(
                    one.attempted_at, one.answered_at is not None, not tries or _may_arrive(tries)
                )
        return None

    @cached_property
    def _queued(self) -> list[Try]:
        """Texts of ours that wait for their moment: they count once it has come."""
        waits = [one for one in self.tries if one.state is AttemptState.QUEUED]
        return [one for one in waits if one.purpose in attempts.OPENED_BY_US]

    def _to_come(self) -> Iterator[ToCome]:
        """What is planned, and what planning will make of the dates after that."""
        rows = {(one.programme_id, one.occurrence) for one in self.planned}
        for one in self.planned:
            if one.state is CheckInState.PLANNED and one.due_at > self.now:
                yield ToCome(
                    self.of(one.programme_id),
                    one.occurrence,
                    one.due_at,
                    one.number,
                    one.part,
                    one.moved,
                    written=True,
                    expires_at=one.expires_at,
                    revision=one.revision,
                    slot=one.slot,
                )
        today = self.now.astimezone(self.person.zone).date()
        for joined in self.joined.values():
            for found in self._projected(joined, today):
                if (joined.programme_id, found.date) not in rows:
                    yield _to_come(joined, found)

    def _projected(self, joined: Joined, today: date) -> Iterator[Occurrence]:
        if not joined.active or joined.cadence is None or not self.person.zone_known:
            return
        since = max(joined.planned_to + ONE_DAY if joined.planned_to else today, today)
        for one in self._occurrences(joined, since, self.days[1]):
            if one.due > self.now and joined.on(one.date):
                yield one

    def _occurrences(self, joined: Joined, since: date, until: date) -> Iterable[Occurrence]:
        assert joined.cadence is not None
        return occurrences(
            joined.cadence,
            zone=self.person.zone.key,
            since=max(since, joined.started_on),
            until=until,
            calendar=self.rules.calendar,
            spread=joined.spread,
        )


@dataclass(frozen=True, slots=True)
class ToCome:
    """A text that is planned, or that planning will make. `written` when its row is there."""

    joined: Joined
    day: date
    due: datetime
    number: int
    part: Part
    moved: str = ""
    skipped: str = ""
    written: bool = False
    expires_at: datetime | None = None
    revision: str = ""
    slot: int = TEXT

    @property
    def revision_now(self) -> str:
        programme = self.joined.programme
        return programme.cadence.revision() if programme else ""

    def check_in(self, resident_id: int) -> CheckIn:
        """As it will be decided about when it is due."""
        timely = self.joined.programme.timely_for if self.joined.programme else ONE_DAY
        return CheckIn(
            0,
            resident_id,
            self.joined.programme_id,
            self.day,
            self.number,
            self.due,
            self.expires_at or self.due + timely,
            self.part,
            self.slot,
            self.revision,
        )

    def line(self, kind: Kind, sentences: Iterable[str], *, body: str = "") -> Line:
        return Line(
            self.due,
            kind,
            why.title(self.joined.name, self.part, self.number),
            _said(sentences),
            body,
            self.joined.programme_id,
            self.part,
            projected=not self.written,
        )


def _to_come(joined: Joined, found: Occurrence) -> ToCome:
    part = Part.CHECK_IN
    if joined.programme is not None and joined.cadence is not None:
        part = joined.programme.part_on(joined.cadence, found.date)
    return ToCome(
        joined, found.date, found.due, found.number, part, found.moved or "", found.skipped or ""
    )


_TITLES = {
    Purpose.CHECK_IN: "Check-in",
    Purpose.PROMPT: "Prompt",
    Purpose.NOTICE: "Notice",
    Purpose.FOLLOW_UP: "The next question",
    Purpose.WELCOME: "The welcome",
    Purpose.AGAIN: "The question again, as they asked",
    Purpose.ANSWER: "Automatic answer",
    Purpose.STAFF: "Written by a person",
}
_FOLLOW = (Purpose.FOLLOW_UP, Purpose.ANSWER)
"""What may belong to a check-in without being its text."""


def _kind(text: Planned, tries: Sequence[Try], now: datetime) -> Kind:
    if any(one.went for one in tries):
        return Kind.WENT
    if tries:
        waits = any(one.state is AttemptState.QUEUED for one in tries)
        return Kind.WAITS if waits else Kind.NOT_SENT
    if text.state is CheckInState.ATTEMPTED:
        return Kind.WENT
    waits = text.state is CheckInState.PLANNED and text.expires_at > now
    return Kind.WAITS if waits else Kind.NOT_SENT


def _follows(text: Try) -> bool:
    """Whether it goes on with a check-in that was answered."""
    answers = text.purpose is Purpose.ANSWER and text.check_in_id is not None
    return text.purpose is Purpose.FOLLOW_UP or answers


def _may_arrive(tries: Sequence[Try]) -> bool:
    return any(one.went and one.state is not AttemptState.UNDELIVERED for one in tries)


def _kind_of_try(text: Try, now: datetime) -> Kind:
    if text.state is AttemptState.QUEUED:
        return Kind.COMING if text.due_at > now else Kind.WAITS
    return Kind.WENT if text.went else Kind.NOT_SENT


def _said(sentences: Iterable[str]) -> tuple[str, ...]:
    """Those that say something, each once."""
    return tuple(dict.fromkeys(one for one in sentences if one))


# The answer, and the reasons for none


def _answer(page: Page, lines: Sequence[Line]) -> str:
    went = [line.purpose or Purpose.CHECK_IN for line in lines if line.kind is Kind.WENT]
    return why.answer(page, went, [line.at for line in lines if line.goes])


def _reasons(page: Page, known: Known, lines: Sequence[Line]) -> tuple[str, ...]:
    """Why nothing that we open went that day; empty when something did or is to."""
    opened = [line for line in lines if line.purpose not in _FOLLOW]
    if any(line.kind in (Kind.WENT, Kind.COMING) for line in opened):
        return ()
    if before := why.not_yet_known(page, known.person.created_at):
        return (before,)
    moved = [one for one in known.planned if _left(page, one)]
    shown = {line.programme_id for line in lines} | {one.programme_id for one in moved}
    silent = [one for one in known.joined.values() if one.programme_id not in shown]
    reasons = [line.sentences[0] for line in opened if line.kind in _DID_NOT_GO]
    reasons += _standing_reasons(page, known)
    reasons += [why.moved_away(known.of(one.programme_id), one.moved) for one in moved]
    reasons += [why.why_none(page, one, known.near(one, page.day)) for one in silent]
    if not known.joined:
        reasons.append(why.no_programme(page))
    return _said(reasons)


def _left(page: Page, text: Planned) -> bool:
    """Whether the text of the page's day was moved to another."""
    return text.occurrence == page.day != page.local(text.due_at).date()


_DID_NOT_GO = (Kind.NOT_SENT, Kind.WAITS, Kind.WOULD_NOT_GO, Kind.DATE_SKIPPED)


def _standing_reasons(page: Page, known: Known) -> tuple[str, ...]:
    """What stood, or stands, in the way of every text to this person."""
    since, until = explained.span(page.zone, page.day, page.day)
    moment = min(max(known.now, since), until - timedelta(seconds=1))
    reasons = []
    if known.agreed or known.person.standing.agreement is not AgreementState.GIVEN:
        reasons.append(why.agreement_sentence(page, known.agreed, moment))
    reasons += [why.away_sentence(page, one) for one in known.away if one.covers(page.day)]
    if not known.person.zone_known:
        reasons.append(why.zone_not_known(page))
    if page.tense is not Tense.PAST:
        reasons += _number_reasons(page, known)
    reasons += [
        why.halt_sentence(page, one)
        for one in known.halts
        if one.since < until and (one.until is None or one.until > since)
    ]
    return _said(reasons)


def _number_reasons(page: Page, known: Known) -> list[str]:
    reasons = []
    if known.person.stopped_at is not None:
        reasons.append(why.number_stopped(page, known.person.stopped_at))
    if known.person.standing.number_dead:
        reasons.append(why.number_dead(page))
    return reasons + why.held(page, known.person.standing)
