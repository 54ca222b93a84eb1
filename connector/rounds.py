"""The loops of the service, a round at a time: claim, act outside, write down, until none is left.

Each round owns its transactions and its clock; the services below decide. A round may be cut off at
any line and run again by anybody: what was claimed and not finished is found by the next one.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Protocol

import structlog

from connector.services import (
    absences,
    alarms,
    alerting,
    casework,
    dispatch,
    importing,
    noticing,
    numbers,
    planning,
    reading_list,
    receipts,
    reconciling,
    settling,
    silence,
    triage,
)
from connector.services.ports import ChannelAwayError
from connector.store import heartbeat, programmes, texting_rules
from connector.store.attempts import Lost
from connector.store.base import Session
from connector.wiring import Wiring

log = structlog.get_logger()

Clock = Callable[[], datetime]


class Whom(Protocol):
    """Claims texts of which something is not known."""

    def __call__(self, session: Session, *, limit: int, now: datetime) -> list[Lost]: ...


SEND_BATCH = 500
SEGMENTS_A_TEXT = 2
"""What a batch reserves of the rate for each of its texts; corrected once they are claimed."""
READ_BATCH = 1000
ASK_BATCH = 100
LEARN_BATCH = 200
LIST_BATCH = 500
ROUNDS_AT_MOST = 400


def plan(wiring: Wiring, clock: Clock) -> int:
    """Plan every active programme, each in a transaction of its own. Returns new check-ins.

    One that cannot be read or planned is told of and left out; the others are planned all the same.
    """
    with wiring.reading() as session:
        active = programmes.active_ids(session)
    return sum(_plan_once(wiring, clock, programme_id) for programme_id in active)


def _plan_once(wiring: Wiring, clock: Clock, programme_id: int) -> int:
    try:
        with wiring.transaction() as session:
            rules = texting_rules.load(session, wiring.calendar)
            return planning.plan_programme(
                session, programme_id, calendar=rules.calendar, now=clock()
            )
    except programmes.UNREADABLE as error:
        log.error("a programme is not planned", programme=programme_id, error=type(error).__name__)
        return 0


def send(wiring: Wiring, clock: Clock, *, batch: int = SEND_BATCH) -> int:
    """Send what is due until nothing is, or until the rate is used up. Returns how many went."""
    return _until_none(lambda: _send_once(wiring, clock, batch))


def _send_once(wiring: Wiring, clock: Clock, batch: int) -> int:
    channel, rate = wiring.channel, wiring.settings.segments_per_second
    with wiring.transaction() as session:
        most = batch * SEGMENTS_A_TEXT
        grant = dispatch.reserve(
            session, channel=channel.name, most=most, per_second=rate, now=clock()
        )
    if not grant.segments:
        return 0
    with wiring.transaction() as session:
        name, now = channel.name, clock()
        outgoing = dispatch.prepare(
            session,
            channel=name,
            limit=batch,
            grant=grant,
            calendar=wiring.calendar,
            hours=wiring.hours,
            now=now,
        )
        used = dispatch.segments(outgoing)
        dispatch.give_back(session, channel=name, grant=grant, used=used, per_second=rate, now=now)
    if outgoing:
        outcomes = channel.send(outgoing)
        with wiring.transaction() as session:
            dispatch.record(session, outcomes, hours=wiring.hours, now=clock())
    return len(outgoing)


def read(wiring: Wiring, clock: Clock, *, batch: int = READ_BATCH) -> int:
    """Read every unread reply. Returns how many were read."""
    return _until_none(lambda: _read_once(wiring, clock, batch))


def _read_once(wiring: Wiring, clock: Clock, batch: int) -> int:
    with wiring.transaction() as session:
        return triage.triage(session, wiring.reader, limit=batch, now=clock())


def tell(wiring: Wiring, clock: Clock) -> int:
    """Send the alerts that are due to staff. Returns how many were tried."""
    return _until_none(lambda: _tell_once(wiring, clock))


def _tell_once(wiring: Wiring, clock: Clock) -> int:
    with wiring.transaction() as session:
        claimed = alerting.prepare(session, limit=SEND_BATCH, now=clock())
    if not claimed:
        return 0
    public_url = wiring.settings.public_url
    texts = [alerting.as_text(alert, public_url=public_url, now=clock()) for alert in claimed]
    channel, rate = wiring.channel, wiring.settings.segments_per_second
    with wiring.transaction() as session:
        dispatch.take(session, texts, channel=channel.name, per_second=rate, now=clock())
    outcomes = channel.send(texts)
    with wiring.transaction() as session:
        alerting.record(session, claimed, outcomes, now=clock())
    return len(claimed)


def close(wiring: Wiring, clock: Clock) -> int:
    """Close the check-ins whose time for an answer is over. Returns how many."""
    return _until_none(lambda: _close_once(wiring, clock))


def _close_once(wiring: Wiring, clock: Clock) -> int:
    with wiring.transaction() as session:
        return silence.notice(session, limit=READ_BATCH, hours=wiring.hours, now=clock())


def settle(wiring: Wiring, clock: Clock) -> int:
    """Sends that nobody recorded become *unknown*, and the provider is asked about those.

    Returns how many were found to be lost or were settled.
    """
    with wiring.transaction() as session:
        lost = receipts.settle(session, now=clock())
    if lost:
        log.warning("sends without an answer", unknown=lost)
    return lost + _ask_after(wiring, clock, settling.unknown)


def reconcile(wiring: Wiring, clock: Clock) -> int:
    """Compare with the provider's own list; take in what never came. Returns how many that was."""
    channel, started = wiring.channel, clock()
    if not channel.capabilities.lists:
        return 0
    with wiring.transaction() as session:
        since = reconciling.since(session, channel.name, now=started)
    try:
        listed = list(channel.received_since(since))
    except ChannelAwayError:
        log.warning("the provider did not answer", channel=channel.name)
        return 0
    with wiring.transaction() as session:
        recovered = reconciling.take_in(session, listed, now=clock())
        reconciling.compared(session, channel.name, until=started, recovered=recovered)
    return recovered + _ask_after(wiring, clock, settling.without_word)


