"""Every table of the service in one chapter, so that the whole shape can be read at once.

Private to the store: rows never leave it. An index here is the shape of a question that is asked;
each partial index is a queue.
"""

from __future__ import annotations

from datetime import date, datetime, time
from typing import Any
from uuid import UUID

from sqlalchemy import (
    Boolean,
    CheckConstraint,
    Date,
    Float,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    SmallInteger,
    String,
    Text,
    Time,
    UniqueConstraint,
    Uuid,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from connector.store.base import Base, BigId, Json, Sealed, UtcDateTime


def _moment(**options: Any) -> Mapped[datetime]:
    return mapped_column(UtcDateTime, **options)


class Installation(Base):
    """One row: whether this database holds a demonstration or real people."""

    __tablename__ = "installation"
    id: Mapped[int] = mapped_column(SmallInteger, primary_key=True, autoincrement=False)
    kind: Mapped[str] = mapped_column(String(10))
    made_at: Mapped[datetime] = _moment()


class StaffRow(Base):
    __tablename__ = "staff"
    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    name: Mapped[str] = mapped_column(String(120))
    email: Mapped[str] = mapped_column(String(254), unique=True)
    role: Mapped[str] = mapped_column(String(20))
    password_hash: Mapped[str] = mapped_column(String(200))
    number: Mapped[str] = mapped_column(Sealed, default="")
    active: Mapped[bool] = mapped_column(Boolean, default=True)
    session_key: Mapped[str] = mapped_column(String(40))
    buddy_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    caseload_cap: Mapped[int | None] = mapped_column(Integer)
    alert_email: Mapped[bool] = mapped_column(Boolean, default=False)
    digest_on: Mapped[date | None] = mapped_column(Date)


class ResidentRow(Base):
    """One person. `contact_by` is text, call or visit; `no_answer` the steps agreed for silence.

    `standing` is empty, or a mark that stops texts: died, prison, left. `away_kind`, `away_until`
    mirror the open absence, so that a sender need not look it up; `doubted_at` is since when we do
    not know whose number it is, and nothing personal goes to it. `merged_into` is the record that
    took this one's place.
    """

    __tablename__ = "resident"
    __table_args__ = (
        Index(
            "ix_resident_merged",
            "merged_into",
            postgresql_where=text("merged_into IS NOT NULL"),
            sqlite_where=text("merged_into IS NOT NULL"),
        ),
    )
    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    given_name: Mapped[str] = mapped_column(Sealed)
    family_name: Mapped[str] = mapped_column(Sealed)
    known_as: Mapped[str] = mapped_column(Sealed)
    number: Mapped[str] = mapped_column(Sealed)
    number_index: Mapped[bytes] = mapped_column(LargeBinary(16), index=True)
    language: Mapped[str] = mapped_column(String(12), default="en")
    zone: Mapped[str] = mapped_column(String(40), default="Europe/London")
    connector_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id"), index=True)
    agreement: Mapped[str] = mapped_column(String(12))
    number_dead: Mapped[bool] = mapped_column(Boolean, default=False)
    needs: Mapped[str] = mapped_column(Sealed, default="")
    heard_at: Mapped[datetime | None] = _moment()
    crisis_answered_at: Mapped[datetime | None] = _moment()
    created_at: Mapped[datetime] = _moment()
    contact_by: Mapped[str] = mapped_column(String(6), default="text")
    likes: Mapped[str] = mapped_column(Sealed, default="")
    no_answer: Mapped[str] = mapped_column(Sealed, default="")
    shared_phone: Mapped[bool] = mapped_column(Boolean, default=False)
    message_ok: Mapped[bool | None] = mapped_column(Boolean)
    standing: Mapped[str] = mapped_column(String(10), default="")
    away_kind: Mapped[str] = mapped_column(String(10), default="")
    away_until: Mapped[date | None] = mapped_column(Date)
    doubted_at: Mapped[datetime | None] = _moment()
    canary: Mapped[bool] = mapped_column(Boolean, default=False)
    name_index: Mapped[bytes | None] = mapped_column(LargeBinary(16), index=True)
    merged_into: Mapped[int | None] = mapped_column(ForeignKey("resident.id"))


class AgreementRow(Base):
    """Who agreed to what, when, how and in which words. Only ever added to."""

    __tablename__ = "agreement"
    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    resident_id: Mapped[int] = mapped_column(ForeignKey("resident.id"), index=True)
    state: Mapped[str] = mapped_column(String(12))
    at: Mapped[datetime] = _moment()
    how: Mapped[str] = mapped_column(String(20))
    words: Mapped[str] = mapped_column(Sealed, default="")
    by_staff: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))


class AbsenceRow(Base):
    """A time without texts that ends by itself: away, a pause, a stay in hospital.

    `ends_on` is the first day of texts again, empty when nobody knows yet. Silence does not count.
    """

    __tablename__ = "absence"
    __table_args__ = (
        Index(
            "uq_absence_one_open",
            "resident_id",
            unique=True,
            postgresql_where=text("ended_at IS NULL"),
            sqlite_where=text("ended_at IS NULL"),
        ),
    )
    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    resident_id: Mapped[int] = mapped_column(ForeignKey("resident.id"), index=True)
    kind: Mapped[str] = mapped_column(String(10))
    starts_on: Mapped[date] = mapped_column(Date)
    ends_on: Mapped[date | None] = mapped_column(Date)
    made_at: Mapped[datetime] = _moment()
    made_by: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    reply_id: Mapped[int | None] = mapped_column(ForeignKey("reply.id"))
    ended_at: Mapped[datetime | None] = _moment()
    welcomed_at: Mapped[datetime | None] = _moment()


