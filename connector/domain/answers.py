"""An answer on its scale, read from the words somebody wrote.

Numbers in figures and words, "6/10", a range of two neighbours, "was a 3 yesterday but 6 today";
yes and no; a choice by number, letter or name. It refuses to guess: a number that could be a time,
a date, an age, a count or a price, two numbers that disagree, or one off the scale is no answer,
and a person reads the reply.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from rapidfuzz.distance import OSA

from connector.domain.question import Question, QuestionKind
from connector.domain.spelling import fold

_UNITS = [
    "zero",
    "nought",
    "nil",
    "one",
    "two",
    "three",
    "four",
    "five",
    "six",
    "seven",
    "eight",
    "nine",
    "ten",
    "eleven",
    "twelve",
    "thirteen",
    "fourteen",
    "fifteen",
    "sixteen",
    "seventeen",
    "eighteen",
    "nineteen",
    "twenty",
]
_WORDS = {word: max(index - 2, 0) for index, word in enumerate(_UNITS)}
_WORDS |= {
    "naught": 0, "noght": 0, "zilch": 0, "nowt": 0, "zer0": 0, "sero": 0, "zeroo": 0,
    "tow": 2, "thre": 3, "tree": 3, "threee": 3, "thee": 3, "fower": 4, "foru": 4, "fuor": 4,
    "fore": 4, "fiv": 5, "fife": 5, "fivee": 5, "sixx": 6, "siz": 6, "sex": 6, "sevn": 7,
    "seven7": 7, "sevven": 7, "seveb": 7, "sevin": 7, "severn": 7, "sven": 7, "eigth": 8,
    "eigh": 8, "ate": 8, "eght": 8, "eightt": 8, "nien": 9, "nin": 9, "nighn": 9, "nne": 9,
    "tenn": 10, "thirty": 30, "forty": 40, "fifty": 50, "hundred": 100,
}  # fmt: skip
_WHOLE_REPLY_ONLY = frozenset(
    [
        "nowt",
        "tow",
        "tree",
        "thee",
        "foru",
        "fuor",
        "fore",
        "fife",
        "siz",
        "sex",
        "severn",
        "sven",
        "ate",
        "nin",
        "nne",
    ]
)
_NUMBER = (
    r"(?:(?<![\w.:/£$€+=*{<])(?<!\w\()-?\d+(?:\.\d+)?(?![\w:£$€%=*}>]|[.,]\d)"
    r"|\b(?:" + "|".join(sorted(_WORDS, key=len, reverse=True)) + r")\b)"
)
_HALF = r"(?:\s*(?:and\s+(?:a\s+)?half|1/2|n\s+a\s+half)\b)?"
_ISH = r"(?:\s?(?:ish)\b)?"
_POINT = r"(?:\s+point\s+(?:zero|one|two|three|four|five|six|seven|eight|nine))?"
_MENTION = re.compile(
    rf"(?P<number>{_NUMBER}|(?<![\w.:/£$€+-])\d+(?:\.\d+)?(?=ish\b)|"
    rf"\b(?:{'|'.join(_UNITS[:13])})(?=ish\b))"
    rf"(?P<point>{_POINT})(?P<half>{_HALF}){_ISH}"
    r"(?P<out>\s*(?:/|\bout\s*(?:of|f|ov|a)?\b|\boutta\b|\bof\b|\bon\b)\s*(?P<top>\d+|ten|"
    r"five|four|seven)\b(?![:/]\d))?"
)
_RANGE_JOIN = re.compile(
    r"^\s*(?:-|–|to|or|/or|or a|or maybe(?: a)?|maybe(?: a)?|,?\s*or\s+even(?: a)?|"
    r"~|,?\s*maybe\s+(?:a\s+)?|possibly(?: a)?|and(?: a)?|bordering on(?: a)?|&)\s*$"
)
_TIME_BEFORE = re.compile(
    r"(?:\b(?:at|till|til|until|by|since|before|after|past|from|around about|quarter to|half|every|"
    r"number|num|no|no\.|nr|bus|route|aged?|turned|room|flat|house|page|channel|floor|"
    r"ward|(?<!this )(?:day|week)|chapter|gas mark|size|grade|"
    r"level|bbc|itv|route|platform|stage|step|type|covid|catch|take|took|taken|taking|ate|"
    r"had|have|has|got|getting|"
    r"need|needs|want|wanted|bought|won|lost|walked|walk|did|done|made|make|drank|drink|"
    r"smoked|ran|watch|"
    r"watched|read|saw|seen|spoke|met|with|my|our|his|her|their|the|those|these|all|other|"
    r"last|next|"
    r"first|under|junction|terminal|pm|gp|year|years|ring|rang|call|called|text|dial|of|"
    r"another|between us|only had|sleep|slept|"
    r"not|never|isn't|isnt|wasn't|wasnt|than|over|above|below|nearly|almost|least|most|minus|"
    r"times|x|plus|add|both|us|we|eldest|youngest|twins|scored|beat|lost|nil|win|paid|pay|"
    r"cost|costs|in|"
    r"went|came|come|woke|bed|up|leave|left|open|opens|shuts|closes|starts?|tea)|[£$€#@])\s*$"
)
_UNIT_AFTER = re.compile(
    r"^\s*(?:o'?\s?clock|[ap]\.?m\b|am\b|pm\b|hrs?\b|hours?\b|mins?\b|minutes?\b|secs?\b|"
    r"seconds?\b|days?\b|nights?\b|"
    r"weeks?\b|wks?\b|months?\b|years?\b|yrs?\b|y/o|%|percent|per\b|pounds?\b|quid\b|p\b|"
    r"pence\b|stone\b|lbs?\b|kg\b|kgs\b|"
    r"miles?\b|km\b|kms\b|steps?\b|laps?\b|times?\b|x\b(?=\s*(?:a|\d))|cups?\b|pints?\b|"
    r"glasses\b|cans?\b|bottles?\b|bags?\b|kids?\b|children\b|"
    r"grand\w*|sons?\b|daughters?\b|people\b|friends?\b|mates?\b(?!\s*$)|dogs?\b|cats?\b|"
    r"tablets?\b|pills?\b|paracetamol\b|"
    r"st\b|nd\b|rd\b|th\b|/\d|:\d|\.\d|-\d{2,}|of\b(?!\s*(?:10|ten))|more\b|less\b|"
    r"bedrooms?\b|texts?\b|messages?\b|calls?\b|"
    r"jobs?\b|things?\b|buses\b|trains?\b|bus\b|train\b|foot\b|feet\b|ft\b|inch\w*|"
    r"degrees?\b|rooms?\b|goals?\b|points?\b|nil\b|all\b|"
    r"(?:mon|tues|wednes|thurs|fri|satur|sun)day|jan\w*|feb\w*|mar(?:ch)?\b|apr\w*|may\b|"
    r"jun\w*|jul\w*|aug\w*|sep\w*|oct\w*|nov\w*|dec\w*|"
    r"left\b|ok\b\s*\?|body\b|wins?\b|games?\b|cigarettes?\b|"
    r"a (?:day|week|month|year|night|piece|head)\b|fags?\b|ciggies\b|biscuits?\b|"
    r"beers?\b|drinks?\b|pieces?\b|slices?\b|lots?\b|others?\b|different\b|new\b|old\b|"
    r"big\b|small\b|little\b|in a row\b|in the morning|at night|"
    r"appointments?\b|lessons?\b|classes\b|sessions?\b|meetings?\b|walks?\b|trips?\b|"
    r"visits?\b|falls?\b|attacks?\b|or so (?:people|of us)|idea|"
    r"motivation\b|energy\b|interest\b|sleep\b|help\b|chance\b|tolerance\b|"
    r"out\b(?!\s*(?:of|10|ten)))"
)
_ALLOWED_AFTER = re.compile(
    r"^\s*(?:$|[.,;:!?&()\n\"'*+~-]|[^\x00-\x7f]|sadface|(?:today|2day|this|now|i|im|i'm|"
    r"id|i'd|ive|i've|ish|think|maybe|probably|prob|probs|"
    r"really|thanks|thank|thankyou|thx|ta|cheers|x+|lol|haha|but|because|cos|coz|cuz|and|"
    r"n|for|again|still|same|overall|mate|love|luv|"
    r"lovey|hun|chick|queen|la|lad|kidder|please|pls|as|so|just|feeling|feel|felt|not|on|"
    r"at|which|since|after|with|due|though|tho|"
    r"up|down|better|yesterday|was|is|been|it|it's|its|like|out|to|or|my|had|have|got|bit|"
    r"a|going|getting|now|right|mood|score|rating|"
    r"tbh|tho|bordering|possibly|the next|the same|the other|seven|eight|six|five|four|three|"
    r"two|nine|hope|hoping|god|bad|if|when|honestly|at the mo|atm|actually|definitely|"
    r"def|one day|i'd|or|there|here|hi|hello|ok|okay|sorry|no|yes|"
    r"yeah|nothing|things|all|very|too|kind|sort|can't|cant|don't|dont|didn't|couldn't|"
    r"worse|tired|happy|sad|low|fine|great|from|compared|then|"
    r"usually|normally|last|week|last week|morning|tonight|weather|much|thats|that's|we|"
    r"you|u|he|she|they|well|ye|yh|aye|even|ten|bloody|fucking|"
    r"only|slept|struggling|feels|id|will|would|x)\b)"
)
_PAST = re.compile(
    r"\b(?:yesterday|last (?:week|time|night|month|monday|tuesday|wednesday|thursday|"
    r"friday|saturday|sunday)|before|"
    r"was|were|been|usually|normally|used to|from|earlier|previously|monday|tuesday|wednesday|"
    r"thursday|friday|saturday|sunday|other day|would(?: have)? been|the week before|instead of|"
    r"at the weekend|this morning|ago)\b"
)
_PRESENT = re.compile(
    r"\b(?:today|2day|now|this week|tonight|currently|atm|right now|at the mo\w*|these days|rn|"
    r"this (?:evening|afternoon)|more like|nearer|meant|mean)\b"
)
_MEANT = re.compile(r"\b(?:i )?(?:meant|mean)(?: to (?:say|put|write))?\s*(?:a\s*)?$")
_LEAD = re.compile(
    r"(?:^|\b(?:a|an|about|id say|i'd say|say|say a|score|rating|mood|today|maybe|"
    r"probably|prob|its|it's|im|i'm|i am|feeling|solid|nearer|closer to|more like|feel|"
    r"is|like|answer|"
    r"around|now|give it|give|only|still|probs|just|yeah|yes|hi|hello|ok|morning|week|"
    r"roughly|approx|approximately|easily|definitely|overall|honestly|tbh|good|bad|low|"
    r"high|=|me|myself|hiya|ello|hey|was|to|and|or|but|well|erm+|u+m+|er+|hm+|mid|ooh|oh|then|put|so|"
    r"up|down|rate|say about|gone|went|back|number is|them|things|day|think|life|be|this|"
    r"every|far|steady|proper|great|better|worse|same|between|a bit|middling|"
    r"the answer is|meant|mean|[a-z]+ing)|[^\w\s]|\n)\s*$"
)


@dataclass(frozen=True, slots=True)
class _Mention:
    """One number in a reply that could be a score."""

    value: float
    start: int
    end: int
    out_of: bool
    when: str  # "present", "past" or ""


def read_answer(text: str, question: Question) -> float | None:
    """The answer that `text` gives to `question`, on the question's own scale, or None.

    1 and 0 for yes and no; the number of the option, counted from 1, for a choice; always None
    for an open question. Never raises on any text.
    """
    if question.kind is QuestionKind.OPEN or not text.strip():
        return None
    folded = fold(text).text
    if question.kind is QuestionKind.SCALE:
        return _read_scale(folded, question)
    if question.kind is QuestionKind.YES_NO:
        return _read_yes_no(folded)
    return _read_choice(folded, question.options)


def _read_scale(text: str, question: Question) -> float | None:
    alone = _alone(text)
    if alone is not None:
        return alone if question.low <= alone <= question.high else None
    if not _has_number(text):
        return None
    mentions = _mentions(text, question)
    if not mentions or (_DENIED.search(text) and not _MEANT_SOMEWHERE.search(text)):
        return None
    value = _settle(mentions, text)
    return value if value is not None and question.low <= value <= question.high else None


_ONLY_NUMBER = re.compile(
    r"^[^\w£$€#@-]*(?:a |an |about |its |it's |im |i'm )?([a-z]+|\d+(?:\.\d+)?)[^\w%£$]*(?:x+\W*)?$"
)


def _alone(text: str) -> float | None:
    """The value when the reply is nothing but a number, however it is spelled."""
    found = _ONLY_NUMBER.match(text.strip())
    if not found:
        return None
    word = found.group(1)
    if word in _WORDS:
        return float(_WORDS[word])
    if word[0].isdigit():
        return float(word) if len(word) < 6 else None
    close = [unit for unit in _UNITS[3:13] if len(word) > 3 and OSA.distance(word, unit) == 1]
    return float(_WORDS[close[0]]) if len(close) == 1 else None


_DIGIT = re.compile(r"\d")
_LETTERS = re.compile(r"[a-z]+")


def _has_number(text: str) -> bool:
    """A quick look, so that a reply without any number costs next to nothing."""
    if _DIGIT.search(text):
        return True
    words = (word.removesuffix("ish") for word in _LETTERS.findall(text))
    return not _WORDS.keys().isdisjoint(words)


def _value(found: re.Match[str]) -> float:
    number = found.group("number")
    value = float(_WORDS[number]) if number in _WORDS else float(number)
    if found.group("point"):
        value += _WORDS[found.group("point").split()[-1]] / 10
    return value + 0.5 if found.group("half") else value


def _top(word: str) -> int:
    return _WORDS[word] if word in _WORDS else int(word)


def _mentions(text: str, question: Question) -> list[_Mention]:
    """Every number in `text` that can only be a score; empty when one of them is off the scale."""
    found: list[_Mention] = []
    for mention in _MENTION.finditer(text):
        out = mention.group("out")
        if out and _top(mention.group("top")) != question.high:
            if "on" in out or "of" in out.split():
                continue
            return []
        last = found[-1].end if found else None
        if not out and not _is_score(text, mention, last):
            continue
        found.append(_Mention(_value(mention), *mention.span(), bool(out), _when(text, mention)))
    if len(found) == 1 and _JOIN_AFTER.match(text[found[0].end :]):
        return []
    return found


def _is_score(text: str, mention: re.Match[str], last: int | None) -> bool:
    number = mention.group("number")
    before, after = text[: mention.start()], text[mention.end() :]
    if number in _WHOLE_REPLY_ONLY or number.startswith("-"):
        return False
    if number == "one" and not re.search(r"(?:\ba|\bsay|\babout|\bmaybe|^)\s*$", before):
        return False
    joins = _joins_a_number(before)
    if joins and last is None:
        return False
    if _TIME_BEFORE.search(before) and not joins and not _says_scale(before):
        return False
    if _UNIT_AFTER.match(after):
        return False
    if not before.strip() and number != "one":
        return not _COUNTS.match(after)
    return bool(_ALLOWED_AFTER.match(after)) and bool(
        joins or _says_scale(before) or _LEAD.search(before)
    )


_JOIN_BEFORE = re.compile(
    rf"{_NUMBER}\s*(?:-|~|to|or|and|&|maybe|/|possibly|bordering on|or maybe|or even)\s*"
    r"(?:a\s+|maybe\s+)?$"
)
_JOIN_AFTER = re.compile(rf"^\s*(?:-|to|or)\s*{_NUMBER}")
_COUNTS = re.compile(
    r"^\s*(?:many|much|u|you|me|my|us|the|of|cheers for|past|half|\d+|"
    r"good day|bad day|good night|bad night|"
    r"(?:(?:good|bad|nice|lovely|big|new|old|more|great|rough|late|long|cold|different|little|"
    r"small|hot|black|white|other|full|free)\s+)?"
    r"(?!(?:thanks|this|was|is|as|has|its|yes|always|us|loss|less|bless|thats|lots|plus|"
    r"sometimes|perhaps|probs|cheers|things|hows|whats|sadness|tears|nerves|pills)\b)"
    r"[a-z]{2,}[^s\W]s)\b"
)
_SAYS_SCALE = re.compile(
    r"\b(?:gone|went|up|down|moved|risen|dropped) (?:up |down )?from (?:a )?$|\bwith a $|\bhad a $"
)


def _joins_a_number(before: str) -> bool:
    if re.search(r"\b(?:at|till|until|by|since|the|my|open|bed)\s+\d+\s*(?:-|to|or)\s*$", before):
        return False
    return bool(_JOIN_BEFORE.search(before))


def _says_scale(before: str) -> bool:
    return bool(_SAYS_SCALE.search(before))


def _when(text: str, mention: re.Match[str]) -> str:
    """Whether the words around a number say that it is today's or an earlier one."""
    before = text[max(0, mention.start() - 32) : mention.start()]
    after = text[mention.end() : mention.end() + 28]
    breaks = list(re.finditer(r"[,.;!?\n]|\b(?:but|and|then)\b|\d|(?=\b(?:was|were)\b)", before))
    before = before[breaks[-1].end() if breaks else 0 :]
    stop = re.search(r"[,.;!?\n]|\b(?:but|and|then|now|to|up from|down from)\b|\d", after)
    follow = after[: stop.start()] if stop else after
    if _MEANT.search(before):
        return "present"
    if _PRESENT.search(follow) or _PRESENT.search(before):
        return "past" if re.search(r"\b(?:this morning)\b", follow) else "present"
    if _PAST.search(follow) or re.search(
        r"\bwas\b|\bwere\b|\bfrom\b|\byesterday\b|\blast\b|\busually\b|\bnormally\b|\bnot\b", before
    ):
        return "past"
    return ""


