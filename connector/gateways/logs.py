"""Logs as one line of JSON each: ids and names of things, never a resident's words or number."""

from __future__ import annotations

import logging
import sys

import structlog


def start_logging(level: int = logging.WARNING) -> None:
    """Send this process's logs to standard error."""
    logging.basicConfig(stream=sys.stderr, level=level, format="%(levelname)s %(name)s %(message)s")
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.JSONRenderer(),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
    )
