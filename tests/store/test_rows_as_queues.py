"""Rows are the queue: stored once by constraint, claimed by one worker, moved forward only."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path
from uuid import UUID

import pytest

from connector.domain.attempt import AttemptState, Meaning, Outcome, Purpose, Receipt, Result
from connector.domain.promise import Promise
from connector.store import alerts, attempts, check_ins, flags, pace, replies, stops
from connector.store.attempts import NewAttempt
from connector.store.base import Session, blind_index
from connector.store.pace import Grant
from connector.store.tables import AttemptRow, CheckInRow, ReplyRow
from connector.wiring import Wiring, build
from tests.conftest import NOON, make_settings
from tests.fakes import SilentDoorbell
from tests.makers import a_member, a_programme, a_resident, a_text, number, one_planned
from tests.store.test_flags import a_flag

MINUTE = timedelta(minutes=1)
S = AttemptState


def an_attempt(session: Session, who: int, state: AttemptState = S.SENDING) -> UUID:
    new = NewAttempt(who, Purpose.ANSWER, "Hello", NOON, NOON + timedelta(hours=1), state)
    return attempts.add_many(session, [new], channel="fake", now=NOON)[0]


def state_of(session: Session, id_: UUID) -> AttemptState:
    session.expire_all()
    row = session.get(AttemptRow, id_)
    assert row is not None
    return AttemptState(row.state)


class TestReplies:
    def test_the_same_text_of_the_same_channel_is_stored_once(self, wiring: Wiring) -> None:
        stored = []
        for body in ("7", "7 again, by mistake"):
            with wiring.transaction() as session:
                text = a_text(body, id_="SM1")
                stored.append(replies.receive(session, text, stops=False, now=NOON))
        with wiring.reading() as session:
            rows = session.query(ReplyRow).all()
        assert stored == [True, False]
        assert [row.body for row in rows] == ["7"]

    def test_two_channels_may_use_the_same_id(self, wiring: Wiring) -> None:
        with wiring.transaction() as session:
            for channel in ("simulator", "twilio"):
                text = a_text("7", id_="SM1", channel=channel)
                assert replies.receive(session, text, stops=False, now=NOON)

    def test_a_reply_is_claimed_until_it_has_been_read(self, wiring: Wiring) -> None:
        with wiring.transaction() as session:
            for n in range(3):
                replies.receive(session, a_text("7", id_=f"SM{n}"), stops=False, now=NOON)
        with wiring.transaction() as session:
            claimed = replies.claim_unread(session, 2)
        with wiring.transaction() as session:
            again = replies.claim_unread(session, 2)
        assert [one.reply.id for one in claimed] == [one.reply.id for one in again]
        assert len(claimed) == 2


class TestCheckIns:
    def plan(self, session: Session, programme: int, hour: int = 10) -> int:
        due = NOON.replace(hour=hour)
        until = due + timedelta(hours=4)
        on = date(2026, 11, 24)
        return one_planned(session, programme, on=on, due_at=due, expires_at=until)

    def test_an_occurrence_is_planned_once_even_when_its_time_has_moved(
        self, wiring: Wiring
    ) -> None:
        with wiring.transaction() as session:
            programme = a_programme(session)
            a_resident(session, programme, now=NOON)
            made = [self.plan(session, programme), self.plan(session, programme, hour=15)]
            rows = session.query(CheckInRow).all()
        assert made == [1, 0]
        assert [row.due_at.hour for row in rows] == [10]

    @pytest.mark.postgres
    def test_what_one_worker_has_claimed_another_passes_over(
        self, postgres_url: str, tmp_path: Path
    ) -> None:
        wiring = build(make_settings(postgres_url, tmp_path), doorbell=SilentDoorbell())
        with wiring.transaction() as session:
            programme = a_programme(session)
            for n in range(1, 5):
                a_resident(session, programme, n=n, now=NOON)
            self.plan(session, programme)
        with wiring.transaction() as one, wiring.transaction() as other:
            mine = {due.check_in.id for due in check_ins.claim_due(one, 2, now=NOON)}
            theirs = {due.check_in.id for due in check_ins.claim_due(other, 4, now=NOON)}
        assert (len(mine), len(theirs)) == (2, 2)
        assert mine.isdisjoint(theirs)
        wiring.close()

    def test_nothing_is_claimed_before_its_time(self, wiring: Wiring) -> None:
        with wiring.transaction() as session:
            programme = a_programme(session)
            a_resident(session, programme, now=NOON)
            self.plan(session, programme)
            due = NOON.replace(hour=10)
            assert check_ins.claim_due(session, 9, now=due - MINUTE) == []
            assert len(check_ins.claim_due(session, 9, now=due)) == 1


class TestAttempts:
    @pytest.mark.parametrize(
        ("words", "final"),
        [
            pytest.param([S.SENT, S.DELIVERED], S.DELIVERED, id="in order"),
            pytest.param([S.DELIVERED, S.SENT], S.DELIVERED, id="in the wrong order"),
            pytest.param([S.UNDELIVERED, S.SENT], S.UNDELIVERED, id="a late sent"),
            pytest.param([S.UNDELIVERED, S.DELIVERED], S.DELIVERED, id="arrived after all"),
        ],
    )
    def test_receipts_only_move_forward(
        self, wiring: Wiring, words: list[AttemptState], final: AttemptState
    ) -> None:
        with wiring.transaction() as session:
            id_ = an_attempt(session, a_resident(session, now=NOON))
            for state in words:
                assert attempts.apply(session, Receipt(id_, state), now=NOON)
            assert state_of(session, id_) is final

    def test_the_same_receipt_counts_once(self, wiring: Wiring) -> None:
        with wiring.transaction() as session:
            id_ = an_attempt(session, a_resident(session, now=NOON))
            kept = [attempts.apply(session, Receipt(id_, S.SENT), now=NOON) for _ in range(3)]
        assert kept == [True, False, False]

    def test_a_receipt_that_came_before_our_own_record_is_not_undone(self, wiring: Wiring) -> None:
        with wiring.transaction() as session:
            id_ = an_attempt(session, a_resident(session, now=NOON))
            attempts.apply(session, Receipt(id_, S.DELIVERED, "SM9"), now=NOON)
            attempts.record(session, [Outcome(id_, Result.ACCEPTED, "SM9")])
            assert state_of(session, id_) is S.DELIVERED

    def test_a_failure_is_kept_with_its_code_and_its_meaning(self, wiring: Wiring) -> None:
        with wiring.transaction() as session:
            id_ = an_attempt(session, a_resident(session, now=NOON))
            failed = Receipt(id_, S.UNDELIVERED, "SM9", "30003", Meaning.PHONE_OFF)
            attempts.apply(session, failed, now=NOON)
            row = session.get(AttemptRow, id_)
        assert row is not None
        assert (row.code, row.why) == ("30003", "The phone was off or out of reach")

    def test_a_receipt_for_a_text_we_do_not_know_changes_nothing(self, wiring: Wiring) -> None:
        with wiring.transaction() as session:
            assert attempts.apply(session, Receipt(UUID(int=7), S.SENT), now=NOON)
            assert attempts.resident_of(session, UUID(int=7)) is None

    def test_a_send_that_nobody_recorded_becomes_unknown_after_a_while(
        self, wiring: Wiring
    ) -> None:
        with wiring.transaction() as session:
            who = a_resident(session, now=NOON)
            lost, queued = an_attempt(session, who), an_attempt(session, who, S.QUEUED)
            two = timedelta(minutes=2)
            early = attempts.forget_unanswered(session, older_than=two, now=NOON + MINUTE)
            late = attempts.forget_unanswered(session, older_than=two, now=NOON + 2 * MINUTE)
            assert (early, late) == (0, 1)
            assert state_of(session, lost) is S.UNKNOWN
            assert state_of(session, queued) is S.QUEUED

    @pytest.mark.parametrize(
        ("standing", "after"),
        [(S.SENDING, S.QUEUED), (S.DELIVERED, S.DELIVERED), (S.UNKNOWN, S.UNKNOWN)],
    )
    def test_only_what_is_being_sent_is_put_back(
        self, wiring: Wiring, standing: AttemptState, after: AttemptState
    ) -> None:
        with wiring.transaction() as session:
            id_ = an_attempt(session, a_resident(session, now=NOON), standing)
            attempts.put_back(session, id_, due_at=NOON + MINUTE)
            assert state_of(session, id_) is after


class TestAlerts:
    def claimed(self, session: Session, after: timedelta = timedelta(0)) -> int:
        at = NOON + after
        return len(alerts.claim(session, 9, give_up_after=timedelta(minutes=2), now=at))

    @pytest.fixture
    def row(self, wiring: Wiring) -> tuple[int, int, Promise]:
        with wiring.transaction() as session:
            (flag_id,) = flags.add_many(session, [a_flag(a_resident(session, now=NOON))])
            return a_member(session).id, flag_id, Promise.TODAY

    def test_one_that_waits_already_is_not_doubled(
        self, wiring: Wiring, row: tuple[int, int, Promise]
    ) -> None:
        with wiring.transaction() as session:
            alerts.queue(session, [row], now=NOON)
            alerts.queue(session, [row], now=NOON)
            assert self.claimed(session) == 1

    def test_one_whose_sender_died_is_claimed_again_and_a_sent_one_never(
        self, wiring: Wiring, row: tuple[int, int, Promise]
    ) -> None:
        with wiring.transaction() as session:
            alerts.queue(session, [row], now=NOON)
            (first,) = alerts.claim(session, 9, give_up_after=2 * MINUTE, now=NOON)
            assert self.claimed(session, after=MINUTE) == 0
            assert self.claimed(session, after=2 * MINUTE) == 1
            alerts.sent(session, [first.id])
            assert self.claimed(session, after=timedelta(days=1)) == 0


class TestPace:
    def grant(self, session: Session, wanted: int, after: float = 0.0, rate: float = 10) -> Grant:
        two = timedelta(seconds=2)
        at = NOON + timedelta(seconds=after)
        return pace.reserve(session, "fake", wanted, per_second=rate, ahead=two, now=at)

    def reserve(self, session: Session, wanted: int, after: float = 0.0) -> int:
        return self.grant(session, wanted, after).segments

    def test_all_workers_together_never_exceed_the_rate(self, wiring: Wiring) -> None:
        with wiring.transaction() as session:
            granted = [self.reserve(session, 15) for _worker in range(3)]
            assert granted == [15, 5, 0]
            assert self.reserve(session, 99, after=1.0) == 10

    @pytest.mark.parametrize(
        ("used", "after", "free"),
        [
            pytest.param(12, 0.0, 8, id="what was not needed is given back"),
            pytest.param(20, 0.0, 0, id="all was needed"),
            pytest.param(22, 0.0, 0, id="more was needed than there was"),
            pytest.param(22, 1.0, 8, id="and is waited for afterwards"),
            pytest.param(0, 1.5, 20, id="time that has passed is not given back twice"),
        ],
    )
    def test_a_reservation_is_corrected_by_what_was_used(
        self, wiring: Wiring, used: int, after: float, free: int
    ) -> None:
        at = NOON + timedelta(seconds=after)
        with wiring.transaction() as session:
            grant = self.grant(session, 20)
            pace.give_back(session, "fake", grant, used=used, per_second=10, now=at)
            assert self.reserve(session, 99, after) == free

    def test_a_worker_that_was_held_up_gives_nothing_back(self, wiring: Wiring) -> None:
        late = NOON + timedelta(seconds=10)
        with wiring.transaction() as session:
            slow = self.grant(session, 20)
            assert self.reserve(session, 20, 10) == 20
            pace.give_back(session, "fake", slow, used=0, per_second=10, now=late)
            assert self.reserve(session, 20, 10) == 0

    def test_what_did_not_wait_is_waited_for(self, wiring: Wiring) -> None:
        with wiring.transaction() as session:
            pace.take(session, "fake", 15, per_second=10, now=NOON)
            assert self.reserve(session, 99) == 5

    def test_the_slowest_rate_still_lets_one_go_at_a_time(self, wiring: Wiring) -> None:
        with wiring.transaction() as session:
            granted = [self.grant(session, 9, after, 0.1).segments for after in (0, 5, 10)]
            assert granted == [1, 0, 1]

    def test_a_rest_saves_nothing_up(self, wiring: Wiring) -> None:
        with wiring.transaction() as session:
            self.reserve(session, 1)
            assert self.reserve(session, 1000, after=3600) == 20


class TestStops:
    def test_a_second_stop_changes_nothing_and_a_start_lifts_it(self, wiring: Wiring) -> None:
        index = blind_index(number(1))
        with wiring.transaction() as session:
            stops.add(session, index, "simulator", now=NOON)
            stops.add(session, index, "twilio", now=NOON)
            assert stops.among(session, [index, blind_index(number(2))]) == {index}
            stops.lift(session, index, until=NOON - MINUTE)
            assert stops.among(session, [index]) == {index}
            stops.lift(session, index, until=NOON)
            assert stops.among(session, [index]) == set()
