"""The vendored stylesheet and script are those of VENDOR.json, their font and crown gone."""

from __future__ import annotations

import base64
import hashlib
import json
from pathlib import Path

import pytest

STATIC = Path(__file__).parents[2] / "connector" / "web" / "static"
VENDOR = STATIC / "vendor"
RECORD = json.loads((VENDOR / "VENDOR.json").read_text())


@pytest.mark.parametrize("name", sorted(RECORD["files"]))
def test_a_vendored_file_has_not_drifted(name: str) -> None:
    digest = hashlib.sha512((VENDOR / name).read_bytes()).digest()
    assert "sha512-" + base64.b64encode(digest).decode() == RECORD["files"][name]


def test_nothing_else_is_vendored() -> None:
    there = {path.name for path in VENDOR.iterdir()}
    assert there == {*RECORD["files"], "VENDOR.json"}


@pytest.mark.parametrize(
    "trace",
    ["GDS", "@font-face", "crest", "/assets/", "url("],
    ids=["the font's name", "a font", "the crest", "a file not taken", "any other file"],
)
def test_the_stylesheet_names_no_font_no_crown_and_no_other_place(trace: str) -> None:
    assert trace not in (VENDOR / "govuk-frontend.min.css").read_text()


def test_the_record_says_what_was_changed() -> None:
    assert RECORD["version"] == "6.3.0"
    assert RECORD["modified"] is True
    assert [each["count"] for each in RECORD["transforms"]] == [1, 1, 55, 3]


def test_no_font_file_is_shipped() -> None:
    assert not [path for path in STATIC.rglob("*") if path.suffix in {".woff", ".woff2", ".ttf"}]