class ProposalRow(Base):
    """Another day, time or pace that a resident asked for by text; a connector accepts it."""

    __tablename__ = "proposal"
    __table_args__ = (
        Index(
            "uq_proposal_one_open",
            "resident_id",
            "programme_id",
            unique=True,
            postgresql_where=text("state = 'open'"),
            sqlite_where=text("state = 'open'"),
        ),
        CheckConstraint("state IN ('open', 'accepted', 'refused', 'overtaken')", name="state"),
    )
    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    resident_id: Mapped[int] = mapped_column(ForeignKey("resident.id"))
    programme_id: Mapped[int] = mapped_column(ForeignKey("programme.id"))
    own: Mapped[str] = mapped_column(String(120))
    reply_id: Mapped[int | None] = mapped_column(ForeignKey("reply.id"))
    made_at: Mapped[datetime] = _moment()
    state: Mapped[str] = mapped_column(String(10))
    decided_at: Mapped[datetime | None] = _moment()
    decided_by: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))


class ResidentNumberRow(Base):
    """A number that was somebody's, until when and why no longer. History stays with the person."""

    __tablename__ = "resident_number"
    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    resident_id: Mapped[int] = mapped_column(ForeignKey("resident.id"), index=True)
    number: Mapped[str] = mapped_column(Sealed)
    number_index: Mapped[bytes] = mapped_column(LargeBinary(16), index=True)
    until: Mapped[datetime] = _moment()
    why: Mapped[str] = mapped_column(String(20))
    changed_by: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))


class MergeRow(Base):
    """Two records that are one person. `moved` are the ids of the rows that changed hands."""

    __tablename__ = "merge"
    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    kept_id: Mapped[int] = mapped_column(ForeignKey("resident.id"), index=True)
    gone_id: Mapped[int] = mapped_column(ForeignKey("resident.id"))
    moved: Mapped[dict[str, Any]] = mapped_column(Json)
    made_at: Mapped[datetime] = _moment()
    made_by: Mapped[int] = mapped_column(ForeignKey("staff.id"))
    undone_at: Mapped[datetime | None] = _moment()
    undone_by: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))


class ReferralRow(Base):
    """Somebody we do not know texted the keyword: a request for a person to ring, nothing more."""

    __tablename__ = "referral"
    __table_args__ = (
        Index(
            "uq_referral_one_open",
            "number_index",
            unique=True,
            postgresql_where=text("state = 'open'"),
            sqlite_where=text("state = 'open'"),
        ),
        CheckConstraint("state IN ('open', 'enrolled', 'put_away')", name="state"),
    )
    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    number: Mapped[str] = mapped_column(Sealed)
    number_index: Mapped[bytes] = mapped_column(LargeBinary(16))
    reply_id: Mapped[int] = mapped_column(ForeignKey("reply.id"))
    made_at: Mapped[datetime] = _moment()
    state: Mapped[str] = mapped_column(String(10))
    decided_at: Mapped[datetime | None] = _moment()
    decided_by: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    resident_id: Mapped[int | None] = mapped_column(ForeignKey("resident.id"))
    why: Mapped[str] = mapped_column(String(200), default="")


class ImportBatchRow(Base):
    """A list that was brought in: checked first, then done as a whole, and undone as a whole."""

    __tablename__ = "import_batch"
    __table_args__ = (
        CheckConstraint(
            "state IN ('matching', 'checking', 'checked', 'running', 'done', 'undoing', 'undone', "
            "'dropped')",
            name="state",
        ),
    )
    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    file_name: Mapped[str] = mapped_column(String(200))
    state: Mapped[str] = mapped_column(String(10))
    columns: Mapped[dict[str, Any]] = mapped_column(Json)
    choices: Mapped[dict[str, Any]] = mapped_column(Json)
    counts: Mapped[dict[str, Any]] = mapped_column(Json)
    rows: Mapped[int] = mapped_column(Integer)
    done: Mapped[int] = mapped_column(Integer, default=0)
    made_at: Mapped[datetime] = _moment()
    made_by: Mapped[int] = mapped_column(ForeignKey("staff.id"))
    started_at: Mapped[datetime | None] = _moment()
    finished_at: Mapped[datetime | None] = _moment()
    undone_at: Mapped[datetime | None] = _moment()
    undone_by: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))


class ImportRowRow(Base):
    """One line of a list: what it says, what it would do, what stood there before it was done.

    `reference` is the blind index of the list's own reference, by which a later list finds the
    same person again.
    """

    __tablename__ = "import_row"
    __table_args__ = (
        UniqueConstraint("batch_id", "line"),
        Index("ix_import_row_number", "batch_id", "number_index"),
        Index("ix_import_row_reference", "reference"),
    )
    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    batch_id: Mapped[int] = mapped_column(ForeignKey("import_batch.id"))
    line: Mapped[int] = mapped_column(Integer)
    act: Mapped[str] = mapped_column(String(10))
    data: Mapped[str] = mapped_column(Sealed)
    before: Mapped[str] = mapped_column(Sealed, default="")
    problems: Mapped[str] = mapped_column(Sealed, default="")
    number_index: Mapped[bytes | None] = mapped_column(LargeBinary(16))
    reference: Mapped[bytes | None] = mapped_column(LargeBinary(16))
    resident_id: Mapped[int | None] = mapped_column(ForeignKey("resident.id"), index=True)
    done: Mapped[bool] = mapped_column(Boolean, default=False)


