"""The fixed texts of the service, one a file under `templates/sms/<language>/`.

Wording lives beside the pages and not in code, so that a change of words is seen as one. A
language without a text falls back to English.
"""

from __future__ import annotations

from pathlib import Path

from connector.domain.programme import DEFAULT_LANGUAGE
from connector.domain.sms import fold


class FileWording:
    """Texts read once from a folder; raises `FileNotFoundError` when English ones are missing."""

    def __init__(self, folder: Path) -> None:
        self._texts = {
            (path.parent.name, path.stem): path.read_text(encoding="utf-8").strip()
            for path in sorted(folder.glob("*/*.txt"))
        }
        for name in ("crisis_open", "crisis_closed"):
            if (DEFAULT_LANGUAGE, name) not in self._texts:
                raise FileNotFoundError(f"The text {DEFAULT_LANGUAGE}/{name}.txt is missing.")

    def text(self, language: str, name: str) -> str:
        return self._texts.get((language, name)) or self._texts[DEFAULT_LANGUAGE, name]

    def crisis(self, language: str, *, open_now: bool, read_by: str) -> str:
        """The one automatic answer to somebody in danger, honest about when a person reads it."""
        wording = self.text(language, "crisis_open" if open_now else "crisis_closed")
        return fold(wording.replace("{read_by}", read_by))
