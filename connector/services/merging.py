"""Two records that turn out to be one person become one, and can be taken apart again exactly.

All history goes to the record that is kept. Where both have the same thing (a programme, a flag, a
text of one day) the kept one's counts, nothing goes out twice, and a stop or an absence of either
holds for both. Both agreements stay in the history. Usuals are learnt again from all answers.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from connector.domain.attempt import AttemptState
from connector.domain.check_in import CheckInState
from connector.domain.consent import AgreementState
from connector.domain.errors import NotFound, Refused
from connector.domain.flag import FlagEventKind, FlagState
from connector.domain.promise import Promise, most_urgent
from connector.services import noticing
from connector.store import attempts, audit, check_ins, merges, programmes, residents, stops
from connector.store.merges import Journal, Merge

SUBJECT: Final = "resident"
MERGED: Final = "Not sent: this record is another one's now."
NUMBER_WHY: Final = "merged"
PLAN_AGAIN_AFTER: Final = timedelta(hours=1)
_STRICTEST: Final = (
    AgreementState.WITHDRAWN,
    AgreementState.PAUSED,
    AgreementState.GIVEN,
    AgreementState.INVITED,
)
Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Pair:
    """The two records as they stand, sealed values sealed: the one that is kept and the other."""

    kept: Row
    gone: Row

    @property
    def ids(self) -> tuple[int, int]:
        return self.kept["id"], self.gone["id"]

    @property
    def same_number(self) -> bool:
        return bool(self.kept["number_index"] == self.gone["number_index"])

    @property
    def takes_number(self) -> bool:
        """Whether only the other record has a number that texts arrive at."""
        mine, other = _works(self.kept), _works(self.gone)
        return other and not mine and not self.same_number


def merge(session: Session, kept_id: int, gone_id: int, *, by: int, now: datetime) -> int:
    """Make two records one. Returns the merge's id, by which it can be undone.

    Raises `NotFound`, or `Refused` when one of them is another record's already.
    """
    pair = look(session, kept_id, gone_id)
    journal = Journal()
    both = _Both(session, journal, pair, now)
    both.flags()
    both.enrolments()
    both.texts()
    both.absences()
    both.person()
    both.history()
    both.usuals()
    merge_id = merges.record(session, kept_id, gone_id, journal, by=by, now=now)
    why = f"record {gone_id} into {kept_id}"
    for one in (kept_id, gone_id):
        audit.append(session, "records merged", SUBJECT, one, by=by, now=now, why=why)
    return merge_id


def look(session: Session, kept_id: int, gone_id: int) -> Pair:
    """Both records, locked. Raises `NotFound` or `Refused`."""
    if kept_id == gone_id:
        raise Refused("These are one record already. Choose two.")
    if len(residents.lock(session, [kept_id, gone_id])) < 2:
        raise NotFound("There is no such resident.")
    pair = Pair(merges.row(session, "resident", kept_id), merges.row(session, "resident", gone_id))
    if pair.kept["merged_into"] is not None or pair.gone["merged_into"] is not None:
        raise Refused("One of these records has been merged already. Open the one that was kept.")
    return pair


def unmerge(session: Session, merge_id: int, *, by: int, now: datetime) -> Merge:
    """Take two records apart again. What came in since stays with the one that was kept.

    Raises `NotFound`, or `Refused` when it has been undone, or something later has to be first.
    """
    merge = merges.get(session, merge_id)
    if merge is None:
        raise NotFound("There is no such merge.")
    residents.lock(session, [merge.kept_id, merge.gone_id])
    if merge.undone_at is not None:
        raise Refused("These records are apart already.")
    if merges.row(session, "resident", merge.kept_id)["merged_into"] is not None:
        raise Refused("The kept record has itself been merged since. Take that apart first.")
    if any(later.id > merge.id for later in merges.of_record(session, merge.kept_id)):
        raise Refused("Another record was merged into this one later. Take that apart first.")
    merges.undo(session, merge, by=by, now=now)
    _put_plans_right(session, merge, now)
    for one in (merge.kept_id, merge.gone_id):
        audit.append(session, "records taken apart", SUBJECT, one, by=by, now=now)
    return merge


def _put_plans_right(session: Session, merge: Merge, now: datetime) -> None:
    """Nothing stays planned for the kept record that only the other was enrolled for."""
    on = {one["programme_id"] for one in merges.rows_of(session, "enrolment", merge.kept_id)}
    other = {one["programme_id"] for one in merges.rows_of(session, "enrolment", merge.gone_id)}
    for programme_id in other - on:
        check_ins.forget_unsent(
            session,
            programme_id=programme_id,
            resident_ids=[merge.kept_id],
            reminders=True,
            now=now,
        )
    if now - merge.made_at > PLAN_AGAIN_AFTER:
        programmes.fresh_again(session, resident_ids=[merge.kept_id, merge.gone_id])


@dataclass(slots=True)
class _Both:
    """The steps of one merge, each of which writes down what it does."""

    session: Session
    journal: Journal
    pair: Pair
    now: datetime
    goes_on_with: set[int] = field(default_factory=set)
    """The programmes that the kept record was on already."""

    def flags(self) -> None:
        """One open flag a person: the other's reasons join the kept one's, and it is finished."""
        kept, gone = (self._open_flag(id_) for id_ in self.pair.ids)
        if kept is None or gone is None:
            return
        reasons = merges.rows(self.session, "reason", merges.where("reason", flag_id=gone["id"]))
        self._move("reason", reasons, to=kept["id"], column="flag_id")
        self._change("flag", kept["id"], _joined(kept, gone))
        done = {
            "state": FlagState.DONE.value,
            "finished_at": self.now,
            "wait_until": None,
            "next_step_at": None,
            "version": gone["version"] + 1,
        }
        self._change("flag", gone["id"], done)
        self._event(kept["id"], FlagEventKind.JOINED, gone)
        self._event(gone["id"], FlagEventKind.FINISHED, gone)
        offered = merges.where("handover", flag_id=gone["id"], state="offered")
        for one in merges.rows(self.session, "handover", offered):
            self._change("handover", one["id"], {"state": "overtaken", "decided_at": self.now})

    def enrolments(self) -> None:
        """On a programme of both the kept one goes on as it was, unless it had ended."""
        mine = {row["programme_id"]: row for row in self._rows("enrolment", 0)}
        self.goes_on_with = {id_ for id_, row in mine.items() if row["ended_on"] is None}
        theirs = self._rows("enrolment", 1)
        self._move("enrolment", [row for row in theirs if row["programme_id"] not in mine])
        today = self.now.astimezone(ZoneInfo(self.pair.kept["zone"])).date()
        for row in theirs:
            own = mine.get(row["programme_id"])
            if own is None or row["ended_on"] is not None:
                continue
            if own["ended_on"] is not None:
                names = ("started_on", "ended_on", "own", "spread", "fresh")
                self._change("enrolment", own["id"], {name: row[name] for name in names})
            self._change("enrolment", row["id"], {"ended_on": today, "fresh": False})

    def texts(self) -> None:
        """No date twice: what the kept record has as well stays where it is, and never goes."""
        there = {_slot(row) for row in self._rows("check_in", 0)}
        planned = CheckInState.PLANNED.value
        going: list[Row] = []
        staying: list[Row] = []
        for row in self._rows("check_in", 1):
            doubled = row["state"] == planned and row["programme_id"] in self.goes_on_with
            (staying if doubled or _slot(row) in there else going).append(row)
        self._move("check_in", going)
        for left in staying:
            waits = left["state"] == planned
            held = {"state": CheckInState.SKIPPED.value, "why": MERGED} if waits else {}
            self._change("check_in", left["id"], {"closes_at": None, **held})
        ours = [purpose.value for purpose in attempts.OPENED_BY_US]
        for text in self._rows("attempt", 1):
            if text["state"] == AttemptState.QUEUED.value and text["purpose"] in ours:
                skipped = {"state": AttemptState.SKIPPED.value, "why": MERGED}
                self._change("attempt", text["id"], skipped)

    def absences(self) -> None:
        """An absence of either holds; of two that are open the kept one's does."""
        away = any(row["ended_at"] is None for row in self._rows("absence", 0))
        theirs = self._rows("absence", 1)
        self._move("absence", [r for r in theirs if not away or r["ended_at"] is not None])
        wished = {r["programme_id"] for r in self._rows("proposal", 0) if r["state"] == "open"}
        going = [
            r
            for r in self._rows("proposal", 1)
            if r["state"] != "open" or r["programme_id"] not in wished
        ]
        self._move("proposal", going)

    def person(self) -> None:
        """What the kept record says from now on; the other is found by nothing any more."""
        kept, gone = self.pair.ids
        stopped = bool(stops.among(self.session, [self.pair.gone["number_index"]]))
        unused = self.pair.kept if self.pair.takes_number else self.pair.gone
        self._change("resident", kept, together(self.pair, stopped=stopped))
        if unused["number"] and not self.pair.same_number:
            self._add_number(kept, unused)
        hidden = {
            "merged_into": kept,
            "agreement": AgreementState.WITHDRAWN.value,
            "number_index": merges.no_number(),
            "name_index": None,
            "canary": False,
        }
        self._change("resident", gone, hidden)

    def history(self) -> None:
        for table, column in merges.HISTORY:
            self._move(table, self._rows(table, 1), column=column)

    def usuals(self) -> None:
        """What only the other had learnt is the kept one's; what both had is learnt again."""
        kept = self.pair.ids[0]
        mine = {row["programme_id"]: row for row in self._rows("usual", 0)}
        theirs = self._rows("usual", 1)
        self._move("usual", [row for row in theirs if row["programme_id"] not in mine])
        for programme_id in sorted({row["programme_id"] for row in theirs} & mine.keys()):
            before = mine[programme_id]
            noticing.learn_afresh(self.session, kept, programme_id)
            key = (kept, programme_id)
            after = merges.row(self.session, "usual", *key)
            news = {name: after[name] for name in ("usual", "rhythm")}
            merges.note(self.journal, "usual", key, before, news)

    def _rows(self, table: str, which: int) -> list[dict[str, Any]]:
        return merges.rows_of(self.session, table, self.pair.ids[which])

    def _move(
        self,
        table: str,
        found: Sequence[Row],
        *,
        to: int | None = None,
        column: str = "resident_id",
    ) -> None:
        target = self.pair.ids[0] if to is None else to
        merges.move(self.session, self.journal, table, column, found, target)

    def _change(self, table: str, id_: Any, values: Row) -> None:
        merges.change(self.session, self.journal, table, (id_,), values)

    def _open_flag(self, resident_id: int) -> dict[str, Any] | None:
        found = merges.rows_of(self.session, "flag", resident_id)
        return next((row for row in found if row["state"] != FlagState.DONE.value), None)

    def _event(self, flag_id: int, kind: FlagEventKind, gone: Row) -> None:
        values = {
            "flag_id": flag_id,
            "kind": kind.value,
            "at": self.now,
            "promise": gone["promise"],
            "due_at": gone["due_at"],
            "note": merges.seal("Two records of one person were made one."),
        }
        merges.add(self.session, self.journal, "flag_event", values)

    def _add_number(self, kept_id: int, unused: Row) -> None:
        values = {
            "resident_id": kept_id,
            "number": unused["number"],
            "number_index": unused["number_index"],
            "until": self.now,
            "why": NUMBER_WHY,
        }
        merges.add(self.session, self.journal, "resident_number", values)


