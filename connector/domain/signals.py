"""Reasons for a person to look at somebody: the kinds, and one reason in plain words.

A signal says why, by when, which rule in which version, and with what figures or words it was
found. Each is a prompt to talk to somebody. It refuses to be more: no signal names a condition,
carries a level or a chance of anything, or adds up with others to a number about a person.

Here are the signals that need no history: from a reading of one reply, from what the network says
about a number, and from a failure of the machine itself. Those that need history are raised by
`usual` (lower than usual, a slide, a low level) and `silence` (quiet).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from connector.domain.phrases import ConcernKind, Intent, Span
from connector.domain.promise import Promise, most_urgent
from connector.domain.question import Question, QuestionKind

if TYPE_CHECKING:  # the reader itself is not needed to speak of what was read
    from connector.domain.reading import Asked, Concern, GoodNews, Reading

VERSION: Final = 1

QUIET_AFTER_WORRY: Final = "quiet after a worrying reply"
LOW_ANSWER: Final = 2.0  # on 0 (worst) to 10 (best)


class SignalKind(StrEnum):
    """Why somebody should look."""

    WORDS = "words"
    WRONG = "wrong"
    UNREAD = "unread"
    UNSEEN = "unseen"
    ASKED = "asked"
    STOPPED = "stopped"
    UNCLEAR = "unclear"
    LOW = "low"
    BELOW = "below"
    SLIDING = "sliding"
    QUIET = "quiet"
    UNDELIVERED = "undelivered"
    STEP = "step"
    GOOD = "good"
    PROMISE = "promise"
    CALL_DUE = "call_due"
    VISIT_DUE = "visit_due"
    FIRST = "first"
    FLOOR = "floor"
    SYSTEM = "system"

    @property
    def words(self) -> str:
        """The reason in general, as staff read it in lists and settings."""
        return _WORDS[self]

    @property
    def usual_promise(self) -> Promise:
        """By when, unless what was found asks for sooner."""
        return _PROMISES.get(self, Promise.THIS_WEEK)


_WORDS: Final = {
    SignalKind.WORDS: "Someone should read this",
    SignalKind.WRONG: "Might be the wrong person",
    SignalKind.UNREAD: "Could not be read by the machine",
    SignalKind.UNSEEN: "Not read by a person yet",
    SignalKind.ASKED: "Asked for a call",
    SignalKind.STOPPED: "Stopped texts",
    SignalKind.UNCLEAR: "Couldn't tell what this means",
    SignalKind.LOW: "A low answer",
    SignalKind.BELOW: "Lower than usual",
    SignalKind.SLIDING: "Sliding slowly",
    SignalKind.QUIET: "Quiet; usually replies",
    SignalKind.UNDELIVERED: "Texts are not arriving",
    SignalKind.STEP: "Tried a step, or ready for the next",
    SignalKind.GOOD: "Good news to pass on",
    SignalKind.PROMISE: "A promise we made falls due",
    SignalKind.CALL_DUE: "A call is due",
    SignalKind.VISIT_DUE: "A visit is due",
    SignalKind.FIRST: "Not yet met",
    SignalKind.FLOOR: "No human contact for a while",
    SignalKind.SYSTEM: "Texts have not gone out",
}
_PROMISES: Final = {
    SignalKind.WORDS: Promise.NOW,
    SignalKind.WRONG: Promise.NOW,
    SignalKind.SYSTEM: Promise.NOW,
    SignalKind.UNREAD: Promise.TODAY,
    SignalKind.UNSEEN: Promise.TODAY,
    SignalKind.ASKED: Promise.TODAY,
    SignalKind.STOPPED: Promise.TODAY,
    SignalKind.UNCLEAR: Promise.TODAY,
    SignalKind.CALL_DUE: Promise.TODAY,
    SignalKind.VISIT_DUE: Promise.TODAY,
    SignalKind.GOOD: Promise.GOOD_NEWS,
}

Figure = float | str


@dataclass(frozen=True, slots=True)
class Signal:
    """One reason, found once. `figures` are what the sentence rests on; `spans` mark the words.

    Raises `ValueError` without a sentence, a rule and a promise: a reason can explain itself.
    """

    kind: SignalKind
    promise: Promise
    sentence: str
    rule: str
    version: int = VERSION
    figures: Mapping[str, Figure] = field(default_factory=dict)
    spans: tuple[Span, ...] = ()

    def __post_init__(self) -> None:
        if not self.sentence or not self.rule or self.promise is Promise.NONE:
            raise ValueError("A signal says why, by which rule and by when.")


def from_reading(
    reading: Reading,
    question: Question,
    *,
    name: str,
    levels: bool = True,
    with_usual: bool = False,
) -> tuple[Signal, ...]:
    """What one reply gives as reasons, at most one of a kind, the most urgent first.

    `levels` is off for questions whose answers never raise `low`. `with_usual` says that `usual`
    also judges this answer, and will speak of a low number with its history.
    """
    found = [
        *_from_intents(reading.asked, name),
        *_from_concerns(reading.concerns, name, levels=levels),
    ]
    by_words = any(signal.kind is SignalKind.LOW for signal in found)
    if levels and not with_usual and not by_words:
        found += _from_number(reading.answer, question, name)
    if not found and not reading.understood:
        found.append(unclear(name))
    if not found and reading.promise is Promise.GOOD_NEWS:
        found.append(good_news(name, *reading.good[:1]))
    return tuple(sorted(found, key=lambda signal: signal.promise.rank))


def _from_intents(asked: Iterable[Asked], name: str) -> Iterable[Signal]:
    """A stop, a wrong number, a wish for a call or for help."""
    seen: set[SignalKind] = set()
    for said in asked:
        raised = _INTENTS.get(said.intent)
        if raised is None or raised[0] in seen:
            continue
        kind, words = raised
        seen.add(kind)
        yield Signal(
            kind=kind,
            promise=kind.usual_promise,
            sentence=words.format(name=name),
            rule=said.rule,
            version=said.version,
            spans=(said.span,),
        )


_INTENTS: Final = {
    Intent.CALL_ME: (SignalKind.ASKED, "{name} asked for a call."),
    Intent.HELP: (SignalKind.ASKED, "{name} asked for help."),
    Intent.OPT_OUT: (SignalKind.STOPPED, "{name} stopped the texts."),
    Intent.WRONG_NUMBER: (
        SignalKind.WRONG,
        "Whoever has the number of {name} says it is the wrong one. Texts to it are held.",
    ),
}


def _from_concerns(concerns: Iterable[Concern], name: str, *, levels: bool) -> Iterable[Signal]:
    """The words that someone should read: one signal for low spirits alone, one for all else."""
    spirits: list[Concern] = []
    other: list[Concern] = []
    for concern in concerns:
        low = concern.kind is ConcernKind.LOW and not concern.promise.at_least(Promise.TODAY)
        (spirits if low and levels else other).append(concern)
    if spirits:
        yield _words(SignalKind.LOW, spirits, name)
    if other:
        yield _words(SignalKind.WORDS, other, name)


def _words(kind: SignalKind, concerns: list[Concern], name: str) -> Signal:
    first = min(concerns, key=lambda concern: concern.promise.rank)
    topics = list(dict.fromkeys(_TOPICS[concern.kind] for concern in concerns))
    notes = list(dict.fromkeys(concern.note for concern in concerns if concern.note))
    aside = f" ({'; '.join(notes)})" if notes else ""
    return Signal(
        kind=kind,
        promise=most_urgent(concern.promise for concern in concerns),
        sentence=f"{name} wrote about {listed(topics)}{aside}. Someone should read it.",
        rule=first.rule,
        version=first.version,
        figures={"about": ", ".join(dict.fromkeys(str(concern.kind) for concern in concerns))},
        spans=tuple(dict.fromkeys(concern.span for concern in concerns)),
    )


_TOPICS: Final = {
    ConcernKind.DANGER_TO_LIFE: "danger to life",
    ConcernKind.ABUSE: "being hurt or controlled",
    ConcernKind.THREAT_TO_OTHERS: "hurting somebody else",
    ConcernKind.MEDICAL: "being ill or hurt",
    ConcernKind.ESSENTIALS: "food, heat, money or a roof",
    ConcernKind.LOSS: "a loss",
    ConcernKind.ALONE: "being alone",
    ConcernKind.LOW: "feeling low",
    ConcernKind.ANXIETY: "worry",
    ConcernKind.SLEEP: "sleep",
    ConcernKind.PAIN: "pain",
    ConcernKind.MEDICATION: "medicine",
    ConcernKind.DRINK_OR_DRUGS: "drink or drugs",
}


def _from_number(answer: float | None, question: Question, name: str) -> Iterable[Signal]:
    """A plainly low answer on a scale, for whom no usual is kept."""
    if answer is None or question.kind is not QuestionKind.SCALE:
        return
    goodness = question.goodness(answer)
    if goodness > LOW_ANSWER:
        return
    worst = goodness <= 0
    scale = f"{figure_in_words(question.low)} to {figure_in_words(question.high)}"
    yield Signal(
        kind=SignalKind.LOW,
        promise=Promise.TODAY if worst else Promise.THIS_WEEK,
        sentence=f"{name} answered {figure_in_words(answer)} on a scale of {scale}"
        f"{', the worst there is' if worst else ''}.",
        rule="plainly low",
        figures={"answer": answer, "low": question.low, "high": question.high},
    )


def unclear(name: str) -> Signal:
    """A reply that answers no question we asked: a person picks what it means."""
    return Signal(
        kind=SignalKind.UNCLEAR,
        promise=SignalKind.UNCLEAR.usual_promise,
        sentence=f"We couldn't tell what the reply from {name} means. Pick its meaning.",
        rule="not understood",
    )


def not_read(name: str) -> Signal:
    """The reader failed on a reply: never filed as routine."""
    return Signal(
        kind=SignalKind.UNREAD,
        promise=SignalKind.UNREAD.usual_promise,
        sentence=f"The reply from {name} could not be read by the machine. Please read it.",
        rule="reader failed",
    )


def not_seen(name: str, *, received: date, today: date) -> Signal:
    """Nobody has read what somebody wrote within the time that was promised."""
    return Signal(
        kind=SignalKind.UNSEEN,
        promise=SignalKind.UNSEEN.usual_promise,
        sentence=f"What {name} wrote on {day_in_words(received, today)} has not been read by a "
        "person yet. Please read it.",
        rule="read by the next working day",
        figures={"received": received.isoformat()},
    )


def still_quiet(name: str, *, since: date, today: date, before: Promise) -> Signal:
    """No answer to the text after a worrying reply: what was promised comes one step sooner."""
    sooner = before.sooner
    moved = "" if sooner is before else f" Moved up from {before.words.lower()}."
    return Signal(
        kind=SignalKind.QUIET,
        promise=sooner,
        sentence=f"{name} has not answered since what they wrote on "
        f"{day_in_words(since, today)}.{moved}",
        rule=QUIET_AFTER_WORRY,
        figures={"wrote": since.isoformat()},
    )


def undelivered(name: str, *, texts: int, since: date | None = None) -> Signal:
    """Texts do not arrive: a matter of the number, not of the person."""
    how_many = "The last text" if texts == 1 else f"The last {texts} texts"
    day = f" (since {day_in_words(since, since)})" if since else ""
    return Signal(
        kind=SignalKind.UNDELIVERED,
        promise=SignalKind.UNDELIVERED.usual_promise,
        sentence=f"{how_many} to {name} did not arrive{day}. Check the number.",
        rule="not arriving",
        figures={"texts": texts, **({"since": since.isoformat()} if since else {})},
    )


def stopped(name: str, *, by: str = "the network") -> Signal:
    """Texts were stopped other than by a reply that we read, `by` whom in words."""
    return Signal(
        kind=SignalKind.STOPPED,
        promise=SignalKind.STOPPED.usual_promise,
        sentence=f"Texts to {name} were stopped by {by}.",
        rule="stopped elsewhere",
    )


def told_of(name: str, what: str, *, died: bool, sure: bool) -> Signal:
    """Somebody else writes of or for a resident, or may do: a person finds out."""
    if not sure:
        sentence = f"Somebody else may have written, and may say {what}: {name}, or {name} of them."
    elif died:
        sentence = f"Somebody tells us of {name} {what}. Texts are held until a person has looked."
    elif what.startswith("that"):
        sentence = f"Somebody tells us of {name} {what}. Please find out."
    else:
        sentence = f"Somebody else writes to us {what}: {name} did not write this. Please look."
    return Signal(
        kind=SignalKind.WRONG,
        promise=Promise.TODAY,
        sentence=sentence,
        rule="written by somebody else",
    )


def asks_what_is_held(name: str) -> Signal:
    """The right to see what is kept about oneself, asked for in a text."""
    return Signal(
        kind=SignalKind.ASKED,
        promise=SignalKind.ASKED.usual_promise,
        sentence=f"{name} asks what we hold about them. Please get in touch and tell them.",
        rule="what we hold",
    )


def to_confirm(signal: Signal, name: str) -> Signal:
    """A stop that was read in ordinary words: nothing goes out, and a person asks if it is so."""
    return replace(
        signal,
        sentence=f"{name} seems to want no more texts, in their own words. "
        "None goes out now; please ask whether that is right.",
    )


def good_news(name: str, said: GoodNews | None = None) -> Signal:
    """News that a connector is glad to hear, with no hurry; `said` are the words that bring it."""
    signal = Signal(
        kind=SignalKind.GOOD,
        promise=SignalKind.GOOD.usual_promise,
        sentence=f"{name} sent good news to pass on.",
        rule="good news",
    )
    if said is None:
        return signal
    return replace(signal, rule=said.rule, version=said.version, spans=(said.span,))


def good_alone(signals: Iterable[Signal]) -> tuple[Signal, ...]:
    """`signals` without good news where something else asks for a person to look."""
    found = tuple(signals)
    if all(signal.kind is SignalKind.GOOD for signal in found):
        return found
    return tuple(signal for signal in found if signal.kind is not SignalKind.GOOD)


_MONTHS: Final = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)


def listed(words: list[str]) -> str:
    """ "a", "a and b", "a, b and c"."""
    *most, last = words
    return f"{', '.join(most)} and {last}" if most else last


def figure_in_words(figure: float) -> str:
    """A figure with at most one decimal: 3, 3.5."""
    return f"{figure:.1f}".removesuffix(".0")


def day_in_words(day: date, seen_from: date) -> str:
    """ "4 May", with the year when it is another one than `seen_from`'s."""
    words = f"{day.day} {_MONTHS[day.month - 1]}"
    return words if day.year == seen_from.year else f"{words} {day.year}"


def lowered(words: str) -> str:
    """A label inside a sentence: "Mood 3" becomes "mood 3"; "ONS 3" stays."""
    return words if words[:2].isupper() else words[:1].lower() + words[1:]
