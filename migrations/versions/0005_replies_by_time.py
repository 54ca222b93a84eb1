"""Replies by the time they came: whether less comes in than usual is asked every minute.

Revision: 0005, after 0004
"""

from __future__ import annotations

from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("ix_reply_received", "reply", ["received_at"], postgresql_using="brin")


def downgrade() -> None:
    op.drop_index("ix_reply_received", "reply")
