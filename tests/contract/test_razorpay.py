"""Every published payload of Razorpay reads, and every published signature verifies until a byte changes."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from app.providers.errors import ProviderRejected
from app.providers.fields import Fields
from app.providers.money import OtherEvent
from app.providers.razorpay import RazorpayClient, entities, parse_event, verify_return, verify_signature
from app.providers.wire import Answer
from tests.providers.live import Sandbox, running_sandbox

ENTITIES: dict[str, Callable[[Fields], Any]] = {
    "order": entities.read_order,
    "payment": entities.read_payment,
    "payment_link": entities.read_payment_link,
    "refund": entities.read_refund,
    "payout": entities.read_payout,
    "invoice": entities.read_mandate_request,
    "token": entities.read_mandate,
    "fund_account.validation": entities.read_penny_drop,
}
# Events that nothing acts on: they are kept and acknowledged.
LET_BE = ("order.paid", "order.notification.", "payout.downtime.")


def files(samples: Path, pattern: str) -> Iterator[Path]:
    found = sorted((samples / "payments" / "razorpay").glob(pattern))
    assert found
    return iter(found)


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with running_sandbox() as sandbox:
        yield sandbox


def test_every_event_reads(samples: Path) -> None:
    for path in files(samples, "webhook*.json"):
        event = parse_event(path.read_bytes())
        assert isinstance(event, OtherEvent) == event.name.startswith(LET_BE), path.name


def test_every_entity_in_an_answer_reads(samples: Path) -> None:
    read = 0
    for path in files(samples, "*.json"):
        body = json.loads(path.read_bytes())
        if not isinstance(body, dict) or path.name.startswith(("webhook", "sdk_mock.init")):
            continue
        for entity in body.get("items", [body]):
            reader = ENTITIES.get(entity.get("entity"))
            if reader:
                assert reader(Fields(entity)).id if reader is not entities.read_penny_drop else True, (
                    path.name
                )
                read += 1
    assert read > 10


def test_every_refusal_reads(samples: Path, sandbox: Sandbox) -> None:
    client = sandbox.client(RazorpayClient)
    for path in [*files(samples, "api_*Failure*.json"), *files(samples, "sdk_mock.bad_request_error.json")]:
        with pytest.raises(ProviderRejected, match="BAD_REQUEST_ERROR"):
            client.check(client.operations["create_order"], Answer(400, {}, path.read_bytes()))


def test_every_signature_verifies_until_a_byte_changes(samples: Path) -> None:
    folder = samples / "payments" / "razorpay"
    vectors = json.loads((folder / "signature_vectors.json").read_bytes())
    assert len(vectors) == 6
    for vector in vectors:
        if "message" in vector:
            parts = vector["message"].split("|")
            assert verify_return(vector["signature"], vector["secret"], *parts), vector["name"]
            assert not verify_return(vector["signature"], vector["secret"], *parts[:-1], parts[-1] + "x")
            continue
        body = vector.get("body", "").encode() or (folder / vector["body_file"]).read_bytes()
        assert verify_signature(body, vector["signature"], [vector["secret"]]), vector["name"]
        for position in (0, len(body) // 2, len(body) - 1):
            changed = body[:position] + bytes([body[position] ^ 1]) + body[position + 1 :]
            assert not verify_signature(changed, vector["signature"], [vector["secret"]])