def _settle(mentions: list[_Mention], text: str) -> float | None:
    """One value from several mentions; None when they disagree."""
    if len(mentions) == 2:
        joined = _joined(mentions[0], mentions[1], text)
        if joined is not None:
            return joined
    mentions = [mention for mention in mentions if mention.out_of] or mentions
    values = {mention.value for mention in mentions}
    if len(values) == 1:
        return values.pop()
    present = {mention.value for mention in mentions if mention.when == "present"}
    if len(present) == 1:
        return present.pop()
    open_ones = {mention.value for mention in mentions if mention.when != "past"}
    if len(open_ones) == 1 and not present and _NOT.search(text) is None:
        return open_ones.pop()
    return None


_DENIED = re.compile(
    rf"\b(?:not|isn't|isnt|never|wasn't|wasnt)\s+(?:a |an |even a |quite a |even )?{_NUMBER}"
    rf"|{_NUMBER}\W+no\W+(?:its |it's |a )*{_NUMBER}"
)
_MEANT_SOMEWHERE = re.compile(r"\bmeant\b|\bmean\b")
_NOT = re.compile(r"\b(?:not|isn't|isnt|never)\b")
_BETWEEN = re.compile(r"\b(?:between|somewhere between)\s+(?:a\s+)?$")


def _joined(first: _Mention, second: _Mention, text: str) -> float | None:
    """The middle of two neighbours joined as a range ("4-5", "4 or 5", "between 4 and 5")."""
    between = text[first.end : second.start]
    if abs(first.value - second.value) != 1 or not _RANGE_JOIN.match(between):
        return None
    if between.split()[:1] in (["and"], ["&"]) and not _BETWEEN.search(text[: first.start]):
        return None
    if "to" in between.split() and re.search(
        r"\b(?:from|gone|went)\s*(?:a\s+)?$", text[: first.start]
    ):
        return None
    return (first.value + second.value) / 2


