"""What a resident asks about the texts themselves: a time without them, other days, another pace.

An absence is theirs to take and begins at once. Another day, time or pace becomes a proposal that a
connector accepts with one press. Where the words leave room for doubt nothing is read here, and the
reply is a person's to answer. Who writes in somebody's place steers nothing.

Keywords of other languages than English are whole messages: a stop and a cry for help count in any
language, everything else in the person's own.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import date, time, timedelta
from enum import StrEnum

from connector.domain.cadence import Cadence, Override, Unit, Weekday
from connector.domain.dates_in_words import day_in, weekdays_in
from connector.domain.errors import Invalid
from connector.domain.phrases import Intent

PAUSE_FOR = timedelta(weeks=4)
"""A pause without a day ends by itself after so long, with a soft welcome back."""
SLOWEST = 4  # weeks


class AbsenceKind(StrEnum):
    AWAY = "away"
    PAUSE = "pause"
    HOSPITAL = "hospital"

    @property
    def words(self) -> str:
        return {"away": "Away", "pause": "Having a pause", "hospital": "In hospital"}[self]


@dataclass(frozen=True, slots=True)
class AbsenceWish:
    """A time without texts. `ends_on` is the first day of texts again; None: until we hear."""

    kind: AbsenceKind
    starts_on: date
    ends_on: date | None


@dataclass(frozen=True, slots=True)
class PaceWish:
    """Other days, time or pace. `without` are days to leave out of those there are now."""

    days: tuple[Weekday, ...] = ()
    without: tuple[Weekday, ...] = ()
    time: time | None = None
    every: int | None = None
    less: bool = False
    more: bool = False

    def applied_to(self, cadence: Cadence, own: Override) -> Override | None:
        """What their pace would be; None when that is what it is already, or can never be sent."""
        now = own.apply_to(cadence)
        days = self.days or tuple(day for day in now.days if day not in self.without) or None
        if days is None:
            days = tuple(day for day in _WORKING if day not in self.without)[:1]
        every = self.every or self._other_pace(now)
        wanted = replace(
            own,
            days=days if days != now.days else own.days,
            time=self.time if self.time and self.time != now.time else own.time,
            every=every if every and every != now.every else own.every,
        )
        try:
            return wanted if wanted.apply_to(cadence) != now else None
        except Invalid:
            return None

    def _other_pace(self, now: Cadence) -> int | None:
        if now.unit is not Unit.WEEKS:
            return None
        if self.less:
            return min(now.every * 2, SLOWEST)
        return max(now.every // 2, 1) if self.more else None


class Ask(StrEnum):
    """What one text asks of the service, where it asks anything; a text asks one thing."""

    HELP = "help"
    CALL = "call"
    HELD = "held"
    """What we hold about them."""
    BACK = "back"
    AWAY = "away"
    LATER = "later"
    PACE = "pace"
    WHO = "who"
    WHY = "why"
    OPTIONS = "options"


@dataclass(frozen=True, slots=True)
class Wish:
    """What a text asks, with the time away or the pace where it is about one."""

    ask: Ask
    absence: AbsenceWish | None = None
    pace: PaceWish | None = None
    not_before: date | None = None
    """For LATER: the first day on which they may be asked again."""


class News(StrEnum):
    """What somebody else tells of a resident."""

    DIED = "died"
    AWAY = "away"
    SAYS = "says"

    @property
    def words(self) -> str:
        return {
            "died": "that they have died",
            "away": "that they are in hospital, in prison or away",
            "says": "in their place",
        }[self]


@dataclass(frozen=True, slots=True)
class Told:
    """News by somebody else. `sure` is False when it may as well be the resident's own words."""

    news: News
    sure: bool


