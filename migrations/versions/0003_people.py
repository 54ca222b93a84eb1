"""People on their own terms: absences, proposals, numbers that change, merges, requests, imports.

Revision: 0003, after 0002
"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from connector.store import base

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
TABLES = (
    "import_row",
    "import_batch",
    "referral",
    "merge",
    "resident_number",
    "proposal",
    "absence",
)


def upgrade() -> None:
    with op.batch_alter_table("resident") as resident:
        for column in _resident():
            resident.add_column(column)
        resident.create_foreign_key(
            "fk_resident_merged_into_resident", "resident", ["merged_into"], ["id"]
        )
        resident.create_index("ix_resident_name_index", ["name_index"])
    _only(
        "ix_resident_merged", "resident", ["merged_into"], "merged_into IS NOT NULL", unique=False
    )
    _steering()
    _numbers()
    _imports()


def downgrade() -> None:
    for table in TABLES:
        op.drop_table(table)
    op.drop_index("ix_resident_merged", "resident")
    with op.batch_alter_table("resident") as resident:
        resident.drop_index("ix_resident_name_index")
        resident.drop_constraint("fk_resident_merged_into_resident", type_="foreignkey")
        for column in reversed(_resident()):
            resident.drop_column(column.name)


def _resident() -> tuple[sa.Column[Any], ...]:
    return (
        sa.Column("contact_by", sa.String(length=6), nullable=False, server_default="text"),
        sa.Column("likes", base.Sealed(), nullable=False, server_default=""),
        sa.Column("no_answer", base.Sealed(), nullable=False, server_default=""),
        sa.Column("shared_phone", sa.Boolean(), nullable=False, server_default=sa.false()),
        sa.Column("message_ok", sa.Boolean(), nullable=True),
        sa.Column("standing", sa.String(length=10), nullable=False, server_default=""),
        sa.Column("away_kind", sa.String(length=10), nullable=False, server_default=""),
        sa.Column("away_until", sa.Date(), nullable=True),
        sa.Column("doubted_at", base.UtcDateTime(), nullable=True),
        sa.Column("canary", sa.Boolean(), nullable=False, server_default=sa.false()),
        sa.Column("name_index", sa.LargeBinary(length=16), nullable=True),
        sa.Column("merged_into", BIG, nullable=True),
    )


def _moment(name: str, *, nullable: bool = False) -> sa.Column[Any]:
    return sa.Column(name, base.UtcDateTime(), nullable=nullable)


def _to(
    table: str, column: str, target: str, *, nullable: bool = False
) -> tuple[sa.Column[Any], sa.ForeignKeyConstraint]:
    key = sa.ForeignKeyConstraint(
        [column], [f"{target}.id"], name=op.f(f"fk_{table}_{column}_{target}")
    )
    return sa.Column(column, BIG, nullable=nullable), key


def _only(name: str, table: str, columns: list[str], where: str, *, unique: bool) -> None:
    rows = sa.text(where)
    op.create_index(name, table, columns, unique=unique, postgresql_where=rows, sqlite_where=rows)


def _steering() -> None:
    op.create_table(
        "absence",
        sa.Column("id", BIG, nullable=False),
        *_to("absence", "resident_id", "resident"),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=True),
        _moment("made_at"),
        *_to("absence", "made_by", "staff", nullable=True),
        *_to("absence", "reply_id", "reply", nullable=True),
        _moment("ended_at", nullable=True),
        _moment("welcomed_at", nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_absence")),
    )
    op.create_index(op.f("ix_absence_resident_id"), "absence", ["resident_id"])
    _only("uq_absence_one_open", "absence", ["resident_id"], "ended_at IS NULL", unique=True)
    op.create_table(
        "proposal",
        sa.Column("id", BIG, nullable=False),
        *_to("proposal", "resident_id", "resident"),
        *_to("proposal", "programme_id", "programme"),
        sa.Column("own", sa.String(length=120), nullable=False),
        *_to("proposal", "reply_id", "reply", nullable=True),
        _moment("made_at"),
        sa.Column("state", sa.String(length=10), nullable=False),
        _moment("decided_at", nullable=True),
        *_to("proposal", "decided_by", "staff", nullable=True),
        sa.CheckConstraint(
            "state IN ('open', 'accepted', 'refused', 'overtaken')", name=op.f("ck_proposal_state")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_proposal")),
    )
    _only(
        "uq_proposal_one_open",
        "proposal",
        ["resident_id", "programme_id"],
        "state = 'open'",
        unique=True,
    )


def _numbers() -> None:
    op.create_table(
        "resident_number",
        sa.Column("id", BIG, nullable=False),
        *_to("resident_number", "resident_id", "resident"),
        sa.Column("number", base.Sealed(), nullable=False),
        sa.Column("number_index", sa.LargeBinary(length=16), nullable=False),
        _moment("until"),
        sa.Column("why", sa.String(length=20), nullable=False),
        *_to("resident_number", "changed_by", "staff", nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_resident_number")),
    )
    op.create_index(op.f("ix_resident_number_resident_id"), "resident_number", ["resident_id"])
    op.create_index(op.f("ix_resident_number_number_index"), "resident_number", ["number_index"])
    op.create_table(
        "merge",
        sa.Column("id", BIG, nullable=False),
        *_to("merge", "kept_id", "resident"),
        *_to("merge", "gone_id", "resident"),
        sa.Column("moved", JSON, nullable=False),
        _moment("made_at"),
        *_to("merge", "made_by", "staff"),
        _moment("undone_at", nullable=True),
        *_to("merge", "undone_by", "staff", nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_merge")),
    )
    op.create_index(op.f("ix_merge_kept_id"), "merge", ["kept_id"])
    op.create_table(
        "referral",
        sa.Column("id", BIG, nullable=False),
        sa.Column("number", base.Sealed(), nullable=False),
        sa.Column("number_index", sa.LargeBinary(length=16), nullable=False),
        *_to("referral", "reply_id", "reply"),
        _moment("made_at"),
        sa.Column("state", sa.String(length=10), nullable=False),
        _moment("decided_at", nullable=True),
        *_to("referral", "decided_by", "staff", nullable=True),
        *_to("referral", "resident_id", "resident", nullable=True),
        sa.Column("why", sa.String(length=200), nullable=False),
        sa.CheckConstraint(
            "state IN ('open', 'enrolled', 'put_away')", name=op.f("ck_referral_state")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_referral")),
    )
    _only("uq_referral_one_open", "referral", ["number_index"], "state = 'open'", unique=True)


def _imports() -> None:
    op.create_table(
        "import_batch",
        sa.Column("id", BIG, nullable=False),
        sa.Column("file_name", sa.String(length=200), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("columns", JSON, nullable=False),
        sa.Column("choices", JSON, nullable=False),
        sa.Column("counts", JSON, nullable=False),
        sa.Column("rows", sa.Integer(), nullable=False),
        sa.Column("done", sa.Integer(), nullable=False),
        _moment("made_at"),
        *_to("import_batch", "made_by", "staff"),
        _moment("started_at", nullable=True),
        _moment("finished_at", nullable=True),
        _moment("undone_at", nullable=True),
        *_to("import_batch", "undone_by", "staff", nullable=True),
        sa.CheckConstraint(
            "state IN ('matching', 'checking', 'checked', 'running', 'done', 'undoing', 'undone', "
            "'dropped')",
            name=op.f("ck_import_batch_state"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_import_batch")),
    )
    op.create_table(
        "import_row",
        sa.Column("id", BIG, nullable=False),
        *_to("import_row", "batch_id", "import_batch"),
        sa.Column("line", sa.Integer(), nullable=False),
        sa.Column("act", sa.String(length=10), nullable=False),
        sa.Column("data", base.Sealed(), nullable=False),
        sa.Column("before", base.Sealed(), nullable=False),
        sa.Column("problems", base.Sealed(), nullable=False),
        sa.Column("number_index", sa.LargeBinary(length=16), nullable=True),
        sa.Column("reference", sa.LargeBinary(length=16), nullable=True),
        *_to("import_row", "resident_id", "resident", nullable=True),
        sa.Column("done", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_import_row")),
        sa.UniqueConstraint("batch_id", "line", name=op.f("uq_import_row_batch_id_line")),
    )
    op.create_index("ix_import_row_number", "import_row", ["batch_id", "number_index"])
    op.create_index("ix_import_row_reference", "import_row", ["reference"])
    op.create_index(op.f("ix_import_row_resident_id"), "import_row", ["resident_id"])