def _ask_after(wiring: Wiring, clock: Clock, whom: Whom) -> int:
    """Ask the provider what became of some texts. Returns how many it knew something of."""
    if not wiring.channel.capabilities.lists:
        return 0
    with wiring.transaction() as session:
        lost = whom(session, limit=ASK_BATCH, now=clock())
        sought = settling.sought(session, lost)
    if not lost:
        return 0
    found = wiring.channel.find(sought)
    with wiring.transaction() as session:
        settling.settle(session, lost, found, hours=wiring.hours, now=clock())
    return len(found.receipts) + len(found.absent)


def watch(wiring: Wiring, clock: Clock) -> int:
    """Look whether texts fail for many at once, or too few come in. How many alarms are on."""
    with wiring.transaction() as session:
        heartbeat.beat(session, now=clock())
        deliveries = alarms.watch(session, now=clock())
        calendar = texting_rules.load(session, wiring.calendar).calendar
        inbound = alarms.watch_inbound(
            session, calendar=calendar, zone=wiring.settings.zone, now=clock()
        )
        return deliveries + inbound


def chase(wiring: Wiring, clock: Clock) -> int:
    """What nobody has read in time becomes a reason. Returns how many replies that were."""
    return _until_none(lambda: _chase_once(wiring, clock))


def _chase_once(wiring: Wiring, clock: Clock) -> int:
    with wiring.transaction() as session:
        return reading_list.chase(session, limit=READ_BATCH, hours=wiring.hours, now=clock())


def learn(wiring: Wiring, clock: Clock) -> int:
    """Propose values for most people, and learn usuals again by those that were approved.

    Returns how many usuals were learnt again.
    """
    with wiring.transaction() as session:
        noticing.propose(session, now=clock())
    return _until_none(lambda: _learn_once(wiring, clock))


def _learn_once(wiring: Wiring, clock: Clock) -> int:
    with wiring.transaction() as session:
        return noticing.relearn(session, limit=LEARN_BATCH, now=clock())


def welcome(wiring: Wiring, clock: Clock) -> int:
    """Times without texts end on their day, and where no end is known a person is asked.

    Numbers that have been silent for months are asked whose they are before anything personal goes.

    Returns how many that was.
    """
    return _until_none(lambda: _welcome_once(wiring, clock) + _doubt_once(wiring, clock))


def _doubt_once(wiring: Wiring, clock: Clock) -> int:
    with wiring.transaction() as session:
        return numbers.doubt_the_silent(
            session,
            limit=LEARN_BATCH,
            calendar=texting_rules.load(session, wiring.calendar).calendar,
            hours=wiring.hours,
            wording=wiring.reader.wording,
            channel=wiring.channel.name,
            now=clock(),
        )


def _welcome_once(wiring: Wiring, clock: Clock) -> int:
    with wiring.transaction() as session:
        calendar = texting_rules.load(session, wiring.calendar).calendar
        return absences.welcome(
            session,
            limit=LEARN_BATCH,
            calendar=calendar,
            wording=wiring.reader.wording,
            channel=wiring.channel.name,
            now=clock(),
        ) + absences.ask_after(session, limit=LEARN_BATCH, hours=wiring.hours, now=clock())


def wake(wiring: Wiring, clock: Clock) -> int:
    """Waiting flags whose day has come are back in the queue. Returns how many."""
    with wiring.transaction() as session:
        return casework.wake(session, now=clock())


def bring_in(wiring: Wiring, clock: Clock) -> int:
    """Check, bring in or take back lists of people, a few hundred lines at a time.

    Returns how many lines were done.
    """
    return _until_none(lambda: _bring_in_once(wiring, clock))


def _bring_in_once(wiring: Wiring, clock: Clock) -> int:
    settings = wiring.settings
    with wiring.transaction() as session:
        return importing.step(
            session, limit=LIST_BATCH, drama=settings.demo, zone=settings.zone, now=clock()
        )


def _until_none(once: Callable[[], int]) -> int:
    total = 0
    for _round in range(ROUNDS_AT_MOST):
        done = once()
        total += done
        if not done:
            break
    return total