class StrangerRow(Base):
    """Numbers that nobody is known by and that have had their one polite automatic answer."""

    __tablename__ = "stranger"
    number_index: Mapped[bytes] = mapped_column(LargeBinary(16), primary_key=True)
    answered_at: Mapped[datetime] = _moment()


class StopRow(Base):
    """Numbers that have said STOP. A number stays here until its owner brings texts back."""

    __tablename__ = "stop"
    number_index: Mapped[bytes] = mapped_column(LargeBinary(16), primary_key=True)
    channel: Mapped[str] = mapped_column(String(20))
    stopped_at: Mapped[datetime] = _moment()


class ProgrammeRow(Base):
    __tablename__ = "programme"
    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    name: Mapped[str] = mapped_column(String(120), unique=True)
    kind: Mapped[str] = mapped_column(String(12))
    noticing: Mapped[dict[str, Any]] = mapped_column(Json, default=dict)
    active: Mapped[bool] = mapped_column(Boolean, default=True)


class ProgrammeVersionRow(Base):
    """What a programme says and when: one draft at most, one published at most.

    `content` is the whole of it as plain values. A published or replaced row never changes.
    `approved_by` is the second person where the wording needed one, and `approval` their reason.
    """

    __tablename__ = "programme_version"
    __table_args__ = (
        UniqueConstraint("programme_id", "number"),
        Index(
            "uq_programme_version_draft",
            "programme_id",
            unique=True,
            postgresql_where=text("state = 'draft'"),
            sqlite_where=text("state = 'draft'"),
        ),
        Index(
            "uq_programme_version_published",
            "programme_id",
            unique=True,
            postgresql_where=text("state = 'published'"),
            sqlite_where=text("state = 'published'"),
        ),
        CheckConstraint("state IN ('draft', 'published', 'replaced')", name="state"),
    )
    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    programme_id: Mapped[int] = mapped_column(ForeignKey("programme.id"))
    number: Mapped[int] = mapped_column(Integer)
    state: Mapped[str] = mapped_column(String(10))
    content: Mapped[dict[str, Any]] = mapped_column(Json)
    edits: Mapped[int] = mapped_column(Integer, default=1)
    made_at: Mapped[datetime] = _moment()
    made_by: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    published_at: Mapped[datetime | None] = _moment()
    published_by: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    approved_by: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    approval: Mapped[str] = mapped_column(String(200), default="")
    why: Mapped[str] = mapped_column(String(200), default="")


class EnrolmentRow(Base):
    """A resident is on a programme. `fresh` until their check-ins have been planned (again).

    `own` is what they changed of its days, time and pace, as `cadence.Override` writes it; empty
    when nothing. People with the same `own` are planned together.
    """

    __tablename__ = "enrolment"
    __table_args__ = (
        UniqueConstraint("programme_id", "resident_id"),
        Index(
            "ix_enrolment_fresh",
            "programme_id",
            postgresql_where=text("fresh"),
            sqlite_where=text("fresh"),
        ),
    )
    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    resident_id: Mapped[int] = mapped_column(ForeignKey("resident.id"), index=True)
    programme_id: Mapped[int] = mapped_column(ForeignKey("programme.id"))
    started_on: Mapped[date] = mapped_column(Date)
    ended_on: Mapped[date | None] = mapped_column(Date)
    own: Mapped[str] = mapped_column(String(120), default="")
    spread: Mapped[int] = mapped_column(SmallInteger, default=0)
    fresh: Mapped[bool] = mapped_column(Boolean, default=True)


class PlanRow(Base):
    """How far a programme has been planned for the people of one time zone."""

    __tablename__ = "plan"
    programme_id: Mapped[int] = mapped_column(ForeignKey("programme.id"), primary_key=True)
    zone: Mapped[str] = mapped_column(String(40), primary_key=True)
    planned_to: Mapped[date] = mapped_column(Date)


class CheckInRow(Base):
    """One planned text of a programme. `slot` 0 is the text itself, 1 its one reminder.

    `revision` names the cadence it was planned by; `version_id` is the version whose words went
    out, once they have; `moved` says in a sentence why it is not at its usual time.
    """

    __tablename__ = "check_in"
    __table_args__ = (
        UniqueConstraint("resident_id", "programme_id", "occurrence", "slot"),
        Index(
            "ix_check_in_due",
            "programme_id",
            "due_at",
            postgresql_where=text("state = 'planned'"),
            sqlite_where=text("state = 'planned'"),
        ),
        Index(
            "ix_check_in_to_close",
            "closes_at",
            postgresql_where=text("closes_at IS NOT NULL"),
            sqlite_where=text("closes_at IS NOT NULL"),
        ),
    )
    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    resident_id: Mapped[int] = mapped_column(ForeignKey("resident.id"))
    programme_id: Mapped[int] = mapped_column(ForeignKey("programme.id"))
    occurrence: Mapped[date] = mapped_column(Date)
    slot: Mapped[int] = mapped_column(SmallInteger, default=0)
    part: Mapped[str] = mapped_column(String(10), default="check_in")
    revision: Mapped[str] = mapped_column(String(12), default="")
    version_id: Mapped[int | None] = mapped_column(ForeignKey("programme_version.id"))
    number: Mapped[int] = mapped_column(Integer)
    due_at: Mapped[datetime] = _moment()
    expires_at: Mapped[datetime] = _moment()
    state: Mapped[str] = mapped_column(String(10))
    moved: Mapped[str] = mapped_column(Text, default="")
    why: Mapped[str] = mapped_column(String(200), default="")
    attempted_at: Mapped[datetime | None] = _moment()
    closes_at: Mapped[datetime | None] = _moment()
    answered_at: Mapped[datetime | None] = _moment()


