"""A storm: thousands of texts through a provider of which every tenth word goes wrong.

Afterwards the provider's own ledger is held against what we wrote down: nobody got a text twice,
nothing that a resident sent is missing, every text of ours has come to its end, and no state ever
went back. A storm is had again by its seed, which stands in every failure.
"""

from __future__ import annotations

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from connector import rounds
from connector.domain.attempt import AttemptState
from connector.domain.cadence import Cadence
from connector.domain.consent import AgreementState
from connector.domain.phrases import Rulebook
from connector.domain.programme import Programme, ProgrammeKind, one_item
from connector.domain.reading import is_exact_start, is_exact_stop
from connector.domain.resident import Resident
from connector.gateways.twilio import STATES, TwilioChannel
from connector.settings import Settings
from connector.store import programmes, residents
from connector.store.tables import AttemptRow, ReplyRow
from connector.web import create_app, hooks
from connector.wiring import Wiring, build
from tests.conftest import make_reader
from tests.fakes import FakeClock, SilentDoorbell
from tests.faults.stage import ACCOUNT, TOKEN, live_settings, signed
from tests.makers import EVERY_DAY, SCALE, a_member, number, widen_cap
from tests.storm.provider import Dice, Message, StormProvider

US = number(999)
FAULTS = 0.10
WORKERS = 2
MORNING = datetime(2026, 11, 23, 9, 58, tzinfo=UTC)
SAYS = ("7", "8 thanks", "3", "not so good this week", "YES", "can you ring me", "I want to die",
        "STOP", "please stop these", "START", "Thank you", "9", "6", "5", "10")  # fmt: skip


@pytest.mark.slow
@pytest.mark.timeout(300)
@pytest.mark.parametrize(
    ("people", "days", "seed", "database"),
    [
        pytest.param(100, 2, 11, "sqlite", id="a squall on SQLite"),
        pytest.param(
            890, 4, 7, "postgres", id="5,000 messages on PostgreSQL", marks=pytest.mark.postgres
        ),
    ],
)
def test_after_a_storm_the_ledger_and_the_records_agree(
    request: pytest.FixtureRequest,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    rules: Rulebook,
    people: int,
    days: int,
    seed: int,
    database: str,
) -> None:
    url = str(request.getfixturevalue(f"{database}_url"))
    with Storm(url, tmp_path, rules, seed=seed, people=people) as storm:
        monkeypatch.setattr(hooks, "now", storm.clock)  # the site's door has the real clock
        for day in range(days):
            storm.day(day)
        storm.calms_down()
        said = f"seed {seed}"
        assert not storm.backwards, said
        assert storm.twice() == [], said
        assert storm.missing() == [], said
        assert storm.unsettled() == [], said
        assert storm.after_a_stop() == [], said
        assert storm.disagreeing() == [], said
        assert storm.unlucky > people * days * FAULTS / 2, f"{said}: it was a storm"
        print(f"{len(storm.provider.held)} messages, {storm.unlucky} mishaps, {said}")


