"""The sandbox over real HTTP: as a process (`python -m app.sandbox`) or inside a test."""

import threading
from types import TracebackType
from typing import Any

from flask import Flask
from werkzeug.serving import WSGIRequestHandler, make_server

POLL_S = 0.05  # how soon the serving thread sees that it should stop


class _Handler(WSGIRequestHandler):
    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        """Bodies and paths of a simulator are of no interest in a log."""

    def make_environ(self) -> dict[str, Any]:
        """ReBIT's `client_api_key` is spelt with underscores: werkzeug leaves such headers out."""
        spelt = {f"HTTP_{name.upper()}": value for name, value in self.headers.items() if "_" in name}
        return spelt | super().make_environ()


class Server:
    """Serves the sandbox from a thread while the block lasts: `with Server(create_app()) as sandbox:`."""

    def __init__(self, app: Flask, host: str = "127.0.0.1", port: int = 0) -> None:
        self.app = app
        self._server = make_server(host, port, app, threaded=True, request_handler=_Handler)
        self._thread = threading.Thread(
            target=self._server.serve_forever, args=(POLL_S,), name="sandbox", daemon=True
        )
        self.url = f"http://{host}:{self._server.server_port}"

    def __enter__(self) -> "Server":
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop promptly: calls that hang on purpose are let go first."""
        self.app.extensions["sandbox"].close()
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()
