"""The work of connectors: contacts, notes, hand-overs, the rota, escalation, rules in versions.

Revision: 0004, after 0003
"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from connector.store import base

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
TABLES = (
    "rule_version",
    "follow_up",
    "concern",
    "rota_override",
    "shift",
    "handover",
    "note",
    "contact",
)


def upgrade() -> None:
    with op.batch_alter_table("staff") as staff:
        staff.add_column(sa.Column("buddy_id", BIG, nullable=True))
        staff.add_column(sa.Column("caseload_cap", sa.Integer(), nullable=True))
        staff.add_column(
            sa.Column("alert_email", sa.Boolean(), nullable=False, server_default=sa.false())
        )
        staff.add_column(sa.Column("digest_on", sa.Date(), nullable=True))
        staff.create_foreign_key("fk_staff_buddy_id_staff", "staff", ["buddy_id"], ["id"])
    with op.batch_alter_table("flag") as flag:
        flag.add_column(sa.Column("act_by", base.UtcDateTime(), nullable=True))
        flag.add_column(
            sa.Column("steps_done", sa.SmallInteger(), nullable=False, server_default="0")
        )
        flag.add_column(sa.Column("next_step_at", base.UtcDateTime(), nullable=True))
        flag.create_index(
            "ix_flag_next_step",
            ["next_step_at"],
            postgresql_where=sa.text("next_step_at IS NOT NULL"),
            sqlite_where=sa.text("next_step_at IS NOT NULL"),
        )
        flag.create_index("ix_flag_resident", ["resident_id", "opened_at"])
    with op.batch_alter_table("alert") as alert:
        alert.add_column(
            sa.Column("by", sa.String(length=6), nullable=False, server_default="text")
        )
        alert.add_column(
            sa.Column("reply_code", sa.String(length=8), nullable=False, server_default="")
        )
        alert.add_column(sa.Column("made_at", base.UtcDateTime(), nullable=True))
        alert.add_column(sa.Column("sent_at", base.UtcDateTime(), nullable=True))
        alert.add_column(sa.Column("seen_at", base.UtcDateTime(), nullable=True))
    _cases()
    _rota()
    _rules()


def downgrade() -> None:
    for table in TABLES:
        op.drop_table(table)
    with op.batch_alter_table("alert") as alert:
        for name in ("seen_at", "sent_at", "made_at", "reply_code", "by"):
            alert.drop_column(name)
    with op.batch_alter_table("flag") as flag:
        flag.drop_index("ix_flag_resident")
        flag.drop_index("ix_flag_next_step")
        for name in ("next_step_at", "steps_done", "act_by"):
            flag.drop_column(name)
    with op.batch_alter_table("staff") as staff:
        staff.drop_constraint("fk_staff_buddy_id_staff", type_="foreignkey")
        for name in ("digest_on", "alert_email", "caseload_cap", "buddy_id"):
            staff.drop_column(name)


def _moment(name: str, *, nullable: bool = False) -> sa.Column[Any]:
    return sa.Column(name, base.UtcDateTime(), nullable=nullable)


def _to(
    table: str, column: str, target: str, *, nullable: bool = False
) -> tuple[sa.Column[Any], sa.ForeignKeyConstraint]:
    key = sa.ForeignKeyConstraint(
        [column], [f"{target}.id"], name=op.f(f"fk_{table}_{column}_{target}")
    )
    return sa.Column(column, BIG, nullable=nullable), key


def _one_open(name: str, table: str, columns: list[str], where: str) -> None:
    rows = sa.text(where)
    op.create_index(name, table, columns, unique=True, postgresql_where=rows, sqlite_where=rows)


def _cases() -> None:
    op.create_table(
        "contact",
        sa.Column("id", BIG, nullable=False),
        *_to("contact", "resident_id", "resident"),
        *_to("contact", "flag_id", "flag", nullable=True),
        sa.Column("kind", sa.String(length=8), nullable=False),
        sa.Column("reached", sa.Boolean(), nullable=False),
        sa.Column("hard", sa.Boolean(), nullable=False),
        _moment("at"),
        *_to("contact", "by", "staff"),
        sa.Column("note", base.Sealed(), nullable=False),
        sa.Column("step", base.Sealed(), nullable=False),
        sa.Column("why_not_agreed", base.Sealed(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_contact")),
    )
    op.create_index("ix_contact_resident", "contact", ["resident_id", "at"])
    op.create_index("ix_contact_staff", "contact", ["by", "at"])
    op.create_table(
        "note",
        sa.Column("id", BIG, nullable=False),
        *_to("note", "resident_id", "resident"),
        _moment("at"),
        *_to("note", "by", "staff"),
        sa.Column("words", base.Sealed(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_note")),
    )
    op.create_index("ix_note_resident", "note", ["resident_id", "at"])
    op.create_table(
        "handover",
        sa.Column("id", BIG, nullable=False),
        *_to("handover", "flag_id", "flag"),
        *_to("handover", "from_id", "staff"),
        *_to("handover", "to_id", "staff"),
        sa.Column("why", base.Sealed(), nullable=False),
        _moment("at"),
        _moment("bounces_at"),
        sa.Column("state", sa.String(length=10), nullable=False),
        _moment("decided_at", nullable=True),
        sa.CheckConstraint(
            "state IN ('offered', 'accepted', 'declined', 'bounced', 'overtaken')",
            name=op.f("ck_handover_state"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_handover")),
    )
    _one_open("uq_handover_one_offered", "handover", ["flag_id"], "state = 'offered'")
    op.create_table(
        "concern",
        sa.Column("id", BIG, nullable=False),
        *_to("concern", "resident_id", "resident"),
        *_to("concern", "flag_id", "flag", nullable=True),
        *_to("concern", "by", "staff"),
        _moment("at"),
        sa.Column("contents", base.Sealed(), nullable=False),
        sa.Column("told", base.Sealed(), nullable=False),
        sa.Column("reference", base.Sealed(), nullable=False),
        _moment("told_at", nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_concern")),
    )
    op.create_index(op.f("ix_concern_resident_id"), "concern", ["resident_id"])
    op.create_table(
        "follow_up",
        sa.Column("id", BIG, nullable=False),
        *_to("follow_up", "resident_id", "resident"),
        *_to("follow_up", "by", "staff"),
        sa.Column("words", base.Sealed(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        _moment("made_at"),
        _moment("raised_at", nullable=True),
        _moment("done_at", nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_follow_up")),
    )
    op.create_index(
        "ix_follow_up_due",
        "follow_up",
        ["due_on"],
        postgresql_where=sa.text("raised_at IS NULL AND done_at IS NULL"),
        sqlite_where=sa.text("raised_at IS NULL AND done_at IS NULL"),
    )


def _rota() -> None:
    op.create_table(
        "shift",
        sa.Column("id", BIG, nullable=False),
        *_to("shift", "staff_id", "staff"),
        sa.Column("duty", sa.String(length=8), nullable=False),
        sa.Column("weekday", sa.SmallInteger(), nullable=False),
        sa.Column("starts", sa.Time(), nullable=False),
        sa.Column("ends", sa.Time(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_shift")),
    )
    op.create_table(
        "rota_override",
        sa.Column("id", BIG, nullable=False),
        sa.Column("duty", sa.String(length=8), nullable=True),
        _moment("starts_at"),
        _moment("ends_at"),
        *_to("rota_override", "out_id", "staff", nullable=True),
        *_to("rota_override", "instead_id", "staff", nullable=True),
        sa.Column("why", sa.String(length=200), nullable=False),
        _moment("made_at"),
        *_to("rota_override", "made_by", "staff", nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rota_override")),
    )
    op.create_index("ix_rota_override_ends", "rota_override", ["ends_at"])


def _rules() -> None:
    op.create_table(
        "rule_version",
        sa.Column("id", BIG, nullable=False),
        sa.Column("rule", sa.String(length=40), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("settings", JSON, nullable=False),
        _moment("made_at"),
        *_to("rule_version", "made_by", "staff", nullable=True),
        _moment("live_at", nullable=True),
        *_to("rule_version", "live_by", "staff", nullable=True),
        sa.Column("why", sa.String(length=200), nullable=False),
        sa.CheckConstraint(
            "state IN ('draft', 'live', 'replaced')", name=op.f("ck_rule_version_state")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rule_version")),
        sa.UniqueConstraint("rule", "number", name=op.f("uq_rule_version_rule_number")),
    )
    _one_open("uq_rule_version_draft", "rule_version", ["rule"], "state = 'draft'")
    _one_open("uq_rule_version_live", "rule_version", ["rule"], "state = 'live'")
