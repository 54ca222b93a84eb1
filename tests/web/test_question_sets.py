"""The texts of a programme: a form that loses nothing, files, versions side by side, trying out."""

from __future__ import annotations

import io
from html import unescape
from typing import Any

import pytest
from flask.testing import FlaskClient
from werkzeug.datastructures import MultiDict

from connector.domain.cadence import Weekday
from connector.domain.programme import Programme
from connector.domain.question import QuestionKind
from connector.domain.rota import Role
from connector.gateways.programme_files import write
from connector.store import versions
from connector.web import question_form
from tests.makers import a_programme
from tests.web.conftest import Site

WORDS = "Hi {name}, how have things been, 0 to 10? {sender}"


@pytest.fixture
def weekly(site: Site) -> int:
    with site.loop.wiring.transaction() as session:
        return a_programme(session, days=(Weekday.TUE,))


@pytest.fixture
def morag(site: Site) -> FlaskClient:
    return site.as_(Role.COORDINATOR)


def draft(site: Site, id_: int) -> versions.Version:
    with site.loop.wiring.reading() as session:
        found = versions.draft(session, id_)
    assert found
    return found


def form(programme: Programme, *, edits: int = 0, **changes: Any) -> MultiDict[str, Any]:
    """The form as the page would send it, with some of it changed."""
    typed = question_form.of_programme(programme)
    fields: list[tuple[str, Any]] = [("edits", edits), ("language", "en"), ("act", "save")]
    for place, item in enumerate(typed.items):
        for at, one in [
            (f"q{place}", item),
            *((f"q{place}f{nth}", each) for nth, each in enumerate(item.follow_ups)),
        ]:
            fields += [
                (f"{at}-{name}", getattr(one, name))
                for name in ("key", "kind", "low", "high", "better", "about", "options")
            ]
            fields += [(f"{at}-start", one.start), (f"{at}-end", one.end)]
            fields += [(f"{at}-levels", "1")] * one.levels
            fields += [
                (f"{at}-text-{code}", words) for code, some in one.texts.items() for words in some
            ]
    for part, texts in typed.parts.items():
        fields += [(f"{part}-text-{code}", words) for code, some in texts.items() for words in some]
    found: MultiDict[str, Any] = MultiDict(fields)
    for name, value in changes.items():
        found.setlist(name.replace("__", "-"), value if isinstance(value, list) else [value])
    return found


def published(site: Site, id_: int) -> Programme:
    with site.loop.wiring.reading() as session:
        found = versions.published(session, id_)
    assert found
    return found.programme


@pytest.mark.parametrize(
    ("role", "status"),
    [(Role.CONNECTOR, 403), (Role.COORDINATOR, 200), (Role.ADMINISTRATOR, 200)],
)
@pytest.mark.parametrize("page", ["questions", "changes", "file", "try-out"])
def test_the_room_is_for_those_who_answer_for_it(
    site: Site, weekly: int, role: Role, status: int, page: str
) -> None:
    assert site.as_(role).get(f"/programmes/{weekly}/{page}").status_code == status
    assert site.as_(Role.COORDINATOR).get(f"/programmes/999/{page}").status_code == 404