def wished(text: str, intents: Collection[Intent], *, language: str, today: date) -> Wish | None:
    """The one thing that a text asks, the most pressing first; None when it asks nothing."""
    word = keyword(text, language)
    said = {*intents, word} if word else set(intents)
    if Intent.HELP in said:
        return Wish(Ask.HELP)
    if Intent.CALL_ME in said:
        return Wish(Ask.CALL)
    if _HELD.search(_plain(text)):
        return Wish(Ask.HELD)
    if is_back(text) or Intent.OPT_IN in said or _key(text) in _BACK_WORDS.get(language, ()):
        return Wish(Ask.BACK)
    absence = absence_wished(text, today=today)
    if absence is None and Intent.PAUSE in said:
        absence = AbsenceWish(AbsenceKind.PAUSE, today, _pause_until(_plain(text), today))
    if absence is not None:
        return Wish(Ask.AWAY, absence)
    if Intent.LATER in said:
        return Wish(Ask.LATER, not_before=_ask_from(_plain(text), today))
    pace = pace_wished(text, less=Intent.LESS in said, more=Intent.MORE in said)
    if pace is not None:
        return Wish(Ask.PACE, pace=pace)
    if Intent.WHO in said:
        return Wish(Ask.WHO)
    if Intent.WHY in said and _key(text) != "y":  # a bare Y is a yes
        return Wish(Ask.WHY)
    # "Any groups near me?" is a question for a person; only how to use the texts is answered.
    asks_how = Intent.OPTIONS in said and _ABOUT_TEXTS.search(_plain(text))
    return Wish(Ask.OPTIONS) if asks_how or word is Intent.OPTIONS else None


def keyword(text: str, language: str) -> Intent | None:
    """What a whole message means as a keyword that is not English; a small slip is forgiven."""
    key = _key(text)
    if not key or len(key) > LONGEST_KEYWORD:
        return None
    found = _WORDS_OF_ALL.get(key) or _WORDS_OF.get(language, {}).get(key)
    if found is not None or len(key) < SHORTEST_SLIP:
        return found
    known = (*_WORDS_OF_ALL.items(), *_WORDS_OF.get(language, {}).items())
    return next(
        (
            intent
            for word, intent in known
            # Nobody's texts start again for a slip.
            if intent is not Intent.OPT_IN and len(word) >= SHORTEST_SLIP and _slipped(key, word)
        ),
        None,
    )


def is_start_word(text: str, language: str) -> bool:
    """Whether the whole message is START in the person's own language, to the letter."""
    key = _key(text)
    return _WORDS_OF.get(language, {}).get(key) is Intent.OPT_IN


def told_by_another(text: str, name: str) -> Told | None:
    """Whether somebody else writes, of or for the resident who likes to be called `name`."""
    words = _plain(text)
    called = re.escape(_plain(name)) or r"(?!)"  # nobody without a name is named
    named = rf"\b{called}\b"
    introduced = _INTRODUCED.search(words) or re.search(
        rf"^(?:hi |hello |sorry )*(?:this is|its|it's|i'm|im|i am) {called}'?s "
        rf"(?:{_KIN})\b(?!'s)"
        rf"|(?:writing|texting|replying|answering) (?:this )?for {named}",
        words,
    )
    news = next(
        (kind for kind, what in _NEWS if re.search(rf"{named}(?:'?s)? {_HAS}{what}", words)), None
    )
    if news is not None:
        return Told(news, sure=True)
    if introduced:
        after = words[introduced.end() :]
        return Told(next((k for k, what in _NEWS if re.search(what, after)), News.SAYS), sure=True)
    first = next(
        (
            k
            for k, what in _NEWS
            if re.match(rf"(?:hi |hello |sorry )*(?:s?he)(?:'?s)? {_HAS}{what}", words)
        ),
        None,
    )
    return Told(first, sure=False) if first else None


_DAYS = tuple(Weekday)
_WORKING, _WEEKEND = _DAYS[:5], _DAYS[5:]