def together(pair: Pair, *, stopped: bool = False) -> dict[str, Any]:
    """What the kept record says after the merge, as far as the other has a say in it."""
    kept, gone = pair.kept, pair.gone
    either = ("family_name", "no_answer", "connector_id", "standing")
    values: dict[str, Any] = {name: kept[name] or gone[name] for name in either}
    values |= {name: _latest(kept[name], gone[name]) for name in _MOMENTS}
    values |= {name: _lines(kept[name], gone[name]) for name in ("needs", "likes")}
    values["agreement"] = _agreed(kept, gone, stopped=stopped)
    values["shared_phone"] = kept["shared_phone"] or gone["shared_phone"]
    values["canary"] = kept["canary"] or gone["canary"]
    values["message_ok"] = _safe(kept["message_ok"], gone["message_ok"])
    if not kept["away_kind"]:
        values |= {name: gone[name] for name in ("away_kind", "away_until")}
    if pair.takes_number:
        values |= {name: gone[name] for name in _NUMBER}
    elif pair.same_number:
        values["doubted_at"] = kept["doubted_at"] or gone["doubted_at"]
    return values


_MOMENTS: Final = ("heard_at", "crisis_answered_at")
_NUMBER: Final = ("number", "number_index", "number_dead", "doubted_at", "contact_by")


