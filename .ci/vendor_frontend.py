"""Take GOV.UK Frontend's two compiled files into the repository, without its font and its crown.

Run by a developer, its output committed: `python .ci/vendor_frontend.py [DATE]`. It needs `npm` for
the one download and nothing to run the service. DATE (ISO) is written into VENDOR.json; without it
the date already there is kept.

A service outside GOV.UK may use neither the GDS Transport font nor the crown, so the stylesheet is
changed in three counted ways. A count that differs stops the script: a new version has to be looked
at by a person. It refuses a package whose integrity is not the one written below, and takes nothing
from the package but those two files.
"""

from __future__ import annotations

import base64
import hashlib
import json
import subprocess
import sys
import tarfile
import tempfile
from dataclasses import dataclass
from pathlib import Path

PACKAGE = "govuk-frontend"
VERSION = "6.3.0"
INTEGRITY = (
    "sha512-cXIQxm5PHCsbic47GXZrVBZhAeeshTLRL6ZBKilLsR6r"
    "MCjJuWb7Fruq0VUNMBJFlJk/srsRj/q8d5bM9cgKoA=="
)
STYLES = "govuk-frontend.min.css"
SCRIPT = "govuk-frontend.min.js"
SOURCE_FOLDER = "package/dist/govuk"
TARGET = Path(__file__).parents[1] / "connector" / "web" / "static" / "vendor"


class VendoringError(Exception):
    """The package is not what this script was written for."""


@dataclass(frozen=True, slots=True)
class Transform:
    """Every `old` in the stylesheet becomes `new`; `count` says how many there must be."""

    why: str
    old: str
    new: str
    count: int

    def apply(self, text: str) -> str:
        """`text` changed. Raises `VendoringError` when the count is another one."""
        found = text.count(self.old)
        if found != self.count:
            raise VendoringError(f"{self.why}: expected {self.count} places, found {found}.")
        return text.replace(self.old, self.new)


def font_face(weight: int, name: str, woff2: str, woff: str) -> str:
    """The `@font-face` block of one weight, as the package writes it."""
    return (
        "@font-face{font-family:GDS Transport;font-style:normal;"
        f"font-weight:{weight};font-display:fallback;"
        f'src:url(/assets/fonts/{name}-{woff2}-v2.woff2) format("woff2"),'
        f'url(/assets/fonts/{name}-{woff}-v2.woff) format("woff")}}'
    )


TRANSFORMS = (
    Transform(
        "drop the GDS Transport regular font",
        font_face(400, "light", "94a07e06a1", "f591b13f7d"),
        "",
        1,
    ),
    Transform(
        "drop the GDS Transport bold font",
        font_face(700, "bold", "b542beb274", "affa96571d"),
        "",
        1,
    ),
    Transform(
        "write Arial and Helvetica in place of GDS Transport",
        "GDS Transport,arial,sans-serif",
        'arial,"Helvetica Neue",sans-serif',
        55,
    ),
    Transform(
        "point at no crest (the footer is our own)",
        "url(/assets/images/govuk-crest.svg)",
        "none",
        3,
    ),
)


def integrity_of(data: bytes) -> str:
    """The subresource integrity of `data`, as a package lock writes it."""
    return "sha512-" + base64.b64encode(hashlib.sha512(data).digest()).decode()


def packed(folder: Path) -> bytes:
    """The package's tarball by npm. Raises `VendoringError` when it is not the expected one."""
    subprocess.run(
        ["npm", "pack", "--silent", f"{PACKAGE}@{VERSION}"],
        cwd=folder,
        check=True,
        stdout=subprocess.DEVNULL,
    )
    data = (folder / f"{PACKAGE}-{VERSION}.tgz").read_bytes()
    if integrity_of(data) != INTEGRITY:
        raise VendoringError(f"{PACKAGE} {VERSION} has another integrity than the one expected.")
    return data


def member(tarball: Path, name: str) -> str:
    """The text of one file of the package."""
    with tarfile.open(tarball) as tar:
        stream = tar.extractfile(f"{SOURCE_FOLDER}/{name}")
        if stream is None:
            raise VendoringError(f"{name} is not a file of the package.")
        return stream.read().decode()


def transformed(styles: str) -> str:
    """The stylesheet with every transform applied, and no GDS left in it."""
    for transform in TRANSFORMS:
        styles = transform.apply(styles)
    if "GDS" in styles or "/assets/" in styles:
        raise VendoringError("The stylesheet still names the font, or a file that is not taken.")
    return styles


def record(files: dict[str, str], taken_on: str) -> dict[str, object]:
    """What VENDOR.json says."""
    return {
        "package": PACKAGE,
        "version": VERSION,
        "integrity": INTEGRITY,
        "licence": "MIT",
        "taken_on": taken_on,
        "modified": True,
        "transforms": [{"why": each.why, "count": each.count} for each in TRANSFORMS],
        "files": {name: integrity_of(text.encode()) for name, text in sorted(files.items())},
    }


def date_before() -> str:
    """The date in the VENDOR.json that is there; empty when there is none."""
    path = TARGET / "VENDOR.json"
    return json.loads(path.read_text())["taken_on"] if path.exists() else ""


def main(taken_on: str) -> None:
    """Write the two files and VENDOR.json."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        packed(folder)
        tarball = folder / f"{PACKAGE}-{VERSION}.tgz"
        files = {STYLES: transformed(member(tarball, STYLES)), SCRIPT: member(tarball, SCRIPT)}
    TARGET.mkdir(parents=True, exist_ok=True)
    for file, text in files.items():
        (TARGET / file).write_bytes(text.encode())
    what = json.dumps(record(files, taken_on), indent=2) + "\n"
    (TARGET / "VENDOR.json").write_text(what)


if __name__ == "__main__":
    try:
        main(sys.argv[1] if len(sys.argv) > 1 else date_before())
    except VendoringError as stopped:
        raise SystemExit(str(stopped)) from stopped