def test_saving_makes_a_draft_and_leaves_what_goes_out(
    site: Site, weekly: int, morag: FlaskClient
) -> None:
    base = published(site, weekly)
    answer = morag.post(
        f"/programmes/{weekly}/questions",
        data=form(base, **{
            "q0-text-en": ["Hi {name}, 0 to 10?\r\nPlease", " ", "Morning, 0 to 10?"],
            "reminder-text-cy": "Helo eto {name}",
        }),
    )
    assert answer.status_code == 302
    assert draft(site, weekly).programme.wording == {
        "en": ("Hi {name}, 0 to 10?\nPlease", "Morning, 0 to 10?"),
    }
    assert draft(site, weekly).programme.reminder == {"cy": ("Helo eto {name}",)}
    assert published(site, weekly).wording == {"en": (WORDS,)}
    page = morag.get(f"/programmes/{weekly}/questions").text
    assert "Saved by Morag Bell" in page


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        ("q0-text-en", "", "The question 'first' needs at least one wording in English."),
        ("q0-high", "ten", "Write a whole number from -100 to 100."),
        ("q0-high", "0", "A scale needs a highest answer above its lowest one."),
        ("q0-kind", "song", "Choose how it is answered."),
        ("q0-key", "No Name", "cannot name a question"),
        ("q0-text-en", "x" * 1001, "A text has at most 1000 characters."),
    ],
)
def test_what_cannot_be_saved_is_said_and_loses_nothing(
    site: Site, weekly: int, morag: FlaskClient, field: str, value: str, words: str
) -> None:
    data = form(published(site, weekly), **{"closing-text-en": "Ta & thanks", field: value})
    answer = morag.post(f"/programmes/{weekly}/questions", data=data)
    page = unescape(answer.text)
    assert answer.status_code == 400
    assert words in page
    assert "Ta & thanks</textarea>" in page
    assert field == "q0-kind" or value in page
    with site.loop.wiring.reading() as session:
        assert versions.draft(session, weekly) is None


def test_choices_are_two_or_three_lines(site: Site, weekly: int, morag: FlaskClient) -> None:
    base, address = published(site, weekly), f"/programmes/{weekly}/questions"
    one = form(base, **{"q0-kind": "choice", "q0-options": "tea\ntea"})
    assert "Write 2 or 3 choices that differ" in morag.post(address, data=one).text
    two = form(base, **{"q0-kind": "choice", "q0-options": " tea \r\n\r\ncake\n"})
    assert morag.post(address, data=two).status_code == 302
    question = draft(site, weekly).programme.question
    assert (question.kind, question.options) == (QuestionKind.CHOICE, ("tea", "cake"))


def test_buttons_change_what_is_typed_and_save_nothing(
    site: Site, weekly: int, morag: FlaskClient
) -> None:
    address, base = f"/programmes/{weekly}/questions", published(site, weekly)
    data = form(base, act="add", **{"q0-text-en": "Typed and not saved"})
    page = morag.post(address, data=data).text
    assert "Typed and not saved</textarea>" in page
    assert 'name="q1-key" value="question_2"' in page or 'value="question_2"' in page
    with site.loop.wiring.reading() as session:
        assert versions.draft(session, weekly) is None


def test_questions_are_added_moved_and_taken_out(
    site: Site, weekly: int, morag: FlaskClient
) -> None:
    typed = question_form.of_programme(published(site, weekly))
    for act in ("add", "follow-q0", "down-q0", "add"):
        question_form.done(typed, act, language="en", taken={"question_4"})
    assert [item.key for item in typed.items] == ["question_2", "first", "question_5"]
    assert [one.key for one in typed.items[1].follow_ups] == ["question_3"]
    for act in ("remove-q1f0", "remove-q0", "up-q0", "down-q9", "more-q7", "nonsense", "q0-remove"):
        question_form.done(typed, act, language="en")
    assert [(item.key, item.follow_ups) for item in typed.items] == [
        ("first", []), ("question_5", []),
    ]
    question_form.done(typed, "remove-q0", language="en")
    question_form.done(typed, "remove-q0", language="en")
    assert len(typed.items) == 1


def test_a_follow_up_of_some_answers_is_saved(site: Site, weekly: int, morag: FlaskClient) -> None:
    follow = {
        "q0f0-kind": "open", "q0f0-key": "hard", "q0f0-text-en": "What made it hard?",
        "q0f0-start": "0", "q0f0-end": "3", "q0f0-about": "week",
    }
    address, base = f"/programmes/{weekly}/questions", published(site, weekly)
    bad = morag.post(address, data=form(base, **(follow | {"q0f0-end": "three"})))
    assert "Write the answer as a number, such as 3." in bad.text
    assert morag.post(address, data=form(base, **follow)).status_code == 302
    after = draft(site, weekly).programme.after("first", 2)
    assert after
    assert after.key == "hard"