_HOSPITAL = re.compile(
    r"^(?:in|into|going in(?:to)?) (?:the )?hosp(?:ital|ital|i)?\b"
    r"|\b(?:i ?am|i'?m|im|ive been|i've been|i was|they've|theyve|they have|been) "
    r"(?:still |back |just |being |been |got |going |now |)*"
    r"(?:kept |taken |took |admitted |put |rushed |)*(?:me )?"
    r"(?:in|into|to|at) (?:the )?hosp(?:ital)?\b"
)
_AWAY = re.compile(
    r"\baway\b|\b(?:on|off on|going on) (?:my )?(?:hols?|holidays?|vacation)\b"
    r"|\bgoing (?:to|up to|down to) my \w+'?s? (?:til|till|until|for)\b"
    r"|\bback (?:home )?(?:on|next|in)\b"
)
_NOT_AWAY = re.compile(
    r"\b(?:pass(?:ed|ing)?|go|went|gone|right|straight|throw\w*|give\w*|gave|run|ran|put|far|get|"
    r"got|blown?|fade\w*|wast\w+|turn\w*|moved?|not|never|isn'?t|aint) away\b|\bgo away\b"
)
_PAUSE = re.compile(
    r"\bpause\b|\b(?:have|having|need|take|want) (?:a |the )?"
    r"(?:break|pause|\w+ (?:days?|weeks?) off)\b"
    r"|\b(?:no|stop(?: the)?) (?:more )?texts? (?:til|till|until|for)\b"
    r"|\b(?:dont|don't|do not|not) text (?:me )?(?:til|till|until|for)\b"
)
_BACK = re.compile(
    r"^(?:hi |hello |hiya )?(?:i'?m |im |i am |we'?re |were )?(?:back|home)"
    r"(?: home)?(?: again| now| today)?$"
    r"|\b(?:i'?m|im|i am|got|just got|am) (?:back|home|out)(?: home)? (?:from|of) (?:the )?"
    r"(?:hosp(?:ital)?|hols?|holidays?|my)\b"
    r"|^(?:resume|unpause|carry on|start again|restart)(?: please| pls| the texts)*$"
)
_ASKS = re.compile(
    r"\b(?:only|instead|better|best|prefer|rather|change|switch|move|swap|suits?|not|no texts?|"
    r"off|can (?:you|u|i|we|it)|could (?:you|u|i|we|it)|please|pls|plz|text me|make it|every|"
    r"once|twice)\b"
)
_WITHOUT = re.compile(r"\b(?:not|no texts?|don'?t text(?: me)?|except|but not|never) (?:on |at )?")
_WEEKENDS = re.compile(r"\bweek ?ends?\b")
_WEEKENDS_OFF = re.compile(
    r"\b(?:week ?ends? off|(?:not|no|no texts?|never)(?: on| at)?(?: the)? week ?ends?|"
    r"weekdays only|only weekdays)\b"
)
_EVERY = (
    (re.compile(r"\b(?:every (?:other|2|two|second) weeks?|fortnightly|once a fortnight|"
                r"every fortnight)\b"), 2),
    (re.compile(r"\b(?:every (?:3|three) weeks?)\b"), 3),
    (re.compile(r"\b(?:once a month|monthly|every (?:4|four) weeks?|every month)\b"), 4),
    (re.compile(r"\b(?:once a week|weekly|every week)\b"), 1),
)  # fmt: skip
_PARTS = (
    (re.compile(r"\bmornings?\b"), time(10)),
    (re.compile(r"\blunch ?times?\b|\bmidday\b|\bnoon\b"), time(12, 30)),
    (re.compile(r"\bafternoons?\b"), time(14)),
    (re.compile(r"\b(?:evenings?|tea ?times?|after work)\b"), time(17, 30)),
)
_CLOCK = re.compile(
    r"\b(?:at|after|about|around|to|from) (?P<half>half(?: past)? )?(?P<hour>\d{1,2})"
    r"(?:[:.](?P<minute>[0-5]\d))? ?(?P<half_of_day>am|pm|o'?clock)?\b"
    r"(?! ?(?:days?|weeks?|in the|of|/|:|\d))"
)