class AskedRow(Base):
    """One question of a check-in as it was asked; answers are tied to it, late ones as well.

    `item` is the question's name in that version. `closes_at` is when an answer is late.
    """

    __tablename__ = "asked"
    __table_args__ = (
        UniqueConstraint("check_in_id", "item"),
        Index("ix_asked_latest", "resident_id", "asked_at"),
    )
    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    check_in_id: Mapped[int] = mapped_column(ForeignKey("check_in.id"))
    resident_id: Mapped[int] = mapped_column(ForeignKey("resident.id"))
    programme_id: Mapped[int] = mapped_column(ForeignKey("programme.id"))
    version_id: Mapped[int | None] = mapped_column(ForeignKey("programme_version.id"))
    item: Mapped[str] = mapped_column(String(40))
    asked_at: Mapped[datetime] = _moment()
    closes_at: Mapped[datetime] = _moment()
    answered_at: Mapped[datetime | None] = _moment()
    answer: Mapped[float | None] = mapped_column(Float)


class AttemptRow(Base):
    """One try to send one text. Its id rides on the status callback's address.

    `number` is filled only for a text to somebody we do not know; a resident's is their own.
    `asked_after` counts how often the provider was asked what became of an unknown one.
    """

    __tablename__ = "attempt"
    __table_args__ = (
        Index(
            "ix_attempt_queued",
            "due_at",
            postgresql_where=text("state = 'queued'"),
            sqlite_where=text("state = 'queued'"),
        ),
        Index(
            "ix_attempt_sending",
            "marked_at",
            postgresql_where=text("state = 'sending'"),
            sqlite_where=text("state = 'sending'"),
        ),
        Index(
            "ix_attempt_unknown",
            "marked_at",
            postgresql_where=text("state = 'unknown'"),
            sqlite_where=text("state = 'unknown'"),
        ),
        Index("ix_attempt_thread", "resident_id", "made_at"),
        Index("ix_attempt_made", "made_at"),
    )
    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    resident_id: Mapped[int | None] = mapped_column(ForeignKey("resident.id"))
    number: Mapped[str] = mapped_column(Sealed, default="")
    check_in_id: Mapped[int | None] = mapped_column(ForeignKey("check_in.id"), index=True)
    purpose: Mapped[str] = mapped_column(String(10))
    state: Mapped[str] = mapped_column(String(12))
    body: Mapped[str] = mapped_column(Sealed)
    channel: Mapped[str] = mapped_column(String(12), default="")
    provider_id: Mapped[str | None] = mapped_column(String(64))
    code: Mapped[str] = mapped_column(String(20), default="")
    why: Mapped[str] = mapped_column(String(200), default="")
    made_at: Mapped[datetime] = _moment()
    due_at: Mapped[datetime] = _moment()
    not_after: Mapped[datetime] = _moment()
    marked_at: Mapped[datetime | None] = _moment()
    tries: Mapped[int] = mapped_column(SmallInteger, default=0)
    asked_after: Mapped[int] = mapped_column(SmallInteger, default=0)


class ReceiptRow(Base):
    __tablename__ = "receipt"
    __table_args__ = (UniqueConstraint("attempt_id", "status"),)
    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    attempt_id: Mapped[UUID] = mapped_column(Uuid)
    status: Mapped[str] = mapped_column(String(24))
    provider_id: Mapped[str] = mapped_column(String(64), default="")
    code: Mapped[str] = mapped_column(String(20), default="")
    at: Mapped[datetime] = _moment()


class ReplyRow(Base):
    """A text from outside, as it arrived. `read_at` empty means that it waits to be read.

    `needs_eyes` once the machine has found words beyond a bare answer: then a person reads it too,
    until `eyes_due_at`, and `seen_at` and `seen_by` say when and who. Of a text that is nobody's
    they say who put it away.
    """

    __tablename__ = "reply"
    __table_args__ = (
        UniqueConstraint("channel", "provider_id"),
        Index(
            "ix_reply_unread",
            "id",
            postgresql_where=text("read_at IS NULL"),
            sqlite_where=text("read_at IS NULL"),
        ),
        Index("ix_reply_thread", "resident_id", "received_at"),
        Index("ix_reply_sender", "sender_index", "received_at"),
        Index("ix_reply_received", "received_at", postgresql_using="brin"),
        Index(
            "ix_reply_unclaimed",
            "id",
            postgresql_where=text("read_at IS NOT NULL AND resident_id IS NULL"),
            sqlite_where=text("read_at IS NOT NULL AND resident_id IS NULL"),
        ),
        Index(
            "ix_reply_to_read",
            "id",
            postgresql_where=text("needs_eyes AND seen_at IS NULL"),
            sqlite_where=text("needs_eyes AND seen_at IS NULL"),
        ),
        Index(
            "ix_reply_check_in",
            "check_in_id",
            postgresql_where=text("check_in_id IS NOT NULL"),
            sqlite_where=text("check_in_id IS NOT NULL"),
        ),
        Index(
            "ix_reply_eyes_due",
            "eyes_due_at",
            postgresql_where=text("eyes_due_at IS NOT NULL"),
            sqlite_where=text("eyes_due_at IS NOT NULL"),
        ),
    )
    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    channel: Mapped[str] = mapped_column(String(12))
    provider_id: Mapped[str] = mapped_column(String(64))
    sender: Mapped[str] = mapped_column(Sealed)
    sender_index: Mapped[bytes] = mapped_column(LargeBinary(16))
    body: Mapped[str] = mapped_column(Sealed)
    body_index: Mapped[bytes] = mapped_column(LargeBinary(16))
    characters: Mapped[int] = mapped_column(Integer)
    media: Mapped[int] = mapped_column(SmallInteger, default=0)
    source: Mapped[str] = mapped_column(String(10), default="webhook")
    stops: Mapped[bool] = mapped_column(Boolean, default=False)
    continues: Mapped[int | None] = mapped_column(BigId)
    received_at: Mapped[datetime] = _moment()
    read_at: Mapped[datetime | None] = _moment()
    resident_id: Mapped[int | None] = mapped_column(ForeignKey("resident.id"))
    check_in_id: Mapped[int | None] = mapped_column(ForeignKey("check_in.id"))
    asked_id: Mapped[int | None] = mapped_column(ForeignKey("asked.id"))
    late: Mapped[bool] = mapped_column(Boolean, default=False)
    needs_eyes: Mapped[bool] = mapped_column(Boolean, default=False)
    eyes_due_at: Mapped[datetime | None] = _moment()
    seen_at: Mapped[datetime | None] = _moment()
    seen_by: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))


