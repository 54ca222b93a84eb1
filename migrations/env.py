"""Alembic's environment, run only by `connector.cli.migrate`, which hands it a connection."""

from __future__ import annotations

from alembic import context

# The tables register themselves with the metadata when their module is imported.
from connector.store import tables
from connector.store.base import Base

assert tables.Base is Base

connection = context.config.attributes["connection"]
context.configure(
    connection=connection,
    target_metadata=Base.metadata,
    render_as_batch=connection.dialect.name == "sqlite",
    compare_server_default=True,
    transactional_ddl=True,
)
with context.begin_transaction():
    context.run_migrations()
