"""Answers that Digitap's guides print."""

import json
from pathlib import Path

import pytest

from app.providers.digitap.answers import read_employment, read_pan_details
from app.providers.wire import Answer

EMPLOYMENT = [
    "/cv/uan_basic",
    "/cv/v2/uan_basic/sync",
    "/cv/v3/uan_basic/sync",
    "/cv/v4/uan_basic/sync",
    "/cv/v5/uan_basic/sync",
]


@pytest.fixture(scope="session")
def printed(samples: Path) -> dict[str, dict]:
    """The good answer of each route."""
    apis = json.loads((samples / "kyc" / "digitap_api_samples.json").read_bytes())
    return {
        api["path"]: _without_notes(api["responseSamples"]["200"])
        for api in apis
        if "200" in api["responseSamples"]
    }


def _without_notes(data: object) -> object:
    """What those who wrote the samples down said about them."""
    if isinstance(data, dict):
        return {name: _without_notes(value) for name, value in data.items() if not name.startswith("_")}
    return [_without_notes(item) for item in data] if isinstance(data, list) else data


def as_answer(data: dict) -> Answer:
    return Answer(200, {}, json.dumps(data).encode())


def test_pan_details_are_read(printed: dict[str, dict]) -> None:
    data = printed["/validation/kyc/v1/pan_details"]
    found = read_pan_details(as_answer(data), data["result"]["pan"])
    assert (found.full_name, found.gender, found.aadhaar_linked) == ("JOHN DOE", "male", True)


@pytest.mark.parametrize("path", EMPLOYMENT)
def test_every_version_of_an_employment_lookup_is_read(printed: dict[str, dict], path: str) -> None:
    data = printed[path]
    found = read_employment(as_answer(data))
    assert list(found.uans) == data["result"]["uan"]
    recent = data["result"]["summary"]["recent_employer_data"]
    assert found.recent_employer.establishment_name == recent["establishment_name"]
    assert found.is_employed is data["result"]["summary"]["is_employed"]
    assert all(record.employer.joined_on for record in found.records)
    has_history = path.startswith(("/cv/v4", "/cv/v5"))
    assert all(bool(record.history) is has_history for record in found.records)
