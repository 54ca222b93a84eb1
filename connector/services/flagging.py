"""What was noticed becomes a flag: one open flag a person, later reasons join it.

Everything that raises a reason (a reply, a silence, a text that did not arrive) comes through here,
so that the promise, the due time, the history and the alert are decided in one place.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from connector.domain import flag as flags_of
from connector.domain.flag import Flag, FlagEvent
from connector.domain.promise import Promise, most_urgent
from connector.domain.rota import on_duty
from connector.domain.signals import Signal
from connector.domain.working_hours import WorkingHours
from connector.services.jobs import Job, later
from connector.store import alerts, flags, staff
from connector.store.flags import Headline, Reason


@dataclass(frozen=True, slots=True)
class Noticed:
    """Signals about one resident, from one reply or from none. Empty signals wake what waits."""

    resident_id: int
    connector_id: int | None
    signals: tuple[Signal, ...]
    reply_id: int | None = None
    usual_words: str = ""


def raise_or_join(
    session: Session,
    noticed: Sequence[Noticed],
    *,
    hours: WorkingHours,
    now: datetime,
    standing: dict[int, Flag] | None = None,
) -> None:
    """Raise or join the flags that `noticed` asks for. The residents' rows are locked already.

    `standing` are the residents' open flags, locked, when the caller has them at hand.
    """
    if not noticed:
        return
    by_resident: dict[int, list[Noticed]] = {}
    for one in noticed:
        by_resident.setdefault(one.resident_id, []).append(one)
    if standing is None:
        standing = flags.lock_open(session, by_resident)
    standing = {id_: flag for id_, flag in standing.items() if id_ in by_resident}
    new = _raise(session, by_resident, standing, hours, now)
    joined = _join(session, by_resident, standing, hours, now)
    _explain(session, by_resident, standing | new, now)
    _tell(session, by_resident, standing, new | joined, now)


def _promise(noticed: Iterable[Noticed]) -> Promise:
    return most_urgent(signal.promise for one in noticed for signal in one.signals)


def _raise(
    session: Session,
    by_resident: dict[int, list[Noticed]],
    standing: dict[int, Flag],
    hours: WorkingHours,
    now: datetime,
) -> dict[int, Flag]:
    drafts: list[tuple[Flag, FlagEvent]] = []
    for resident_id, noticed in by_resident.items():
        promise = _promise(noticed)
        if resident_id not in standing and promise is not Promise.NONE:
            due_at = hours.due_at(promise, now)
            drafts.append(flags_of.raised(resident_id, promise, due_at, now=now))
    ids = flags.add_many(session, [flag for flag, _event in drafts])
    flags.append_events(
        session, [(id_, event) for id_, (_flag, event) in zip(ids, drafts, strict=True)]
    )
    return {
        flag.resident_id: flags_of.numbered(flag, id_)
        for id_, (flag, _event) in zip(ids, drafts, strict=True)
    }


def _join(
    session: Session,
    by_resident: dict[int, list[Noticed]],
    standing: dict[int, Flag],
    hours: WorkingHours,
    now: datetime,
) -> dict[int, Flag]:
    """Flags that changed, by resident. A plain reply only wakes a flag that waits."""
    changed: dict[int, Flag] = {}
    events: list[tuple[int, FlagEvent]] = []
    for resident_id, flag in standing.items():
        promise = _promise(by_resident[resident_id])
        if promise is Promise.NONE:
            happened = flags_of.reopen(flag, hours.due_at(Promise.TODAY, now), now=now)
        else:
            happened = flags_of.join(flag, promise, hours.due_at(promise, now), now=now)
        for event in happened:
            flag = flags_of.evolve(flag, event)  # noqa: PLW2901
            events.append((flag.id, event))
        if happened:
            changed[resident_id] = flag
    flags.save_many(session, list(changed.values()))
    flags.append_events(session, events)
    return changed


def _explain(
    session: Session,
    by_resident: dict[int, list[Noticed]],
    open_flags: dict[int, Flag],
    now: datetime,
) -> None:
    reasons: list[tuple[int, Reason]] = []
    headlines: list[tuple[int, Headline, int]] = []
    for resident_id, noticed in by_resident.items():
        flag = open_flags.get(resident_id)
        found = [(one, signal) for one in noticed for signal in one.signals]
        if flag is None or not found:
            continue
        reasons += [(flag.id, _reason(one, signal, now)) for one, signal in found]
        lead = min(found, key=lambda pair: pair[1].promise.rank)
        headlines.append((flag.id, _headline(*lead), len(found)))
    flags.append_reasons(session, reasons)
    flags.set_headlines(session, headlines)


def _tell(
    session: Session,
    by_resident: dict[int, list[Noticed]],
    before: dict[int, Flag],
    after: dict[int, Flag],
    now: datetime,
) -> None:
    """Connectors hear of new flags and of flags that have become more urgent."""
    members = staff.members(session)
    rows = [
        (member.id, flag.id, flag.promise)
        for resident_id, flag in after.items()
        if _is_news(before.get(resident_id), flag)
        for member in on_duty(members, by_resident[resident_id][0].connector_id)
    ]
    alerts.queue(session, rows, now=now)
    if rows:
        later(session, Job.ALERT)


def _is_news(before: Flag | None, flag: Flag) -> bool:
    if flag.promise is Promise.GOOD_NEWS:
        return False
    woke = before is not None and before.state is not flag.state
    return before is None or woke or flag.promise.rank < before.promise.rank


def _spans(signal: Signal) -> tuple[tuple[int, int], ...]:
    return tuple((span.start, span.end) for span in signal.spans)


def _reason(one: Noticed, signal: Signal, now: datetime) -> Reason:
    return Reason(
        kind=signal.kind.value,
        promise=signal.promise,
        sentence=signal.sentence,
        rule=signal.rule,
        version=signal.version,
        at=now,
        figures=signal.figures,
        reply_id=one.reply_id,
        spans=_spans(signal),
    )


def _headline(one: Noticed, signal: Signal) -> Headline:
    return Headline(
        signal.sentence, signal.promise.rank, one.reply_id, _spans(signal), one.usual_words
    )