def _works(row: Row) -> bool:
    return bool(row["number"]) and not row["number_dead"]


def _latest(one: datetime | None, other: datetime | None) -> datetime | None:
    return max((at for at in (one, other) if at is not None), default=None)


def _lines(mine: bytes, theirs: bytes) -> bytes:
    """The lines of both, each once; untouched where the other has nothing new."""
    own, others = (merges.opened(some).split("\n") for some in (mine, theirs))
    both = list(dict.fromkeys(line for line in (*own, *others) if line))
    return mine if both == [line for line in own if line] else merges.seal("\n".join(both))


def _agreed(kept: Row, gone: Row, *, stopped: bool) -> str:
    """Where the agreement stands: a stop of either wins, then a pause, then a yes."""
    if stopped:
        return AgreementState.WITHDRAWN.value
    states = {kept["agreement"], gone["agreement"]}
    return next(state.value for state in _STRICTEST if state.value in states)


def _safe(mine: bool | None, theirs: bool | None) -> bool | None:
    """A message may be left only where neither record says that it may not."""
    if False in (mine, theirs):
        return False
    return theirs if mine is None else mine


def _slot(row: Row) -> tuple[Any, ...]:
    return row["programme_id"], row["occurrence"], row["slot"]


def _joined(kept: Row, gone: Row) -> dict[str, Any]:
    """The kept flag with what the other brings: never later, never less urgent, never asleep."""
    promise = most_urgent((Promise(kept["promise"]), Promise(gone["promise"])))
    values = {
        "promise": promise.value,
        "due_at": min(kept["due_at"], gone["due_at"]),
        "reasons": kept["reasons"] + gone["reasons"],
        "version": kept["version"] + 1,
    }
    steps = [one["next_step_at"] for one in (kept, gone) if one["next_step_at"] is not None]
    values["next_step_at"] = min(steps, default=None)
    if gone["headline_rank"] < kept["headline_rank"]:
        values |= {name: gone[name] for name in _HEADLINE}
    if kept["owner_id"] is None and gone["owner_id"] is not None:
        values |= {name: gone[name] for name in ("owner_id", "taken_at", "act_by")}
        values["state"] = FlagState.TAKEN.value
    elif kept["state"] == FlagState.WAITING.value:
        taken = kept["owner_id"] is not None
        values["state"] = (FlagState.TAKEN if taken else FlagState.NEW).value
    if "state" in values:
        values["wait_until"] = None
    return values


_HEADLINE: Final = (
    "headline",
    "headline_rank",
    "evidence_reply_id",
    "evidence_spans",
    "usual_words",
)