class ReadingRow(Base):
    """What the machine made of a reply: which rules, which words. One a reply."""

    __tablename__ = "reading"
    reply_id: Mapped[int] = mapped_column(ForeignKey("reply.id"), primary_key=True)
    answer: Mapped[float | None] = mapped_column(Float)
    promise: Mapped[str] = mapped_column(String(10))
    found: Mapped[list[Any]] = mapped_column(Json)
    read_first: Mapped[bool] = mapped_column(Boolean, default=False)
    weight: Mapped[float] = mapped_column(Float, default=0.0)
    because: Mapped[list[Any]] = mapped_column(Json, default=list)
    rules: Mapped[str] = mapped_column(String(40))
    not_read: Mapped[bool] = mapped_column(Boolean, default=False)
    at: Mapped[datetime] = _moment()


class UsualRow(Base):
    """What is usual for a resident on a programme, and their rhythm of answering."""

    __tablename__ = "usual"
    resident_id: Mapped[int] = mapped_column(ForeignKey("resident.id"), primary_key=True)
    programme_id: Mapped[int] = mapped_column(ForeignKey("programme.id"), primary_key=True)
    usual: Mapped[dict[str, Any] | None] = mapped_column(Json)
    rhythm: Mapped[dict[str, Any] | None] = mapped_column(Json)


class TuningRow(Base):
    """Figures for how answers are compared: proposed by the service or set by a person.

    Nothing is applied before somebody approves it. `rebuilt_to` is the last resident whose usual
    has been learnt again by the approved figures; `rebuilt_at` says that everybody's has.
    """

    __tablename__ = "tuning"
    __table_args__ = (
        Index(
            "uq_tuning_one_proposed",
            "programme_id",
            unique=True,
            postgresql_where=text("state = 'proposed'"),
            sqlite_where=text("state = 'proposed'"),
        ),
        Index(
            "ix_tuning_to_rebuild",
            "id",
            postgresql_where=text("state = 'approved' AND rebuilt_at IS NULL"),
            sqlite_where=text("state = 'approved' AND rebuilt_at IS NULL"),
        ),
        CheckConstraint("state IN ('proposed', 'approved', 'refused')", name="state"),
    )
    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    programme_id: Mapped[int] = mapped_column(ForeignKey("programme.id"), index=True)
    figures: Mapped[dict[str, Any]] = mapped_column(Json)
    people: Mapped[int] = mapped_column(Integer, default=0)
    answers: Mapped[int] = mapped_column(Integer, default=0)
    state: Mapped[str] = mapped_column(String(10))
    made_at: Mapped[datetime] = _moment()
    decided_at: Mapped[datetime | None] = _moment()
    decided_by: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    rebuilt_to: Mapped[int] = mapped_column(BigId, default=0)
    rebuilt_at: Mapped[datetime | None] = _moment()


class FloorRow(Base):
    """A resident's own level, lowered by a named person until a day. The newest row counts."""

    __tablename__ = "floor"
    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    resident_id: Mapped[int] = mapped_column(ForeignKey("resident.id"), index=True)
    once: Mapped[float] = mapped_column(Float)
    until: Mapped[date] = mapped_column(Date)
    made_by: Mapped[int] = mapped_column(ForeignKey("staff.id"))
    made_at: Mapped[datetime] = _moment()
    why: Mapped[str] = mapped_column(Sealed, default="")


