"""What is installed is what is pinned, and every part has a licence that a lender can live with."""

import re
from importlib.metadata import Distribution, distributions
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PINS = dict(
    re.fullmatch(r"([A-Za-z0-9._-]+)==(\S+)", line).groups()
    for line in (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()
    if line and not line.startswith("#")
)
# whoever serves software under these must give their own away
REFUSED = re.compile(r"\b(AGPL|Affero|SSPL|Commons Clause|(?<!L)GPL-?v?[23])\b", re.IGNORECASE)
# not of the program: pip, and what a test environment may hold beside it
BESIDE = {"pip", "los"}


def plain(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


INSTALLED = {plain(d.metadata["Name"]): d for d in distributions() if plain(d.metadata["Name"]) not in BESIDE}


def licence(distribution: Distribution) -> str:
    told = distribution.metadata
    names = [c for c in told.get_all("Classifier") or () if c.startswith("License ::")]
    return " ".join(filter(None, [told.get("License-Expression"), *names, told.get("License")]))[:300]


def test_every_pin_is_an_exact_version() -> None:
    assert len(PINS) > 50
    assert [name for name, version in PINS.items() if "*" in version] == []


def test_everything_that_is_installed_is_pinned_to_what_it_is() -> None:
    pinned = {plain(name): version for name, version in PINS.items()}
    assert {name: d.version for name, d in INSTALLED.items() if pinned.get(name) != d.version} == {}


@pytest.mark.parametrize("name", sorted(INSTALLED))
def test_its_licence_is_known_and_fits(name: str) -> None:
    told = licence(INSTALLED[name])
    files = [
        f for f in INSTALLED[name].files or () if re.search(r"licen[cs]e|copying", f.name, re.IGNORECASE)
    ]
    assert told or files, "no licence"
    assert not REFUSED.search(told), told


def test_every_installed_file_has_its_hash() -> None:
    """The record of a wheel: a file that was changed after the installation can be told."""
    without = [name for name, d in INSTALLED.items() if not any(f.hash for f in d.files or ())]
    assert without == []
