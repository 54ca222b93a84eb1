"""What gunicorn serves."""

from __future__ import annotations

import sys

from connector import settings
from connector.gateways.logs import start_logging
from connector.settings import SettingsError
from connector.web import create_app
from connector.wiring import build

start_logging()
try:
    app = create_app(build(settings.load()))
except SettingsError as error:
    sys.exit(f"connector: {error}")
