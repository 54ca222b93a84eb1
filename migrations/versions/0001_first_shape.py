"""The first shape: everything the main loop needs, names, numbers and words sealed from the start.

Revision: 0001, the first
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from connector.store import base

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")


def upgrade() -> None:
    op.create_table(
        "alarm",
        sa.Column("id", BIG, nullable=False),
        sa.Column("kind", sa.String(length=12), nullable=False),
        sa.Column("since", base.UtcDateTime(), nullable=False),
        sa.Column("opened_at", base.UtcDateTime(), nullable=False),
        sa.Column("closed_at", base.UtcDateTime(), nullable=True),
        sa.Column("sentence", sa.String(length=200), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_alarm")),
    )
    op.create_index(
        "uq_alarm_one_open",
        "alarm",
        ["kind"],
        unique=True,
        postgresql_where=sa.text("closed_at IS NULL"),
        sqlite_where=sa.text("closed_at IS NULL"),
    )
    op.create_table(
        "installation",
        sa.Column("id", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("made_at", base.UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_installation")),
    )
    op.create_table(
        "listing",
        sa.Column("channel", sa.String(length=12), nullable=False),
        sa.Column("good_until", base.UtcDateTime(), nullable=False),
        sa.Column("recovered", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("channel", name=op.f("pk_listing")),
    )
    op.create_table(
        "pace",
        sa.Column("channel", sa.String(length=12), nullable=False),
        sa.Column("free_at", base.UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("channel", name=op.f("pk_pace")),
    )
    op.create_table(
        "phone",
        sa.Column("id", BIG, nullable=False),
        sa.Column("attempt_id", sa.Uuid(), nullable=False),
        sa.Column("number_index", sa.LargeBinary(length=16), nullable=False),
        sa.Column("body", base.Sealed(), nullable=False),
        sa.Column("at", base.UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_phone")),
        sa.UniqueConstraint("attempt_id", name=op.f("uq_phone_attempt_id")),
    )
    op.create_index(op.f("ix_phone_number_index"), "phone", ["number_index"], unique=False)
    op.create_table(
        "programme",
        sa.Column("id", BIG, nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("kind", sa.String(length=12), nullable=False),
        sa.Column("cadence", JSON, nullable=False),
        sa.Column("question", JSON, nullable=False),
        sa.Column("wording", JSON, nullable=False),
        sa.Column("timely_minutes", sa.Integer(), nullable=False),
        sa.Column("answer_hours", sa.Integer(), nullable=False),
        sa.Column("noticing", JSON, nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_programme")),
        sa.UniqueConstraint("name", name=op.f("uq_programme_name")),
    )
    op.create_table(
        "receipt",
        sa.Column("id", BIG, nullable=False),
        sa.Column("attempt_id", sa.Uuid(), nullable=False),
        sa.Column("status", sa.String(length=24), nullable=False),
        sa.Column("provider_id", sa.String(length=64), nullable=False),
        sa.Column("code", sa.String(length=20), nullable=False),
        sa.Column("at", base.UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_receipt")),
        sa.UniqueConstraint("attempt_id", "status", name=op.f("uq_receipt_attempt_id_status")),
    )
    op.create_table(
        "staff",
        sa.Column("id", BIG, nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("email", sa.String(length=254), nullable=False),
        sa.Column("role", sa.String(length=20), nullable=False),
        sa.Column("password_hash", sa.String(length=200), nullable=False),
        sa.Column("number", base.Sealed(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("session_key", sa.String(length=40), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_staff")),
        sa.UniqueConstraint("email", name=op.f("uq_staff_email")),
    )
    op.create_table(
        "stop",
        sa.Column("number_index", sa.LargeBinary(length=16), nullable=False),
        sa.Column("channel", sa.String(length=20), nullable=False),
        sa.Column("stopped_at", base.UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("number_index", name=op.f("pk_stop")),
    )
    op.create_table(
        "stranger",
        sa.Column("number_index", sa.LargeBinary(length=16), nullable=False),
        sa.Column("answered_at", base.UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("number_index", name=op.f("pk_stranger")),
    )
    op.create_table(
        "alert",
        sa.Column("id", BIG, nullable=False),
        sa.Column("staff_id", BIG, nullable=False),
        sa.Column("subject", sa.String(length=12), nullable=False),
        sa.Column("about_id", BIG, nullable=False),
        sa.Column("promise", sa.String(length=10), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("due_at", base.UtcDateTime(), nullable=False),
        sa.Column("tries", sa.SmallInteger(), nullable=False),
        sa.Column("code", sa.String(length=20), nullable=False),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=op.f("fk_alert_staff_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_alert")),
    )
    op.create_index(
        "ix_alert_queued",
        "alert",
        ["due_at"],
        unique=False,
        postgresql_where=sa.text("state <> 'sent'"),
        sqlite_where=sa.text("state <> 'sent'"),
    )
    op.create_index(
        "uq_alert_one_waiting",
        "alert",
        ["staff_id", "subject", "about_id"],
        unique=True,
        postgresql_where=sa.text("state = 'queued'"),
        sqlite_where=sa.text("state = 'queued'"),
    )
    op.create_table(
        "audit",
        sa.Column("id", BIG, nullable=False),
        sa.Column("at", base.UtcDateTime(), nullable=False),
        sa.Column("staff_id", BIG, nullable=True),
        sa.Column("act", sa.String(length=40), nullable=False),
        sa.Column("subject", sa.String(length=20), nullable=False),
        sa.Column("subject_id", BIG, nullable=True),
        sa.Column("why", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=op.f("fk_audit_staff_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit")),
    )
    op.create_index("ix_audit_subject", "audit", ["subject", "subject_id"], unique=False)
    op.create_table(
        "notice",
        sa.Column("id", BIG, nullable=False),
        sa.Column("key", sa.String(length=40), nullable=False),
        sa.Column("body", base.Sealed(), nullable=False),
        sa.Column("to_group", sa.String(length=40), nullable=False),
        sa.Column("made_by", BIG, nullable=False),
        sa.Column("made_at", base.UtcDateTime(), nullable=False),
        sa.Column("due_at", base.UtcDateTime(), nullable=False),
        sa.Column("people", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["made_by"], ["staff.id"], name=op.f("fk_notice_made_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notice")),
        sa.UniqueConstraint("key", name=op.f("uq_notice_key")),
    )
    op.create_table(
        "plan",
        sa.Column("programme_id", BIG, nullable=False),
        sa.Column("zone", sa.String(length=40), nullable=False),
        sa.Column("planned_to", sa.Date(), nullable=False),
        sa.ForeignKeyConstraint(
            ["programme_id"], ["programme.id"], name=op.f("fk_plan_programme_id")
        ),
        sa.PrimaryKeyConstraint("programme_id", "zone", name=op.f("pk_plan")),
    )
    op.create_table(
        "resident",
        sa.Column("id", BIG, nullable=False),
        sa.Column("given_name", base.Sealed(), nullable=False),
        sa.Column("family_name", base.Sealed(), nullable=False),
        sa.Column("known_as", base.Sealed(), nullable=False),
        sa.Column("number", base.Sealed(), nullable=False),
        sa.Column("number_index", sa.LargeBinary(length=16), nullable=False),
        sa.Column("language", sa.String(length=12), nullable=False),
        sa.Column("zone", sa.String(length=40), nullable=False),
        sa.Column("connector_id", BIG, nullable=True),
        sa.Column("agreement", sa.String(length=12), nullable=False),
        sa.Column("number_dead", sa.Boolean(), nullable=False),
        sa.Column("needs", base.Sealed(), nullable=False),
        sa.Column("heard_at", base.UtcDateTime(), nullable=True),
        sa.Column("crisis_answered_at", base.UtcDateTime(), nullable=True),
        sa.Column("created_at", base.UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["connector_id"], ["staff.id"], name=op.f("fk_resident_connector_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_resident")),
    )
    op.create_index(op.f("ix_resident_connector_id"), "resident", ["connector_id"], unique=False)
    op.create_index(op.f("ix_resident_number_index"), "resident", ["number_index"], unique=False)
    op.create_table(
        "switch",
        sa.Column("id", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("paused", sa.Boolean(), nullable=False),
        sa.Column("at", base.UtcDateTime(), nullable=False),
        sa.Column("staff_id", BIG, nullable=True),
        sa.Column("why", sa.String(length=200), nullable=False),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=op.f("fk_switch_staff_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_switch")),
    )
    op.create_table(
        "agreement",
        sa.Column("id", BIG, nullable=False),
        sa.Column("resident_id", BIG, nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("at", base.UtcDateTime(), nullable=False),
        sa.Column("how", sa.String(length=20), nullable=False),
        sa.Column("words", base.Sealed(), nullable=False),
        sa.Column("by_staff", BIG, nullable=True),
        sa.ForeignKeyConstraint(["by_staff"], ["staff.id"], name=op.f("fk_agreement_by_staff")),
        sa.ForeignKeyConstraint(
            ["resident_id"], ["resident.id"], name=op.f("fk_agreement_resident_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_agreement")),
    )
    op.create_index(op.f("ix_agreement_resident_id"), "agreement", ["resident_id"], unique=False)
    op.create_table(
        "check_in",
        sa.Column("id", BIG, nullable=False),
        sa.Column("resident_id", BIG, nullable=False),
        sa.Column("programme_id", BIG, nullable=False),
        sa.Column("occurrence", sa.Date(), nullable=False),
        sa.Column("slot", sa.SmallInteger(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("due_at", base.UtcDateTime(), nullable=False),
        sa.Column("expires_at", base.UtcDateTime(), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("why", sa.String(length=200), nullable=False),
        sa.Column("attempted_at", base.UtcDateTime(), nullable=True),
        sa.Column("closes_at", base.UtcDateTime(), nullable=True),
        sa.Column("answered_at", base.UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["programme_id"], ["programme.id"], name=op.f("fk_check_in_programme_id")
        ),
        sa.ForeignKeyConstraint(
            ["resident_id"], ["resident.id"], name=op.f("fk_check_in_resident_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_check_in")),
        sa.UniqueConstraint(
            "resident_id",
            "programme_id",
            "occurrence",
            "slot",
            name=op.f("uq_check_in_resident_id_programme_id_occurrence_slot"),
        ),
    )
    op.create_index(
        "ix_check_in_due",
        "check_in",
        ["programme_id", "due_at"],
        unique=False,
        postgresql_where=sa.text("state = 'planned'"),
        sqlite_where=sa.text("state = 'planned'"),
    )
    op.create_index(
        "ix_check_in_to_close",
        "check_in",
        ["closes_at"],
        unique=False,
        postgresql_where=sa.text("closes_at IS NOT NULL"),
        sqlite_where=sa.text("closes_at IS NOT NULL"),
    )
    op.create_table(
        "enrolment",
        sa.Column("id", BIG, nullable=False),
        sa.Column("resident_id", BIG, nullable=False),
        sa.Column("programme_id", BIG, nullable=False),
        sa.Column("started_on", sa.Date(), nullable=False),
        sa.Column("ended_on", sa.Date(), nullable=True),
        sa.Column("spread", sa.SmallInteger(), nullable=False),
        sa.Column("fresh", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["programme_id"], ["programme.id"], name=op.f("fk_enrolment_programme_id")
        ),
        sa.ForeignKeyConstraint(
            ["resident_id"], ["resident.id"], name=op.f("fk_enrolment_resident_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_enrolment")),
        sa.UniqueConstraint(
            "programme_id", "resident_id", name=op.f("uq_enrolment_programme_id_resident_id")
        ),
    )
    op.create_index(
        "ix_enrolment_fresh",
        "enrolment",
        ["programme_id"],
        unique=False,
        postgresql_where=sa.text("fresh"),
        sqlite_where=sa.text("fresh"),
    )
    op.create_index(op.f("ix_enrolment_resident_id"), "enrolment", ["resident_id"], unique=False)
    op.create_table(
        "usual",
        sa.Column("resident_id", BIG, nullable=False),
        sa.Column("programme_id", BIG, nullable=False),
        sa.Column("usual", JSON, nullable=True),
        sa.Column("rhythm", JSON, nullable=True),
        sa.ForeignKeyConstraint(
            ["programme_id"], ["programme.id"], name=op.f("fk_usual_programme_id")
        ),
        sa.ForeignKeyConstraint(
            ["resident_id"], ["resident.id"], name=op.f("fk_usual_resident_id")
        ),
        sa.PrimaryKeyConstraint("resident_id", "programme_id", name=op.f("pk_usual")),
    )
    op.create_table(
        "floor",
        sa.Column("id", BIG, nullable=False),
        sa.Column("resident_id", BIG, nullable=False),
        sa.Column("once", sa.Float(), nullable=False),
        sa.Column("until", sa.Date(), nullable=False),
        sa.Column("made_by", BIG, nullable=False),
        sa.Column("made_at", base.UtcDateTime(), nullable=False),
        sa.Column("why", base.Sealed(), nullable=False),
        sa.ForeignKeyConstraint(["made_by"], ["staff.id"], name=op.f("fk_floor_made_by")),
        sa.ForeignKeyConstraint(
            ["resident_id"], ["resident.id"], name=op.f("fk_floor_resident_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_floor")),
    )
    op.create_index(op.f("ix_floor_resident_id"), "floor", ["resident_id"], unique=False)
    op.create_table(
        "tuning",
        sa.Column("id", BIG, nullable=False),
        sa.Column("programme_id", BIG, nullable=False),
        sa.Column("figures", JSON, nullable=False),
        sa.Column("people", sa.Integer(), nullable=False),
        sa.Column("answers", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("made_at", base.UtcDateTime(), nullable=False),
        sa.Column("decided_at", base.UtcDateTime(), nullable=True),
        sa.Column("decided_by", BIG, nullable=True),
        sa.Column("rebuilt_to", BIG, nullable=False),
        sa.Column("rebuilt_at", base.UtcDateTime(), nullable=True),
        sa.CheckConstraint(
            "state IN ('proposed', 'approved', 'refused')", name=op.f("ck_tuning_state")
        ),
        sa.ForeignKeyConstraint(["decided_by"], ["staff.id"], name=op.f("fk_tuning_decided_by")),
        sa.ForeignKeyConstraint(
            ["programme_id"], ["programme.id"], name=op.f("fk_tuning_programme_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tuning")),
    )
    op.create_index(op.f("ix_tuning_programme_id"), "tuning", ["programme_id"], unique=False)
    op.create_index(
        "ix_tuning_to_rebuild",
        "tuning",
        ["id"],
        unique=False,
        postgresql_where=sa.text("state = 'approved' AND rebuilt_at IS NULL"),
        sqlite_where=sa.text("state = 'approved' AND rebuilt_at IS NULL"),
    )
    op.create_index(
        "uq_tuning_one_proposed",
        "tuning",
        ["programme_id"],
        unique=True,
        postgresql_where=sa.text("state = 'proposed'"),
        sqlite_where=sa.text("state = 'proposed'"),
    )
    op.create_table(
        "attempt",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("resident_id", BIG, nullable=True),
        sa.Column("number", base.Sealed(), nullable=False),
        sa.Column("check_in_id", BIG, nullable=True),
        sa.Column("purpose", sa.String(length=10), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("body", base.Sealed(), nullable=False),
        sa.Column("channel", sa.String(length=12), nullable=False),
        sa.Column("provider_id", sa.String(length=64), nullable=True),
        sa.Column("code", sa.String(length=20), nullable=False),
        sa.Column("why", sa.String(length=200), nullable=False),
        sa.Column("made_at", base.UtcDateTime(), nullable=False),
        sa.Column("due_at", base.UtcDateTime(), nullable=False),
        sa.Column("not_after", base.UtcDateTime(), nullable=False),
        sa.Column("marked_at", base.UtcDateTime(), nullable=True),
        sa.Column("tries", sa.SmallInteger(), nullable=False),
        sa.Column("asked_after", sa.SmallInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["check_in_id"], ["check_in.id"], name=op.f("fk_attempt_check_in_id")
        ),
        sa.ForeignKeyConstraint(
            ["resident_id"], ["resident.id"], name=op.f("fk_attempt_resident_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_attempt")),
    )
    op.create_index(op.f("ix_attempt_check_in_id"), "attempt", ["check_in_id"], unique=False)
    op.create_index("ix_attempt_made", "attempt", ["made_at"], unique=False)
    op.create_index(
        "ix_attempt_queued",
        "attempt",
        ["due_at"],
        unique=False,
        postgresql_where=sa.text("state = 'queued'"),
        sqlite_where=sa.text("state = 'queued'"),
    )
    op.create_index(
        "ix_attempt_sending",
        "attempt",
        ["marked_at"],
        unique=False,
        postgresql_where=sa.text("state = 'sending'"),
        sqlite_where=sa.text("state = 'sending'"),
    )
    op.create_index("ix_attempt_thread", "attempt", ["resident_id", "made_at"], unique=False)
    op.create_index(
        "ix_attempt_unknown",
        "attempt",
        ["marked_at"],
        unique=False,
        postgresql_where=sa.text("state = 'unknown'"),
        sqlite_where=sa.text("state = 'unknown'"),
    )
    op.create_table(
        "reply",
        sa.Column("id", BIG, nullable=False),
        sa.Column("channel", sa.String(length=12), nullable=False),
        sa.Column("provider_id", sa.String(length=64), nullable=False),
        sa.Column("sender", base.Sealed(), nullable=False),
        sa.Column("sender_index", sa.LargeBinary(length=16), nullable=False),
        sa.Column("body", base.Sealed(), nullable=False),
        sa.Column("body_index", sa.LargeBinary(length=16), nullable=False),
        sa.Column("characters", sa.Integer(), nullable=False),
        sa.Column("media", sa.SmallInteger(), nullable=False),
        sa.Column("source", sa.String(length=10), nullable=False),
        sa.Column("stops", sa.Boolean(), nullable=False),
        sa.Column("continues", BIG, nullable=True),
        sa.Column("received_at", base.UtcDateTime(), nullable=False),
        sa.Column("read_at", base.UtcDateTime(), nullable=True),
        sa.Column("resident_id", BIG, nullable=True),
        sa.Column("check_in_id", BIG, nullable=True),
        sa.Column("needs_eyes", sa.Boolean(), nullable=False),
        sa.Column("eyes_due_at", base.UtcDateTime(), nullable=True),
        sa.Column("seen_at", base.UtcDateTime(), nullable=True),
        sa.Column("seen_by", BIG, nullable=True),
        sa.ForeignKeyConstraint(
            ["check_in_id"], ["check_in.id"], name=op.f("fk_reply_check_in_id")
        ),
        sa.ForeignKeyConstraint(
            ["resident_id"], ["resident.id"], name=op.f("fk_reply_resident_id")
        ),
        sa.ForeignKeyConstraint(["seen_by"], ["staff.id"], name=op.f("fk_reply_seen_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reply")),
        sa.UniqueConstraint("channel", "provider_id", name=op.f("uq_reply_channel_provider_id")),
    )
    op.create_index(
        "ix_reply_eyes_due",
        "reply",
        ["eyes_due_at"],
        unique=False,
        postgresql_where=sa.text("eyes_due_at IS NOT NULL"),
        sqlite_where=sa.text("eyes_due_at IS NOT NULL"),
    )
    op.create_index("ix_reply_sender", "reply", ["sender_index", "received_at"], unique=False)
    op.create_index("ix_reply_thread", "reply", ["resident_id", "received_at"], unique=False)
    op.create_index(
        "ix_reply_to_read",
        "reply",
        ["id"],
        unique=False,
        postgresql_where=sa.text("needs_eyes AND seen_at IS NULL"),
        sqlite_where=sa.text("needs_eyes AND seen_at IS NULL"),
    )
    op.create_index(
        "ix_reply_unclaimed",
        "reply",
        ["id"],
        unique=False,
        postgresql_where=sa.text("read_at IS NOT NULL AND resident_id IS NULL"),
        sqlite_where=sa.text("read_at IS NOT NULL AND resident_id IS NULL"),
    )
    op.create_index(
        "ix_reply_unread",
        "reply",
        ["id"],
        unique=False,
        postgresql_where=sa.text("read_at IS NULL"),
        sqlite_where=sa.text("read_at IS NULL"),
    )
    op.create_table(
        "flag",
        sa.Column("id", BIG, nullable=False),
        sa.Column("resident_id", BIG, nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("promise", sa.String(length=10), nullable=False),
        sa.Column("due_at", base.UtcDateTime(), nullable=False),
        sa.Column("opened_at", base.UtcDateTime(), nullable=False),
        sa.Column("owner_id", BIG, nullable=True),
        sa.Column("taken_at", base.UtcDateTime(), nullable=True),
        sa.Column("wait_until", base.UtcDateTime(), nullable=True),
        sa.Column("finished_at", base.UtcDateTime(), nullable=True),
        sa.Column("outcome", sa.String(length=20), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("headline", base.Sealed(), nullable=False),
        sa.Column("headline_rank", sa.SmallInteger(), nullable=False),
        sa.Column("evidence_reply_id", BIG, nullable=True),
        sa.Column("evidence_spans", JSON, nullable=False),
        sa.Column("usual_words", sa.String(length=80), nullable=False),
        sa.Column("reasons", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "state IN ('new', 'taken', 'waiting', 'done')", name=op.f("ck_flag_state")
        ),
        sa.ForeignKeyConstraint(
            ["evidence_reply_id"], ["reply.id"], name=op.f("fk_flag_evidence_reply_id")
        ),
        sa.ForeignKeyConstraint(["owner_id"], ["staff.id"], name=op.f("fk_flag_owner_id")),
        sa.ForeignKeyConstraint(["resident_id"], ["resident.id"], name=op.f("fk_flag_resident_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_flag")),
    )
    op.create_index(
        "ix_flag_owner",
        "flag",
        ["owner_id", "due_at", "id"],
        unique=False,
        postgresql_where=sa.text("state <> 'done'"),
        sqlite_where=sa.text("state <> 'done'"),
    )
    op.create_index(
        "ix_flag_queue",
        "flag",
        ["due_at", "id"],
        unique=False,
        postgresql_where=sa.text("state <> 'done'"),
        sqlite_where=sa.text("state <> 'done'"),
    )
    op.create_index(
        "uq_flag_one_open",
        "flag",
        ["resident_id"],
        unique=True,
        postgresql_where=sa.text("state <> 'done'"),
        sqlite_where=sa.text("state <> 'done'"),
    )
    op.create_table(
        "reading",
        sa.Column("reply_id", BIG, nullable=False),
        sa.Column("answer", sa.Float(), nullable=True),
        sa.Column("promise", sa.String(length=10), nullable=False),
        sa.Column("found", JSON, nullable=False),
        sa.Column("read_first", sa.Boolean(), nullable=False),
        sa.Column("weight", sa.Float(), nullable=False),
        sa.Column("because", JSON, nullable=False),
        sa.Column("rules", sa.String(length=40), nullable=False),
        sa.Column("not_read", sa.Boolean(), nullable=False),
        sa.Column("at", base.UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["reply_id"], ["reply.id"], name=op.f("fk_reading_reply_id")),
        sa.PrimaryKeyConstraint("reply_id", name=op.f("pk_reading")),
    )
    op.create_table(
        "flag_event",
        sa.Column("id", BIG, nullable=False),
        sa.Column("flag_id", BIG, nullable=False),
        sa.Column("kind", sa.String(length=12), nullable=False),
        sa.Column("at", base.UtcDateTime(), nullable=False),
        sa.Column("by", BIG, nullable=True),
        sa.Column("promise", sa.String(length=10), nullable=False),
        sa.Column("due_at", base.UtcDateTime(), nullable=True),
        sa.Column("until", base.UtcDateTime(), nullable=True),
        sa.Column("outcome", sa.String(length=20), nullable=True),
        sa.Column("note", base.Sealed(), nullable=False),
        sa.ForeignKeyConstraint(["by"], ["staff.id"], name=op.f("fk_flag_event_by")),
        sa.ForeignKeyConstraint(["flag_id"], ["flag.id"], name=op.f("fk_flag_event_flag_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_flag_event")),
    )
    op.create_index(op.f("ix_flag_event_flag_id"), "flag_event", ["flag_id"], unique=False)
    op.create_table(
        "reason",
        sa.Column("id", BIG, nullable=False),
        sa.Column("flag_id", BIG, nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("promise", sa.String(length=10), nullable=False),
        sa.Column("sentence", base.Sealed(), nullable=False),
        sa.Column("rule", sa.String(length=60), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("figures", JSON, nullable=False),
        sa.Column("reply_id", BIG, nullable=True),
        sa.Column("spans", JSON, nullable=False),
        sa.Column("at", base.UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["flag_id"], ["flag.id"], name=op.f("fk_reason_flag_id")),
        sa.ForeignKeyConstraint(["reply_id"], ["reply.id"], name=op.f("fk_reason_reply_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reason")),
    )
    op.create_index(op.f("ix_reason_flag_id"), "reason", ["flag_id"], unique=False)


def downgrade() -> None:
    op.drop_index(op.f("ix_reason_flag_id"), table_name="reason")
    op.drop_table("reason")
    op.drop_index(op.f("ix_flag_event_flag_id"), table_name="flag_event")
    op.drop_table("flag_event")
    op.drop_table("reading")
    op.drop_index(
        "uq_flag_one_open",
        table_name="flag",
        postgresql_where=sa.text("state <> 'done'"),
        sqlite_where=sa.text("state <> 'done'"),
    )
    op.drop_index(
        "ix_flag_queue",
        table_name="flag",
        postgresql_where=sa.text("state <> 'done'"),
        sqlite_where=sa.text("state <> 'done'"),
    )
    op.drop_index(
        "ix_flag_owner",
        table_name="flag",
        postgresql_where=sa.text("state <> 'done'"),
        sqlite_where=sa.text("state <> 'done'"),
    )
    op.drop_table("flag")
    op.drop_index(
        "ix_reply_unread",
        table_name="reply",
        postgresql_where=sa.text("read_at IS NULL"),
        sqlite_where=sa.text("read_at IS NULL"),
    )
    op.drop_index(
        "ix_reply_unclaimed",
        table_name="reply",
        postgresql_where=sa.text("read_at IS NOT NULL AND resident_id IS NULL"),
        sqlite_where=sa.text("read_at IS NOT NULL AND resident_id IS NULL"),
    )
    op.drop_index(
        "ix_reply_to_read",
        table_name="reply",
        postgresql_where=sa.text("needs_eyes AND seen_at IS NULL"),
        sqlite_where=sa.text("needs_eyes AND seen_at IS NULL"),
    )
    op.drop_index("ix_reply_thread", table_name="reply")
    op.drop_index("ix_reply_sender", table_name="reply")
    op.drop_index(
        "ix_reply_eyes_due",
        table_name="reply",
        postgresql_where=sa.text("eyes_due_at IS NOT NULL"),
        sqlite_where=sa.text("eyes_due_at IS NOT NULL"),
    )
    op.drop_table("reply")
    op.drop_index(
        "ix_attempt_unknown",
        table_name="attempt",
        postgresql_where=sa.text("state = 'unknown'"),
        sqlite_where=sa.text("state = 'unknown'"),
    )
    op.drop_index("ix_attempt_thread", table_name="attempt")
    op.drop_index(
        "ix_attempt_sending",
        table_name="attempt",
        postgresql_where=sa.text("state = 'sending'"),
        sqlite_where=sa.text("state = 'sending'"),
    )
    op.drop_index(
        "ix_attempt_queued",
        table_name="attempt",
        postgresql_where=sa.text("state = 'queued'"),
        sqlite_where=sa.text("state = 'queued'"),
    )
    op.drop_index("ix_attempt_made", table_name="attempt")
    op.drop_index(op.f("ix_attempt_check_in_id"), table_name="attempt")
    op.drop_table("attempt")
    op.drop_index(
        "uq_tuning_one_proposed",
        table_name="tuning",
        postgresql_where=sa.text("state = 'proposed'"),
        sqlite_where=sa.text("state = 'proposed'"),
    )
    op.drop_index(
        "ix_tuning_to_rebuild",
        table_name="tuning",
        postgresql_where=sa.text("state = 'approved' AND rebuilt_at IS NULL"),
        sqlite_where=sa.text("state = 'approved' AND rebuilt_at IS NULL"),
    )
    op.drop_index(op.f("ix_tuning_programme_id"), table_name="tuning")
    op.drop_table("tuning")
    op.drop_index(op.f("ix_floor_resident_id"), table_name="floor")
    op.drop_table("floor")
    op.drop_table("usual")
    op.drop_index(op.f("ix_enrolment_resident_id"), table_name="enrolment")
    op.drop_index(
        "ix_enrolment_fresh",
        table_name="enrolment",
        postgresql_where=sa.text("fresh"),
        sqlite_where=sa.text("fresh"),
    )
    op.drop_table("enrolment")
    op.drop_index(
        "ix_check_in_to_close",
        table_name="check_in",
        postgresql_where=sa.text("closes_at IS NOT NULL"),
        sqlite_where=sa.text("closes_at IS NOT NULL"),
    )
    op.drop_index(
        "ix_check_in_due",
        table_name="check_in",
        postgresql_where=sa.text("state = 'planned'"),
        sqlite_where=sa.text("state = 'planned'"),
    )
    op.drop_table("check_in")
    op.drop_index(op.f("ix_agreement_resident_id"), table_name="agreement")
    op.drop_table("agreement")
    op.drop_table("switch")
    op.drop_index(op.f("ix_resident_number_index"), table_name="resident")
    op.drop_index(op.f("ix_resident_connector_id"), table_name="resident")
    op.drop_table("resident")
    op.drop_table("plan")
    op.drop_table("notice")
    op.drop_index("ix_audit_subject", table_name="audit")
    op.drop_table("audit")
    op.drop_index(
        "uq_alert_one_waiting",
        table_name="alert",
        postgresql_where=sa.text("state = 'queued'"),
        sqlite_where=sa.text("state = 'queued'"),
    )
    op.drop_index(
        "ix_alert_queued",
        table_name="alert",
        postgresql_where=sa.text("state <> 'sent'"),
        sqlite_where=sa.text("state <> 'sent'"),
    )
    op.drop_table("alert")
    op.drop_table("stranger")
    op.drop_table("stop")
    op.drop_table("staff")
    op.drop_table("receipt")
    op.drop_table("programme")
    op.drop_index(op.f("ix_phone_number_index"), table_name="phone")
    op.drop_table("phone")
    op.drop_table("pace")
    op.drop_table("listing")
    op.drop_table("installation")
    op.drop_index(
        "uq_alarm_one_open",
        table_name="alarm",
        postgresql_where=sa.text("closed_at IS NULL"),
        sqlite_where=sa.text("closed_at IS NULL"),
    )
    op.drop_table("alarm")