_YES = (
    "yes|yeah|yep|yup|yea|ye|yeh|yh|yeas|yess+|yas|aye|aye aye|y|ya|yaa|sure|definitely|"
    "defo|deffo|deffinitely|absolutely|of course|"
    "course|certainly|indeed|i did|did|done|done it|did it|i have|i do|i am|will do|ok|"
    "okay|oki|okey|okay then|yes please|i will|i would|"
    "would love to|love to|did indeed|too right|for sure|yarp|correct|true|affirmative|"
    "totally|yes i did|👍|✅|✔|ie|oui|si"
)
_NO = (
    "no|nope|nah|naw|na|n|noo+|nay|not really|not yet|not today|i didnt|i didn't|didnt|"
    "didn't|i havent|i haven't|"
    "havent|haven't|i dont|i don't|never|no way|cant|can't|couldnt|couldn't|i couldnt|"
    "i couldn't|not this time|not this week|"
    "did not|have not|not at all|negative|no thanks|no thank you|no ta|fraid not|"
    "afraid not|not been|not managed|nowt|not going|"
    "didn t|no chance|nee|false|not done|couldnt face it|👎|❌|im not|i'm not|not for me|"
    "wont|won't|i wont|i won't"
)
_POLITE = r"(?:hi|hiya|hello|hey|oh|erm|um|well|ooh|sorry|ah|haha|lol|morning|evening|ello)[\s,.!]+"
_STARTS_YES = re.compile(rf"^\W*(?:{_POLITE}){{0,2}}(?:{_YES})(?![\w'])|^\s*(?:👍|✅|✔)")
_STARTS_NO = re.compile(rf"^\W*(?:{_POLITE}){{0,2}}(?:{_NO})(?![\w'])|^\s*(?:👎|❌)")
_NO_BUT_NOT_NO = re.compile(
    r"^\W*(?:no (?:problem|worries|idea|one|doubt|need|bother|clue|news|change)\b|"
    r"never (?:better|felt better|mind)\b|na na\b|n'|no\.?\s*\d|not sure|cant complain|"
    r"can't complain|cant remember|can't remember|cant wait|can't wait|don'?t know)"
)
_YES_BUT_NOT_YES = re.compile(
    r"^\W*(?:yes(?:terday)|ok\s+(?:but|not|thanks for)|sure (?:you|about)|did (?:you|u|"
    r"they|he|she|someone)\b|do you|true but|i am not|i am\s+n|i have not|i have (?:no|"
    r"never)|i do not|i did not|i did n|i will not|i would not|course not|of course not|"
    r"definitely not|defo not|deffo not|absolutely not|certainly not|yeah no|yeah nah|"
    r"aye right|ya know|si\w|course\w|i (?:do|am|have|will|did|would)n)"
)
_TURNS = re.compile(
    r"\b(?:and|or|but)\s+(?:no|yes|yeah|nah|not|didn'?t|did)\b|\b(?:maybe|not sure|dunno|"
    r"unsure|don'?t know|depends|perhaps)\b"
)
_FIRMLY_NO = re.compile(
    r"^\W*(?:course not|of course not|definitely not|defo not|deffo not|absolutely not|"
    r"certainly not)\b"
)
_LATER_NO = re.compile(
    r"[\s,.!]+(?:no|nope|nah|i didn'?t|i haven'?t|not really|didn'?t|"
    r"haven'?t)\b(?! (?:problem|worries|one|longer))"
)
_LATER_YES = re.compile(r"[\s,.!]+(?:yes|yeah|yep|i did|i have|did it)\b")