class FlagRow(Base):
    """A flag. `act_by` is the second clock, which taking starts; `next_step_at` is when the
    escalation policy looks at it again, and `steps_done` how far it has come.
    """

    __tablename__ = "flag"
    __table_args__ = (
        Index(
            "uq_flag_one_open",
            "resident_id",
            unique=True,
            postgresql_where=text("state <> 'done'"),
            sqlite_where=text("state <> 'done'"),
        ),
        Index(
            "ix_flag_queue",
            "due_at",
            "id",
            postgresql_where=text("state <> 'done'"),
            sqlite_where=text("state <> 'done'"),
        ),
        Index(
            "ix_flag_next_step",
            "next_step_at",
            postgresql_where=text("next_step_at IS NOT NULL"),
            sqlite_where=text("next_step_at IS NOT NULL"),
        ),
        Index("ix_flag_resident", "resident_id", "opened_at"),
        Index(
            "ix_flag_owner",
            "owner_id",
            "due_at",
            "id",
            postgresql_where=text("state <> 'done'"),
            sqlite_where=text("state <> 'done'"),
        ),
        CheckConstraint("state IN ('new', 'taken', 'waiting', 'done')", name="state"),
    )
    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    resident_id: Mapped[int] = mapped_column(ForeignKey("resident.id"))
    state: Mapped[str] = mapped_column(String(10))
    promise: Mapped[str] = mapped_column(String(10))
    due_at: Mapped[datetime] = _moment()
    opened_at: Mapped[datetime] = _moment()
    owner_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    taken_at: Mapped[datetime | None] = _moment()
    wait_until: Mapped[datetime | None] = _moment()
    finished_at: Mapped[datetime | None] = _moment()
    outcome: Mapped[str | None] = mapped_column(String(20))
    version: Mapped[int] = mapped_column(Integer, default=1)
    headline: Mapped[str] = mapped_column(Sealed, default="")
    headline_rank: Mapped[int] = mapped_column(SmallInteger, default=9)
    evidence_reply_id: Mapped[int | None] = mapped_column(ForeignKey("reply.id"))
    evidence_spans: Mapped[list[Any]] = mapped_column(Json, default=list)
    usual_words: Mapped[str] = mapped_column(String(80), default="")
    reasons: Mapped[int] = mapped_column(Integer, default=0)
    act_by: Mapped[datetime | None] = _moment()
    steps_done: Mapped[int] = mapped_column(SmallInteger, default=0)
    next_step_at: Mapped[datetime | None] = _moment()


class ReasonRow(Base):
    """One reason of a flag: the rule, its version, the sentence and what it rests on."""

    __tablename__ = "reason"
    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    flag_id: Mapped[int] = mapped_column(ForeignKey("flag.id"), index=True)
    kind: Mapped[str] = mapped_column(String(16))
    promise: Mapped[str] = mapped_column(String(10))
    sentence: Mapped[str] = mapped_column(Sealed)
    rule: Mapped[str] = mapped_column(String(60))
    version: Mapped[int] = mapped_column(Integer)
    figures: Mapped[dict[str, Any]] = mapped_column(Json)
    reply_id: Mapped[int | None] = mapped_column(ForeignKey("reply.id"))
    spans: Mapped[list[Any]] = mapped_column(Json)
    at: Mapped[datetime] = _moment()


class FlagEventRow(Base):
    __tablename__ = "flag_event"
    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    flag_id: Mapped[int] = mapped_column(ForeignKey("flag.id"), index=True)
    kind: Mapped[str] = mapped_column(String(12))
    at: Mapped[datetime] = _moment()
    by: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    promise: Mapped[str] = mapped_column(String(10), default="none")
    due_at: Mapped[datetime | None] = _moment()
    until: Mapped[datetime | None] = _moment()
    outcome: Mapped[str | None] = mapped_column(String(20))
    note: Mapped[str] = mapped_column(Sealed, default="")


class AlertRow(Base):
    """A text to a member of staff that something is due. Sent at least once.

    `subject` says what about: a flag (`about_id` is its id), a text from an unknown number, or
    the service itself (`about_id` is 0).
    """

    __tablename__ = "alert"
    __table_args__ = (
        Index(
            "uq_alert_one_waiting",
            "staff_id",
            "subject",
            "about_id",
            unique=True,
            postgresql_where=text("state = 'queued'"),
            sqlite_where=text("state = 'queued'"),
        ),
        Index(
            "ix_alert_queued",
            "due_at",
            postgresql_where=text("state <> 'sent'"),
            sqlite_where=text("state <> 'sent'"),
        ),
    )
    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    staff_id: Mapped[int] = mapped_column(ForeignKey("staff.id"))
    subject: Mapped[str] = mapped_column(String(12))
    about_id: Mapped[int] = mapped_column(BigId, default=0)
    promise: Mapped[str] = mapped_column(String(10))
    state: Mapped[str] = mapped_column(String(10))
    due_at: Mapped[datetime] = _moment()
    tries: Mapped[int] = mapped_column(SmallInteger, default=0)
    code: Mapped[str] = mapped_column(String(20), default="")
    by: Mapped[str] = mapped_column(String(6), default="text")
    reply_code: Mapped[str] = mapped_column(String(8), default="")
    made_at: Mapped[datetime | None] = _moment()
    sent_at: Mapped[datetime | None] = _moment()
    seen_at: Mapped[datetime | None] = _moment()


class ContactRow(Base):
    """Somebody spoke, visited or tried. `reached` says whether the resident was there.

    `step` is the agreed step that it was, `why_not_agreed` the reason for one that was not agreed.
    """

    __tablename__ = "contact"
    __table_args__ = (
        Index("ix_contact_resident", "resident_id", "at"),
        Index("ix_contact_staff", "by", "at"),
    )
    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    resident_id: Mapped[int] = mapped_column(ForeignKey("resident.id"))
    flag_id: Mapped[int | None] = mapped_column(ForeignKey("flag.id"))
    kind: Mapped[str] = mapped_column(String(8))
    reached: Mapped[bool] = mapped_column(Boolean)
    hard: Mapped[bool] = mapped_column(Boolean, default=False)
    at: Mapped[datetime] = _moment()
    by: Mapped[int] = mapped_column(ForeignKey("staff.id"))
    note: Mapped[str] = mapped_column(Sealed, default="")
    step: Mapped[str] = mapped_column(Sealed, default="")
    why_not_agreed: Mapped[str] = mapped_column(Sealed, default="")


