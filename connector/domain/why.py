"""Why somebody was, or was not, texted, and what is to come: every answer as a plain sentence.

Facts go in and sentences come out, at least one for any person and any day. It decides nothing:
what goes out is decided when it is sent, and a sentence about a day to come says so. It refuses to
shrug: where something is not known, it says what is not known and why.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from connector.domain.attempt import AttemptState, Purpose
from connector.domain.cadence import Cadence, Occurrence
from connector.domain.cadence_words import days_words, taper_words, time_words
from connector.domain.calendar import said, said_with_time
from connector.domain.check_in import TEXT, CheckInState, Standing
from connector.domain.consent import AgreementState, How
from connector.domain.mark import Mark
from connector.domain.programme import Part, Programme
from connector.domain.resident import ContactBy


class Tense(StrEnum):
    """Where a day lies, seen from now."""

    PAST = "past"
    TODAY = "today"
    COMING = "coming"


@dataclass(frozen=True, slots=True)
class Page:
    """One person's day as it is talked about: who, in which zone, which day, seen from `now`."""

    name: str
    zone: ZoneInfo
    day: date
    now: datetime

    @property
    def tense(self) -> Tense:
        today = self.local(self.now).date()
        if self.day == today:
            return Tense.TODAY
        return Tense.PAST if self.day < today else Tense.COMING

    def local(self, moment: datetime) -> datetime:
        return moment.astimezone(self.zone)

    def at(self, moment: datetime) -> str:
        """'at 10:00' on the page's own day, 'on Friday 26 March 2027 at 10:00' on any other."""
        local = self.local(moment)
        return f"at {local:%H:%M}" if local.date() == self.day else f"on {said_with_time(local)}"

    def full(self, moment: datetime) -> str:
        return f"on {said_with_time(self.local(moment))}"


@dataclass(frozen=True, slots=True)
class Try:
    """One text as it was handed over. `arrived_at` where the network has said so."""

    purpose: Purpose
    state: AttemptState
    body: str
    why: str
    made_at: datetime
    due_at: datetime
    not_after: datetime
    marked_at: datetime | None = None
    last_word_at: datetime | None = None
    check_in_id: int | None = None

    @property
    def at(self) -> datetime:
        """When it left, or is to leave."""
        return self.marked_at or self.due_at

    @property
    def went(self) -> bool:
        """Whether it has left us, as far as we can tell."""
        return self.state not in _NEVER_LEFT


_NEVER_LEFT = (AttemptState.QUEUED, AttemptState.SKIPPED, AttemptState.REFUSED)


@dataclass(frozen=True, slots=True)
class Planned:
    """One check-in that was planned, whatever became of it. `version` is whose words went out."""

    id: int
    programme_id: int
    occurrence: date
    part: Part
    number: int
    due_at: datetime
    expires_at: datetime
    state: CheckInState
    moved: str = ""
    why: str = ""
    attempted_at: datetime | None = None
    closes_at: datetime | None = None
    answered_at: datetime | None = None
    version_id: int | None = None
    slot: int = TEXT
    revision: str = ""


@dataclass(frozen=True, slots=True)
class Joined:
    """Somebody on a programme. `programme` is its published version, None before there is one,
    and where it cannot be read (`readable`).

    `cadence` is the person's own, None when it has no date for them. `planned_to` is the last local
    date that has been planned for them; `dated_on` the local date of the version's publishing.
    """

    programme_id: int
    name: str
    active: bool
    programme: Programme | None
    cadence: Cadence | None
    started_on: date
    ended_on: date | None = None
    own: str = ""
    spread: int = 0
    planned_to: date | None = None
    dated_on: date | None = None
    readable: bool = True

    def on(self, day: date) -> bool:
        """Whether they are on it on that day."""
        return self.started_on <= day and (self.ended_on is None or day < self.ended_on)


@dataclass(frozen=True, slots=True)
class Agreed:
    """A line of the agreement's history, with who wrote it down."""

    state: AgreementState
    at: datetime
    how: How
    by: str = ""


@dataclass(frozen=True, slots=True)
class Away:
    """A time without texts. `ends_on` is the first day of texts again; `over_on` when it ended."""

    kind: str
    starts_on: date | None
    ends_on: date | None = None
    over_on: date | None = None
    by: str = ""

    @property
    def end(self) -> date | None:
        return min((end for end in (self.ends_on, self.over_on) if end is not None), default=None)

    def covers(self, day: date) -> bool:
        has_begun = self.starts_on is None or self.starts_on <= day
        return has_begun and (self.end is None or day < self.end)


