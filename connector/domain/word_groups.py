"""The words that do not belong in a text to a resident, in groups, each with its reason.

Data only: `plain_words` does the looking. A `*` stands for any ending. A phrase wholly in capitals
is looked for in capitals only (PIP is a benefit, Pip is somebody's dog). The groups and levels are
the service's own rules of tone; change them with the people who write and who receive the texts.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum


class Level(StrEnum):
    """What a hint means for approval: refused, needs a reason, or only to know."""

    BLOCK = "block"
    WARN = "warn"
    INFO = "info"


class TextKind(StrEnum):
    """Who says the words; the rules differ."""

    AUTOMATED = "automated"
    BY_HAND = "by_hand"
    CRISIS = "crisis"
    STAFF_NOTE = "staff_note"


TO_RESIDENTS = frozenset({TextKind.AUTOMATED, TextKind.BY_HAND, TextKind.CRISIS})


@dataclass(frozen=True, slots=True)
class WordGroup:
    """Phrases that share a reason, each with other words to use (empty: leave it out)."""

    name: str
    level: Level
    why: str
    phrases: Mapping[str, tuple[str, ...]]
    kinds: frozenset[TextKind] = TO_RESIDENTS


STIGMA = WordGroup(
    "Stigma labels",
    Level.BLOCK,
    "It puts a label on the person, who would not choose it.",
    {
        "lonely": ("see more people", "company"),
        "loneliness": ("company",),
        "isolated": ("at home a lot",),
        "isolation": ("being at home a lot",),
        "vulnerable": (),
        "claimant*": ("people",),
        "workless*": (),
        "unemploy*": (),
        "jobless*": (),
        "hard to reach": (),
        "hard to engage": (),
        "sufferer*": ("people with",),
        "suffers from": ("has",),
        "benefits": ("money",),
        "housebound": ("at home",),
        "mentally ill": (),
    },
)
DEFICIT = WordGroup(
    "Names the deficit",
    Level.BLOCK,
    "It names what is thought to be wrong; ask about the week instead.",
    {
        "wellbeing": ("how things are",),
        "well being": ("how things are",),
        "mental health": ("how you are",),
        "confidence": ("how you feel about it",),
        "self esteem": ("how you feel about it",),
        "resilien*": (),
        "motivat*": ("what you would like",),
        "recovery": ("how it is going",),
    },
    kinds=frozenset({TextKind.AUTOMATED, TextKind.BY_HAND}),
)
COERCION = WordGroup(
    "Coercion",
    Level.BLOCK,
    "It sounds like an order or a threat; everything here is by choice.",
    {
        "must": ("can", "could"),
        "required": ("welcome",),
        "requirement*": (),
        "mandatory": ("if you like",),
        "compulsory": ("if you like",),
        "failed": ("did not get to",),
        "failure": (),
        "missed": ("did not hear from you",),
        "non compliant": (),
        "noncompliant": (),
        "comply": (),
        "sanction*": (),
        "attend*": ("come", "look in"),
        "deadline*": ("by Friday",),
        "final": ("last",),
    },
)
BENEFIT = WordGroup(
    "Benefit and capability",
    Level.BLOCK,
    "It sounds like the benefit office, and an answer could feel like an assessment.",
    {
        "ESA": (),
        "UC": (),
        "PIP": (),
        "WCA": (),
        "DWP": (),
        "universal credit": (),
        "fit for work": (),
        "fit note": (),
        "able to work": (),
        "capable of work": (),
        "work capability": (),
        "hours can you": (),
    },
)
BODY = WordGroup(
    "Body and weight",
    Level.BLOCK,
    "It judges the body; speak of what somebody likes to do.",
    {
        "weight": (),
        "overweight": (),
        "obes*": (),
        "fat": (),
        "BMI": (),
        "diet*": ("food you like",),
        "slim*": (),
    },
)
JARGON = WordGroup(
    "Jargon",
    Level.BLOCK,
    "It is office language that people outside do not use.",
    {
        "engage*": ("come along", "take part"),
        "engaging": ("taking part",),
        "pathway*": ("next step",),
        "provision": ("what there is",),
        "referral*": ("I can ask for you",),
        "signpost*": ("tell you about",),
        "cohort*": ("group",),
        "intervention*": ("help",),
        "service user*": ("people",),
        "stakeholder*": ("people",),
        "outreach": ("visit",),
        "caseload": (),
    },
)
PATRONISING = WordGroup(
    "Patronising",
    Level.WARN,
    "It talks down, or makes light of something that may be hard.",
    {
        "just": (),
        "simply": (),
        "easy": (),
        "easily": (),
        "well done you": ("thank you for telling me",),
        "good girl": (),
        "good lad": (),
        "good boy": (),
        "bless": (),
        "bless you": (),
        "brave": (),
    },
)
CLOSENESS = WordGroup(
    "False closeness",
    Level.BLOCK,
    "A text that a machine sends cannot promise a person's care.",
    {
        "always here": ("read on weekdays",),
        "here for you": ("read on weekdays",),
        "i care about you": (),
        "we care about you": (),
        "thinking of you": (),
        "thinking about you": (),
        "your friend": (),
    },
    kinds=frozenset({TextKind.AUTOMATED}),
)
SCAM = WordGroup(
    "Scam-like",
    Level.BLOCK,
    "Texts that cheat people use it, so it frightens or is not believed.",
    {
        "urgent*": ("soon",),
        "click*": (),
        "verify*": (),
        "verification": (),
        "account*": (),
        "prize*": (),
        "winner*": (),
        "act now": (),
    },
)
JOB_FIRST = WordGroup(
    "Job first",
    Level.WARN,
    "Work belongs in a text only when the person has raised it first.",
    {
        "job": (),
        "jobs": (),
        "back to work": (),
        "CV": (),
        "CVs": (),
        "employer*": (),
        "employment": (),
    },
    kinds=frozenset({TextKind.AUTOMATED, TextKind.BY_HAND}),
)
OVERPROMISE = WordGroup(
    "Overpromise",
    Level.BLOCK,
    "It promises more than people who also sleep can keep.",
    {
        "guarantee*": (),
        "confidential*": ("read by me",),
        "whatever happens": (),
    },
)
# Allowed where the text names a listed crisis line, which does answer day and night.
ALL_HOURS = WordGroup(
    "Overpromise",
    Level.BLOCK,
    "It promises that somebody is there at all hours; only a listed crisis line is.",
    {
        "24/7": ("on weekdays, 9 to 5",),
        "24 7": ("on weekdays, 9 to 5",),
        "anytime": ("on weekdays, 9 to 5",),
        "any time": ("on weekdays, 9 to 5",),
        "round the clock": ("on weekdays, 9 to 5",),
    },
)
STAFF = WordGroup(
    "Staff words",
    Level.WARN,
    "The person may read it one day; say what happened instead.",
    {
        "non responder*": ("has not answered",),
        "frequent flyer*": ("writes often",),
        "DNA": ("did not come",),
        "DNAs": ("did not come",),
        "chaotic": ("has a lot going on",),
        "attention seeking": ("asks for contact",),
        "manipulative": (),
    },
    kinds=frozenset({TextKind.STAFF_NOTE}),
)

GROUPS = (
    STIGMA,
    DEFICIT,
    COERCION,
    BENEFIT,
    BODY,
    JARGON,
    PATRONISING,
    CLOSENESS,
    SCAM,
    JOB_FIRST,
    OVERPROMISE,
    ALL_HOURS,
    STAFF,
)

# Phrases that hold a listed word and are nevertheless fine.
FINE = (
    "missed call",
    "missed calls",
    "on account of",
    "take it easy",
    "just now",
    "just a minute",
    "final score",
    "bank account",
)

CRISIS_LINES = ("999", "111", "116 123", "85258", "18001")

SHORTENERS = frozenset(
    {"bit.ly", "tinyurl.com", "t.co", "goo.gl", "ow.ly", "is.gd", "rb.gy", "cutt.ly", "buff.ly"}
)

# Everyday words of three or more syllables that need no simpler one.
LONG_BUT_PLAIN = frozenset(
    """
    activity afternoon afternoons already always animal animals another answer anybody anyone
    anything anywhere area areas beautiful birthday cinema coffee company computer december
    decided different dinner easier emergencies emergency enjoyable evening evenings every
    everybody everyone everything everywhere exercise family favourite february general grandparent
    grandchildren holiday holidays hospital however idea ideas important interested interesting
    january library libraries medicine memory minute museum musical nobody november october
    officer opening ordinary original photograph piano potato probably radio really remember
    responding samaritans saturday saturdays september several somebody someone something
    sometimes telephone television together tomorrow usual usually vegetable vegetables
    video whatever whenever wherever yesterday
    """.split()  # noqa: SIM905 - a list of a hundred words reads better as words
)