class NoteRow(Base):
    """What staff want each other to know about somebody. The person can ask to read it."""

    __tablename__ = "note"
    __table_args__ = (Index("ix_note_resident", "resident_id", "at"),)
    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    resident_id: Mapped[int] = mapped_column(ForeignKey("resident.id"))
    at: Mapped[datetime] = _moment()
    by: Mapped[int] = mapped_column(ForeignKey("staff.id"))
    words: Mapped[str] = mapped_column(Sealed)


class HandoverRow(Base):
    """A flag offered to somebody else, who has to accept it before it bounces."""

    __tablename__ = "handover"
    __table_args__ = (
        Index(
            "uq_handover_one_offered",
            "flag_id",
            unique=True,
            postgresql_where=text("state = 'offered'"),
            sqlite_where=text("state = 'offered'"),
        ),
        CheckConstraint(
            "state IN ('offered', 'accepted', 'declined', 'bounced', 'overtaken')", name="state"
        ),
    )
    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    flag_id: Mapped[int] = mapped_column(ForeignKey("flag.id"))
    from_id: Mapped[int] = mapped_column(ForeignKey("staff.id"))
    to_id: Mapped[int] = mapped_column(ForeignKey("staff.id"))
    why: Mapped[str] = mapped_column(Sealed, default="")
    at: Mapped[datetime] = _moment()
    bounces_at: Mapped[datetime] = _moment()
    state: Mapped[str] = mapped_column(String(10))
    decided_at: Mapped[datetime | None] = _moment()


class ConcernRow(Base):
    """A safeguarding concern as written down here. Nothing has been sent: `told` says whom."""

    __tablename__ = "concern"
    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    resident_id: Mapped[int] = mapped_column(ForeignKey("resident.id"), index=True)
    flag_id: Mapped[int | None] = mapped_column(ForeignKey("flag.id"))
    by: Mapped[int] = mapped_column(ForeignKey("staff.id"))
    at: Mapped[datetime] = _moment()
    contents: Mapped[str] = mapped_column(Sealed)
    told: Mapped[str] = mapped_column(Sealed, default="")
    reference: Mapped[str] = mapped_column(Sealed, default="")
    told_at: Mapped[datetime | None] = _moment()


class FollowUpRow(Base):
    """Something that a member of staff promised somebody, and the day it is due."""

    __tablename__ = "follow_up"
    __table_args__ = (
        Index(
            "ix_follow_up_due",
            "due_on",
            postgresql_where=text("raised_at IS NULL AND done_at IS NULL"),
            sqlite_where=text("raised_at IS NULL AND done_at IS NULL"),
        ),
    )
    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    resident_id: Mapped[int] = mapped_column(ForeignKey("resident.id"))
    by: Mapped[int] = mapped_column(ForeignKey("staff.id"))
    words: Mapped[str] = mapped_column(Sealed)
    due_on: Mapped[date] = mapped_column(Date)
    made_at: Mapped[datetime] = _moment()
    raised_at: Mapped[datetime | None] = _moment()
    done_at: Mapped[datetime | None] = _moment()


class ShiftRow(Base):
    """One line of the weekly rota, on the local clock; it passes midnight when it ends earlier."""

    __tablename__ = "shift"
    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    staff_id: Mapped[int] = mapped_column(ForeignKey("staff.id"))
    duty: Mapped[str] = mapped_column(String(8))
    weekday: Mapped[int] = mapped_column(SmallInteger)
    starts: Mapped[time] = mapped_column(Time)
    ends: Mapped[time] = mapped_column(Time)


class RotaOverrideRow(Base):
    """A swap, leave or an extra shift: who is out, who covers instead, from when to when."""

    __tablename__ = "rota_override"
    __table_args__ = (Index("ix_rota_override_ends", "ends_at"),)
    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    duty: Mapped[str | None] = mapped_column(String(8))
    starts_at: Mapped[datetime] = _moment()
    ends_at: Mapped[datetime] = _moment()
    out_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    instead_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    why: Mapped[str] = mapped_column(String(200), default="")
    made_at: Mapped[datetime] = _moment()
    made_by: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))


class RuleVersionRow(Base):
    """The settings of a flag rule: one draft and one live version at most, older ones kept."""

    __tablename__ = "rule_version"
    __table_args__ = (
        UniqueConstraint("rule", "number"),
        Index(
            "uq_rule_version_draft",
            "rule",
            unique=True,
            postgresql_where=text("state = 'draft'"),
            sqlite_where=text("state = 'draft'"),
        ),
        Index(
            "uq_rule_version_live",
            "rule",
            unique=True,
            postgresql_where=text("state = 'live'"),
            sqlite_where=text("state = 'live'"),
        ),
        CheckConstraint("state IN ('draft', 'live', 'replaced')", name="state"),
    )
    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    rule: Mapped[str] = mapped_column(String(40))
    number: Mapped[int] = mapped_column(Integer)
    state: Mapped[str] = mapped_column(String(10))
    settings: Mapped[dict[str, Any]] = mapped_column(Json)
    made_at: Mapped[datetime] = _moment()
    made_by: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    live_at: Mapped[datetime | None] = _moment()
    live_by: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    why: Mapped[str] = mapped_column(String(200), default="")


class PaceRow(Base):
    """The one send rate of a channel over all workers: the moment its next text may go."""

    __tablename__ = "pace"
    channel: Mapped[str] = mapped_column(String(12), primary_key=True)
    free_at: Mapped[datetime] = _moment()


class SwitchRow(Base):
    """The one switch that stops all texts to residents. One row; `paused` until it is lifted."""

    __tablename__ = "switch"
    id: Mapped[int] = mapped_column(SmallInteger, primary_key=True, autoincrement=False)
    paused: Mapped[bool] = mapped_column(Boolean)
    at: Mapped[datetime] = _moment()
    staff_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    why: Mapped[str] = mapped_column(String(200), default="")