@dataclass(frozen=True, slots=True)
class Halt:
    """The one switch was on: all texts to residents were stopped."""

    since: datetime
    until: datetime | None
    by: str = ""
    why: str = ""


# The answer in one line


def answer(page: Page, went: Sequence[Purpose], coming: Sequence[datetime]) -> str:
    """Yes or no, first of all. `coming` are the texts still to go that day, as things stand."""
    if page.tense is Tense.COMING:
        return _answer_coming(page, coming)
    if went:
        count = "1 text" if len(went) == 1 else f"{len(went)} texts"
        more = f" Another is planned for {_clocks(page, coming)}." if coming else ""
        return f"Yes: {count} went to {page.name}, {_listed(map(_a_text, went))}.{more}"
    if coming:
        return f"Not yet: a text is planned for {_clocks(page, coming)}."
    return f"No: no text {'has gone' if page.tense is Tense.TODAY else 'went'} to {page.name}."


def _answer_coming(page: Page, coming: Sequence[datetime]) -> str:
    if not coming:
        return f"No: as things stand now, no text goes to {page.name}."
    texts = "a text goes" if len(coming) == 1 else f"{len(coming)} texts go"
    return f"Yes: as things stand now, {texts} to {page.name} at {_clocks(page, coming)}."


def _clocks(page: Page, moments: Iterable[datetime]) -> str:
    return _listed(f"{page.local(at):%H:%M}" for at in moments)


def _a_text(purpose: Purpose) -> str:
    return _PURPOSES[purpose]


_PURPOSES = {
    Purpose.CHECK_IN: "a check-in",
    Purpose.PROMPT: "a prompt",
    Purpose.NOTICE: "a notice",
    Purpose.FOLLOW_UP: "a question that follows",
    Purpose.WELCOME: "the welcome",
    Purpose.AGAIN: "the question again, as they asked",
    Purpose.ANSWER: "an automatic answer",
    Purpose.STAFF: "a text written by a person",
}


def _listed(words: Iterable[str]) -> str:
    each = list(words)
    return each[0] if len(each) == 1 else f"{', '.join(each[:-1])} and {each[-1]}"


# A text that went, or was to go


def title(name: str, part: Part, number: int) -> str:
    """'Weekly check-in, text 5'."""
    return f"{name}, {_PARTS[part].format(number=number)}"


_PARTS = {
    Part.CHECK_IN: "text {number}",
    Part.REMINDER: "reminder of text {number}",
    Part.GO_ON: "text {number}, whether to go on",
    Part.GOODBYE: "text {number}, the goodbye",
}


def because(page: Page, joined: Joined, part: Part, number: int, version: Programme | None) -> str:
    """Why a text of a programme was planned: the programme, its rhythm, the number, the version."""
    verb = "is" if joined.on(page.local(page.now).date()) else "was"
    rhythm = f" ({rhythm_of(joined)})" if joined.cadence else ""
    words = f", in the words of version {version.number}" if version else ""
    place = "the one reminder of text" if part is Part.REMINDER else "text"
    return f"{page.name} {verb} on {joined.name}{rhythm}. This is {place} {number} of it{words}."


def rhythm_of(joined: Joined) -> str:
    """'every Tuesday at 10:00', with a word about what is the person's own."""
    if joined.cadence is None:
        return ""
    taper = f", {taper_words(joined.cadence.taper)}" if joined.cadence.taper else ""
    own = ", changed for this person" if joined.own else ""
    return f"{days_words(joined.cadence)} {time_words(joined.cadence)}{taper}{own}"


def part_sentence(page: Page, part: Part) -> str:
    """What is special about a text that is not an ordinary check-in; empty for one that is."""
    return {
        Part.REMINDER: "A reminder goes once, and only when no answer has come.",
        Part.GO_ON: f"It asks {page.name} whether to go on, because no programme just runs on.",
        Part.GOODBYE: "It says goodbye, because this is the last text of the programme.",
    }.get(part, "")


def times(page: Page, text: Planned, tries: Sequence[Try]) -> str:
    """When it was due, decided and handed over."""
    handed = next((one.marked_at for one in tries if one.marked_at is not None), None)
    decided = text.attempted_at or handed
    due = f"It was due {page.at(text.due_at)}"
    if decided is None:
        return f"{due}."
    if handed is None or _same_minute(decided, handed):
        return f"{due}, and was decided and handed over {page.at(decided)}."
    return f"{due}, was decided {page.at(decided)} and handed over {page.at(handed)}."


