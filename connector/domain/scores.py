"""A score read from the words around it: "9 lovely week", "prob a 3", "between a 6 and a 7".

The reply becomes a row of small pieces (numbers, words, signs); a number is a score unless the
words beside it say that it is plainly something else: a time, a date, an age, a price, a count of
things. The words are in tables, each with the reason it is there. It refuses to guess: two numbers
that disagree, one that is denied, or one off the scale, give no score, and a person reads the
reply.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from itertools import pairwise

from rapidfuzz.distance import OSA

NUMBERS = {
    word: float(number)
    for number, words in enumerate(
        (
            "zero nought naught zilch", "one", "two", "three thre threee", "four fower",
            "five fiv fivee", "six sixx", "seven sevn sevven seveb sevin", "eight eigth eigh eght",
            "nine nien nighn", "ten tenn", "eleven", "twelve", "thirteen", "fourteen", "fifteen",
            "sixteen", "seventeen", "eighteen", "nineteen", "twenty",
        )
    )
    for word in words.split()
} | {"thirty": 30.0, "forty": 40.0, "fifty": 50.0, "hundred": 100.0}  # fmt: skip
_PROPER = ("three", "four", "five", "six", "seven", "eight", "nine", "ten")
# Slips that are also words: a number only when they are the whole reply.
_ALONE = {
    "nil": 0.0, "nowt": 0.0, "noght": 0.0, "sero": 0.0, "zeroo": 0.0, "tow": 2.0, "tree": 3.0,
    "thee": 3.0, "foru": 4.0, "fuor": 4.0, "fore": 4.0, "fife": 5.0, "siz": 6.0, "sex": 6.0,
    "severn": 7.0, "sven": 7.0, "ate": 8.0, "nin": 9.0, "nne": 9.0,
}  # fmt: skip


def _set(*words: str) -> frozenset[str]:
    return frozenset(word for line in words for word in line.split())


# --- Words before a number ------------------------------------------------------------------

# What leads up to a score.
_LEADS = _set(
    "a an about say score scores scored rating rate rated mood today maybe probably prob probs",
    "possibly perhaps its it's it im i'm i am id i'd ive feeling feel feels felt solid nearer",
    "closer is like answer around now give given only still just yeah yes yep aye ye hi hello",
    "hiya hey ello ok okay morning afternoon evening roughly approx approximately easily",
    "definitely overall honestly tbh good bad low high me myself was were been but well erm um",
    "er umm errr hm hmm mid ooh oh then put so up down gone went back them things",
    "think reckon guess",
    "suppose spose life be this far steady proper great better worse same between bit middling",
    "meant mean meh lovely nice fine alright happy sad tired awful terrible rough poor brilliant",
    "fab average fat exactly strong thanks thank ta cheers love x xx xxx mate here there",
    "yesterday day week weekend night month and actually sorry correction usually normally",
    "from with had lonely quiet brill shit crap ace boss sound amazing rubbish because cos",
)
_NOT_LEADING_ING = _set("king thing nothing something anything ring evening string during")
# What says that the number after it is something else.
_BEFORE = {
    "a time": _set(
        "at till til until by since before after past half every quarter open opens",
        "shuts closes start starts bed tea woke leave left pm come came",
    ),
    "a name or number of a thing": _set(
        "number num nr bus route room flat house page channel floor ward chapter gas size",
        "grade level",
        "bbc itv platform stage step type covid catch junction terminal year years series season",
        "episode part section door stop gate bay zone tier radio formula windows v",
    ),
    "an age": _set("aged age turned turns turning eldest youngest he's hes she's shes"),
    "a count": _set(
        "take took taken taking ate have has got getting need needs want wanted bought won lost",
        "walked walk did done made make drank drink smoked ran watch watched read saw",
        "seen spoke met",
        "my our his her their the those these all other last next first another sleep",
        "slept times x",
        "plus add both us we twins beat win paid pay cost costs owe owes in under",
        "ring rang",
        "call called text texted dial gp of over above below nearly almost least most",
        "minus than on",
        "eaten we're",
    ),
}
_IN_THE_WAY = frozenset().union(*_BEFORE.values())
# "down to 3", "gone from 4 to 6".
_MOVES = _set(
    "up down back gone went go dropped drop moved risen rose fell fallen improved slipped closer",
    "nearer come came got crept going",
)
_PEOPLE = _set(
    "he she son daughter grandson granddaughter nephew niece kid baby boy girl lad dog cat mum",
    "dad husband wife brother sister grandad nan",
)

# --- Words after a number -------------------------------------------------------------------

_TIMES = _set(
    "oclock o'clock am pm hr hrs hour hours min mins minute minutes sec secs second seconds day",
    "days night nights week weeks wk wks month months year years yr yrs yo fortnight fortnights",
    "weekend weekends",
)
_MONTHS = _set(
    "january february march april may june july august september october november december feb",
    "aug sept oct nov dec",
)
_WEEKDAYS = _set("monday tuesday wednesday thursday friday saturday sunday")
_MEASURES = _set(
    "quid pound pounds p pence dollars euros fiver tenner stone stones lb lbs kg kgs kilo kilos",
    "mile miles km kms metre metres meters yard yards foot feet ft inch inches degrees degree",
    "percent per cent litre litres mg ml mph units calories acres k body bpm oz pints pint times",
    "course bed pack piece star pin seater door wheeler person legged bedroom storey hourly",
    "minutes' hours' page dozen hundred thousand million o nil nowt",
)
_THINGS = _set(
    "cups mugs glasses cans bottles bags boxes packs packets jars tins spoons sugars plates bowls",
    "slices pieces loads pairs sets rounds cuppas brews teas coffees beers wines vodkas shots",
    "drinks fags ciggies cigs cigarettes joints kids children grandkids grandchildren grandsons",
    "granddaughters sons daughters people friends mates neighbours nurses carers doctors sisters",
    "brothers lads girls boys men women dogs cats puppies kittens rabbits birds ducks hens",
    "tablets tabs pills paracetamol paracetamols ibuprofen codeine doses injections jabs inhalers",
    "bedrooms rooms texts messages calls emails letters forms bills jobs buses trains taxis cars",
    "bikes steps laps lengths goals points games matches wins races lessons classes sessions",
    "meetings appointments walks trips visits falls attacks fits seizures operations ops scans",
    "eggs biscuits cakes pies pasties sausages chips crisps sandwiches rolls apples bananas meals",
    "dinners chocolates sweets loaves pounds books films episodes songs photos pictures cards",
    "presents parcels windows walls doors chairs lives sleeps bits jumpers hats socks scarves",
    "squares stitches rows plants flowers roses seeds tomatoes courses groups clubs options stars",
    "minutes thumbs kisses hugs ways sorts kinds types others ones times things legs",
    "bathrooms floors flights stairs stops streets houses flats stones weeks us of more",
    "less left past half",
)
_UNITS = _TIMES | _MONTHS | _MEASURES | _THINGS
_ONE_OF = _set(
    "thing day pint cup cuppa brew tea coffee beer wine drink fag tablet pill hour minute week",
    "month year mile time step person friend mate kid child son daughter grandson grandchild dog",
    "cat text call message bus train egg biscuit slice piece bag can bottle glass lot",
    "more less of sugar meal visit trip walk",
)
# Between a number and the things it counts: "2 bad nights", "3 more cups".
_DESCRIBES = _set(
    "good bad long short nice lovely big small little old new more other whole full hot cold",
    "rough late early different black white red extra great decent straight sleepless awful busy",
    "young fish pork meat chocolate hospital doctors dental job phone text missed hour ",
    "free beautiful solid terrible quiet fresh hard sleeping pain strong sugary wedding birthday",
    "christmas year month week day grand",
)
# End in s, and count nothing: "3 everything hurts", "6 knees bad", "8 always".
_NO_COUNT = _set(
    "thanks this was is as has its yes always us loss less bless thats plus sometimes perhaps",
    "probs cheers hows whats sadness tears nerves knees legs feet eyes hands arms ankles hips",
    "shoulders bones joints pains aches headaches nightmares thoughts memories feels",
    "keeps gets goes looks seems does says comes helps makes hurts loves likes news stress",
    "illness business kindness loneliness nothings bus lots loads besides towards sos cos guess",
    "miss yours hers ours theirs hiss piss boss mess pass class xs fabs nowadays bingos",
    "ups downs worries issues problems fibromyalgias arthritis bronchitis covids colds flus",
    "diabetes tennis bowls darts dominoes cards snookers skittles gardens christmas wins meds",
    "james ross chris thomas jess lewis joss marcus tess agnes doris iris phyllis gladys francis",
    "frances alexis dennis struggles suss plans jobs pants gossips oops whoops apols regards",
    "congrats soz las",
)
_NOTHING_OF = _set(
    "motivation energy interest sleep help chance tolerance idea effort money appetite food",
    "patience support hope hours confidence contact credit heating point sense",
)
# "2" and "4" written for "to" and "for".
_TXT = {
    "2": _set(
        "be do get go see tell much many late the my you u me them him her say talk make have help",
        "buy eat meet come ask give work bed town",
    ),
    "4": _set(
        "me you u the my us him her them ever it breakfast lunch dinner tea xmas",
    ),
}

_PRESENT = _set("today now tonight currently atm rn nearer")
_MEANT = _set("meant mean actually correction")
_WAS = _set("was were been")
_TURNS = _MEANT | _set("was were now to up im i'm its it's sorry")
_PAST_AFTER = _set("yesterday last before usually normally earlier previously ago") | _WEEKDAYS
_PAST_BEFORE = _PAST_AFTER | _set("was were from used not")
_BREAKS = _set("but and then")
_NEGATIONS = _set("not isn't isnt never wasn't wasnt ain't aint")
_LIMITS = _set("than over above below under least most nearly almost")
_FILLERS = _set("a an even quite really exactly")
_JOINS = _set("to or - – ~ and n & maybe possibly bordering")
_JOIN_FILLERS = _set("a an maybe even or possibly on possible")
_USUAL_TOPS = (2, 3, 4, 5, 10, 12, 20, 100)  # what people mark out of; "6/7" is none of these


_CODE = frozenset("<>{}\\")  # not how anybody writes how they are


class _Kind(StrEnum):
    NUMBER = "number"
    WORD = "word"
    STOP = "stop"
    SIGN = "sign"
    OTHER = "other"  # a time, a date, a price, a phone number: never a score


@dataclass(frozen=True, slots=True)
class _Piece:
    kind: _Kind
    text: str
    value: float = 0.0
    top: int | None = None  # "of 10"
    spelled: bool = False  # "seven", not "7"


@dataclass(frozen=True, slots=True)
class _Mention:
    """One number, or two joined, that can only be a score; `when` is "present", "past" or ""."""

    value: float
    out_of: bool
    when: str


_GLUED = re.compile(r"(?<=\d)(outof|outta|out of|or|to|ish|x+|\+{1,3})(?=\d|\W|$)")
_SHORTHAND = {
    "2day": "today", "2nite": "tonight", "2night": "tonight", "2moro": "tomorrow",
    "2morrow": "tomorrow", "l8r": "later", "outof": "out", "outta": "out", "outa": "out",
}  # fmt: skip
_PIECES = re.compile(
    r"(?P<other>(?<![\w.])\.\d+|[£$€#@]\s?\d[\d.,]*k?|\d+(?:[.,]\d+)?\s?[%°£$€]|\d{1,2}[:.]\d\d(?!\d)"
    r"|\d+[/-]\d+[/-]\d+|\d+(?:st|nd|rd|th)\b|\d[\d ]{5,}\d|\d{4,}"
    r"|\d+(?:[.,]\d+)?(?:[ap]\.?m|hrs?|mins?|kgs?|kms?|ml|mg|st|lbs?|p|k|m|yo|d|yrs?)\b"
    r"|(?<![\d\w])(?<!\d )[-+]\d+(?:\.\d+)?|<3+|(?:www\.|https?:)\S+|\d+\.\d+\.\d[\d.]*|\bv\d+)"
    r"|(?P<half>(?<=\d\s)(?:1/2|\.5)(?!\d)|(?<=[a-z]\s)1/2\b)"
    r"|(?P<number>(?<!\w)\d+(?:\.\d|,5(?![\d,]))?(?!\w))"
    r"|(?P<word>[a-z]*\d[a-z0-9']*|[a-z]+(?:'[a-z]+)*)"
    r"|(?P<stop>[.!?\n]+)"
    r"|(?P<sign>\S)"
)


def _pieces(text: str) -> list[_Piece]:
    """The reply as a row of pieces, numbers with their halves and tops put together."""
    found: list[_Piece] = []
    for match in _PIECES.finditer(_GLUED.sub(r" \1 ", text)):
        kind, said = match.lastgroup or "sign", match.group()
        if kind == "number":
            found.append(_Piece(_Kind.NUMBER, said, float(said.replace(",", "."))))
        elif kind == "half":
            _add_half(found)
        elif kind == "word":
            found.append(_word(_SHORTHAND.get(said, said)))
        else:
            found.append(_Piece(_Kind(kind), said))
    return _out_of(_spoken(found))


def _word(said: str) -> _Piece:
    stem = said.removesuffix("ish")
    if stem in NUMBERS:
        return _Piece(_Kind.NUMBER, stem, NUMBERS[stem], spelled=True)
    return _Piece(_Kind.WORD, said)


def _add_half(found: list[_Piece]) -> None:
    if found and found[-1].kind is _Kind.NUMBER:
        found[-1] = replace(found[-1], value=found[-1].value + 0.5)


def _spoken(pieces: list[_Piece]) -> list[_Piece]:
    """Puts together "six and a half", "seven point five" and "5 ish"."""
    done: list[_Piece] = []
    position = 0
    while position < len(pieces):
        piece = pieces[position]
        words = [each.text for each in pieces[position + 1 : position + 4]]
        position += 1
        if piece.kind is _Kind.NUMBER:
            if words[:3] in (["and", "a", "half"], ["n", "a", "half"]):
                piece, position = replace(piece, value=piece.value + 0.5), position + 3
            elif words[:2] == ["and", "half"]:
                piece, position = replace(piece, value=piece.value + 0.5), position + 2
            elif words[:1] == ["point"] and len(words) > 1 and words[1] in NUMBERS:
                piece = replace(piece, value=piece.value + NUMBERS[words[1]] / 10)
                position += 2
            elif words[:1] == ["ish"]:
                position += 1
        done.append(piece)
    return done


def _out_of(pieces: list[_Piece]) -> list[_Piece]:
    """Puts together "7/10", "7 out of ten" and "7 of 10"."""
    done: list[_Piece] = []
    position = 0
    while position < len(pieces):
        piece = pieces[position]
        position += 1
        if piece.kind is _Kind.NUMBER:
            between = position
            while between < len(pieces) and pieces[between].text in (
                "/",
                "out",
                "of",
                "off",
                "ov",
                "f",
            ):
                between += 1
            last = pieces[between] if between < len(pieces) else None
            if between > position and last is not None and last.kind is _Kind.NUMBER:
                piece, position = replace(piece, top=int(last.value)), between + 1
        done.append(piece)
    return done


def read_score(text: str, low: float, high: float) -> float | None:
    """The one score from `low` to `high` in folded `text`, or None when there is doubt."""
    alone = _alone(text)
    if alone is None and not _has_number(text):
        return None
    value = alone if alone is not None else _settle(_mentions(_pieces(text), high))
    return value if value is not None and low <= value <= high else None


_ONLY_WORD = re.compile(
    r"^[^\w£$€#@<-]*(?:a |an |about |its |it's |im |i am )?([a-z]+)\W*(?:x+\W*)?$"
)


def _alone(text: str) -> float | None:
    """The value when the reply is nothing but one number word, however it is spelled."""
    found = _ONLY_WORD.match(text.strip())
    if not found:
        return None
    word = found.group(1)
    known = NUMBERS.get(word, _ALONE.get(word))
    if known is not None or len(word) < 4 or word in ("done", "fine", "nice", "tent", "then"):
        return known
    close = [unit for unit in _PROPER if unit[0] == word[0] and OSA.distance(word, unit) == 1]
    return NUMBERS[close[0]] if len(close) == 1 else None


_DIGIT = re.compile(r"\d")
_LETTERS = re.compile(r"[a-z]+")


def _has_number(text: str) -> bool:
    """A quick look, so that a reply without any number costs next to nothing."""
    if _DIGIT.search(text):
        return True
    return any(word.removesuffix("ish") in NUMBERS for word in _LETTERS.findall(text))


def _mentions(pieces: list[_Piece], high: float) -> list[_Mention]:
    """Every number that can only be a score; empty when one of them casts doubt on all."""
    if any(piece.text in _CODE for piece in pieces):
        return []
    found: list[_Mention] = []
    led = _time_leads(pieces)
    position = 0
    while position < len(pieces):
        if pieces[position].kind is not _Kind.NUMBER:
            position += 1
            continue
        start, end = position, _chain_end(pieces, position)
        position = end
        chain = [piece for piece in pieces[start:end] if piece.kind is _Kind.NUMBER]
        sure = chain[-1].top is not None and _top_fits(chain, high)
        if chain[-1].top is not None and not sure:
            middle = _slashed(chain[-1])
            if middle is None:
                return []
            chain = [replace(chain[-1], value=middle, top=None)]
        counts = not sure and _counts(pieces, end, chain[-1])
        if not counts and (_denied(pieces, start) or _runs_on(pieces, end, chain[-1])):
            return []
        if counts or not (sure or _is_score(pieces, start, end, chain[0])):
            continue
        value = _joined(pieces, start, chain)
        if value is None:
            return []
        found.append(_Mention(value, sure, _when(pieces, start, end, led)))
    return found


def _top_fits(chain: Sequence[_Piece], high: float) -> bool:
    return chain[-1].top == high


def _slashed(piece: _Piece) -> float | None:
    """ "6/7" is a range of neighbours; "4/5" may be four out of five: doubt."""
    if piece.top is None or piece.top in _USUAL_TOPS or piece.top - piece.value != 1:
        return None
    return piece.value + 0.5


def _chain_end(pieces: list[_Piece], start: int) -> int:
    """Where the numbers joined to the one at `start` end: "4 or 5", "between a 6 and a 7"."""
    position = start + 1
    if position >= len(pieces) or pieces[position].text not in _JOINS:
        return position
    word = pieces[position].text
    if word in ("and", "n", "&") and not _between(pieces, start):
        return position
    after = position + 1
    while after < len(pieces) and pieces[after].text in _JOIN_FILLERS:
        after += 1
    if after < len(pieces) and pieces[after].kind is _Kind.NUMBER:
        return after + 1
    return position


def _between(pieces: list[_Piece], start: int) -> bool:
    return "between" in (_text(pieces, start - 1), _text(pieces, start - 2))


def _text(pieces: Sequence[_Piece], position: int) -> str:
    return pieces[position].text if 0 <= position < len(pieces) else ""


def _joined(pieces: list[_Piece], start: int, chain: Sequence[_Piece]) -> float | None:
    """The middle of two neighbours; the later of a movement; None when two disagree."""
    first, last = chain[0].value, chain[-1].value
    if first == last:
        return first
    if _text(pieces, start + 1) == "to" and _moved_from(pieces, start):
        return last
    return (first + last) / 2 if abs(first - last) == 1 else None


def _moved_from(pieces: list[_Piece], start: int) -> bool:
    before = {_text(pieces, start - 1), _text(pieces, start - 2)}
    return not before.isdisjoint(("from", "gone", "went"))


def _runs_on(pieces: list[_Piece], end: int, last: _Piece) -> bool:
    """Whether another number follows at once: "3 8", "6 30"."""
    after = pieces[end] if end < len(pieces) else None
    return after is not None and after.kind is _Kind.NUMBER and after.value != last.value


def _is_score(pieces: list[_Piece], start: int, end: int, first: _Piece) -> bool:
    if first.spelled and first.text == "one" and not _a_one(pieces, start, end):
        return False
    return _opens(pieces, start) or _leads(pieces, start)


def _a_one(pieces: list[_Piece], start: int, end: int) -> bool:
    """ "One" is a score in "a one", or when nothing that it could count follows."""
    if _text(pieces, start - 1) in ("a", "say", "about", "maybe", "feeling", "like", "is", "it's"):
        return end >= len(pieces) or _text(pieces, end) not in ("of", "thing", "for", "who", "that")
    return start == 0 and (end >= len(pieces) or pieces[end].kind is not _Kind.WORD)


_GREETINGS = _set(
    "hi hello hiya hey morning afternoon evening good ello alright oh ooh well yes yeah ok okay",
    "erm um hmm sorry thanks dear love its it's this is me ah aye so just",
)


def _opens(pieces: list[_Piece], start: int) -> bool:
    """Whether a number begins the reply, a sentence or a line, but for a greeting or a name."""
    if start == 0:
        return True
    if pieces[start - 1].kind in (_Kind.STOP, _Kind.SIGN):
        if pieces[start - 1].text == "=":
            return start > 1 and pieces[start - 2].kind is _Kind.WORD
        return _text(pieces, start - 2) not in ("no", "nr", "num", "tel")
    before = [piece.text for piece in pieces[:start]]
    if all(word in _GREETINGS for word in before):
        return True
    named = len(before) > 1 and before[-2] in ("its", "it's", "is") and before[-1].isalpha()
    return named and before[-1] not in _IN_THE_WAY and len(before) <= 5


def _leads(pieces: list[_Piece], start: int) -> bool:
    """Whether the word before a number leads up to a score."""
    word, before = _text(pieces, start - 1), _text(pieces, start - 2)
    if word == "to" or (word in ("a", "an") and before == "to"):
        at = start - 2 if word == "to" else start - 3
        return _text(pieces, at) in _MOVES
    if word in ("day", "week", "weekend", "night", "month"):
        counted = any(piece.kind is _Kind.NUMBER for piece in pieces[max(0, start - 3) : start])
        return before in ("this", "last") or (before not in ("", "the") and not counted)
    if word in ("is", "was", "be") and before in _PEOPLE:
        return False
    if word in ("had", "with", "for"):
        return word != "had" and before in ("go", "going", "went", "stick")
    if word in _IN_THE_WAY:
        return False
    return word in _LEADS or (word.endswith("ing") and word not in _NOT_LEADING_ING)


def _counts(pieces: list[_Piece], end: int, number: _Piece) -> bool:
    """Whether what follows says that the number is a time, an age, a price or a count."""
    if end >= len(pieces):
        return False
    if pieces[end].kind is not _Kind.WORD:
        return _counts_sign(pieces, end)
    word, after = pieces[end].text, _text(pieces, end + 1)
    if word in _TXT.get(number.text, ()):
        return True
    if number.value == 0 and word in _NOTHING_OF:
        return True
    if word in _DESCRIBES and word not in _UNITS and _is_counted(after, number):
        return True
    if word in _DESCRIBES and after in _DESCRIBES:
        return _is_counted(_text(pieces, end + 2), number)
    return _odd_word(pieces, end) or (
        _is_unit(word, number) and not _only_sounds_like_a_unit(word, after)
    )


def _counts_sign(pieces: list[_Piece], end: int) -> bool:
    sign, after = pieces[end].text, _text(pieces, end + 1)
    return sign in ("*", "+", "=") and after.isdigit()


def _is_unit(word: str, number: _Piece) -> bool:
    if number.value == 1:
        return word in _ONE_OF or word in _MEASURES or word in ("am", "pm", "oclock", "o'clock")
    if word in _UNITS:
        return True
    plural = word.endswith("s") and len(word) > 3 and not word.endswith(("ss", "us", "is", "'s"))
    return plural and word not in _NO_COUNT


def _is_counted(word: str, number: _Piece) -> bool:
    """As `_is_unit`, after a word that describes: "2 bad nights", but not "2 bad week"."""
    if number.value == 1:
        return word in ("day", "night") or (number.spelled and (word in _ONE_OF or word in _TIMES))
    return word.endswith("s") and _is_unit(word, number)


def _only_sounds_like_a_unit(word: str, after: str) -> bool:
    """ "7 week was good", "9 day out": a single day beside a larger number counts nothing."""
    if word in ("day", "week", "weekend", "night", "month", "year"):
        return after in (
            "was",
            "is",
            "been",
            "has",
            "out",
            "off",
            "with",
            "went",
            "gone",
            "of",
            "in",
        )
    if word in (
        "left",
        "past",
        "half",
        "may",
        "march",
        "p",
        "k",
        "o",
        "bed",
        "bus",
        "train",
        "door",
    ):
        return after in (
            "i",
            "me",
            "was",
            "were",
            "work",
            "the",
            "home",
            "be",
            "by",
            "is",
            "late",
            "didn't",
        )
    return False


def _odd_word(pieces: list[_Piece], end: int) -> bool:
    """Words that count, date or time only with what follows or went before them."""
    word, after = pieces[end].text, _text(pieces, end + 1)
    if word in _WEEKDAYS:
        return after not in ("was", "i", "we", "is", "went", "has", "been")
    if word == "all":
        return after == ""
    if word == "x":
        return after in ("a", "day", "daily", "per") or after.isdigit()
    if word == "a":
        return after in ("day", "week", "month", "year", "night", "piece", "head")
    if word == "in":
        return (after == "a" and _text(pieces, end + 2) == "row") or (
            after == "the" and _text(pieces, end + 2) in ("morning", "afternoon", "evening")
        )
    if word == "at":
        return after == "night"
    if word == "or":
        return after == "so" and _text(pieces, end + 2) in _UNITS
    if word == "plus":
        return True
    if word == "when":
        return "was" in {piece.text for piece in pieces[max(0, end - 4) : end]}
    return False


def _denied(pieces: list[_Piece], start: int) -> bool:
    """ "Not a 7", "more than 5", "3, no 4"; but "not 7, I meant 8" says what it is."""
    if any(piece.text in ("meant", "mean") for piece in pieces):
        return False
    at = start - 1
    while _text(pieces, at) in _FILLERS:
        at -= 1
    word = _text(pieces, at)
    if word in _NEGATIONS or word in _LIMITS:
        return True
    if word in ("its", "it's"):
        at -= 1
        word = _text(pieces, at)
    corrected = word in ("no", "nah", "nope", "sorry") and at > 0
    return corrected and any(piece.kind is _Kind.NUMBER for piece in pieces[max(0, at - 3) : at])


def _time_leads(pieces: Sequence[_Piece]) -> bool:
    """Whether times stand before their numbers ("last week 4 this week 6") or after them."""
    for piece in pieces:
        if piece.kind is _Kind.NUMBER:
            return False
        if piece.text in _PRESENT or piece.text in _PAST_AFTER or piece.text == "this":
            return True
    return False


def _when(pieces: list[_Piece], start: int, end: int, led: bool) -> str:
    """Whether the words around a number say that it is today's, an earlier one, or gone by.

    `led` as `_time_leads` says. "gone" is "I was 7 yesterday": no word about today at all.
    """
    if _text(pieces, start - 1) == "from":
        return "past"
    before, follow = _clause_before(pieces, start, led), _clause_after(pieces, end, led)
    if not _MEANT.isdisjoint(before) or not _PRESENT.isdisjoint(before) or _this(before):
        return "present"
    if "morning" in follow and "this" in follow:
        return "past"
    if not _PRESENT.isdisjoint(follow) or _this(follow):
        return "present"
    was = not _WAS.isdisjoint(before)
    if not _PAST_AFTER.isdisjoint(follow) and not _compares(follow):
        return "gone" if was else "past"
    return "past" if was or not _PAST_BEFORE.isdisjoint(before) else ""


def _this(words: Sequence[str]) -> bool:
    return any(
        one == "this" and two in ("week", "time", "evening", "afternoon")
        for one, two in pairwise(words)
    )


def _compares(words: Sequence[str]) -> bool:
    """ "7, better than last week" speaks of now."""
    return not {"than", "like", "as", "since", "from", "after", "compared"}.isdisjoint(words)


def _ends_clause(piece: _Piece) -> bool:
    return piece.kind in (_Kind.STOP, _Kind.SIGN, _Kind.NUMBER) or piece.text in _BREAKS


def _clause_before(pieces: list[_Piece], start: int, led: bool) -> list[str]:
    words: list[str] = []
    for piece in reversed(pieces[max(0, start - 7) : start]):
        if piece.kind is _Kind.NUMBER and not led:
            return []  # what stands between two numbers belongs to the first: "4 last week 6"
        if _ends_clause(piece):
            break
        words.insert(0, piece.text)
        if piece.text in _TURNS:
            break
    return words


def _clause_after(pieces: list[_Piece], end: int, led: bool) -> list[str]:
    words: list[str] = []
    rest = pieces[end : end + 7]
    for index, piece in enumerate(rest):
        if piece.kind is _Kind.NUMBER and led:
            return []
        later = any(each.kind is _Kind.NUMBER for each in rest[index:])
        if _ends_clause(piece) or (later and piece.text in _TURNS):
            break
        words.append(piece.text)
    return words


def _settle(mentions: Sequence[_Mention]) -> float | None:
    """One value from several mentions; None when they disagree."""
    mentions = [mention for mention in mentions if mention.out_of] or mentions
    values = {mention.value for mention in mentions}
    if all(mention.when == "gone" for mention in mentions):
        return None
    if len(values) == 1:
        return values.pop()
    present = {mention.value for mention in mentions if mention.when == "present"}
    if len(present) == 1:
        return present.pop()
    open_ones = {mention.value for mention in mentions if mention.when not in ("past", "gone")}
    return open_ones.pop() if len(open_ones) == 1 and not present else None