class AlarmRow(Base):
    """The service itself is in trouble. One open alarm of a kind; closed when it is over."""

    __tablename__ = "alarm"
    __table_args__ = (
        Index(
            "uq_alarm_one_open",
            "kind",
            unique=True,
            postgresql_where=text("closed_at IS NULL"),
            sqlite_where=text("closed_at IS NULL"),
        ),
    )
    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    kind: Mapped[str] = mapped_column(String(12))
    since: Mapped[datetime] = _moment()
    opened_at: Mapped[datetime] = _moment()
    closed_at: Mapped[datetime | None] = _moment()
    sentence: Mapped[str] = mapped_column(String(200))


class ListingRow(Base):
    """How far the provider's own list has been compared with what came through the door."""

    __tablename__ = "listing"
    channel: Mapped[str] = mapped_column(String(12), primary_key=True)
    good_until: Mapped[datetime] = _moment()
    recovered: Mapped[int] = mapped_column(Integer, default=0)


class SettingRow(Base):
    """What coordinators have set for the whole service, a row a room; absent rows are defaults."""

    __tablename__ = "setting"
    name: Mapped[str] = mapped_column(String(20), primary_key=True)
    value: Mapped[dict[str, Any]] = mapped_column(Json)
    edits: Mapped[int] = mapped_column(Integer, default=1)
    changed_at: Mapped[datetime] = _moment()
    changed_by: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))


class SpecialDayRow(Base):
    """A day decided by hand: closed although no holiday, or open although one.

    `nation` empty means everywhere.
    """

    __tablename__ = "special_day"
    day: Mapped[date] = mapped_column(Date, primary_key=True)
    nation: Mapped[str] = mapped_column(String(3), primary_key=True, default="")
    is_open: Mapped[bool] = mapped_column(Boolean)
    why: Mapped[str] = mapped_column(String(120))
    made_by: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    made_at: Mapped[datetime] = _moment()


class WordingRow(Base):
    """A fixed text of the service in the words of this installation; without one, the shipped.

    One draft and one approved row at most for a text and language; older ones stay as `replaced`.
    `texts` are equivalent wordings. `decision` is the second person's reason.
    """

    __tablename__ = "wording"
    __table_args__ = (
        Index(
            "uq_wording_draft",
            "name",
            "language",
            unique=True,
            postgresql_where=text("state = 'draft'"),
            sqlite_where=text("state = 'draft'"),
        ),
        Index(
            "uq_wording_approved",
            "name",
            "language",
            unique=True,
            postgresql_where=text("state = 'approved'"),
            sqlite_where=text("state = 'approved'"),
        ),
        CheckConstraint("state IN ('draft', 'approved', 'replaced', 'refused')", name="state"),
    )
    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    name: Mapped[str] = mapped_column(String(40))
    language: Mapped[str] = mapped_column(String(12))
    state: Mapped[str] = mapped_column(String(10))
    texts: Mapped[list[Any]] = mapped_column(Json)
    made_at: Mapped[datetime] = _moment()
    made_by: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    decided_at: Mapped[datetime | None] = _moment()
    decided_by: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    decision: Mapped[str] = mapped_column(String(200), default="")


class CrisisLineRow(Base):
    """A line of help that texts may name, with its owner, its source and a day to look again."""

    __tablename__ = "crisis_line"
    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    name: Mapped[str] = mapped_column(String(60), unique=True)
    contact: Mapped[str] = mapped_column(String(60))
    detail: Mapped[str] = mapped_column(String(200), default="")
    owner: Mapped[str] = mapped_column(String(120))
    source: Mapped[str] = mapped_column(String(300))
    checked_on: Mapped[date] = mapped_column(Date)
    review_by: Mapped[date] = mapped_column(Date)
    changed_at: Mapped[datetime] = _moment()
    changed_by: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))


class NoticeRow(Base):
    """A one-off text to a chosen group, such as 'the office is closed tomorrow'.

    `key` is the form's own: a second press of the same form finds it here and sends nothing.
    """

    __tablename__ = "notice"
    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    key: Mapped[str] = mapped_column(String(40), unique=True)
    body: Mapped[str] = mapped_column(Sealed)
    group: Mapped[str] = mapped_column("to_group", String(40))
    made_by: Mapped[int] = mapped_column(ForeignKey("staff.id"))
    made_at: Mapped[datetime] = _moment()
    due_at: Mapped[datetime] = _moment()
    people: Mapped[int] = mapped_column(Integer)


class PhoneRow(Base):
    """The texts that the simulated phone shows. Written by the simulator channel only."""

    __tablename__ = "phone"
    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    attempt_id: Mapped[UUID] = mapped_column(Uuid, unique=True)
    number_index: Mapped[bytes] = mapped_column(LargeBinary(16), index=True)
    body: Mapped[str] = mapped_column(Sealed)
    at: Mapped[datetime] = _moment()


class AuditRow(Base):
    """Who saw, changed or sent what, and why. Only ever added to; ids only."""

    __tablename__ = "audit"
    __table_args__ = (Index("ix_audit_subject", "subject", "subject_id"),)
    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    at: Mapped[datetime] = _moment()
    staff_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    act: Mapped[str] = mapped_column(String(40))
    subject: Mapped[str] = mapped_column(String(20))
    subject_id: Mapped[int | None] = mapped_column(BigId)
    why: Mapped[str] = mapped_column(Text, default="")