@dataclass
class Storm:
    """An installation of two workers and a site, its residents, and their weather."""

    url: str
    folder: Path
    rules: Rulebook
    seed: int
    people: int
    backwards: list[tuple[str, str]] = field(default_factory=list)
    unlucky: int = 0
    _post: list[tuple[datetime, int, str, dict[str, str]]] = field(default_factory=list)
    _stood: dict[object, str] = field(default_factory=dict)
    _told: set[str] = field(default_factory=set)

    def __enter__(self) -> Storm:
        self.dice = Dice(self.seed)
        self.clock = FakeClock(MORNING - timedelta(hours=12))
        self.provider = StormProvider(self.dice, self.clock, faults=FAULTS)
        self.provider.__enter__()
        settings = live_settings(
            self.url, "redis://127.0.0.1:1/0", self.provider.url, self.folder, provider_timeout=0.5
        )
        self.workers = [self._worker(settings) for _ in range(WORKERS)]
        self.pool = ThreadPoolExecutor(WORKERS + 1)
        self.client: FlaskClient = create_app(self.workers[0]).test_client()
        self._enrol()
        return self

    def __exit__(self, *_: object) -> None:
        self.pool.shutdown()
        for worker in self.workers:
            worker.channel.close()
            worker.close()
        self.provider.__exit__()

    def _worker(self, settings: Settings) -> Wiring:
        made = build(settings, doorbell=SilentDoorbell())
        channel = TwilioChannel(
            account_sid=ACCOUNT, username=ACCOUNT, password=TOKEN, sender=US,
            public_url=settings.public_url, timeout=settings.provider_timeout,
            calls_in_flight=64, clock=self.clock, api_url=self.provider.url,
        )  # fmt: skip
        made = replace(made, channel=channel)
        made.reader = make_reader(made, self.rules)
        return made

    def _enrol(self) -> None:
        """Everybody is asked every day at ten, in words that are another day's every day."""
        now = self.clock()
        widen_cap(self.workers[0])
        with self.workers[0].transaction() as session:
            a_member(session)
            words = tuple(f"Hi {{name}}, question {n}: how are things, 0 to 10?" for n in range(9))
            programme = Programme(
                0, "Daily", ProgrammeKind.CHECK_IN,
                Cadence(EVERY_DAY, time(10), date(2026, 11, 22)), one_item(SCALE, {"en": words}),
            )  # fmt: skip
            programme_id = programmes.add(session, programme)
            everybody = [
                Resident(0, "Sara", "Begum", f"Sara {n}", number(n), "en", "Europe/London", None,
                         AgreementState.GIVEN)
                for n in range(self.people)
            ]  # fmt: skip
            ids = residents.add_many(session, everybody, now=now)
            programmes.enrol(session, programme_id, ids, on=now.date())

    # --- what happens ---

    def day(self, day: int) -> None:
        self.clock.now = MORNING + timedelta(days=day)
        rounds.plan(self.workers[0], self.clock)
        for minute in range(12):
            self._minute()
            if minute == 4:
                self._residents_reply(day)
        for _ in range(4):
            self.clock.forward(minutes=29)
            self._minute(look=True)

    def calms_down(self) -> None:
        """The weather gets better; what is late arrives, and everything is asked after."""
        self.provider.faults = 0.0
        for _ in range(16):
            self.clock.forward(minutes=15)
            self._minute(look=True)
        assert not self._post

    def _minute(self, *, look: bool = False) -> None:
        """A minute of work, done by everybody at the same time."""
        self.clock.forward(minutes=1)
        work = [self.pool.submit(rounds.send, worker, self.clock) for worker in self.workers] + [
            self.pool.submit(rounds.read, self.workers[0], self.clock)
        ]
        for done in work:
            done.result()
        if look:
            both = [
                self.pool.submit(job, self.workers[0], self.clock)
                for job in (rounds.settle, rounds.reconcile)
            ]
            for job in both:
                job.result()
        self._news()
        self._deliver_post()
        self._look()

    def _residents_reply(self, day: int) -> None:
        for n in range(self.people):
            if self.dice("replies", n, day) < 0.95:
                chosen = self.dice("says", n, day)
                body = SAYS[int(chosen * len(SAYS))]
                if body in ("STOP", "please stop these") and self.dice("really", n, day) < 0.7:
                    body = "All well"
                text = self.provider.receives(number(n), US, body)
                form = {"MessageSid": text.sid, "From": text.sender, "To": text.to,
                        "Body": body, "NumMedia": "0"}  # fmt: skip
                self._put("/hooks/twilio/sms", form)

    def _news(self) -> None:
        """What the provider wants to tell us of the texts it has taken since."""
        for text in self.provider.held:
            if not text.inbound and text.sid not in self._told:
                self._told.add(text.sid)
                for status in ("queued", "sent", text.status):
                    form = {"MessageSid": text.sid, "MessageStatus": status}
                    if status == text.status and text.code:
                        form["ErrorCode"] = str(text.code)
                    self._put(text.path, form)

    def _put(self, path: str, form: dict[str, str]) -> None:
        """A request is made: perhaps never, perhaps twice, perhaps much later than others."""
        chance = self.dice("post", path, *form.values())
        if chance < self.provider.faults:
            self.unlucky += 1
            if chance < FAULTS / 3:
                return
        order = int(chance * 1e9)
        at = self.clock() + timedelta(minutes=3 * self.dice("takes", path, *form.values()))
        late = timedelta(minutes=40 * self.dice("late", path, *form.values()))
        if FAULTS / 3 <= chance < FAULTS * 2 / 3:
            at += late
        self._post.append((at, order, path, form))
        if FAULTS * 2 / 3 <= chance < FAULTS:
            self._post.append((at + late, order, path, form))

    def _deliver_post(self) -> None:
        now = self.clock()
        due = sorted((one for one in self._post if one[0] <= now), key=lambda one: one[:2])
        self._post = [one for one in self._post if one[0] > now]
        for _at, _order, path, form in due:
            headers = signed(self.workers[0].settings.public_url, path, form)
            assert self.client.post(path, data=form, headers=headers).status_code == 204

    def _look(self) -> None:
        """Whether any state has gone back since the last look."""
        held = {text.sid.removeprefix("SM") for text in self.provider.held}
        with self.workers[0].reading() as session:
            for id_, state in session.execute(select(AttemptRow.id, AttemptRow.state)):
                before = self._stood.get(id_, state)
                fell = AttemptState(state).rank < AttemptState(before).rank
                if fell and not (state == AttemptState.QUEUED and id_.hex not in held):
                    self.backwards.append((before, state))
                self._stood[id_] = state

    # --- what the ledger says ---

    @property
    def _sent(self) -> list[Message]:
        return [text for text in self.provider.held if not text.inbound]

    def twice(self) -> list[str]:
        """Numbers at which the same question arrived more than once, by the provider's ledger."""
        arrived = Counter(
            (text.to, text.body)
            for text in self._sent
            if text.status == "delivered" and "question" in text.body
        )
        taken = Counter(text.sid for text in self._sent)
        return [to for (to, _), times in arrived.items() if times > 1] + [
            sid for sid, times in taken.items() if times > 1
        ]

    def missing(self) -> list[str]:
        """Texts of residents that are not on their thread once, or were never read."""
        with self.workers[0].reading() as session:
            rows = session.scalars(select(ReplyRow)).all()
        kept = Counter(row.provider_id for row in rows if row.read_at is not None)
        return [text.sid for text in self.provider.held if text.inbound and kept[text.sid] != 1]

    def unsettled(self) -> list[str]:
        """Texts that have not come to an end."""
        done = {AttemptState.DELIVERED, AttemptState.UNDELIVERED, AttemptState.REFUSED,
                AttemptState.SKIPPED}  # fmt: skip
        return [state for state in self._stood.values() if AttemptState(state) not in done]

    def disagreeing(self) -> list[tuple[str, str]]:
        """Texts of which the ledger says another thing than we do."""
        ledger = {text.sid.removeprefix("SM"): STATES[text.status] for text in self._sent}
        ours = {getattr(id_, "hex", ""): state for id_, state in self._stood.items()}
        return [
            (state, ours.get(id_, "nothing"))
            for id_, state in ledger.items()
            if ours.get(id_) != state
        ]

    def after_a_stop(self) -> list[str]:
        """Texts the provider took for a number later than we had its STOP, and before a START."""
        with self.workers[0].reading() as session:
            rows = session.scalars(select(ReplyRow).order_by(ReplyRow.received_at)).all()
        wrong = []
        for text in self._sent:
            known = [
                row for row in rows
                if row.sender == text.to and row.source == "webhook" and row.received_at < text.at
                and (is_exact_stop(row.body) or is_exact_start(row.body))
            ]  # fmt: skip
            if known and is_exact_stop(known[-1].body):
                wrong.append(text.sid)
        return wrong
