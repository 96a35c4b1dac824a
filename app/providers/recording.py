"""The record of every call to a provider: kept even when the request around it rolls back, because it was made."""

import json
from dataclasses import asdict

from app.core import clock
from app.core.database import side_db
from app.core.ids import new_id
from app.providers.wire import CallRecord

# The price that the brand's contract has for the operation today; what has no price costs nothing.
_INSERT = """
INSERT INTO provider_call (
  id, brand_id, provider, operation, path, status, outcome, attempt, duration_ms, request, response, cost_paise)
VALUES (%(id)s, %(brand_id)s, %(provider)s, %(operation)s, %(path)s, %(status)s, %(outcome)s, %(attempt)s,
        %(duration_ms)s, %(request_body)s, %(response_body)s,
        COALESCE((SELECT paise * %(units)s FROM provider_price
                  WHERE %(is_billable)s AND provider = %(provider)s AND operation = %(operation)s
                    AND valid_from <= %(today)s
                  ORDER BY valid_from DESC LIMIT 1), 0))
"""


def record_call(record: CallRecord) -> None:
    """Write one attempt, with what it cost, in a transaction of its own. Bodies come masked."""
    values = asdict(record) | {"id": str(new_id()), "today": clock.today()}
    for body in ("request_body", "response_body"):
        values[body] = json.dumps(values[body], default=str)
    with side_db.connection_context(), side_db.atomic():
        side_db.execute_sql("SELECT set_config('app.brand_id', %s, true)", (record.brand_id,))
        side_db.execute_sql(_INSERT, values)
