"""`connector keys`: the secrets of one installation.

A live installation is given its keys by its environment; only a demo keeps its own, in its data
folder. Losing the field keys loses every name, number and reply, so nothing here ever overwrites.
"""

from __future__ import annotations

import json
import os
from base64 import urlsafe_b64encode
from pathlib import Path
from secrets import token_bytes, token_urlsafe

import click

KEY_BYTES = 32


def make() -> dict[str, str]:
    """A fresh set of keys, by the name each has in the environment.

    The field key is a Fernet key: 32 random bytes in URL-safe base64.
    """
    return {
        "CONNECTOR_SECRET_KEY": token_urlsafe(KEY_BYTES),
        "CONNECTOR_FIELD_KEYS": urlsafe_b64encode(token_bytes(KEY_BYTES)).decode(),
        "CONNECTOR_INDEX_KEY": token_urlsafe(KEY_BYTES),
    }


def kept(path: Path) -> dict[str, str]:
    """The keys kept in the file at `path`, made on the first call (readable by its owner only)."""
    if not path.exists():
        _write_new(path, json.dumps(make(), indent=2) + "\n")
    found = json.loads(path.read_text("utf-8"))
    return {name: str(found[name]) for name in make()}


def _write_new(path: Path, text: str) -> None:
    # Written beside and moved, so that a crash half way cannot leave half a key file.
    unfinished = path.with_suffix(".new")
    unfinished.unlink(missing_ok=True)
    with open(unfinished, "x", encoding="utf-8", opener=_owner_only) as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    unfinished.rename(path)


def _owner_only(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)


@click.command()
def keys() -> None:
    """Make a fresh set of secret keys, as lines for the environment.

    Keep them somewhere safe: without the field keys nobody can read the names, numbers and replies
    in the database again. To change the field key, put the new one first and keep the old one after
    a comma.
    """
    for name, value in make().items():
        click.echo(f"{name}={value}")