def test_another_language_is_written_while_english_stays(
    site: Site, weekly: int, morag: FlaskClient
) -> None:
    address = f"/programmes/{weekly}/questions"
    page = morag.post(address, data=form(published(site, weekly), act="language-cy")).text
    assert 'name="q0-text-cy"' in page
    assert f'<input type="hidden" name="q0-text-en" value="{WORDS}">' in page
    assert "1 missing" in page


def test_of_two_who_save_the_second_is_told_what_differs_and_may_save_again(
    site: Site, weekly: int, morag: FlaskClient
) -> None:
    tomos, address = site.as_(Role.ADMINISTRATOR), f"/programmes/{weekly}/questions"
    base = published(site, weekly)
    assert tomos.post(address, data=form(base, **{"q0-text-en": "Theirs?"})).status_code == 302
    mine = form(base, **{"q0-text-en": "Mine?"})
    answer = morag.post(address, data=mine)
    assert answer.status_code == 409
    page = unescape(answer.text)
    assert "Tomos Rees saved this draft while you were writing." in page
    assert "Theirs: Theirs?" in page
    assert "Mine?</textarea>" in page
    assert 'name="edits" value="2"' in page
    mine["edits"] = "2"
    assert morag.post(address, data=mine).status_code == 302
    assert draft(site, weekly).programme.wording == {"en": ("Mine?",)}


def test_what_stands_in_the_way_is_listed(site: Site, weekly: int, morag: FlaskClient) -> None:
    data = form(published(site, weekly), **{"q0-text-en": "Are you lonely?"})
    morag.post(f"/programmes/{weekly}/questions", data=data)
    page = unescape(morag.get(f"/programmes/{weekly}/questions").text)
    assert "Before it can be published" in page
    assert "The question 'first' says “lonely”" in page


def test_a_draft_can_be_thrown_away(site: Site, weekly: int, morag: FlaskClient) -> None:
    address = f"/programmes/{weekly}/questions"
    morag.post(address, data=form(published(site, weekly), **{"q0-text-en": "New?"}))
    edits = draft(site, weekly).edits
    assert morag.post(f"{address}/discard", data={"edits": edits - 1}).status_code == 302
    assert draft(site, weekly)
    morag.post(f"{address}/discard", data={"edits": edits})
    with site.loop.wiring.reading() as session:
        assert versions.draft(session, weekly) is None


def test_markup_in_a_text_is_words(site: Site, weekly: int, morag: FlaskClient) -> None:
    data = form(published(site, weekly), act="check", **{"q0-text-en": '"><script>x</script>'})
    page = morag.post(f"/programmes/{weekly}/questions", data=data).text
    assert "<script>x" not in page


# --- Files and versions ---------------------------------------------------------------------


def upload(client: FlaskClient, id_: int, content: bytes, edits: int = 0) -> Any:
    return client.post(
        f"/programmes/{id_}/questions/file",
        data={"file": (io.BytesIO(content), "mine.yaml"), "edits": str(edits)},
        content_type="multipart/form-data",
    )


def test_a_file_goes_out_and_comes_in_as_the_draft(
    site: Site, weekly: int, morag: FlaskClient
) -> None:
    answer = morag.get(f"/programmes/{weekly}/file")
    assert answer.headers["Content-Disposition"] == (
        f'attachment; filename="programme-{weekly}-version-1.yaml"'
    )
    assert answer.text == write(published(site, weekly))
    changed = answer.text.replace("how have things been", "how has it been")
    assert upload(morag, weekly, changed.encode()).status_code == 302
    assert write(draft(site, weekly).programme) == changed
    assert morag.get(f"/programmes/{weekly}/file?version=2").text == changed
    assert morag.get(f"/programmes/{weekly}/file?version=7").status_code == 404


