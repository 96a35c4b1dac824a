"""Every published sample of an Account Aggregator's document and of a bureau's report reads."""

import json
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from app.providers.aa import KeyMaterial, decrypt
from app.sandbox import aa_crypto
from pipelines import (
    bureau_features,
    bureau_summary,
    fi_objects_in,
    read_cibil,
    read_crif,
    read_equifax,
    read_experian,
    read_fi_object,
)

AS_OF = date(2026, 5, 1)
READERS = {
    "cibil": read_cibil,
    "crif": read_crif,
    "equifax": read_equifax,
    "experian": read_experian,
    "fi_mcp_dev_experian": read_experian,
}


def documents(folder: Path) -> Iterator[tuple[str, bytes]]:
    """Every file that holds financial information."""
    for path in sorted((folder / "aa").rglob("*")):
        if path.suffix in (".xml", ".json"):
            yield path.name, path.read_bytes()


def reports(folder: Path) -> Iterator[tuple[str, str, dict]]:
    for bureau in READERS:
        for path in sorted((folder / "bureau" / bureau).glob("*.json")):
            if "request" not in path.name:
                yield bureau, path.name, json.loads(path.read_bytes())


def test_every_aggregator_sample_survives_the_whole_way(samples: Path) -> None:
    """Encrypted as a bank does, opened as we do, read."""
    kinds = {}
    for name, raw in documents(samples):
        keys = KeyMaterial.generate()
        sealed, material = aa_crypto.encrypt(raw, keys.public())
        opened = decrypt(keys, material, sealed)
        assert opened == raw, name
        kinds[name] = [read_fi_object(one).kind for one in fi_objects_in(opened)]
    found = {kind for listed in kinds.values() for kind in listed}
    assert found == {"DEPOSIT", "TERM_DEPOSIT", "RECURRING_DEPOSIT", "CREDIT_CARD", "EPF"}
    assert [name for name, listed in kinds.items() if not listed] == ["fiu_wrapper_samples.json"]


@pytest.mark.parametrize("bureau", READERS)
def test_every_bureau_sample_is_read(samples: Path, bureau: str) -> None:
    mine = [(name, raw) for of, name, raw in reports(samples) if of == bureau]
    assert mine
    for name, raw in mine:
        report = READERS[bureau](raw, report_id=name)
        assert report.outcome == "SCORED", name
        assert bureau_features(report, AS_OF).values["bureau_score"] == report.score
        assert bureau_summary(report, AS_OF)["account_count"] >= 0
