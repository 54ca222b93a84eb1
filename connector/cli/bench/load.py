"""The load: a client that sends ready-made HTTP requests from a process of its own.

Run as a script with nothing but the standard library, so that it starts at once and takes little
of the machine it shares with what it measures. One thread, non-blocking sockets, every request
signed and written out beforehand. Closed (each connection sends its next request when the last is
answered) or, with `--rate`, open: requests leave by the clock, and a wait is counted from the
moment a request was due, not from when a connection was free to carry it.

It prints one JSON object: how many were answered, in how many seconds, the statuses, the waits in
milliseconds and, with `--moments`, the place of each request and the moment of its answer.
"""

from __future__ import annotations

import argparse
import json
import re
import selectors
import socket
import struct
import sys
import time
from collections import Counter, deque
from dataclasses import dataclass
from pathlib import Path

LENGTH = re.compile(rb"(?i)content-length: *(\d+)")
NO_BODY = (204, 304)
PATIENCE = 10.0


@dataclass(slots=True)
class Line:
    """One connection: what it is waiting for, since when, and what has come so far."""

    sock: socket.socket
    place: int = -1
    since: float = 0.0
    got: bytes = b""


class Load:
    """Sends requests over some connections and keeps what came of them."""

    def __init__(self, requests: list[bytes], port: int, connections: int) -> None:
        self._requests = requests
        self._port = port
        self._selector = selectors.DefaultSelector()
        self._lines = [self._connect() for _ in range(connections)]
        self.statuses: Counter[int] = Counter()
        self.waits: list[float] = []
        self.moments: list[tuple[int, float]] = []

    def closed(self, seconds: float) -> float:
        """As fast as answers come; returns the seconds it took. Ends early without requests."""
        todo = deque(range(len(self._requests)))
        start = time.monotonic()
        end = start + seconds
        busy = 0
        for line in self._lines:
            if todo:
                self._send(line, todo.popleft(), time.monotonic())
                busy += 1
        while busy:
            for line in self._answered(end + PATIENCE):
                if todo and time.monotonic() < end:
                    self._send(line, todo.popleft(), time.monotonic())
                else:
                    busy -= 1
        return time.monotonic() - start

    def open(self, seconds: float, rate: float) -> float:
        """`rate` requests a second for `seconds`; returns the seconds until the last answer."""
        start = time.monotonic()
        count = min(len(self._requests), int(seconds * rate))
        due = deque((place, start + place / rate) for place in range(count))
        idle = deque(self._lines)
        while due or len(idle) < len(self._lines):
            now = time.monotonic()
            while due and idle and due[0][1] <= now:
                place, since = due.popleft()
                self._send(idle.popleft(), place, since)
            waits = due[0][1] if due and idle else now + PATIENCE
            idle.extend(self._answered(waits))
        return time.monotonic() - start

    def _connect(self) -> Line:
        sock = socket.create_connection(("127.0.0.1", self._port), timeout=PATIENCE)
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        line = Line(sock)
        self._selector.register(sock, selectors.EVENT_READ, line)
        return line

    def _send(self, line: Line, place: int, since: float) -> None:
        line.place, line.since, line.got = place, since, b""
        line.sock.sendall(self._requests[place])

    def _answered(self, until: float) -> list[Line]:
        """Wait until a connection has something; those whose answer is whole."""
        done = []
        for key, _events in self._selector.select(max(0.0, until - time.monotonic())):
            line: Line = key.data
            received = line.sock.recv(262_144)
            if not received:
                self._again(line)
                continue
            line.got += received
            status = whole(line.got)
            if status and line.place >= 0:
                now = time.monotonic()
                self.statuses[status] += 1
                self.waits.append((now - line.since) * 1000)
                self.moments.append((line.place, now))
                line.place = -1
                done.append(line)
        return done

    def _again(self, line: Line) -> None:
        """The server closed a connection: open it anew and repeat what was asked on it."""
        self._selector.unregister(line.sock)
        line.sock.close()
        line.sock = socket.create_connection(("127.0.0.1", self._port), timeout=PATIENCE)
        self._selector.register(line.sock, selectors.EVENT_READ, line)
        if line.place >= 0:
            self._send(line, line.place, line.since)


def whole(got: bytes) -> int:
    """The status of an answer that has come whole; 0 while more of it is to come."""
    head, found, body = got.partition(b"\r\n\r\n")
    if not found:
        return 0
    status = int(head[9:12])
    length = LENGTH.search(head)
    if status in NO_BODY or length is None or len(body) >= int(length[1]):
        return status
    return 0


def read_requests(path: Path) -> list[bytes]:
    """The requests of a file: each is four bytes of length, then the request."""
    data, place, found = path.read_bytes(), 0, []
    while place < len(data):
        (length,) = struct.unpack_from("!I", data, place)
        found.append(data[place + 4 : place + 4 + length])
        place += 4 + length
    return found


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("requests", type=Path)
    parser.add_argument("port", type=int)
    parser.add_argument("--connections", type=int, default=8)
    parser.add_argument("--seconds", type=float, default=3.0)
    parser.add_argument("--rate", type=float, default=0.0)
    parser.add_argument("--moments", action="store_true")
    given = parser.parse_args()
    load = Load(read_requests(given.requests), given.port, given.connections)
    took = load.open(given.seconds, given.rate) if given.rate else load.closed(given.seconds)
    report = {
        "answered": len(load.waits),
        "seconds": took,
        "statuses": load.statuses,
        "waits": load.waits,
        "moments": load.moments if given.moments else [],
    }
    sys.stdout.write(json.dumps(report))


if __name__ == "__main__":
    main()
