"""A new lookup key: people are found by the old one until every hash is made anew, and without it after that."""

from collections.abc import Iterator
from datetime import date
from itertools import islice
from uuid import uuid4

import pytest
from click.testing import CliRunner

from app.cli import main
from app.core.crypto import lookup_hash
from app.core.database import brand_scope
from app.core.errors import Conflict
from app.customers import finding, references
from app.customers import service as customers
from app.customers.models import Customer
from app.keys import service
from app.kyc import bank_accounts
from app.kyc.models import UserBankAccount
from tests.keys.test_encryption import settings_with
from tests.platform import Platform, new_pan

BRAND = "fastsalary"
NEW = b"n" * 32
AADHAAR = "234123412346"


def named() -> str:
    return "".join(chr(ord("a") + int(digit, 16)) for digit in uuid4().hex[:10])


@pytest.fixture(scope="module")
def person(platform: Platform) -> Iterator[dict[str, str]]:
    """Somebody who is found in every way, hashed under the key that the tests have."""
    app = platform.customer(brand_id=BRAND)
    known = {
        "id": app.get("/web/me")["id"],
        "phone": app.person["phone"],
        "pan": new_pan("GOO"),
        "email": f"{uuid4().hex}@mail.example",
        "name": f"{named()} Rao",
        "account": str(uuid4().int)[:14],
    }
    with brand_scope(BRAND):
        customers.update_profile(known["id"], email=known["email"])
        keep_pan(known["id"], known["pan"], known["name"])
        references.replace(known["id"], [{"name": "Om Rao", "relation": "FRIEND", "phone": "9812345678"}])
        UserBankAccount.create(
            customer_id=known["id"],
            account_number=known["account"],
            account_hash=UserBankAccount.account_hash.hash_of(f"HDFC0000053{known['account']}"),
            number_hash=UserBankAccount.number_hash.hash_of(known["account"]),
            account_last4=known["account"][-4:],
            ifsc="HDFC0000053",
            verified=True,
        )
        told_aadhaar(known["id"])
    yield known
    # the tests that follow know the old key alone
    with settings_with(platform, lookup_keys=(*platform.settings.lookup_keys, NEW)):
        for _ in service.rehash(BRAND):
            pass


def keep_pan(customer_id: str, pan: str, name: str) -> None:
    customers.record_pan(customer_id, pan=pan, name=name, dob=date(1990, 1, 2), gender=None)


def told_aadhaar(customer_id: str) -> None:
    address = {"town": "Pune", "pincode": "411001"}
    hashed = customers.aadhaar_hash(AADHAAR)
    customers.record_aadhaar(customer_id, last4="2346", name="Om Rao", address=address, aadhaar_hash=hashed)


def found_by(person: dict[str, str]) -> set[str]:
    """The ways in which the search finds this person."""
    ways = ("phone", "pan", "email", "name", "account")
    with brand_scope(BRAND):
        return {way for way in ways if person["id"] in {str(one.id) for one in finding.find(person[way])}}


EVERY_WAY = {"phone", "pan", "email", "name", "account"}


def test_a_rotation(platform: Platform, person: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(service, "BATCH_ROWS", 3)
    (old,) = platform.settings.lookup_keys
    assert found_by(person) == EVERY_WAY
    with settings_with(platform, lookup_keys=(NEW,)):
        assert found_by(person) == set()

    with settings_with(platform, lookup_keys=(NEW, old)):
        assert found_by(person) == EVERY_WAY
        other = platform.customer(brand_id=BRAND)
        assert platform.customer(brand_id=BRAND, signed_in=False).person["phone"] != person["phone"]
        with brand_scope(BRAND):
            assert str(customers.by_phone(person["phone"]).id) == person["id"]
        other_id = other.get("/web/me")["id"]
        # what is unique under the old key is so under the new one
        with pytest.raises(Conflict, match="already used"), brand_scope(BRAND):
            keep_pan(other_id, person["pan"], "Somebody Else")
        # killed in the middle it goes on where it was
        list(islice(service.rehash(BRAND), 1))
        assert found_by(person) == EVERY_WAY
        assert CliRunner().invoke(main, ["keys", "rehash", "--brand", BRAND]).exit_code == 0
        assert {*service.rehash(BRAND)} == {(0, 0)}
        # of an Aadhaar nothing but the hash is kept: who tells the same brings it along
        with brand_scope(BRAND):
            told_aadhaar(other_id)
            assert customers.facts(other_id, date(2026, 1, 1), {})["shared_aadhaar_count"] >= 1
            assert customers.get(person["id"]).aadhaar_hash == lookup_hash("aadhaar", AADHAAR)

    with settings_with(platform, lookup_keys=(NEW,)):
        assert found_by(person) == EVERY_WAY
        with brand_scope(BRAND):
            (reference,) = references.of_customer(person["id"])
            assert reference.phone_hash == lookup_hash("phone", "9812345678")
            assert bank_accounts.sharing(bank_accounts.of_customer(person["id"])[0]) == 0
        with pytest.raises(Conflict, match="already used"), brand_scope(BRAND):
            keep_pan(other_id, person["pan"], "Somebody Else")


def test_two_of_the_same_are_told_and_left(platform: Platform, person: dict[str, str]) -> None:
    """Only a process that knew the old key alone can make them, beside one that knew the new one."""
    (old,) = platform.settings.lookup_keys
    twin = platform.customer(brand_id=BRAND).get("/web/me")["id"]
    with settings_with(platform, lookup_keys=(old, NEW)):
        for _ in service.rehash(BRAND):
            pass
    with settings_with(platform, lookup_keys=(NEW,)), brand_scope(BRAND):
        Customer.find(twin).change(pan=person["pan"], pan_hash=lookup_hash("pan", person["pan"]))
    with settings_with(platform, lookup_keys=(old, NEW)):
        assert sum(failed for _, failed in service.rehash(BRAND)) == 1
    with brand_scope(BRAND):
        Customer.find(twin).change(pan=None, pan_hash=None)