def _same_minute(one: datetime, other: datetime) -> bool:
    return abs(one - other) < timedelta(minutes=1)


def network(page: Page, text: Try) -> str:
    """What became of one try, as far as the network has said."""
    reason = f": {text.why[:1].lower()}{text.why[1:]}" if text.why else ""
    then = f" {page.at(text.last_word_at)}" if text.last_word_at else ""
    return {
        AttemptState.QUEUED: f"It waits to go {page.at(text.due_at)}, and is decided again then.",
        AttemptState.SENDING: "It is being handed over at this moment.",
        AttemptState.UNKNOWN: (
            "The provider never said whether it took this text. It is asked again, and the text is "
            "not sent a second time by itself."
        ),
        AttemptState.ACCEPTED: "The network has taken it and has not said yet whether it arrived.",
        AttemptState.SENT: "The network has sent it; the phone has not confirmed it yet.",
        AttemptState.DELIVERED: f"It arrived{then}.",
        AttemptState.UNDELIVERED: f"It did not arrive{reason}.",
        AttemptState.REFUSED: f"It could not be sent{reason}.",
        AttemptState.SKIPPED: text.why or _NOT_WRITTEN_DOWN,
    }[text.state]


def after_the_first(page: Page, text: Try) -> str:
    """The same for a later try of the same text."""
    if text.state is AttemptState.QUEUED:
        return f"It is tried once more {page.at(text.due_at)}."
    if text.marked_at is None:
        return f"A second try did not go: {_clause(page, network(page, text))}"
    return f"It was tried once more {page.at(text.at)}. {network(page, text)}"


def heard_back(page: Page, text: Planned, *, asks: bool) -> str:
    """Whether it was answered; empty for a text that asks nothing or never went."""
    if text.answered_at is not None:
        return f"{page.name} answered {page.at(text.answered_at)}."
    if not asks or text.state is not CheckInState.ATTEMPTED:
        return ""
    if text.closes_at is not None and text.closes_at > page.now:
        return f"No answer yet. One counts until {page.full(text.closes_at).removeprefix('on ')}."
    return f"{page.name} did not answer in the time for it."


_NOT_WRITTEN_DOWN = "Not sent; the reason was not written down at the time."


def not_sent(page: Page, text: Planned, halts: Sequence[Halt]) -> str:
    """The one sentence of a planned text that did not go, or waits although it is due."""
    if text.state in (CheckInState.SKIPPED, CheckInState.EXPIRED):
        return text.why or _NOT_WRITTEN_DOWN
    if text.state is CheckInState.ATTEMPTED:
        return "It was decided to go, and is on its way to the network."
    if text.due_at > page.now:
        return f"It is planned for {page.at(text.due_at).removeprefix('at ').removeprefix('on ')}."
    if text.expires_at <= page.now:
        return "It was not sent in time, and is too late to be worth sending now."
    if halt := next((one for one in halts if one.until is None), None):
        stopped = _clause(page, halt_sentence(page, halt))
        return f"It was due {page.at(text.due_at)} and waits: {stopped}"
    return f"It was due {page.at(text.due_at)} and goes out with the next round."


def _clause(page: Page, sentence: str) -> str:
    """A sentence made the second half of another; a name keeps its capital."""
    plain = sentence.removeprefix("Not sent: ")
    return plain if plain.startswith(page.name) else f"{plain[:1].lower()}{plain[1:]}"


# Texts that no programme planned


def loose(page: Page, text: Try) -> str:
    """Why a text went that no programme planned."""
    return {
        Purpose.NOTICE: "A notice that staff wrote to a group of people.",
        Purpose.FOLLOW_UP: "The next question of a check-in.",
        Purpose.WELCOME: "The welcome, which asks for a Y before anything else goes.",
        Purpose.ANSWER: f"An automatic answer to what {page.name} wrote.",
        Purpose.STAFF: "Written by a person.",
        Purpose.CHECK_IN: "A check-in of a programme.",
        Purpose.PROMPT: "A prompt of a programme.",
    }[text.purpose]


def followed(page: Page) -> str:
    """Why a text went that belongs to a check-in and is not its first."""
    return f"Sent because {page.name} answered: the next text of the same check-in."


def reply_sentences(*, to: str, answer: float | None, late: bool, read: bool) -> tuple[str, ...]:
    """What was made of a text that came in. `to` is the title of what it answers."""
    if not read:
        return ("Not read by the machine yet.",)
    told = []
    if to and answer is not None:
        told.append(f"Taken as the answer {answer:g} to {to}.")
    elif to:
        told.append(f"It came after {to}.")
    if late:
        told.append("It came late: kept and shown, and never counted as that day’s answer.")
    return tuple(told) or ("It answers no question of ours.",)


