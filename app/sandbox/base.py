"""The one way to write a twin: the simulated other side of a client in app/providers.

A twin is a Blueprint made with `Twin(...)`, one route per operation. The function of a route has
the name of the client's operation: that is the name by which faults are set. The base checks the
credentials, applies faults and keeps a list of the calls. State lives in memory, in one process.
docs/how-to-provider.md shows how; app/sandbox/msg91.py is the file to copy from.
"""

import base64
import binascii
import json
import re
import threading
from collections import deque
from collections.abc import Callable, Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from urllib.parse import quote
from zoneinfo import ZoneInfo

from flask import Blueprint, Response, current_app, g, request
from flask.typing import ResponseReturnValue

from app.sandbox.faults import CALL_FAULTS, Faults, magic_fault
from app.sandbox.messages import Mailbox
from app.sandbox.person import Recent
from app.sandbox.webhooks import Webhooks

CALLS_MAX = 10_000
Action = Callable[[str, Mapping[str, Any]], ResponseReturnValue | None]
INDIA = ZoneInfo("Asia/Kolkata")


class Simulator:
    """What the twins of one sandbox share.

    callback_url is the base URL of the API that webhooks go to; timeout_s is how long a call that
    meets the fault `timeout` hangs; today is injectable so that a test can choose its date.
    """

    def __init__(
        self, callback_url: str, delay_s: float, timeout_s: float, today: Callable[[], date] | None = None
    ) -> None:
        self.callback_url = callback_url.rstrip("/")
        self.timeout_s = timeout_s
        self.today = today or (lambda: datetime.now(INDIA).date())
        self.lock = threading.RLock()
        self.stopping = threading.Event()
        self.faults = Faults()
        self.mailbox = Mailbox()
        self.webhooks = Webhooks(self.faults, delay_s)
        self.calls: deque[dict[str, str]] = deque(maxlen=CALLS_MAX)
        self._shelves: dict[str, Recent] = {}

    def shelf(self, name: str) -> Recent:
        """The named dictionary of this sandbox, `shelf("razorpay.orders")`. Use it under `lock`."""
        with self.lock:
            return self._shelves.setdefault(name, Recent())

    def close(self) -> None:
        """End what is waiting or sending."""
        self.stopping.set()
        self.webhooks.close()


def simulator() -> Simulator:
    """The state of the sandbox that serves this request."""
    return current_app.extensions["sandbox"]


def send_webhook(
    url: str,
    raw_body: bytes,
    headers: Mapping[str, str],
    *,
    provider: str,
    event_id: str,
    operation: str = "",
) -> None:
    """Call back: exactly these bytes and headers, soon, from the background.

    operation is a name for faults to aim at, such as the event's type.
    """
    simulator().webhooks.send(
        url, raw_body, headers, provider=provider, event_id=event_id, operation=operation
    )


class Twin(Blueprint):
    """A simulated provider under /<name>/.

    authorised says whether the credentials of the current request are good; unauthorised and
    failure make the documented answers for bad credentials and for an internal error.
    """

    def __init__(
        self,
        name: str,
        *,
        authorised: Callable[[], bool],
        unauthorised: Callable[[], ResponseReturnValue],
        failure: Callable[[], ResponseReturnValue],
    ) -> None:
        super().__init__(name, __name__, url_prefix=f"/{name}")
        self._authorised = authorised
        self._unauthorised = unauthorised
        self._failure = failure
        self.actions: dict[str, Action] = {}
        self.before_request(self._admit)
        self.after_request(self._spoil)

    def action(self, name: str) -> Callable[[Action], Action]:
        """Marks what people outside do (`POST /__sandbox__/act`): approve a consent, sign, answer the phone.

        The function gets the id of the thing and what else was said, and gives None when there is no such thing.
        """

        def register(do: Action) -> Action:
            self.actions[name] = do
            return do

        return register

    def on_page(self, path: str, *actions: str) -> None:
        """Marks actions that a page of this twin takes: what was said is posted to `path`, its {id} and {action}
        filled in."""

        def doing(action: str) -> Action:
            def post(thing_id: str, said: Mapping[str, Any]) -> ResponseReturnValue:
                filled = path.format(id=quote(thing_id, safe=""), action=action)
                told = current_app.test_client().post(f"/{self.name}{filled}", json=dict(said))
                return Response(told.get_data(), told.status_code, mimetype=told.mimetype)

            return post

        for action in actions:
            self.actions[action] = doing(action)

    def accepts(self, credential: str, given: str | None) -> bool:
        """Whether a credential is `sandbox-<provider>-<credential>`, with or without `-<brand>`.

        A brand in it is kept in g.brand_id.
        """
        pattern = rf"sandbox-{re.escape(self.name)}-{re.escape(credential)}(?:-(?P<brand>[a-z0-9_]+))?"
        found = re.fullmatch(pattern, given or "")
        if found and found["brand"]:
            g.brand_id = found["brand"]
        return found is not None

    def _admit(self) -> ResponseReturnValue | None:
        sandbox = simulator()
        operation = (request.endpoint or "").rpartition(".")[2]
        body = request.get_data(as_text=True)
        sandbox.calls.append({"provider": self.name, "operation": operation, "path": request.path})
        g.fault = sandbox.faults.take(CALL_FAULTS, self.name, operation, body) or magic_fault(body)
        if g.fault == "500":
            return self._failure()
        if g.fault == "unauthorised" or not self._authorised():
            return self._unauthorised()
        return None

    def _spoil(self, response: Response) -> Response:
        """A lost or broken answer: the provider has done its part, and we do not learn of it."""
        fault = g.get("fault")
        if fault == "timeout":
            simulator().stopping.wait(simulator().timeout_s)
        if fault == "malformed":
            whole = response.get_data()
            response.set_data(whole[: len(whole) // 2] or b"{")
        return response


def answer(body: Any, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    """JSON as the provider would send it; a Decimal goes out as a JSON number."""
    text = json.dumps(body, ensure_ascii=False, default=_number)
    return Response(text, status, dict(headers or {}), mimetype="application/json")


def json_body() -> dict[str, Any]:
    """The body of the request when it is a JSON object, else {}: the twin's checks say what is missing."""
    try:
        body = json.loads(request.get_data(), parse_float=Decimal)
    except ValueError:
        return {}
    return body if isinstance(body, dict) else {}


def invalid_field(body: Mapping[str, Any], patterns: Mapping[str, str]) -> str | None:
    """The first field that is not a text matching its whole pattern."""
    for name, pattern in patterns.items():
        value = body.get(name)
        if not isinstance(value, str) or not re.fullmatch(pattern, value):
            return name
    return None


def basic_credentials(header: str = "Authorization") -> tuple[str, str]:
    """User and password of Basic authentication (the word may be left out), empty when unreadable."""
    encoded = request.headers.get(header, "").removeprefix("Basic ")
    try:
        user, _, password = base64.b64decode(encoded, validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        return "", ""
    return user, password


def _number(value: Any) -> int | float:
    if not isinstance(value, Decimal):
        raise TypeError(f"{type(value).__name__} is not JSON")
    return int(value) if value == value.to_integral_value() else float(value)