LONGEST_KEYWORD = 40
SHORTEST_SLIP = 6
_STOPS = (
    "stopio|peidio|peidiwch|dim mwy|dim mwy o negeseuon"
    "|przestan|przestancie|rezygnuje|wypisz mnie|koniec|prosze przestac"
    "|arret|arreter|arretez|arrete|desabonner|desinscrire"
    "|توقف|توقفوا|قف|ايقاف|اوقف|الغاء"
)
_HELPS = (
    "hlep|hepl|halp|helpp|heelp|cymorth|helpwch|helpwch fi|pomoc|pomocy"
    "|aide|aidez moi|a l aide|مساعدة|ساعدني|النجدة"
)
_WORDS_OF_ALL = dict.fromkeys(_STOPS.split("|"), Intent.OPT_OUT) | dict.fromkeys(
    _HELPS.split("|"), Intent.HELP
)
_WORDS = {
    "en": {
        Intent.CALL_ME: "cal|clal|caall|callme",
        Intent.PAUSE: "puase|pasue|pawse",
        Intent.LESS: "lses|lesss|les",
        Intent.MORE: "moer|mroe",
        Intent.LATER: "laetr|latr|latter",
        Intent.WHO: "hwo|whoo",
        Intent.WHY: "hwy|whyy",
        Intent.OPTIONS: "options|opitons",
    },
    "cy": {
        Intent.OPT_IN: "cychwyn|dechrau|ailddechrau",
        Intent.CALL_ME: "ffoniwch|ffoniwch fi|ffonio|ffoniwch fi yn ol|galwad",
        Intent.PAUSE: "saib|seibiant",
        Intent.LESS: "llai|llai o negeseuon|llai aml",
        Intent.MORE: "mwy|mwy o negeseuon|mwy aml",
        Intent.LATER: "wedyn|nes ymlaen|hwyrach",
        Intent.WHO: "pwy",
        Intent.WHY: "pam",
        Intent.OPTIONS: "dewis|dewisiadau|opsiynau",
    },
    "pl": {
        Intent.OPT_IN: "wznow|zacznij",
        Intent.CALL_ME: "zadzwon|zadzwoncie|prosze zadzwonic|telefon",
        Intent.PAUSE: "przerwa|pauza",
        Intent.LESS: "mniej|rzadziej",
        Intent.MORE: "wiecej|czesciej",
        Intent.LATER: "pozniej",
        Intent.WHO: "kto|kto to",
        Intent.WHY: "dlaczego|po co",
        Intent.OPTIONS: "opcje",
    },
    "fr": {
        Intent.OPT_IN: "reprendre|commencer|recommencer",
        Intent.CALL_ME: "appelez|appelez moi|appel",
        Intent.PAUSE: "pause",
        Intent.LESS: "moins",
        Intent.MORE: "plus",
        Intent.LATER: "plus tard",
        Intent.WHO: "qui|qui etes vous",
        Intent.WHY: "pourquoi",
        Intent.OPTIONS: "choix",
    },
    "ar": {
        Intent.OPT_IN: "ابدا|استئناف",
        Intent.CALL_ME: "اتصل|اتصلوا بي|اتصل بي",
        Intent.PAUSE: "استراحة",
        Intent.LESS: "اقل",
        Intent.MORE: "اكثر",
        Intent.LATER: "لاحقا",
        Intent.WHO: "من",
        Intent.WHY: "لماذا",
        Intent.OPTIONS: "خيارات",
    },
}
_WORDS_OF = {
    language: {word: intent for intent, words in those.items() for word in words.split("|")}
    for language, those in _WORDS.items()
}
_BACK_WORDS = {"cy": ("yn ol", "nol", "adref"), "pl": ("wrocilem", "wrocilam"), "fr": ("retour",)}
_POLITE = re.compile(
    r"\b(?:please|pls|plz|thanks|thank you|ta|x+|os gwelwch yn dda|ogydd|diolch|prosze|dziekuje|"
    r"s il vous plait|svp|merci|من فضلك|شكرا)\b"
)
_HELD = re.compile(
    r"\bwhat (?:\w+ ){0,2}(?:do|have|did|does) (?:you|u|ya|yous|they) (?:\w+ ){0,2}"
    r"(?:hold|got|have|keep|kept|know|store|stored|written|saved?)\b(?: \w+){0,3} (?:on|about) me\b"
    r"|\bsubject access\b|\bfreedom of information\b"
    r"|\b(?:see|have|get|read|want|copy of|send me|show me) (?:a copy of )?(?:all )?"
    r"my (?:data|files?|records?|details you|information|notes)\b"
    r"|\b(?:delete|erase|wipe|forget) (?:all )?(?:of )?my "
    r"(?:data|files?|records?|information|details)\b"
    r"|\bbeth (?:ydych|dych|yda?ch) chi'?n? (?:ei |yn )?(?:wybod|gadw|cadw) (?:\w+ ){0,2}amdana"
)
_ABOUT_TEXTS = re.compile(
    r"^(?:please |what |my |the |send |show |see |are )*(?:options?|menu|choices)\b"
    r"|\b(?:repl(?:y|ies)|text back|answer this|text you|say back|use this|work this)\b"
    r"|\bwhat (?:can|do|should) i (?:text|say|write|put|send)\b"
)
_KIN = (
    r"(?:grand|step|god)?(?:daughter|son)(?: in law)?|wife|husband|hubby|partner|missus|"
    r"sister|brother|mum|mam|mom|mother|dad|father|carer|care worker|support worker|key worker|"
    r"neighbour|friend|niece|nephew|cousin|aunt(?:ie|y)?|uncle|nan|landlady|landlord|warden|girlfriend|boyfriend"
)
_INTRODUCED = re.compile(
    rf"^(?:hi |hello |hiya |sorry |ok |this is \w+ )*(?:this is|its|it's|it is|i'm|im|i am) "
    rf"(?:her|his|their|the) (?:{_KIN})\b(?!'s)"
    rf"|^(?:hi |hello |hiya |sorry )*(?:her|his|their) (?:{_KIN}) "
    rf"(?:here|speaking|texting|writing)\b"
    rf"|^(?:hi |hello |hiya |sorry )*(?:daughter|son|wife|husband|carer|neighbour) (?:here|of)\b"
    r"|\b(?:writing|texting|replying|answering|messaging) (?:this |you )?(?:for|on behalf of) "
    r"(?:her|him|them|my (?:mum|mam|mom|dad|nan|mother|father|wife|husband|grandad))\b"
    r"|\bon behalf of\b"
    r"|\b(?:the )?(?:person|man|woman|lady|gentleman|owner) (?:who|that|of|with|you) "
    r"(?:\w+ ){0,3}(?:phone|number|texting|text)\b(?= (?:has )?(?:died|passed|is dead))"
)
_HAS = r"(?:(?:has|have|is|was|s|had|sadly|unfortunately|just|now|been|back|still) )*"
_NEWS = (
    (
        News.DIED,
        r"\b(?:passed (?:away|on|over)|pass away|died|dead|no longer with us|gone to heaven|"
        r"deceased|passed (?:last|this|on|yesterday|in|peacefully)|lost h(?:er|is) life)\b",
    ),
    (
        News.AWAY,
        r"(?:in |into |taken |to |admitted |gone |moved |rushed |went )+(?:the |a )?"
        r"(?:hosp(?:ital)?|prison|jail|custody|nick|care home|nursing home|hospice|respite|"
        r"rehab)\b"
        r"|\b(?:on remand|locked up|sectioned|inside for)\b",
    ),
)
_ELSEWHERE = re.compile(
    r"\b(?:visit\w*|appointment|appts?|see(?:ing)?|scan|check ?up|blood test|x ?ray|"
    r"work(?:ing|s)?|volunteer\w*|(?:year|month|week|day)s? ago|last (?:year|month|week|night|"
    r"weekend|monday|tuesday|wednesday|thursday|friday|saturday|sunday)|yesterday|home now|"
    r"out now|back now|came out|got out|let out|discharged|outpatients?|radio|shop|canteen|"
    r"transport|car park|with (?:my|the|him|her|our|a))\b|\bi was in\b"
)
_SOMEBODY_ELSE = re.compile(
    r"\b(?:he|she|they|hes|shes|he's|she's|they're|theyre|you|ur|who|"
    r"(?:my|me|our|the|his|her) \w+(?: \w+)?(?:'?s| is| are| was| went| has)?)"
    r"(?: \w+){0,3} (?:away|hols?|holidays?|vacation|back)\b"
)
_WE = re.compile(r"\b(?:i|i'm|im|i'll|ill|we|we're|were|me and|and i|and me|us)\b")
_TALE = re.compile(
    r"\b(?:felt|feel(?:ing|s)?|was|went|had|has|been|pain\w*|slept|sleep\w*|since|last|bad|rough|"
    r"yesterday|appointment|appt|dentist|doctors?|gp|hosp(?:ital)?|bingo|choir|funeral|bus|shops?|"
    r"shopping|tea|dinner|lunch|church|visit\w*|hurts?|sick|ill|tired|lonely|"
    r"weather|rain\w*|see you|believe|mum|dad|son|daughter|friend|crying|scared|dropped|lend|"
    r"lift|he|she|they|walk|group)\b"
)
LONGEST_WISH = 16  # words; what is longer is a story, and a person's to read