# Why there was none


def agreement_at(history: Sequence[Agreed], moment: datetime) -> Agreed | None:
    """The line that held at a moment; None before there was any."""
    return next((one for one in reversed(history) if one.at <= moment), None)


def agreement_sentence(page: Page, history: Sequence[Agreed], moment: datetime) -> str:
    """Why the agreement stood in the way at a moment; empty when it did not."""
    now = agreement_at(history, moment)
    if now is None:
        first = f" before {page.full(history[0].at)[3:]}" if history else ""
        return f"{page.name} had not been asked to agree to texts{first}."
    after = next((one.at for one in history if one.at > moment), None)
    span = f"from {_on(page, now.at)} until {_on(page, after)}" if after else ""
    by = _by(now)
    return {
        AgreementState.GIVEN: "",
        AgreementState.INVITED: (
            f"{page.name} was asked {page.full(now.at)}{by} and had not agreed to texts."
            if after
            else f"{page.name} was asked {page.full(now.at)}{by} and has not agreed to texts yet."
        ),
        AgreementState.PAUSED: (
            f"Texts to {page.name} were paused {span}{by}."
            if after
            else f"Texts to {page.name} have been paused since {_on(page, now.at)}{by}."
        ),
        AgreementState.WITHDRAWN: (
            f"{page.name} had stopped texts {span}{by}."
            if after
            else f"{page.name} stopped texts {page.full(now.at)}{by}."
        ),
    }[now.state]


def _on(page: Page, moment: datetime) -> str:
    return said_with_time(page.local(moment))


def _by(line: Agreed) -> str:
    how = {How.AT_PROVIDER: "at the phone company"}.get(line.how, line.how.words)
    return f" ({how}, written down by {line.by})" if line.by else f" ({how})"


def halt_sentence(page: Page, halt: Halt) -> str:
    """When all texts were stopped, by whom and why."""
    by = f" by {halt.by}" if halt.by else ""
    why = f", because: {halt.why}" if halt.why else ""
    span = f"have been stopped since {_on(page, halt.since)}"
    if halt.until is not None:
        span = f"were stopped from {_on(page, halt.since)} until {_on(page, halt.until)}"
    sentence = f"All texts to residents {span}{by}{why}"
    return sentence if sentence.endswith((".", "!", "?")) else f"{sentence}."


def away_sentence(page: Page, away: Away) -> str:
    """That somebody was away, in hospital or had asked for a pause, from when until when."""
    what = _ABSENCES.get(away.kind, "has no texts")
    since = f" from {said(away.starts_on)}" if away.starts_on else ""
    until = f" until {said(away.end)}" if away.end else ", with no end set"
    by = f" (written down by {away.by})" if away.by else ""
    return f"{page.name} {what}{since}{until}{by}."


_ABSENCES = {
    "away": "is away",
    "hospital": "is in hospital",
    "pause": "has a pause from texts",
    "paused": "has a pause from texts",
}


def not_yet_known(page: Page, created_at: datetime) -> str:
    """For a day before somebody came to us; empty for any other."""
    first = page.local(created_at).date()
    if page.day >= first:
        return ""
    return f"{page.name} was not with us yet: their record was made on {said(first)}."


def moved_away(joined: Joined, moved: str) -> str:
    """The text of the day went on another."""
    return f"{joined.name}: {moved or 'its text of this day was moved to another.'}"


def zone_not_known(page: Page) -> str:
    return f"The time zone in {page.name}’s record is not known, so no text is planned until it is."


def no_programme(page: Page) -> str:
    was = {Tense.PAST: "was", Tense.TODAY: "is", Tense.COMING: "is"}[page.tense]
    return f"{page.name} {was} on no programme, so no text {was} due."


def why_none(page: Page, joined: Joined, near: Sequence[Occurrence]) -> str:
    """Why a programme brought no text on the page's day.

    `near` are the occurrences that its dates give around that day, those before it as well.
    """
    if why := _not_on(page, joined) or _no_dates(page, joined):
        return why
    own = next((one for one in near if one.date == page.day), None)
    if own is not None:
        return _own_day(page, joined, own)
    assert joined.cadence is not None
    was = {Tense.PAST: "was", Tense.TODAY: "is", Tense.COMING: "is"}[page.tense]
    changed = _changed_since(page, joined)
    return (
        f"{joined.name} goes out {rhythm_of(joined)}, and {said(page.day)} {was} not one of its "
        f"days.{changed}{_next(page, near)}"
    )