def test_a_file_that_cannot_be_read_names_every_line(
    site: Site, weekly: int, morag: FlaskClient
) -> None:
    text = write(published(site, weekly)).replace("TUE", "TOO").replace("low: 0", "low: x")
    answer = upload(morag, weekly, text.encode())
    assert answer.status_code == 400
    page = unescape(answer.text)
    assert "Line 8: days of cadence has to be one of MON" in page
    assert "low of questions has to be a whole number" in page
    assert upload(morag, weekly, b"").status_code == 400
    assert "larger than 128 KB" in upload(morag, weekly, b"# " + b"x" * 140_000).text


def test_a_file_does_not_push_aside_what_somebody_else_saved(
    site: Site, weekly: int, morag: FlaskClient
) -> None:
    tomos = site.as_(Role.ADMINISTRATOR)
    base = published(site, weekly)
    tomos.post(f"/programmes/{weekly}/questions", data=form(base, **{"q0-text-en": "Theirs?"}))
    changed = write(base).replace("how have things been", "how has it been").encode()
    assert upload(morag, weekly, changed).status_code == 409
    assert draft(site, weekly).programme.wording == {"en": ("Theirs?",)}


def test_versions_are_compared_in_plain_words(
    site: Site, weekly: int, morag: FlaskClient
) -> None:
    data = form(published(site, weekly), **{"q0-text-en": "New words?"})
    morag.post(f"/programmes/{weekly}/questions", data=data)
    page = unescape(morag.get(f"/programmes/{weekly}/changes").text)
    assert "1 difference" in page
    assert "Question 'first'" in page
    assert "New words?" in page
    same = morag.get(f"/programmes/{weekly}/changes?from=1&to=1").text
    assert "They say and do the same." in same


def test_the_schema_is_there_for_anybody(site: Site) -> None:
    answer = site.anybody().get("/programmes/programme.schema.json")
    assert answer.status_code == 200
    assert answer.get_json()["title"] == "A programme of texts"


# --- Trying out -----------------------------------------------------------------------------


def test_a_coordinator_plays_the_resident(site: Site, weekly: int, morag: FlaskClient) -> None:
    address = f"/programmes/{weekly}/try-out"
    assert "Hi Sara, how have things been" in morag.get(address).text
    first = morag.post(address, data={"act": "says", "words": "a bit low", "name": "Gwen"}).text
    assert "Hi Gwen, how have things been" in first
    assert 'name="move" value="says:a bit low"' in first
    data = {"act": "says", "words": "7", "move": ["says:a bit low", "nonsense", "says"]}
    second = morag.post(address, data=data).text
    assert "Read as 7." in second
    assert "a bit low" in second
    again = morag.post(address, data={"act": "again", "move": ["says:7"]}).text
    assert "Read as" not in again


def test_nothing_written_is_said(site: Site, weekly: int, morag: FlaskClient) -> None:
    answer = morag.post(f"/programmes/{weekly}/try-out", data={"act": "says", "words": " "})
    assert (answer.status_code, "Write what the resident would text." in answer.text) == (400, True)


def test_a_long_conversation_ends(site: Site, weekly: int, morag: FlaskClient) -> None:
    data = {"act": "next", "move": ["says:x"] * 60}
    assert "Start again." in morag.post(f"/programmes/{weekly}/try-out", data=data).text


def test_the_draft_is_tried_before_what_goes_out(
    site: Site, weekly: int, morag: FlaskClient
) -> None:
    data = form(published(site, weekly), **{"q0-text-en": "Newer words, {name}?"})
    morag.post(f"/programmes/{weekly}/questions", data=data)
    page = morag.get(f"/programmes/{weekly}/try-out").text
    assert "Newer words, Sara?" in page
    assert "This is the draft" in page


def test_the_first_text_goes_to_ones_own_phone(
    site: Site, weekly: int, morag: FlaskClient
) -> None:
    answer = morag.post(f"/programmes/{weekly}/try-out/own-phone", follow_redirects=True)
    own = site.members[Role.COORDINATOR].number
    assert "On its way to your phone" in answer.text
    site.loop.send()
    assert [(text.to, text.body[:7]) for text in site.loop.channel.handed] == [(own, "Trial: ")]