def absence_wished(text: str, *, today: date) -> AbsenceWish | None:
    """The time without texts that somebody asks for or tells of, from today unless they say."""
    words = _plain(text)
    kind = _kind(words)
    if kind is None:
        return None
    found = day_in(words, today)
    if found is None:
        known = kind is AbsenceKind.PAUSE
        if kind is AbsenceKind.AWAY and not re.search(
            r"^(?:i'?m |im |i am |we are )?away\b", words
        ):
            return None
        return AbsenceWish(kind, today, today + PAUSE_FOR if known else None)
    if found.starts is None and not _ENDS.search(words):
        return AbsenceWish(kind, found.day, _after_point(words, found.day, kind))
    starts = found.starts if found.starts and found.starts > today else today
    return AbsenceWish(kind, starts, found.day)


_ENDS = re.compile(
    r"\b(?:til|till|until|untill|unti|back|for|to|another|\d+ ?(?:days?|weeks?|wks?|months?)|"
    r"fortnight|(?:couple|few|two|three|four|a|one)(?: of)? (?:days?|weeks?|months?))\b"
)
"""Without one of these a day that is named is the first one away: "away next week"."""


def _after_point(words: str, day: date, kind: AbsenceKind) -> date | None:
    """The first day of texts again after a time of which only the first day is named."""
    if kind is AbsenceKind.HOSPITAL:
        return None
    if re.search(r"\bnext week\b", words):
        return day + timedelta(weeks=1)
    return day + timedelta(days=2 if re.search(r"\bweek ?end\b", words) else 1)


