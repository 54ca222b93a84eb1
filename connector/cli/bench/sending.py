"""Due check-ins to the channel's call: ours through the real Twilio channel, against a stand-in."""

from __future__ import annotations

from datetime import timedelta
from itertools import count

from sqlalchemy import insert

from connector import clock
from connector.cli.bench import floor_tables, people
from connector.cli.bench.floor_tables import DUE
from connector.cli.bench.ground import Ground
from connector.cli.bench.measure import Figure, Kind, alternate, figure
from connector.domain.check_in import CheckInState
from connector.domain.programme import Programme

CLAIM_CALL_MARK = "bare claim, aiohttp call, mark, in batches"
ONE = Kind("dispatch, 1 process", "due check-ins sent, provider at once", CLAIM_CALL_MARK, "/s")
TWO = Kind("dispatch, 2 processes", "due check-ins sent, provider at once", CLAIM_CALL_MARK, "/s")
SLOW = Kind("dispatch, 100 ms", "due check-ins sent, provider takes 100 ms", CLAIM_CALL_MARK, "/s")
DELAY = 0.1
MANY_IN_FLIGHT = 500


class Due:
    """Residents and a programme, whose check-ins can be made due again and again."""

    def __init__(self, ground: Ground, amount: int) -> None:
        self._ground = ground
        self._days = count(1)
        now = clock.now()
        with ground.wiring.transaction() as session:
            people.text_at_all_hours(session, now=now)
            connector = people.a_connector(session)
            today = now.date()
            self._programme: Programme = people.a_programme(session, starts_on=today)
            self._ids = people.some_residents(session, amount, connector, now=now)

    def again(self) -> None:
        """Everybody's next check-in is due now."""
        now = clock.now()
        on = now.date() - timedelta(days=next(self._days))
        with self._ground.wiring.transaction() as session:
            people.let_weeks_pass(session, now=now)
            people.ask(
                session, self._programme, self._ids,
                on=on, state=CheckInState.PLANNED, due_at=now - timedelta(minutes=1),
            )  # fmt: skip

    def bare(self) -> None:
        """As many rows for the floor."""
        row = {"waits": True, "number": people.number(1), "body": people.ordinary(0) * 3}
        with self._ground.engine.execution_options(writes=True).begin() as connection:
            connection.execute(insert(DUE), [row] * len(self._ids))


def make_due(ground: Ground, amount: int) -> None:
    """`amount` check-ins that are due."""
    Due(ground, amount).again()


def dispatch(ground: Ground) -> list[Figure]:
    """Sending with one and with two processes, and by a provider that takes its time."""
    floor_tables.make(ground.engine)
    due = Due(ground, ground.sizes.sends)
    at_once, slow = ground.provider(), ground.provider(DELAY)

    def run(kind: str, url: str, processes: int, calls: int) -> float:
        environment = {"TWILIO_API_URL": url, "CONNECTOR_CALLS_IN_FLIGHT": str(calls)}
        return ground.drain(kind, ground.sizes.sends, processes=processes, environment=environment)

    def ours(url: str, processes: int, calls: int) -> float:
        due.again()
        return run("send", url, processes, calls)

    def theirs(url: str, processes: int, calls: int) -> float:
        due.bare()
        return run("floor-send", url, processes, calls)

    usual = ground.settings.calls_in_flight
    ours(at_once, 1, usual)
    return [
        figure(
            kind,
            alternate(
                ground.sizes.rounds,
                lambda url=url, processes=processes, calls=calls: theirs(url, processes, calls),  # type: ignore[misc]
                lambda url=url, processes=processes, calls=calls: ours(url, processes, calls),  # type: ignore[misc]
            ),
        )
        for kind, url, processes, calls in (
            (ONE, at_once, 1, usual),
            (TWO, at_once, 2, usual),
            (SLOW, slow, 1, MANY_IN_FLIGHT),
        )
    ]