def _read_yes_no(text: str) -> float | None:
    if _FIRMLY_NO.search(text):
        return 0.0
    says_yes = bool(_STARTS_YES.search(text)) and not _YES_BUT_NOT_YES.search(text)
    says_no = bool(_STARTS_NO.search(text)) and not _NO_BUT_NOT_NO.search(text)
    if says_yes == says_no or _TURNS.search(text):
        return None
    opposite = _LATER_NO if says_yes else _LATER_YES
    return None if opposite.search(text) else float(says_yes)


_CHOICE_NUMBER = re.compile(
    r"^\W*(?:(?:i'?ll|ill|id|i'd|can i|could i|please|the|go for|have|take|choose|pick|"
    r"like|do|option|number|num|no\.?|choice|answer|opt|for|i|want|would|will|say|prefer|"
    r"hi|yes|ok|its|it's|probably|maybe|think|erm|um)\W+){0,6}"
    r"(?P<pick>\d+|[a-j]|one|two|three|four|five|six|seven|eight|nine|ten|first|second|"
    r"third|fourth|fifth|1st|2nd|3rd|4th|5th)"
    r"(?:\W+(?:please|pls|thanks|thank you|ta|one|option|choice|x+|for me|cheers|is fine|"
    r"would be good|sounds good|today|this week|mate|love|i think|it is|then|"
    r"that one))*\W*$"
)
_ORDINALS = {
    word: index for index, word in enumerate(("first", "second", "third", "fourth", "fifth"), 1)
}
_SEVERAL = re.compile(
    r"\b(?:both|either|neither|all|none|any|dont mind|don't mind|not sure|dunno|"
    r"don't know|dont know|nothing)\b"
)
_AGAINST = re.compile(
    r"\b(?:not|no|don't|dont|can't|cant|hate|except|anything but|never|without|instead of)\b"
)
_DULL = frozenset(
    [
        "the",
        "a",
        "an",
        "of",
        "to",
        "and",
        "or",
        "in",
        "at",
        "for",
        "with",
        "on",
        "my",
        "me",
        "i",
        "it",
        "is",
        "some",
        "your",
        "you",
        "go",
        "do",
        "have",
    ]
)
CLOSE_WORD = 5