def is_back(text: str) -> bool:
    """Whether somebody says that their absence is over."""
    return _BACK.search(_plain(text)) is not None


def pace_wished(text: str, *, less: bool = False, more: bool = False) -> PaceWish | None:
    """The other days, time or pace that somebody asks for. `less` and `more` are read elsewhere."""
    words = _plain(text)
    told = _TALE.search(words) is not None or len(words.split()) > LONGEST_WISH
    asks = _ASKS.search(words) is not None and not told
    if not (asks or less or more):
        return None
    wish = PaceWish(
        *_days(words),
        time=_time(words),
        every=next((weeks for pattern, weeks in _EVERY if pattern.search(words)), None),
    )
    if wish == PaceWish():
        return PaceWish(less=less, more=more) if less or more else None
    return wish if wish.every else replace(wish, less=less, more=more)


def _kind(words: str) -> AbsenceKind | None:
    if _HOSPITAL.search(words) and not _ELSEWHERE.search(words):
        return AbsenceKind.HOSPITAL
    if _PAUSE.search(words):
        return AbsenceKind.PAUSE
    if _AWAY.search(_NOT_AWAY.sub(" ", words)) and not is_back(words):
        return AbsenceKind.AWAY if _of_themselves(words) else None
    return None


def _pause_until(words: str, today: date) -> date:
    if re.search(r"\bthis week\b", words):
        return today + timedelta(days=7 - today.weekday())
    found = day_in(words, today)
    return found.day if found else today + PAUSE_FOR


