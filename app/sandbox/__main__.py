"""`python -m app.sandbox --port 4003`: the provider sandbox as a process of its own."""

import argparse
import signal
import threading

from app.sandbox import create_app
from app.sandbox.server import Server


def main() -> None:
    """Serve until SIGINT or SIGTERM."""
    parser = argparse.ArgumentParser(
        prog="python -m app.sandbox", description="simulated providers over HTTP"
    )
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=4003)
    parser.add_argument("--callback-url", help="base URL of the API (default: SANDBOX_CALLBACK_URL)")
    options = parser.parse_args()
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    with Server(create_app(options.callback_url), options.host, options.port) as server:
        print(f"sandbox on {server.url}", flush=True)
        stop.wait()


if __name__ == "__main__":
    main()
