"""Replies by the time they came, and by the check-in they answer.

Whether less comes in than usual is asked every minute; and a plan that is made again takes
check-ins away, each of which asks whether a reply answers it.

Revision: 0005, after 0004
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("ix_reply_received", "reply", ["received_at"], postgresql_using="brin")
    answers = sa.text("check_in_id IS NOT NULL")
    op.create_index(
        "ix_reply_check_in",
        "reply",
        ["check_in_id"],
        postgresql_where=answers,
        sqlite_where=answers,
    )


def downgrade() -> None:
    op.drop_index("ix_reply_check_in", "reply")
    op.drop_index("ix_reply_received", "reply")
