"""Cadences a coordinator can trust: programmes in versions, questions asked one by one, settings.

Revision: 0002, after 0001
"""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from connector.store import base

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
PLAIN = {"follow_ups": []}
TEXTS = ("opening", "closing", "reminder", "go_on", "goodbye")

OPEN_ALREADY = """
    INSERT INTO asked
        (check_in_id, resident_id, programme_id, version_id, item, asked_at, closes_at, answered_at)
    SELECT sent.id, sent.resident_id, sent.programme_id, version.id, 'first', sent.attempted_at,
           sent.closes_at, sent.answered_at
    FROM check_in AS sent
    JOIN programme_version AS version
        ON version.programme_id = sent.programme_id AND version.state = 'published'
    WHERE sent.attempted_at IS NOT NULL AND sent.closes_at IS NOT NULL AND NOT EXISTS (
        SELECT 1 FROM check_in AS newer
        WHERE newer.resident_id = sent.resident_id AND newer.closes_at IS NOT NULL
          AND newer.attempted_at > sent.attempted_at
    )
"""
"""What awaits its answer while this runs: the newest question of each resident stays open."""


def upgrade() -> None:
    _versions()
    _first_versions()
    with op.batch_alter_table("programme") as programme:
        for name in ("cadence", "question", "wording", "timely_minutes", "answer_hours"):
            programme.drop_column(name)
    _asked()
    _settings()
    _words()
    _published_versions_stay()


def downgrade() -> None:
    with op.batch_alter_table("programme") as programme:
        for name in ("cadence", "question", "wording"):
            programme.add_column(sa.Column(name, JSON, nullable=False, server_default="{}"))
        programme.add_column(
            sa.Column("timely_minutes", sa.Integer(), nullable=False, server_default="240")
        )
        programme.add_column(
            sa.Column("answer_hours", sa.Integer(), nullable=False, server_default="72")
        )
    _back_to_one_version()
    for name in ("crisis_line", "wording", "special_day", "setting"):
        op.drop_table(name)
    with op.batch_alter_table("reply") as reply:
        reply.drop_column("late")
        reply.drop_constraint("fk_reply_asked_id_asked", type_="foreignkey")
        reply.drop_column("asked_id")
    op.drop_table("asked")
    with op.batch_alter_table("check_in") as check_in:
        check_in.drop_constraint("fk_check_in_version_id_programme_version", type_="foreignkey")
        for name in ("version_id", "moved", "revision", "part"):
            check_in.drop_column(name)
    with op.batch_alter_table("enrolment") as enrolment:
        enrolment.drop_column("own")
    op.drop_table("programme_version")
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP FUNCTION programme_version_stays()")


STAYS = "a published version never changes"


def _published_versions_stay() -> None:
    """The database itself refuses to change what was published; it may only be replaced."""
    columns = (
        "id, programme_id, number, content, edits, made_at, made_by, published_at, published_by, "
        "approved_by, approval, why"
    )
    if op.get_bind().dialect.name == "sqlite":
        op.execute(
            f"CREATE TRIGGER programme_version_stays BEFORE UPDATE OF {columns} "
            "ON programme_version WHEN OLD.state <> 'draft' "
            f"BEGIN SELECT RAISE(ABORT, '{STAYS}'); END"
        )
        op.execute(
            "CREATE TRIGGER programme_version_is_replaced BEFORE UPDATE OF state "
            "ON programme_version WHEN (OLD.state = 'published' AND NEW.state <> 'replaced') "
            "OR (OLD.state = 'replaced' AND NEW.state <> 'replaced') "
            f"BEGIN SELECT RAISE(ABORT, '{STAYS}'); END"
        )
        return
    op.execute(
        "CREATE FUNCTION programme_version_stays() RETURNS trigger LANGUAGE plpgsql AS $$ "
        "BEGIN IF NEW.state = 'replaced' AND to_jsonb(NEW) - 'state' = to_jsonb(OLD) - 'state' "
        f"THEN RETURN NEW; END IF; RAISE EXCEPTION '{STAYS}' "
        "USING ERRCODE = 'check_violation'; END $$"
    )
    op.execute(
        "CREATE TRIGGER programme_version_stays BEFORE UPDATE ON programme_version "
        "FOR EACH ROW WHEN (OLD.state <> 'draft') EXECUTE FUNCTION programme_version_stays()"
    )


