"""An answer on its scale, read from the words somebody wrote.

A score (`scores`), yes or no, a choice by number, letter or name. Replies are cut into words, and
the tables below say what those mean. It refuses to guess: two answers that disagree, "maybe", both
or neither, are no answer, and a person reads the reply.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise

from rapidfuzz.distance import OSA

from connector.domain.question import Better, Question, QuestionKind
from connector.domain.scores import NUMBERS, read_score
from connector.domain.spelling import fold


def read_answer(text: str, question: Question) -> float | None:
    """The answer that `text` gives to `question`, on the question's own scale, or None.

    1 and 0 for yes and no; the number of the option, counted from 1, for a choice or a step; always
    None for an open question. Never raises on any text.
    """
    if question.kind is QuestionKind.OPEN or not text.strip():
        return None
    folded = fold(text).text
    if question.kind is QuestionKind.SCALE:
        if question.better is Better.HIGH and _OF_AN_ILL.search(folded):
            return None
        return read_score(folded, question.low, question.high)
    words = _words(folded)
    if question.kind is QuestionKind.YES_NO:
        return _read_yes_no(words)
    if question.kind is QuestionKind.STEP:
        return _read_step(words)
    return _read_choice(words, question.options)


_ILL = r"(?:pains?|(?:head|back|tooth)?aches?|anxiety|anxietys|stress|nausea|tiredness|worry)"
_OF_AN_ILL = re.compile(
    rf"\b{_ILL}(?:'s)? (?:(?:is|was|are|at|a|an|about|around|like|levels?|score|still|today|now)"
    rf" )*\d+\b|\b\d+ ?(?:/|out of) ?\d+ (?:for |on )?(?:the |my |with )?{_ILL}\b"
)
"""How strong a pain is, where more is worse: never how somebody is, where more is better."""
_WORD = re.compile(r"[a-z0-9]+|\U0001f44d|\U0001f44e|\u2705|\u2714|\u274c")


def _words(folded: str) -> tuple[str, ...]:
    """The words of a folded reply, without apostrophes; thumbs and ticks are words."""
    return tuple(_WORD.findall(folded.replace("'", "")))


def _phrases(text: str) -> frozenset[str]:
    return frozenset(" ".join(phrase.split()) for phrase in text.split(","))


# --- Yes and no -----------------------------------------------------------------------------

_YES = _phrases(
    """
    yes, yeah, yep, yup, yea, ye, yeh, yh, yeas, yess, yesss, yas, aye, aye aye, y, ya, yaa, yarp,
    yeahh, yehh, yessir, sure, sure thing, for sure, definitely, def, defo, deffo, defos, deffs,
    deffinitely, definately, defiantly, absolutely, of course, ofc, course, course i did, course i
    have, certainly, indeed, i did, did, did indeed, done, done it, all done, did it, did that, i
    have, have done, ive done, have, i do, i am, i will, i would, will do, ok, okay, oki, okey, okey
    dokey, okay then, ok then, okay yes, ok yes, okay yeah, yes please, would love to, id love to,
    id love that, love to, id like that, i would like that, that would be lovely, that would be
    great, that would be nice, that would be good, that be lovely, that be great, sounds good,
    sounds great, sounds lovely, too right, correct, true, affirmative, totally, ie, oui, si,
    \U0001f44d, \u2705, \u2714, i think so, think so, i believe so, go on then, go on, managed it, i
    managed it, managed to, i managed to, i managed, just about, just, sort of did, been, i went,
    went, i go, im in, count me in, happy to, id be happy to, by all means, no problem yes, it was,
    there was, there is, they did, she did, he did, we did, definately yes, most definitely, 100,
    100 percent, yes 100
    """
)
_NO = _phrases(
    """
    no, nope, nah, naw, na, n, noo, nooo, noooo, nay, nee, not really, not yet, not today, not
    tonight, i didnt, didnt, didn t, i did not, did not, i havent, havent, have not, i have not,
    havnt, i havnt, i dont, i do not, never, never have, never did, never got round to it, no way,
    cant, cannot, couldnt, i couldnt, could not, i could not, i cant, i cannot, not this time, not
    this week, not at all, negative, no thanks, no thank you, no ta, fraid not, afraid not, im
    afraid not, i am afraid not, sadly not, sadly no, unfortunately not, unfortunately no, not been,
    not managed, nowt, not going, no chance, not a chance, false, not done, couldnt face it,
    \U0001f44e, \u274c, im not, i am not, not for me, wont, i wont, i will not, i would not, id
    rather not, rather not, dont think so, i dont think so, cant say i did, cant say i have, cant
    say so, course not, of course not, definitely not, def not, defo not, deffo not, absolutely not,
    certainly not, not likely, not on your nelly, not exactly, not much, not so far, not managed it,
    didnt manage it, i didnt manage it, didnt get round to it, forgot, i forgot, forgot to, ill
    pass, pass, hardly, barely, not quite, wasnt able to, i wasnt able to, wasnt up to it, not
    feeling up to it, i did nothing, i did nowt, did nothing, did nowt, done nothing, i done
    nothing, done nowt, i have no, i have never, i have nothing, not sadly, not unfortunately, it
    wasnt, there wasnt, there isnt
    """
)
# Begin like one of the above and are not that: "no problem", "never better", "sure about that?"
_NEITHER = _phrases(
    """
    no problem, no problems, no worries, no idea, no one, no doubt, no need, no bother, no clue, no
    news, no change, no matter, no rush, no money, no food, no sleep, never better, never felt
    better, never mind, na na, cant complain, cannot complain, cant remember, cannot remember, cant
    wait, cannot wait, cant stop, cant cope, cant breathe, cant sleep, i cant cope, i cant breathe,
    i cant go on, cant go on, dont know, i dont know, i do not know, sure you, sure about, did you,
    did u, did they, did someone, do you, true but, yeah no, yeah nah, aye right, ya know, ok but,
    ok not, ok thanks for, not sure, im not sure, i am not sure, not certain, i am not ok, im not
    ok, im not good, i am not good, im not well, i am not well, si, yes and no, yes or no, went
    downhill, just about ok, have you, i have a question, been better, been worse, been ok, just ok,
    just a bit, just got, just woke, just who, never ever better, i am ok, i am fine, i am good, i
    am so, i am very, i do not want to, i dont want to, i did not sleep, not much to say, it was ok,
    it was you, pass it on, go on holiday, i go, forgot who
    """
)
_LONGEST = max(len(phrase.split()) for phrase in _YES | _NO | _NEITHER)
_OPENERS = _phrases(
    """
    hi, hiya, hello, hey, oh, erm, er, um, umm, hmm, well, ooh, sorry, ah, haha, lol, morning,
    evening, afternoon, ello, good, and, so, thanks, thank, you, love, sadly, unfortunately, to be
    honest, tbh, honestly, actually, but, im afraid
    """
)
_WHOLE_YES = _phrases(
    """
    please, pls, why not, thank you yes, 1, ok x, ta yes, yes 1
    """
)
_WHOLE_NO = _phrases(
    """
    0, no 0, not
    """
)
_DOUBT = _phrases(
    """
    maybe, perhaps, dunno, unsure, depends, possibly
    """
)
_DOUBTS = _phrases(
    """
    not sure, dont know, do not know, might do, or no, or not, and no, but no, or yes, but yes, and
    yes
    """
)
_UNSAYS_YES = _phrases(
    """
    no, nope, nah, i didnt, i havent, not really, didnt, havent, did not, have not
    """
)
_UNSAYS_NO = _phrases(
    """
    yes, yeah, yep, i did, i have, did it
    """
)
_HARMLESS = _phrases(
    """
    problem, problems, worries, one, longer, bother, need, more, rain, pain, issues, trouble,
    complaints, doubt, rush
    """
)


def _read_yes_no(words: Sequence[str]) -> float | None:
    whole = " ".join(words)
    if whole in _WHOLE_YES or whole in _WHOLE_NO:
        return float(whole in _WHOLE_YES)
    start = 0
    answer, length = _opening(words, start)
    while not length and start < len(words) and words[start] in _OPENERS and start < 4:
        start += 1
        answer, length = _opening(words, start)
    if answer is None:
        return None
    rest = words[start + length :]
    return None if _doubted(rest) or _unsaid(rest, answer) else answer


def _opening(words: Sequence[str], start: int) -> tuple[float | None, int]:
    """What the longest known phrase at `start` says, and its length; (None, 0) for none."""
    for length in range(min(_LONGEST, len(words) - start), 0, -1):
        phrase = " ".join(words[start : start + length])
        if phrase in _NEITHER:
            return None, length
        if phrase in _NO:
            return 0.0, length
        if phrase in _YES:
            return 1.0, length
    return None, 0


def _pairs(words: Sequence[str]) -> set[str]:
    return {" ".join(pair) for pair in pairwise(words)}


def _doubted(rest: Sequence[str]) -> bool:
    return not _DOUBT.isdisjoint(rest) or not _DOUBTS.isdisjoint(_pairs(rest))


def _unsaid(rest: Sequence[str], answer: float) -> bool:
    """Whether what follows takes the answer back: "yes ... no I didn't"."""
    unsays = _UNSAYS_YES if answer else _UNSAYS_NO
    for index, word in enumerate(rest):
        pair, after = " ".join(rest[index : index + 2]), rest[index + 1 : index + 2]
        if word in unsays and _HARMLESS.isdisjoint(after):
            return True
        if pair in unsays and (answer or _ends_here(rest, index + 2)):
            return True
    return False


def _ends_here(rest: Sequence[str], index: int) -> bool:
    return index >= len(rest) or rest[index] in ("but", "and", "x", "it", "go", "yes")


# --- Steps ----------------------------------------------------------------------------------

_PART_WAY = _phrases(
    """
    part way, partway, part of it, part, partly, half, halfway, half way, half of it, half did it,
    a bit, a bit of it, bits of it, some, some of it, a little, sort of, kind of, kinda, nearly,
    almost, got started, made a start, started it, started but, not all of it, not all, not quite,
    tried, tried to, i tried, did try, gave it a go, had a go
    """
)
_LONGEST_PART = max(len(phrase.split()) for phrase in _PART_WAY)
# What may stand before one of these: "I only did a bit". "Did it, a bit tired" is done.
_LEADS = _OPENERS | _phrases("i, did, only, just, managed, got, yes, yeah, no, it, was, about")
_WHOLE_THINGS = _phrases("half an, half a, half past, part time, some more, a bit more")


def _read_step(words: Sequence[str]) -> float | None:
    """How a step went: 1 did it, 2 part way, 3 not this time; in numbers or in words."""
    picked = [number for number in ("1", "2", "3") if number in words]
    if picked:
        alone = all(word in _AROUND or word in picked for word in words)
        return float(picked[0]) if alone and len(picked) == 1 else None
    if _DOUBT.isdisjoint(words) and _is_part_way(words):
        return 2.0
    said = _read_yes_no(words)
    return None if said is None else 1.0 if said else 3.0


def _is_part_way(words: Sequence[str]) -> bool:
    for start, word in enumerate(words):
        lengths = range(1, min(_LONGEST_PART, len(words) - start) + 1)
        phrases = {" ".join(words[start : start + length]) for length in lengths}
        if phrases & _PART_WAY:
            return not phrases & _WHOLE_THINGS
        if word not in _LEADS or words[start : start + 2] in (("did", "it"), ("managed", "it")):
            return False
    return False


# --- Choices --------------------------------------------------------------------------------

_ORDINALS = {
    word: index
    for index, words in enumerate(
        ("first 1st", "second 2nd", "third 3rd", "fourth 4th", "fifth 5th"), 1
    )
    for word in words.split()
}
_LETTERS = {letter: index for index, letter in enumerate("abcdefghij", 1)}
# Words around a pick that change nothing: "I'll go for 1 please".
_AROUND = frozenset(
    [
        "ill",
        "i",
        "id",
        "would",
        "like",
        "can",
        "could",
        "please",
        "pls",
        "plz",
        "the",
        "go",
        "going",
        "with",
        "for",
        "have",
        "take",
        "choose",
        "pick",
        "do",
        "doing",
        "option",
        "options",
        "number",
        "num",
        "no",
        "choice",
        "answer",
        "opt",
        "want",
        "will",
        "say",
        "prefer",
        "hi",
        "hiya",
        "hello",
        "hey",
        "yes",
        "yeah",
        "ok",
        "okay",
        "its",
        "it",
        "probably",
        "prob",
        "maybe",
        "think",
        "erm",
        "um",
        "hmm",
        "me",
        "be",
        "is",
        "fine",
        "good",
        "great",
        "lovely",
        "sounds",
        "today",
        "this",
        "week",
        "mate",
        "love",
        "then",
        "that",
        "thanks",
        "thank",
        "you",
        "ta",
        "one",
        "x",
        "xx",
        "xxx",
        "cheers",
        "my",
        "try",
        "lets",
        "let",
        "us",
        "gimme",
        "give",
        "of",
        "fancy",
        "im",
        "up",
        "too",
        "nice",
        "a",
        "an",
        "to",
        "reckon",
        "and",
        "so",
        "just",
        "definitely",
        "defo",
        "guess",
        "suppose",
        "on",
        "in",
        "i'd",
        "really",
        "bit",
        "had",
        "join",
    ]
)
_SEVERAL = _phrases(
    """
    both, either, neither, all, none, any, dunno, nothing, whichever, whatever, or, not
    """
)
_SEVERALS = _phrases(
    """
    dont mind, do not mind, not sure, dont know, do not know, not fussed, you choose
    """
)
_AGAINST = _phrases(
    """
    not, dont, cant, cannot, hate, except, anything, never, without, instead, wont, didnt, nope, nah
    """
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
CLOSE_WORD = 4  # letters from which on one slip is forgiven
VERY_CLOSE_WORD = 7  # and from which on the first letter may be the slip


def _read_choice(said: Sequence[str], options: tuple[str, ...]) -> float | None:
    named_options = [_words(fold(option).text) for option in options]
    exact = [number for number, option in enumerate(named_options, 1) if option and option == said]
    if len(exact) == 1:
        return float(exact[0])
    if not _SEVERALS.isdisjoint(_pairs(said)) or not _SEVERAL.isdisjoint(said):
        return None
    if not _AGAINST.isdisjoint(said) or (
        said and said[0] == "no" and not _picks(said, len(options))
    ):
        return None
    named = _named(said, named_options)
    picks = _picks(said, len(options))
    if picks and (_only_picks(said, named_options) or named):
        agreed = {*picks, *named}
        only = agreed.pop() if len(agreed) == 1 else 0
        return float(only) if 1 <= only <= len(options) else None
    return float(named[0]) if len(named) == 1 and not _digits(said) else None


def _digits(said: Sequence[str]) -> bool:
    return any(word.isdigit() for word in said)


def _picks(said: Sequence[str], count: int) -> tuple[int, ...]:
    """The options that a reply picks by number, letter or place, each once."""
    found: dict[int, None] = {}
    for index, word in enumerate(said):
        picked = _picked(word, said[:index], said[index + 1 :], count)
        if picked is not None:
            found[picked] = None
    return tuple(found)


def _picked(word: str, before: Sequence[str], after: Sequence[str], count: int) -> int | None:
    if word.isdigit():
        return int(word[:6])
    if word in _ORDINALS:
        return _ORDINALS[word]
    if word == "last" and (not after or after[0] in ("one", "option", "please")):
        return count
    if word == "middle" and count == 3:
        return 2
    if word == "one":
        pointing = bool(before) and (
            before[-1] in ("that", "this", "last", "middle", "the") or before[-1] in _ORDINALS
        )
        return None if pointing else 1
    if word in NUMBERS:
        return int(NUMBERS[word])
    if word in _LETTERS:
        return _LETTERS[word] if _is_letter(word, before, after) else None
    return None


def _is_letter(word: str, before: Sequence[str], after: Sequence[str]) -> bool:
    """Whether a letter names an option; "a" and "i" are mostly words."""
    if word == "i":
        return not before and not after
    if word != "a":
        return True
    led = not before or before[-1] in ("option", "go", "for", "choose", "pick", "answer", "with")
    return led and (not after or after[0] in ("please", "pls", "x", "thanks", "ta", "for"))


def _only_picks(said: Sequence[str], options: Sequence[Sequence[str]]) -> bool:
    """Whether nothing but a pick, the words around one, and the option's own words is there."""
    own = {word for option in options for word in option}
    return all(
        word in _AROUND or word in own or word in _ORDINALS or word in NUMBERS
        or word in _LETTERS or word.isdigit() or word in ("last", "middle")
        for word in said
    )  # fmt: skip


def _same(said: str, word: str) -> bool:
    if said == word:
        return True
    if len(word) < CLOSE_WORD or len(said) < CLOSE_WORD - 1:
        return False
    first = said[:1] == word[0] or len(word) >= VERY_CLOSE_WORD
    return first and OSA.distance(said, word) <= 1


def _named(said: Sequence[str], options: Sequence[Sequence[str]]) -> tuple[int, ...]:
    """The options whose own words are in the reply."""
    return tuple(
        number
        for number, option in enumerate(options, 1)
        if any(_same(mine, word) for word in _telling(option, options) for mine in said)
    )


def _telling(option: Sequence[str], options: Sequence[Sequence[str]]) -> list[str]:
    """The words of an option that no other option shares."""
    others = {word for other in options if other is not option for word in other}
    return [word for word in option if word not in _DULL and word not in others]