def _not_on(page: Page, joined: Joined) -> str:
    if joined.ended_on is not None and joined.ended_on <= page.day:
        return f"{joined.name} ended for {page.name} on {said(joined.ended_on)}."
    if joined.started_on > page.day:
        verb = "comes" if joined.started_on > page.local(page.now).date() else "came"
        return f"{page.name} {verb} onto {joined.name} on {said(joined.started_on)}."
    return ""


def _no_dates(page: Page, joined: Joined) -> str:
    if not joined.readable:
        return f"The settings of {joined.name} cannot be read, so it texts nobody until they can."
    if joined.programme is None:
        return f"{joined.name} has not been published, so it texts nobody."
    if joined.cadence is None:
        return f"{joined.name} has no text for {page.name}: its last was over when they came."
    if not joined.active:
        return f"{joined.name} is switched off, so it texts nobody."
    if joined.cadence.starts_on > page.day:
        return f"{joined.name} begins on {said(joined.cadence.starts_on)}."
    final = joined.cadence.final_date
    if final is not None and final < page.day:
        return f"{joined.name} came to its end with the text of {said(final)}."
    return ""


def _own_day(page: Page, joined: Joined, own: Occurrence) -> str:
    """It is one of its days, and yet there was no text that day."""
    if own.skipped:
        return f"{joined.name}: {own.skipped}"
    if own.moved and own.local.date() != page.day:
        return f"{joined.name}: {own.moved}"
    if page.tense is Tense.COMING:
        return (
            f"{joined.name} has {said(page.day)} among its days, but no text was planned for "
            f"{page.name} when its dates were planned."
        )
    reason = _changed_since(page, joined).strip()
    if not reason and joined.started_on >= page.day:
        reason = f"{page.name} came onto it that day, after the time of its text."
    return (
        f"{joined.name} has {said(page.day)} among its days now, but no text was planned for it "
        f"then. {reason or 'Nothing was planned because the dates were made after that time.'}"
    )


def _changed_since(page: Page, joined: Joined) -> str:
    if joined.dated_on is None or joined.dated_on <= page.day or page.tense is Tense.COMING:
        return ""
    return f" Its present version is from {said(joined.dated_on)}; its days may have been others."


def _next(page: Page, near: Sequence[Occurrence]) -> str:
    for one in near:
        if one.skipped is None and one.local.date() > page.day:
            return f" The next is on {said_with_time(one.local)}."
    return ""


# What is to come


def how_sure(*, written: bool, through: date | None) -> str:
    """Whether a text to come is planned already, or worked out as planning will."""
    if written:
        return "It is planned, and decided again at the moment of sending."
    ahead = f" Texts are planned until {said(through)} so far." if through else ""
    return f"It is not planned yet: this is what planning will do by today’s settings.{ahead}"


def would_go(page: Page, why_not: str) -> str:
    """Whether it would go out, as things stand at the moment of the page."""
    if not why_not:
        return "As things stand now, it goes out."
    by_then = why_not.replace("they have had", "they will have had")
    return f"As things stand now, it would not go out: {_clause(page, by_then)}"


def reminder_to_come(page: Page, programme: Programme, due: datetime) -> str:
    """The one reminder that may follow; empty when the programme has none."""
    if not programme.reminds:
        return ""
    return f"If no answer comes, one reminder goes about {_on(page, due + programme.remind_after)}."


def held(page: Page, standing: Standing) -> list[str]:
    """What about the person keeps every text, or makes a call or a visit of it."""
    reasons = []
    if standing.mark is not None:
        reasons.append(f"{page.name} {_MARKS[standing.mark]}")
    if standing.doubted:
        reasons.append(f"We do not know whose number {page.name}’s is any more; texts are held.")
    if standing.contact_by is not ContactBy.TEXT:
        act = "visited" if standing.contact_by is ContactBy.VISIT else "rung"
        reasons.append(f"{page.name} is {act} instead of texted: it is in the queue on its day.")
    return reasons


_MARKS = {
    Mark.DIED: "has died, so nothing is sent.",
    Mark.PRISON: "is in prison, so texts are held.",
    Mark.LEFT: "has moved away or left, so no texts go.",
    Mark.HELD: "is held until a person has looked: nothing is sent.",
}


def number_dead(page: Page) -> str:
    return f"Texts do not arrive at {page.name}’s number any more."


def number_stopped(page: Page, at: datetime) -> str:
    return f"{page.name}’s number has been stopped since {_on(page, at)}: STOP came from it."
