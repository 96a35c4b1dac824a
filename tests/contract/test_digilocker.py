"""What the client of DigiLocker asks for and reads is what the published specification has."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from app.providers.digilocker import DigilockerClient, _token
from app.providers.wire import Answer


@pytest.fixture(scope="module")
def specification(samples: Path) -> dict[str, Any]:
    return json.loads((samples / "kyc" / "digilocker_authpartner_openapi.json").read_bytes())


def test_every_operation_is_in_the_specification(specification: dict[str, Any]) -> None:
    paths = {re.sub(r"{[^}]*}", "*", path): set(methods) for path, methods in specification["paths"].items()}
    for operation in DigilockerClient.operations.values():
        assert operation.method.lower() in paths[re.sub(r"{[^}]*}", "*", operation.path)], operation.name


def test_the_specified_token_reads(specification: dict[str, Any]) -> None:
    """The specification spells `digilocker_id` and `eaadhar`, clients see `digilockerid` and `eaadhaar`."""
    fields = specification["components"]["schemas"]["AccessResponse"]["properties"]
    example = {name: about["example"] for name, about in fields.items() if "example" in about}
    assert "digilocker_id" in example
    token = _token(Answer(200, {}, json.dumps(example | {"expires_in": 3600}).encode()))
    assert token.digilocker_id == example["digilocker_id"]
    assert token.date_of_birth