def _ask_from(words: str, today: date) -> date:
    """Who writes back tonight, or wants to, is not asked again today."""
    if re.search(r"\b(?:tonight|this evening|after (?:work|tea|dinner|school))\b", words):
        return today + timedelta(days=1)
    found = day_in(words, today)
    return found.day if found else today


def _of_themselves(words: str) -> bool:
    """Whether it is the writer who is away, and not yet back."""
    if re.search(r"\b(?:was|been|went) (?:\w+ )?away\b|\byesterday\b|\blast \w+", words):
        return False
    other = _SOMEBODY_ELSE.search(words)
    return other is None or _WE.search(words[: other.end()]) is not None


def _key(text: str) -> str:
    """A message as a keyword is compared: small letters without marks, signs or thanks."""
    if len(text) > 2 * LONGEST_KEYWORD:
        return ""
    apart = unicodedata.normalize("NFKD", text.casefold().replace("ł", "l"))
    bare = "".join(one for one in apart if not unicodedata.combining(one))
    words = " ".join(re.sub(r"[\W_]", " ", bare).split())
    return " ".join(_POLITE.sub(" ", words).split())


def _slipped(typed: str, word: str) -> bool:
    """Whether one letter is missing, added, wrong, or two have changed places."""
    if abs(len(typed) - len(word)) > 1 or typed[0] != word[0]:
        return False
    at = next((i for i, (a, b) in enumerate(zip(typed, word, strict=False)) if a != b), None)
    if at is None:
        return True
    rest, right = typed[at:], word[at:]
    swapped = rest[:2] == right[1::-1] and rest[2:] == right[2:]
    return swapped or rest[1:] == right or rest == right[1:] or rest[1:] == right[1:]


def _days(words: str) -> tuple[tuple[Weekday, ...], tuple[Weekday, ...]]:
    """The days wanted and the days to leave out."""
    if _WEEKENDS_OFF.search(words):
        return (), _WEEKEND
    named = tuple(_DAYS[number] for number in weekdays_in(words))
    if _WEEKENDS.search(words) and not named:
        return _WEEKEND, ()
    refused = _WITHOUT.search(words)
    if refused is None:
        return named, ()
    left = tuple(_DAYS[number] for number in weekdays_in(words[: refused.start()]))
    out = tuple(_DAYS[number] for number in weekdays_in(words[refused.end() :]))
    return left, out


def _time(words: str) -> time | None:
    if found := _CLOCK.search(words):
        return _clock(int(found["hour"]), int(found["minute"] or (30 if found["half"] else 0)),
                      found["half_of_day"] or "")  # fmt: skip
    parts = {at for pattern, at in _PARTS if pattern.search(words)}
    return parts.pop() if len(parts) == 1 else None


def _clock(hour: int, minute: int, half: str) -> time | None:
    """A time by day: 2 is two in the afternoon, 9 nine in the morning."""
    if (half == "pm" and hour < 12) or (half != "am" and 1 <= hour <= 7):
        hour += 12
    return time(hour, minute) if 7 <= hour <= 20 else None


def _plain(text: str) -> str:
    lowered = text.lower().replace("’", "'")
    return " ".join(re.sub(r"[^\w\s':./–-]", " ", lowered).split()).strip(" .")
