"""`connector programme` checks, exports and imports files, and never publishes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from connector.cli import cli, keys
from connector.domain.cadence import Weekday
from connector.store import programmes, versions
from connector.wiring import Wiring
from tests.makers import a_programme

Run = Callable[..., Result]
SHIPPED = Path(__file__).parents[2] / "templates" / "programmes"


@pytest.fixture
def run(wiring: Wiring, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Run a command on this test's own database."""
    settings = wiring.settings
    values = keys.make() | {
        "CONNECTOR_DEMO": "1",
        "CONNECTOR_FIELD_KEYS": ",".join(key.get_secret_value() for key in settings.field_keys),
        "CONNECTOR_INDEX_KEY": settings.index_key.get_secret_value(),
        "DATABASE_URL": settings.database_url,
        "REDIS_URL": settings.redis_url,
        "CONNECTOR_PUBLIC_URL": "https://connector.example",
    }
    for name, value in values.items():
        monkeypatch.setenv(name, value)
    return lambda *words, given=None: CliRunner().invoke(cli, ["programme", *words], input=given)


@pytest.fixture
def weekly(wiring: Wiring) -> int:
    with wiring.transaction() as session:
        return a_programme(session, days=(Weekday.TUE,))


def checked(*words: str, given: str | None = None) -> Result:
    return CliRunner().invoke(cli, ["programme", "check", *words], input=given)


@pytest.mark.parametrize("path", sorted(SHIPPED.glob("*.yaml")), ids=lambda path: path.stem)
def test_every_shipped_file_is_in_order(path: Path) -> None:
    done = checked(str(path))
    assert (done.exit_code, done.stderr) == (0, "")
    assert done.output.endswith("It could be published.\n")


def test_what_is_wrong_with_a_file_is_said_a_line_each_and_ends_with_2() -> None:
    text = (SHIPPED / "weekly-check-in.yaml").read_text("utf-8")
    done = checked("-", given=text.replace("TUE", "TUES").replace("low: 0", "low: zero"))
    assert (done.exit_code, done.stdout) == (2, "")
    assert [line.split(":")[0] for line in done.stderr.splitlines()] == ["Line 10", "Line 17"]


def test_what_could_not_be_published_is_said_and_ends_with_1() -> None:
    text = (SHIPPED / "weekly-check-in.yaml").read_text("utf-8")
    done = checked("-", given=text.replace("A word or two", "Lonely? A word or two"))
    assert (done.exit_code, done.stdout) == (1, "")
    assert "“Lonely”" in done.stderr


def test_a_file_that_is_not_there_is_one_sentence() -> None:
    done = checked("/nowhere/at-all.yaml")
    assert (done.exit_code, done.stderr) == (
        2, "/nowhere/at-all.yaml cannot be read: No such file or directory.\n",
    )


def test_a_programme_goes_out_comes_in_and_goes_out_again_byte_for_byte(
    run: Run, wiring: Wiring, weekly: int
) -> None:
    first = run("export", "Weekly check-in")
    assert (first.exit_code, first.stderr) == (0, "")
    changed = first.stdout.replace("how have things been", "how has it been")
    assert changed != first.stdout
    done = run("import", "-", given=changed)
    assert done.exit_code == 0, done.output
    assert done.stdout == (
        "Weekly check-in: draft 2 is there to look at. Nothing was published.\n"
    )
    assert run("export", "Weekly check-in", "--version", "2").stdout == changed
    assert run("export", "weekly CHECK-IN").stdout == first.stdout
    with wiring.reading() as session:
        assert programmes.by_id(session, [weekly])[weekly].number == 1


def test_a_new_name_is_a_new_programme_in_draft(run: Run, wiring: Wiring) -> None:
    done = run("import", str(SHIPPED / "four-questions-about-life.yaml"))
    assert done.exit_code == 0, done.output
    with wiring.reading() as session:
        id_ = versions.named(session, "Four questions about life")
        assert id_
        assert versions.draft(session, id_)
        assert versions.published(session, id_) is None
    assert run("export", "Four questions about life").stdout.startswith("# yaml-language-server")


def test_a_file_without_a_start_leaves_the_programme_where_it_began(
    run: Run, wiring: Wiring, weekly: int
) -> None:
    text = run("export", "Weekly check-in").stdout
    lines = [line for line in text.splitlines() if "starts_on" not in line]
    changed = "\n".join(lines).replace("how have things been", "how has it been")
    assert run("import", "-", given=changed).exit_code == 0
    with wiring.reading() as session:
        draft, published = versions.draft(session, weekly), versions.published(session, weekly)
        assert draft
        assert published
        assert draft.programme.cadence.revision() == published.programme.cadence.revision()


def test_what_says_nothing_new_or_would_push_a_draft_aside_is_refused(
    run: Run, wiring: Wiring, weekly: int
) -> None:
    text = run("export", "Weekly check-in").stdout
    same = run("import", "-", given=text)
    assert (same.exit_code, same.stderr) == (
        2, "The programme says all of this already, so nothing was changed.\n",
    )
    with wiring.transaction() as session:
        published = versions.published(session, weekly)
        assert published
        theirs = replace(published.programme, meant_for="Everybody")
        versions.add_draft(session, weekly, theirs, by=None, now=published.made_at)
    other = text.replace("every: 1", "every: 2")
    done = run("import", "-", given=other)
    assert done.exit_code == 2
    assert "Somebody is writing a draft" in done.stderr
    assert run("import", "-", "--over-draft", given=other).exit_code == 0


def test_a_check_in_does_not_become_a_prompt(run: Run, weekly: int) -> None:
    text = (SHIPPED / "small-good-things.yaml").read_text("utf-8")
    done = run("import", "-", given=text.replace("Small good things", "Weekly check-in"))
    assert (done.exit_code, "cannot become a prompt" in done.stderr) == (2, True)


def test_what_still_stands_in_the_way_is_told_on_import(run: Run) -> None:
    text = (SHIPPED / "weekly-check-in.yaml").read_text("utf-8")
    done = run("import", "-", given=text.replace("A word or two", "Lonely? A word or two"))
    assert done.exit_code == 0
    assert "Before it can be published: The question 'first' says “Lonely”" in done.stdout


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["export", "Nothing"], "There is no programme of this name.\n"),
        (["export", "Weekly check-in", "--version", "7"], "There is no version 7 of this"),
        (["exprot"], "No such command"),
    ],
)
def test_a_wrong_argument_is_one_sentence(
    run: Run, weekly: int, words: list[str], sentence: str
) -> None:
    done = run(*words)
    assert done.exit_code == 2
    assert done.stderr.startswith(sentence)
    assert len(done.stderr.splitlines()) == 1
