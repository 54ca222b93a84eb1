"""Answers as people text them, read on the scale of the question; never a guess."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connector.domain.answers import read_answer
from connector.domain.question import OPEN, Better, Question, QuestionKind

TEN = Question(QuestionKind.SCALE)
FIVE = Question(QuestionKind.SCALE, low=1, high=5)
YES_NO = Question(QuestionKind.YES_NO)

SCORES: dict[str, float] = {
    "6": 6,
    " 7 ": 7,
    "7.": 7,
    "7!": 7,
    "(7)": 7,
    "0": 0,
    "10": 10,
    "6.5": 6.5,
    "six": 6,
    "Six": 6,
    "SEVEN": 7,
    "zero": 0,
    "nil": 0,
    "nought": 0,
    "sevn": 7,
    "eigth": 8,
    "thre": 3,
    "fiv": 5,
    "nien": 9,
    "6/10": 6,
    "6 / 10": 6,
    "10/10": 10,
    "0/10": 0,
    "6 out of 10": 6,
    "three out of ten": 3,
    "6 outta 10": 6,
    "6 out 10": 6,
    "6 of 10": 6,
    "about a 6": 6,
    "Its a 4 today": 4,
    "I'd say 7": 7,
    "id say about a 7 this week": 7,
    "probably a 5": 5,
    "5 I think": 5,
    "5 i spose": 5,
    "a solid 8": 8,
    "8 thanks love": 8,
    "8 x": 8,
    "8xx": 8,
    "8 :)": 8,
    "7ish": 7,
    "7 ish": 7,
    "sevenish": 7,
    "7 and a half": 7.5,
    "seven and a half": 7.5,
    "7 1/2": 7.5,
    "7½": 7.5,
    "six point five": 6.5,
    "4-5": 4.5,
    "4 - 5": 4.5,
    "4 or 5": 4.5,
    "4 or a 5": 4.5,
    "4 to 5": 4.5,
    "between 4 and 5": 4.5,
    "somewhere between a 4 and a 5": 4.5,
    "four or five": 4.5,
    "6-7 out of 10": 6.5,
    "maybe 6 or 7 this week": 6.5,
    "was a 3 yesterday but 6 today": 6,
    "6 today, was a 3 yesterday": 6,
    "3 last week but a 5 now": 5,
    "up from 4 to 6": 6,
    "gone from a 4 to a 6": 6,
    "7 today": 7,
    "this week 7": 7,
    "mood 4": 4,
    "hi its a 6 today, been to the shops": 6,
    "Morning! 8 today thanks": 8,
    "6. bit tired but ok": 6,
    "4, not great": 4,
    "3\nnot sleeping": 3,
    "2 feeling rubbish": 2,
    "7 cos the sun is out": 7,
    "feeling about a 5 today": 5,
    "im a 4": 4,
    "im at a 4 today": 4,
    "5 same as last week": 5,
    "7\ufe0f\u20e3": 7,
    "\U0001f51f": 10,
    "７": 7,
    "٧": 7,
    "७": 7,
    "7/10 walked 3 miles and had 2 cups of tea": 7,
    "6/10 got up at 7": 6,
    "7, yes 7": 7,
    "still a 5": 5,
    "only a 3": 3,
    "only 2 today": 2,
    "Score 8": 8,
    "answer is 8": 8,
    "sorry meant 5": 5,
    "oops i meant 5 not 8": 5,
    "6 \U0001f60a": 6,
    "six out of ten this week love": 6,
    "a three if im honest": 3,
    "5 or 6 probs": 5.5,
    "Prob 6 today hun": 6,
    "I am a 7 today": 7,
    "ten!!!": 10,
    "8 bloody lovely day": 8,
    "2 i want to die": 2,
    "feel like a 1": 1,
    "It's a one today": 1,
    '"6"': 6,
    "6+": 6,
    "7 been to bingo with our Sue": 7,
    "been better, 4": 4,
    "not bad, 6": 6,
    "6 not bad": 6,
    "6 out of 10 for the week": 6,
    "*7*": 7,
}

NO_SCORE = [
    "11",
    "100",
    "-3",
    "12/10",
    "got up at 7",
    "7am",
    "at 7",
    "7:30",
    "7.30pm",
    "7 o'clock",
    "half 7",
    "half past 7",
    "call me at 4",
    "ring after 6",
    "in bed by 9",
    "up since 5",
    "slept 4 hours",
    "4 hours sleep",
    "had 3 cups of tea",
    "I have 3 grandchildren",
    "my 3 kids are here",
    "8 years old",
    "aged 7",
    "turned 9 yesterday",
    "3 days ago",
    "for 2 weeks",
    "2 weeks",
    "07700 900123",
    "on 07700900123",
    "number 10 bus",
    "the 7 bus never came",
    "3rd of May",
    "the 5th",
    "12/3",
    "5/6/26",
    "2 miles",
    "£5",
    "5 quid",
    "5%",
    "50p",
    "took 2 tablets",
    "2 paracetamol",
    "walked 3 miles",
    "room 4",
    "flat 6",
    "not 10, more like 1",
    "3-8",
    "3 or 8",
    "3 8",
    "between 2 and 9",
    "no one came",
    "one of those days",
    "for one thing the bus was late",
    "alright",
    "good thanks",
    "",
    "   ",
    "4/5",
    "3/5",
    "1-2-3",
    "we won 3-1",
    "lost 2 nil",
    "a 7 one day and a 2 the next",
    "see you Tuesday 4th",
    "10 more minutes",
    "Year 7",
    "channel 5",
    "me and my 2 dogs",
    "won 2 games",
    "more than 10",
    "less than 3",
    "not a 7",
    "zero motivation",
    "ate 2 pies",
    "the two of us",
    "9 lives",
    "Windows 7",
    "covid 19",
    "v7",
    "www.7.com",
    "666",
]

FIVES = {"3": 3.0, "6": None, "0": None, "5/5": 5.0, "4 out of 5": 4.0, "3/10": None, "one": 1.0}


@pytest.mark.parametrize(("text", "answer"), SCORES.items(), ids=SCORES.keys())
def test_a_score_is_read(text: str, answer: float) -> None:
    assert read_answer(text, TEN) == answer


@pytest.mark.parametrize("text", NO_SCORE)
def test_what_may_not_be_a_score_is_no_answer(text: str) -> None:
    assert read_answer(text, TEN) is None


@pytest.mark.parametrize(("text", "answer"), FIVES.items(), ids=FIVES.keys())
def test_another_scale_has_its_own_ends(text: str, answer: float | None) -> None:
    assert read_answer(text, FIVE) == answer


def test_which_end_is_better_changes_no_answer() -> None:
    assert read_answer("3", Question(QuestionKind.SCALE, better=Better.LOW)) == 3


SAID_YES = [
    "yes",
    "Yes",
    "YES!",
    "y",
    "yeah",
    "yep",
    "yup",
    "aye",
    "yes please",
    "Yes I did",
    "yeah done it",
    "done",
    "did it",
    "defo",
    "of course",
    "sure",
    "ok",
    "I did",
    "yes it was lovely",
    "Yes thanks, went to bingo",
    "yh",
    "ye",
    "\U0001f44d",
    "yes no problem",
    "hi yes",
    "aye go on then",
    "yes!! so proud",
    "I have yes",
    "absolutely",
]
SAID_NO = [
    "no",
    "No",
    "NO!",
    "n",
    "nope",
    "nah",
    "not really",
    "not yet",
    "no sorry",
    "I didn't",
    "didnt",
    "havent",
    "no I didn't",
    "never",
    "no thanks",
    "not this time",
    "couldn't",
    "\U0001f44e",
    "no didnt feel up to it",
    "naw",
    "I haven't yet",
    "absolutely not",
    "no way",
    "no not today",
    "definitely not",
    "not today love",
]
SAID_NEITHER = [
    "yes and no",
    "maybe",
    "not sure",
    "dunno",
    "yes but no",
    "no problem",
    "no worries",
    "no idea",
    "yesterday was good",
    "nobody came",
    "November",
    "no one",
    "well",
    "sort of",
    "depends",
    "",
    "never better",
    "nothing",
    "okra",
    "who is this",
    "yeah nah",
    "I don't know",
    "yes or no?",
    "no yes I did",
]


@pytest.mark.parametrize("text", SAID_YES)
def test_yes_is_one(text: str) -> None:
    assert read_answer(text, YES_NO) == 1


@pytest.mark.parametrize("text", SAID_NO)
def test_no_is_nought(text: str) -> None:
    assert read_answer(text, YES_NO) == 0


@pytest.mark.parametrize("text", SAID_NEITHER)
def test_neither_yes_nor_no_is_no_answer(text: str) -> None:
    assert read_answer(text, YES_NO) is None


WALKS = Question(
    QuestionKind.CHOICE, options=("Walk in the park", "Knitting group", "Coffee morning")
)
CHOICES: dict[str, float | None] = {
    "1": 1,
    "2.": 2,
    "3 please": 3,
    "option 2": 2,
    "number 3": 3,
    "no 2": 2,
    "two": 2,
    "the second one": 2,
    "B": 2,
    "c)": 3,
    "a": 1,
    "Knitting group": 2,
    "knitting": 2,
    "the coffee morning please": 3,
    "kniting": 2,
    "coffe": 3,
    "I'd like the walk": 1,
    "walk in the park": 1,
    "i'll go for 1": 1,
    "first": 1,
    "1st": 1,
    "2 thanks x": 2,
    "2️⃣": 2,
    "coffee!": 3,
    "4": None,
    "0": None,
    "1 or 2": None,
    "both": None,
    "neither": None,
    "walk or coffee": None,
    "not the walk": None,
    "none of them": None,
    "dunno": None,
    "": None,
    "anything but knitting": None,
    "11": None,
    "see you at 2 o'clock": None,
}


@pytest.mark.parametrize(("text", "answer"), CHOICES.items(), ids=CHOICES.keys())
def test_a_choice_is_read_by_number_letter_or_name(text: str, answer: float | None) -> None:
    assert read_answer(text, WALKS) == answer


def test_an_open_question_has_no_answer_on_a_scale() -> None:
    assert read_answer("7", OPEN) is None


QUESTIONS = st.sampled_from([TEN, FIVE, YES_NO, WALKS, OPEN])
TEXTS = st.text(max_size=80) | st.text(alphabet="0123456789 /.-:oneftwyn", max_size=24)


@given(TEXTS, QUESTIONS)
def test_reading_an_answer_never_fails_and_never_leaves_the_scale(
    text: str, question: Question
) -> None:
    answer = read_answer(text, question)
    if answer is not None and question.kind is QuestionKind.SCALE:
        assert question.low <= answer <= question.high
    if answer is not None and question.kind is QuestionKind.CHOICE:
        assert 1 <= answer <= len(question.options)