def _read_choice(text: str, options: tuple[str, ...]) -> float | None:
    folded = [_words(option) for option in options]
    said = _words(text)
    exact = [number for number, option in enumerate(folded, 1) if option and option == said]
    if len(exact) == 1:
        return float(exact[0])
    found = _CHOICE_NUMBER.match(text)
    if found:
        picked = _picked(found.group("pick"))
        return float(picked) if 1 <= picked <= len(options) else None
    if _SEVERAL.search(text) or _AGAINST.search(text):
        return None
    return _named(said, folded)


def _picked(word: str) -> int:
    if word in _ORDINALS:
        return _ORDINALS[word]
    if word in _WORDS:
        return _WORDS[word]
    if word.rstrip("stndrh").isdigit():
        return int(word.rstrip("stndrh")[:6])
    return ord(word) - ord("a") + 1


def _words(text: str) -> tuple[str, ...]:
    return tuple(re.findall(r"[a-z0-9]+", fold(text).text.replace("'", "")))


def _same(said: str, word: str) -> bool:
    return said == word or (
        len(word) >= CLOSE_WORD and said[:1] == word[0] and OSA.distance(said, word) <= 1
    )


def _named(said: tuple[str, ...], options: list[tuple[str, ...]]) -> float | None:
    """The one option whose own words are in the reply."""
    telling = [
        [word for word in option if word not in _DULL and not _shared(word, option, options)]
        for option in options
    ]
    hits = [
        number
        for number, words in enumerate(telling, 1)
        if any(_same(mine, word) for word in words for mine in said)
    ]
    return float(hits[0]) if len(hits) == 1 else None


def _shared(word: str, mine: tuple[str, ...], options: list[tuple[str, ...]]) -> bool:
    return any(word in option for option in options if option is not mine)
