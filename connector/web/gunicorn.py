"""How gunicorn serves the site: `gunicorn --config python:connector.web.gunicorn`.

Two processes of four threads, no control socket, and an access log that holds neither query strings
nor who asked: an address in it says which page, not which words.
"""

from __future__ import annotations

import gc

from connector.settings import inherited

_given = inherited()
_host = _given.get("CONNECTOR_HOST") or "127.0.0.1"

bind = f"{f'[{_host}]' if ':' in _host else _host}:{_given.get('CONNECTOR_PORT') or 8000}"
workers = 2
threads = 4
worker_class = "gthread"
worker_connections = 200
preload_app = True
control_socket_disable = True

timeout = 30
graceful_timeout = 5
keepalive = 5
limit_request_line = 2_048
limit_request_field_size = 8_190

# Which hops to believe is the application's business (CONNECTOR_TRUSTED_PROXIES): one place for it.
forwarded_allow_ips = ""
secure_scheme_headers: dict[str, str] = {}

loglevel = "warning"
errorlog = "-"
accesslog = _given.get("CONNECTOR_ACCESS_LOG") or "-"
# When, method, path without its query, status, bytes, microseconds.
access_log_format = "%(t)s %(m)s %(U)s %(s)s %(B)s %(D)s"


def when_ready(_server: object) -> None:
    """Set aside what is loaded before the workers are forked, so that they go on sharing it."""
    gc.collect()
    gc.freeze()
