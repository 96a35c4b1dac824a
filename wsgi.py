"""The WSGI callable, for gunicorn: ``gunicorn wsgi:app``."""

import os
import sys

from app import create_app
from app.config import Settings, SettingsError

try:
    app = create_app(Settings.from_environment(os.environ))
except SettingsError as error:
    sys.exit(str(error))
