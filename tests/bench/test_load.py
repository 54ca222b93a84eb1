"""The load generator: it sends each request once, over a few connections, and tells what came."""

from __future__ import annotations

import socketserver
import struct
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from connector.cli.bench.load import Load, read_requests, whole

PLACE = b"POST /%d HTTP/1.1\r\nContent-Length: 0\r\n\r\n"


class Counter(socketserver.ThreadingTCPServer):
    """A web server that remembers the first line of every request, and says 204."""

    daemon_threads = True

    def __init__(self) -> None:
        self.asked: list[bytes] = []
        super().__init__(("127.0.0.1", 0), Answer)


class Answer(socketserver.StreamRequestHandler):
    def handle(self) -> None:
        assert isinstance(self.server, Counter)
        while line := self.rfile.readline():
            while self.rfile.readline().strip():
                pass
            self.server.asked.append(line.split()[1])
            self.wfile.write(b"HTTP/1.1 204 NO CONTENT\r\nServer: none\r\n\r\n")


@pytest.fixture
def server() -> Iterator[Counter]:
    with Counter() as counter:
        thread = threading.Thread(target=counter.serve_forever, daemon=True)
        thread.start()
        yield counter
        counter.shutdown()


@pytest.mark.parametrize("rate", [0, 400], ids=["as fast as answers come", "by the clock"])
def test_every_request_is_sent_once_and_answered(server: Counter, rate: float) -> None:
    requests = [PLACE % n for n in range(40)]
    load = Load(requests, server.server_address[1], 4)
    seconds = load.open(0.1, rate) if rate else load.closed(30)
    assert sorted(server.asked) == sorted(f"/{n}".encode() for n in range(40))
    assert len(load.waits) == 40
    assert load.statuses == {204: 40}
    assert {place for place, _moment in load.moments} == set(range(40))
    assert seconds > 0


def test_requests_come_back_from_their_file_as_they_were(tmp_path: Path) -> None:
    requests = [b"one", b"", b"a third\r\n\r\n"]
    file = tmp_path / "requests"
    file.write_bytes(b"".join(struct.pack("!I", len(one)) + one for one in requests))
    assert read_requests(file) == requests


@pytest.mark.parametrize(
    ("got", "status"),
    [
        pytest.param(b"HTTP/1.1 204 NO CONTENT\r\nServer: x\r\n\r\n", 204, id="no body"),
        pytest.param(
            b"HTTP/1.1 304 NOT MODIFIED\r\nContent-Length: 9\r\n\r\n", 304, id="not modified"
        ),
        pytest.param(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok", 200, id="a whole body"),
        pytest.param(b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nok", 0, id="half a body"),
        pytest.param(b"HTTP/1.1 200 OK\r\nContent-Le", 0, id="half a head"),
    ],
)
def test_an_answer_counts_when_it_is_whole(got: bytes, status: int) -> None:
    assert whole(got) == status