def _moment(name: str, *, nullable: bool = False) -> sa.Column[Any]:
    return sa.Column(name, base.UtcDateTime(), nullable=nullable)


def _staff(name: str, table: str) -> tuple[sa.Column[Any], sa.ForeignKeyConstraint]:
    key = sa.ForeignKeyConstraint([name], ["staff.id"], name=op.f(f"fk_{table}_{name}_staff"))
    return sa.Column(name, BIG, nullable=True), key


def _one(name: str, table: str, columns: list[str], state: str) -> None:
    only = sa.text(f"state = '{state}'")
    op.create_index(name, table, columns, unique=True, postgresql_where=only, sqlite_where=only)


def _versions() -> None:
    op.create_table(
        "programme_version",
        sa.Column("id", BIG, nullable=False),
        sa.Column("programme_id", BIG, nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("content", JSON, nullable=False),
        sa.Column("edits", sa.Integer(), nullable=False),
        _moment("made_at"),
        *_staff("made_by", "programme_version"),
        _moment("published_at", nullable=True),
        *_staff("published_by", "programme_version"),
        *_staff("approved_by", "programme_version"),
        sa.Column("approval", sa.String(length=200), nullable=False),
        sa.Column("why", sa.String(length=200), nullable=False),
        sa.CheckConstraint(
            "state IN ('draft', 'published', 'replaced')", name=op.f("ck_programme_version_state")
        ),
        sa.ForeignKeyConstraint(
            ["programme_id"],
            ["programme.id"],
            name=op.f("fk_programme_version_programme_id_programme"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_programme_version")),
        sa.UniqueConstraint(
            "programme_id", "number", name=op.f("uq_programme_version_programme_id_number")
        ),
    )
    _one("uq_programme_version_draft", "programme_version", ["programme_id"], "draft")
    _one("uq_programme_version_published", "programme_version", ["programme_id"], "published")


def _tables() -> tuple[sa.Table, sa.Table]:
    programme = sa.table(
        "programme",
        sa.column("id", BIG),
        sa.column("kind", sa.String),
        *(sa.column(name, JSON) for name in ("cadence", "question", "wording")),
        sa.column("timely_minutes", sa.Integer),
        sa.column("answer_hours", sa.Integer),
    )
    version = sa.table(
        "programme_version",
        *(sa.column(name, BIG) for name in ("programme_id", "number", "edits")),
        *(sa.column(name, sa.String) for name in ("state", "approval", "why")),
        sa.column("content", JSON),
        *(sa.column(name, base.UtcDateTime()) for name in ("made_at", "published_at")),
    )
    return programme, version


def _first_versions() -> None:
    """What every programme says today becomes its first, published version."""
    programme, version = _tables()
    bind = op.get_bind()
    now = datetime.now(UTC)  # noqa: TID251 a migration has no clock to ask
    for row in bind.execute(sa.select(programme)).mappings().all():
        content = {
            "kind": row["kind"],
            "cadence": _plain(row["cadence"]),
            "items": [
                {
                    "key": "first",
                    "question": _plain(row["question"]),
                    "wording": _plain(row["wording"]),
                    **PLAIN,
                }
            ],
            **{text: {} for text in TEXTS},
            "timely_minutes": row["timely_minutes"],
            "answer_minutes": row["answer_hours"] * 60,
            "remind_minutes": 48 * 60,
            "floor": {"weeks": 6, "why_none": "", "review_on": None},
            "meant_for": "",
            "source": "",
        }
        bind.execute(
            version.insert().values(
                programme_id=row["id"],
                number=1,
                edits=1,
                state="published",
                content=content,
                made_at=now,
                published_at=now,
                approval="",
                why="",
            )
        )


def _plain(value: Any) -> Any:
    return json.loads(value) if isinstance(value, str) else value


def _back_to_one_version() -> None:
    programme, version = _tables()
    bind = op.get_bind()
    published = sa.select(version.c.programme_id, version.c.content).where(
        version.c.state == "published"
    )
    for programme_id, kept in bind.execute(published).all():
        content = _plain(kept)
        bind.execute(
            programme.update()
            .where(programme.c.id == programme_id)
            .values(
                cadence=content["cadence"],
                question=content["items"][0]["question"],
                wording=content["items"][0]["wording"],
                timely_minutes=content["timely_minutes"],
                answer_hours=content["answer_minutes"] // 60,
            )
        )


def _asked() -> None:
    with op.batch_alter_table("enrolment") as enrolment:
        enrolment.add_column(
            sa.Column("own", sa.String(length=120), nullable=False, server_default="")
        )
    with op.batch_alter_table("check_in") as check_in:
        check_in.add_column(
            sa.Column("part", sa.String(length=10), nullable=False, server_default="check_in")
        )
        check_in.add_column(
            sa.Column("revision", sa.String(length=12), nullable=False, server_default="")
        )
        check_in.add_column(
            sa.Column("moved", sa.Text(), nullable=False, server_default="")
        )
        check_in.add_column(sa.Column("version_id", BIG, nullable=True))
        check_in.create_foreign_key(
            "fk_check_in_version_id_programme_version", "programme_version", ["version_id"], ["id"]
        )
    op.create_table(
        "asked",
        sa.Column("id", BIG, nullable=False),
        sa.Column("check_in_id", BIG, nullable=False),
        sa.Column("resident_id", BIG, nullable=False),
        sa.Column("programme_id", BIG, nullable=False),
        sa.Column("version_id", BIG, nullable=True),
        sa.Column("item", sa.String(length=40), nullable=False),
        _moment("asked_at"),
        _moment("closes_at"),
        _moment("answered_at", nullable=True),
        sa.Column("answer", sa.Float(), nullable=True),
        *(
            sa.ForeignKeyConstraint(
                [column], [f"{table}.id"], name=op.f(f"fk_asked_{column}_{table}")
            )
            for column, table in (
                ("check_in_id", "check_in"),
                ("resident_id", "resident"),
                ("programme_id", "programme"),
                ("version_id", "programme_version"),
            )
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_asked")),
        sa.UniqueConstraint("check_in_id", "item", name=op.f("uq_asked_check_in_id_item")),
    )
    op.create_index("ix_asked_latest", "asked", ["resident_id", "asked_at"])
    op.execute(OPEN_ALREADY)
    with op.batch_alter_table("reply") as reply:
        reply.add_column(sa.Column("asked_id", BIG, nullable=True))
        reply.add_column(sa.Column("late", sa.Boolean(), nullable=False, server_default=sa.false()))
        reply.create_foreign_key("fk_reply_asked_id_asked", "asked", ["asked_id"], ["id"])


def _settings() -> None:
    op.create_table(
        "setting",
        sa.Column("name", sa.String(length=20), nullable=False),
        sa.Column("value", JSON, nullable=False),
        sa.Column("edits", sa.Integer(), nullable=False),
        _moment("changed_at"),
        *_staff("changed_by", "setting"),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_setting")),
    )
    op.create_table(
        "special_day",
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("nation", sa.String(length=3), nullable=False),
        sa.Column("is_open", sa.Boolean(), nullable=False),
        sa.Column("why", sa.String(length=120), nullable=False),
        *_staff("made_by", "special_day"),
        _moment("made_at"),
        sa.PrimaryKeyConstraint("day", "nation", name=op.f("pk_special_day")),
    )


def _words() -> None:
    op.create_table(
        "wording",
        sa.Column("id", BIG, nullable=False),
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("language", sa.String(length=12), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("texts", JSON, nullable=False),
        _moment("made_at"),
        *_staff("made_by", "wording"),
        _moment("decided_at", nullable=True),
        *_staff("decided_by", "wording"),
        sa.Column("decision", sa.String(length=200), nullable=False),
        sa.CheckConstraint(
            "state IN ('draft', 'approved', 'replaced', 'refused')", name=op.f("ck_wording_state")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_wording")),
    )
    _one("uq_wording_draft", "wording", ["name", "language"], "draft")
    _one("uq_wording_approved", "wording", ["name", "language"], "approved")
    op.create_table(
        "crisis_line",
        sa.Column("id", BIG, nullable=False),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("contact", sa.String(length=60), nullable=False),
        sa.Column("detail", sa.String(length=200), nullable=False),
        sa.Column("owner", sa.String(length=120), nullable=False),
        sa.Column("source", sa.String(length=300), nullable=False),
        sa.Column("checked_on", sa.Date(), nullable=False),
        sa.Column("review_by", sa.Date(), nullable=False),
        _moment("changed_at"),
        *_staff("changed_by", "crisis_line"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_crisis_line")),
        sa.UniqueConstraint("name", name=op.f("uq_crisis_line_name")),
    )
