"""Who lives in the town: invented people, how they answer, and what happens to a few of them.

Nobody here is real, and every number is from the range set aside for drama. The data says only
what people write and when; what follows from it (readings, reasons, flags) is made by the service.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from connector.domain.flag import Outcome
from connector.domain.rota import Member, Role
from connector.services.accounts import DEMO_SIGN_INS


class Group(StrEnum):
    """When somebody is asked: with most people, or on today's weekday with the first texts due."""

    MOST = "most"
    TODAY = "today"


class Handled(StrEnum):
    """What staff have done by now about a flag of the last days."""

    LEFT = "left"
    TAKEN = "taken"
    WAITING = "waiting"
    FINISHED = "finished"


class Turn(StrEnum):
    """What happens to somebody's texts themselves."""

    NONE = ""
    INVITED = "invited"
    PAUSED = "paused"
    NUMBER_DEAD = "number_dead"


@dataclass(frozen=True, slots=True)
class Person:
    """One resident. `says` are their latest answers, oldest first; None is no answer.

    Older answers are made up around `usual` (0 to 10). `wrote` are texts of their own accord, each
    so long before now; `good_news` is what their connector passes on after the last answer.
    `joined` is weeks before now, `prompts` the key of a programme of prompts.
    """

    given_name: str
    family_name: str
    connector: str = "Priya"
    known_as: str = ""
    usual: int = 7
    says: tuple[str | None, ...] = ()
    wrote: tuple[tuple[timedelta, str], ...] = ()
    language: str = "en"
    needs: tuple[str, ...] = ()
    group: Group = Group.MOST
    prompts: str = ""
    joined: float = 11
    good_news: str = ""
    handled: Handled = Handled.FINISHED
    turn: Turn = Turn.NONE
    likes: tuple[str, ...] = ()
    no_answer: tuple[str, ...] = ()


GOOD_THINGS, ROUND_THE_CORNER = "small-good-things", "round-the-corner"
MINUTE = timedelta(minutes=1)

PEOPLE = (
    Person(
        "Sara",
        "Begum",
        usual=7,
        prompts=GOOD_THINGS,
        handled=Handled.LEFT,
        likes=("Her sister’s visits", "Good with figures", "The library on Tuesdays"),
        no_answer=("Ring Sara, after 10", "Ring her sister Nadia"),
        says=(
            *("7", "6 not bad", "8", "7", "7 thanks", "7", "6"),
            *("7", "8, sister came for tea", "7", "3, bit of a week"),
        ),
    ),
    Person(
        "Julie",
        "Marsh",
        usual=6,
        prompts=GOOD_THINGS,
        likes=("Shows newcomers how things work", "Walks by the canal"),
    ),
    Person(
        "Andrea",
        "Pike",
        "Dan",
        usual=6,
        prompts=ROUND_THE_CORNER,
        handled=Handled.LEFT,
        says=("6", "6", "7", "6", "6", "6", "7", None, None, None),
        needs=("Prefers texts after 11",),
        likes=("Her garden", "Knitting with company"),
        no_answer=("Ring Andrea in the afternoon", "Try again next day"),
    ),
    Person(
        "Steven",
        "Hallam",
        known_as="Steve",
        usual=8,
        handled=Handled.LEFT,
        says=("8", "8", "6", "9", "8", "7", "7", "7", "7", "6", "6", "7"),
    ),
    Person(
        "Margaret",
        "Ellison",
        known_as="Peg",
        usual=7,
        prompts=GOOD_THINGS,
        handled=Handled.LEFT,
        needs=("Prefers calls", "Large print"),
        likes=("Old films", "A chat about the cats"),
        no_answer=("Ring Peg twice", "Ring Mrs Shaw next door", "Knock"),
        says=("7", "7"),
        wrote=((50 * MINUTE, "Hello love. Can someone ring me please"),),
    ),
    Person(
        "Thomas",
        "Regan",
        "Dan",
        known_as="Tommy",
        usual=6,
        handled=Handled.LEFT,
        says=("6", "6"),
        wrote=((95 * MINUTE, "no food in the house till thursday, not eaten since yesterday"),),
    ),
    Person(
        "Christine",
        "Yates",
        usual=8,
        prompts=GOOD_THINGS,
        handled=Handled.LEFT,
        says=("8", "8, lovely week", "9. Reading group was good"),
        likes=("Reading aloud", "Teaching what she knows"),
        good_news="Christine went to the reading group for the first time, and says so gladly.",
    ),
    Person(
        "Danuta",
        "Nowak",
        usual=7,
        language="pl",
        needs=("Interpreter: Polish",),
        says=("7", "7", "8", "7", "Dziekuje, troche lepiej", "7", "8", "7", "7"),
    ),
    Person(
        "Gwenllian",
        "Pritchard",
        "Dan",
        known_as="Gwen",
        usual=7,
        language="cy",
        prompts=ROUND_THE_CORNER,
        needs=("Prefers Welsh",),
        says=("7", "7", "6", "7", "8", "7", "7", "8", "7", "7"),
    ),
    Person("Philip", "Doyle", known_as="Phil", usual=9),
    Person(
        "Amy",
        "Farrell",
        usual=5,
        needs=("Not safe to leave a message",),
        handled=Handled.LEFT,
        turn=Turn.NUMBER_DEAD,
        says=("5", "6", "5", None, "6", "5", "5", None),
    ),
    Person(
        "Karim",
        "Haddad",
        "Dan",
        usual=7,
        handled=Handled.TAKEN,
        says=("7", "7", "8", "7", "4. Fell off the bus step, knee is like a balloon"),
    ),
    Person("Norma", "Blundell", usual=6, says=("6", "6", "5", "6", "2"), handled=Handled.WAITING),
    Person("Eric", "Tunstall", "Dan", usual=6, says=("6", "6", "STOP", None, None)),
    Person(
        "Lorraine", "Sykes", usual=7, turn=Turn.PAUSED, needs=("Away at her sister's this month",)
    ),
    Person("Bilal", "Aziz", "Dan", turn=Turn.INVITED, joined=0.3),
    Person(
        "Pauline",
        "Rimmer",
        "Dan",
        usual=7,
        prompts=ROUND_THE_CORNER,
        says=("7", "please ring me when you can", "7", "8", "7", "7"),
    ),
    Person(
        "Jean",
        "Hargreaves",
        usual=7,
        prompts=GOOD_THINGS,
        says=("7", "8", "7", "7", "3", "5", "6", "7", "7"),
        needs=("Large print",),
    ),
    Person(
        "Linda",
        "Prescott",
        usual=5,
        prompts=GOOD_THINGS,
        handled=Handled.LEFT,
        says=("5", "5", "6", "5", "5"),
        wrote=((12 * MINUTE, "Cant do this any more. I dont want to be here"),),
    ),
    Person("Maureen", "Kelly", known_as="Mo", usual=8, group=Group.TODAY, needs=("Prefers calls",)),
    Person("Winston", "Clarke", "Dan", usual=7, group=Group.TODAY, prompts=ROUND_THE_CORNER),
    Person("Shirley", "Oates", "Dan", usual=6, group=Group.TODAY, prompts=ROUND_THE_CORNER),
    Person("Edward", "Blackwood", known_as="Ted", usual=7, group=Group.TODAY),
    Person("Rukhsana", "Malik", usual=8, group=Group.TODAY),
    Person("George", "Whitfield", "Dan", usual=7, joined=4, needs=("Hard of hearing",)),
)

