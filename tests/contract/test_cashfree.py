"""Every published payload of Cashfree reads, and every documented signature verifies until a byte changes."""

import json
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from app.providers.cashfree import CashfreeClient, entities, parse_event, payouts, verify_signature
from app.providers.errors import (
    ProviderError,
    ProviderRejected,
    ProviderUnauthorised,
    ProviderUnavailable,
)
from app.providers.fields import FieldError, Fields
from app.providers.money import OtherEvent
from app.providers.wire import Answer
from tests.providers.live import Sandbox, running_sandbox

LET_BE = "BULK_TRANSFER_REJECTED"


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with running_sandbox() as sandbox:
        yield sandbox


def read(samples: Path, name: str) -> Any:
    return json.loads((samples / "payments" / "cashfree" / name).read_bytes(), parse_float=Decimal)


def events(samples: Path) -> Iterator[dict[str, Any]]:
    yield read(samples, "webhook.PAYMENT_LINK_EVENT.json")
    for name in ("bank_account_verification", "payouts_v2", "subscription"):
        yield from read(samples, f"webhook.{name}_samples.json").values()
    for listed in read(samples, "pg_webhooks_2022-09-01.json").values():
        yield from listed


def test_every_event_reads(samples: Path) -> None:
    seen = 0
    for body in events(samples):
        name = body.get("type") or body["event_type"]
        event = parse_event(json.dumps(body, default=float).encode())
        # the payment of a link is told by the link's own event
        is_of_link = "cf_link_id" in str(body)
        assert isinstance(event, OtherEvent) == (
            name.startswith(LET_BE) or (is_of_link and "PAYMENT_F" in name)
        ), name
        seen += 1
    assert seen >= 15


def test_every_entity_reads(samples: Path) -> None:
    gateway = read(samples, "pg_2025-01-01_examples.json")
    for order in gateway["order_entity_list_example"]:
        assert entities.read_order(Fields(order)).amount
    for payment in gateway["payments_entity_list_example"]:
        if payment["payment_currency"] == entities.CURRENCY:
            assert entities.read_payment(Fields(payment)).amount
        else:
            with pytest.raises(FieldError, match="payment_currency"):
                entities.read_payment(Fields(payment))
    for refund in gateway["refunds_entity_example"]:
        assert entities.read_refund(Fields(refund)).bank_reference
    assert entities.read_payment_link(Fields(gateway["LinkEntity"])).expires_at
    transfers = [
        v
        for k, v in read(samples, "payouts_v2_examples.json").items()
        if k.startswith("transfer_") and "status" in v
    ]
    assert len(transfers) >= 7
    assert {entities.read_payout(Fields(t)).status for t in transfers} >= {
        "processed",
        "failed",
        "reversed",
        "rejected",
    }
    people = [v for v in read(samples, "payouts_v2_examples.json").values() if "beneficiary_status" in v]
    assert {payouts.read_beneficiary(Fields(person)).status for person in people} == {"VERIFIED", "DELETED"}


def test_every_verification_reads(samples: Path) -> None:
    examples = read(samples, "verification_bank_upi_examples.json")
    kinds = ("BavSyncV2Response", "BavV2GetStatusResponseSchema", "BavAsyncV2Response")
    told = [entities.read_penny_drop(Fields(one)).status for kind in kinds for one in examples[kind].values()]
    assert set(told) == {"SUCCESS", "FAILED", "PENDING"}


def test_every_refusal_has_its_meaning(samples: Path, sandbox: Sandbox) -> None:
    client = sandbox.client(CashfreeClient)

    def meaning(status: int, body: dict[str, Any]) -> type[ProviderError]:
        with pytest.raises(ProviderError) as caught:
            client.check(client.operations["penny_drop"], Answer(status, {}, json.dumps(body).encode()))
        return type(caught.value)

    gateway = read(samples, "pg_2025-01-01_examples.json")
    expected = {
        "BadRequestError": (400, ProviderRejected),
        "AuthenticationError": (401, ProviderUnauthorised),
        "ApiError404": (404, ProviderRejected),
        "ApiError409": (409, ProviderRejected),
        "IdempotencyError": (422, ProviderRejected),
        "RateLimitError": (429, ProviderUnavailable),
        "ApiError": (500, ProviderUnavailable),
    }
    for name, (status, kind) in expected.items():
        assert meaning(status, gateway[f"error.{name}"]) is kind, name
    verification = read(samples, "verification_bank_upi_examples.json")
    for case, body in verification["422SyncBav"].items():
        kind = ProviderRejected if body["code"] == "fraud_account" else ProviderUnavailable
        assert meaning(422, body) is kind, case
    for body in verification["400SyncBAVV2"].values():
        assert meaning(400, body) is ProviderRejected


def test_every_signature_verifies_until_a_byte_changes(samples: Path) -> None:
    for vector in read(samples, "signature_vectors_selfmade.json"):
        body, signature = vector["raw_body"].encode(), vector["x-webhook-signature"]
        timestamp, secret = vector["x-webhook-timestamp"], vector["secret"]
        assert verify_signature(body, timestamp, signature, secret)
        for position in (0, len(body) // 2, len(body) - 1):
            changed = body[:position] + bytes([body[position] ^ 1]) + body[position + 1 :]
            assert not verify_signature(changed, timestamp, signature, secret)
