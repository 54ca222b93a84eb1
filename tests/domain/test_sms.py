"""Counting a text as the network does, against another implementation, and folding it."""

from __future__ import annotations

import pytest
import smsutil
from hypothesis import given
from hypothesis import strategies as st

from connector.domain.sms import BASIC, EXTENSION, GSM_7, Alphabet, SmsText, fold

WELSH = "âêîôûŵŷÂÊÎÔÛŴŶáéíóúẁẃẅỳýÿäëïöüàèìòù"
EMOJI = ["👍", "👍🏽", "👩‍👩‍👧", "🏴󠁧󠁢󠁷󠁬󠁳󠁿", "☀️", "🙂", "1️⃣"]
LOOK_ALIKES = "“”‘’–—…\u00a0\u200b\t"

gsm_texts = st.text(st.sampled_from(sorted(GSM_7)), min_size=1, max_size=700)
any_texts = st.lists(
    st.one_of(
        st.sampled_from(sorted(BASIC)),
        st.sampled_from(sorted(EXTENSION)),
        st.sampled_from(WELSH),
        st.sampled_from(EMOJI),
        st.sampled_from(LOOK_ALIKES),
        st.characters(codec="utf-8", exclude_characters="\x1b"),
    ),
    min_size=1,
    max_size=350,
).map("".join)


def near_the_edges(letters: list[str]) -> st.SearchStrategy[str]:
    """Texts whose length stands a few units around the ends of segments."""
    lengths = [70, 134, 160, 201, 268, 306, 459]
    return st.builds(
        lambda length, off, tail: "a" * max(0, length + off) + "".join(tail),
        st.sampled_from(lengths),
        st.integers(-4, 4),
        st.lists(st.sampled_from(letters), max_size=4),
    ).filter(bool)


@given(st.one_of(gsm_texts, any_texts, near_the_edges(["€", "{", "a", "👍🏽", "ŵ", "🙂"])))
def test_alphabet_and_segments_agree_with_smsutil(body: str) -> None:
    theirs = smsutil.split(body)  # type: ignore[no-untyped-call]
    ours = SmsText(body)
    assert ours.segments == len(theirs.parts)
    assert (ours.alphabet is Alphabet.GSM_7) == (theirs.encoding == "gsm0338")
    assert ours.characters == theirs.total_length


@pytest.mark.parametrize(
    ("body", "alphabet", "characters", "units", "segments"),
    [
        pytest.param("", "GSM-7", 0, 0, 1, id="nothing still takes a text"),
        pytest.param("a" * 160, "GSM-7", 160, 160, 1, id="full"),
        pytest.param("a" * 161, "GSM-7", 161, 161, 2, id="one too many"),
        pytest.param("a" * 306, "GSM-7", 306, 306, 2, id="two full"),
        pytest.param("a" * 307, "GSM-7", 307, 307, 3, id="three"),
        pytest.param("€" * 80, "GSM-7", 80, 160, 1, id="euro signs take two"),
        pytest.param("€" * 153, "GSM-7", 153, 306, 3, id="a euro sign is not cut in half"),
        pytest.param("ŵ" * 70, "UCS-2", 70, 70, 1, id="Welsh full"),
        pytest.param("ŵ" + "a" * 99, "UCS-2", 100, 100, 2, id="a hundred letters of Welsh"),
        pytest.param("☀" * 70, "UCS-2", 70, 70, 1, id="older signs take one"),
        pytest.param("🙂" * 35, "UCS-2", 35, 70, 1, id="emoji take two"),
        pytest.param("🙂" * 67, "UCS-2", 67, 134, 3, id="an emoji is not cut in half"),
        pytest.param("1" * 70 + "\x1b", "UCS-2", 71, 71, 2, id="the escape itself is no letter"),
    ],
)
def test_a_text_is_counted(
    body: str, alphabet: str, characters: int, units: int, segments: int
) -> None:
    sms = SmsText(body)
    assert (sms.alphabet, sms.characters, sms.units, sms.segments) == (
        alphabet,
        characters,
        units,
        segments,
    )


@given(st.one_of(gsm_texts, any_texts))
def test_what_is_left_can_be_added_without_another_segment(body: str) -> None:
    sms = SmsText(body)
    if sms.segments == 1:
        assert SmsText(body + "a" * sms.left).segments == 1
        assert SmsText(body + "a" * (sms.left + 1)).segments == 2


def test_costly_characters_come_once_and_in_order() -> None:
    assert SmsText("ŵ’ ŵ€â").costly == ("ŵ", "’", "â")


@pytest.mark.parametrize(
    ("written", "sent"),
    [
        pytest.param("“Hi” – it’s me…", '"Hi" - it\'s me...', id="typing programs"),
        pytest.param("a\u00a0b\u200bc\ufeff", "a bc", id="spaces nobody sees"),
        pytest.param("Ｈｉ！", "Hi!", id="full width"),
        pytest.param("½ of £1", "1/2 of £1", id="fractions"),
        pytest.param("cafe\u0301", "café", id="accents are composed"),
        pytest.param("e\u200b\u0301", "é", id="composed even across an unseen character"),
        pytest.param("Llŷr, diolch â ti", "Llŷr, diolch â ti", id="letters stay"),
        pytest.param("👍🏽", "👍🏽", id="emoji stay"),
    ],
)
def test_look_alikes_are_folded(written: str, sent: str) -> None:
    assert fold(written) == sent


@given(any_texts)
def test_folding_twice_changes_nothing_more(body: str) -> None:
    assert fold(fold(body)) == fold(body)


@given(gsm_texts)
def test_a_plain_text_is_left_alone(body: str) -> None:
    assert fold(body) == body


@given(st.text(st.sampled_from(LOOK_ALIKES + "abc£€ "), max_size=200))
def test_typographic_look_alikes_always_fold_into_gsm_7(body: str) -> None:
    assert SmsText(fold(body)).alphabet is Alphabet.GSM_7