# What people write with a number, by how good the week was; every line reads as its number alone.
LINES = {
    "low": ("{n}", "{n}", "{n}, so so", "{n}. Bit of a slow week"),
    "middle": ("{n}", "{n}", "{n} thanks", "{n} not bad", "{n}. Same as usual", "{n}/10"),
    "high": (
        "{n}",
        "{n} thanks",
        "{n}. Grandson came over",
        "{n}, lovely week",
        "{n}. Got out in the garden",
        "{n}, sister came for tea",
        "{n}. Choir was good",
    ),
}

# What staff wrote when they had finished, by the kind of the reason; else one of the first.
NOTES: Mapping[str, tuple[tuple[Outcome, str], ...]] = {
    "": (
        (Outcome.SPOKE, "Rang. Busy week with the grandchildren, and glad to be asked."),
        (Outcome.VISITED, "Popped in for ten minutes. Kettle on, and all is well."),
        (Outcome.SPOKE, "Rang. Slow few days and a bad night. We talk again next week."),
        (Outcome.VISITED, "Met at the library. Would like to try the choir; I go along first."),
    ),
    "asked": ((Outcome.SPOKE, "Rang. A lift to the clinic on Thursday is sorted."),),
    "stopped": ((Outcome.SPOKE, "Rang. Texts are not for him; happy with a call now and then."),),
    "unclear": ((Outcome.SPOKE, "Rang with the interpreter. She had said: thanks, a bit better."),),
    "quiet": ((Outcome.VISITED, "Called round. Phone had no credit; topped up since."),),
}

WORDS_READ_OUT = (
    "May I text you once a week to see how things are? I read the answers on weekdays. "
    "Replies cost your normal text rate. You can stop at any point by texting STOP."
)


def staff_numbers() -> tuple[str, ...]:
    """Phones of staff, one after another, away from the residents' numbers."""
    return tuple(f"+4477009009{n:02d}" for n in range(1, 20))


def number_of(position: int) -> str:
    """The number of the resident at a position of `PEOPLE`, from the drama range, as E.164."""
    return f"+447700900{position + 1:03d}"


DAN = Member(0, "Dan Okafor", "dan@demo.example", Role.CONNECTOR, staff_numbers()[3])
"""A second connector. He has flags but no sign-in."""

TEAM = tuple(
    Member(0, one.name, one.email, one.role, number if one.role is not Role.ADMINISTRATOR else "")
    for one, number in zip(DEMO_SIGN_INS, staff_numbers(), strict=False)
)
"""Those who can sign in, in the order of their passwords."""
