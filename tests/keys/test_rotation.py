"""Rotation: new keys for new values, old values brought along, stopped anywhere and run again."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from itertools import islice
from uuid import uuid4

import pytest
from click.testing import CliRunner

from app import config
from app.cli import main
from app.core import keyring
from app.core.database import brand_scope
from app.customers.models import Customer
from app.files import get_sealed, put_sealed, storage
from app.keys import service
from tests.keys.test_encryption import old_ciphertext, settings_with
from tests.platform import Platform

# a brand that few others use: its counts are its own
BRAND = "fastsalary"
OLD_KEY = b"o" * 32


@pytest.fixture(autouse=True)
def small_steps(platform: Platform, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(service, "BATCH_ROWS", 2)
    config.use(replace(platform.settings, data_key=OLD_KEY))
    for _ in service.reencrypt(BRAND):
        pass
    yield
    config.use(platform.settings)


@pytest.fixture(scope="module")
def people(platform: Platform) -> dict[str, str]:
    """Five customers: id and phone."""
    apps = [platform.customer(brand_id=BRAND) for _ in range(5)]
    return {app.get("/web/me")["id"]: app.person["phone"] for app in apps}


@pytest.fixture
def phones(platform: Platform, people: dict[str, str]) -> list[str]:
    """The customers' phones, encrypted as they were before there were data keys."""
    for customer_id, phone in people.items():
        old = old_ciphertext(OLD_KEY, phone.encode())
        platform.sql("UPDATE customer SET phone_enc = %s WHERE id = %s", old, customer_id)
    return list(people.values())


def readable(phones: list[str]) -> bool:
    with brand_scope(BRAND):
        return set(phones) <= {customer.phone for customer in Customer.select()}


def test_it_works(platform: Platform, phones: list[str]) -> None:
    assert readable(phones)
    before = service.status(BRAND)
    assert before.values["k1"] == len(phones)
    assert sum(service.reencrypt(BRAND)) >= len(phones)
    after = service.status(BRAND)
    assert (after.older, after.values["k1"]) == (0, 0)
    assert readable(phones)


def test_a_rotation_that_is_not_ended_is_gone_on_with(platform: Platform, phones: list[str]) -> None:
    current = service.status(BRAND).current
    assert service.rotate(BRAND) == (current, False)
    platform.drain()
    assert service.status(BRAND).older == 0
    new, is_new = service.rotate(BRAND)
    assert (is_new, int(new[1:])) == (True, int(current[1:]) + 1)


def test_new_values_are_under_the_new_key_and_old_ones_follow(platform: Platform, phones: list[str]) -> None:
    new, _ = service.rotate(BRAND, at_once=True)
    with brand_scope(BRAND):
        put_sealed(f"{BRAND}/tests/new.enc", b"new")
    assert storage().get(f"{BRAND}/tests/new.enc").startswith(f"{new}:".encode())
    assert service.status(BRAND).older > 0
    platform.drain()
    assert service.status(BRAND).older == 0
    assert readable(phones)


def test_killed_in_the_middle_it_goes_on_where_it_was(platform: Platform, phones: list[str]) -> None:
    steps = service.reencrypt(BRAND)
    done = sum(islice(steps, 1))
    steps.close()
    left = service.status(BRAND).values["k1"]
    assert (done, left) == (2, len(phones) - 2)
    assert readable(phones)
    for _ in service.reencrypt(BRAND):
        pass
    assert service.status(BRAND).older == 0
    assert readable(phones)


def test_a_crash_inside_of_a_step_undoes_that_step_alone(
    platform: Platform, phones: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    calls, again = [], service._again

    def crashing(*arguments: object) -> str | None:
        calls.append(arguments)
        if len(calls) == 4:
            raise SystemExit("killed")
        return again(*arguments)

    monkeypatch.setattr(service, "_again", crashing)
    with pytest.raises(SystemExit):
        list(service.reencrypt(BRAND))
    assert service.status(BRAND).values["k1"] == len(phones) - 2
    assert readable(phones)
    list(service.reencrypt(BRAND))
    assert service.status(BRAND).older == 0


def test_two_at_once_do_no_harm(platform: Platform, phones: list[str]) -> None:
    with ThreadPoolExecutor(2) as pool:
        list(pool.map(lambda _: sum(service.reencrypt(BRAND)), range(2)))
    list(service.reencrypt(BRAND))
    assert service.status(BRAND).older == 0
    assert readable(phones)


def test_objects_follow(platform: Platform) -> None:
    key = f"{BRAND}/tests/old.enc"
    storage().put(key, old_ciphertext(OLD_KEY, b"statement").encode(), "application/octet-stream")
    assert service.status(BRAND).objects["k1"] == 1
    list(service.reencrypt(BRAND))
    assert service.status(BRAND).objects["k1"] == 0
    with brand_scope(BRAND):
        assert get_sealed(key) == b"statement"


def test_a_value_that_does_not_open_stops_nothing(platform: Platform, phones: list[str]) -> None:
    customer = platform.customer(brand_id=BRAND).get("/web/me")["id"]
    find = "SELECT phone_enc FROM customer WHERE id = %s"
    change = "UPDATE customer SET phone_enc = %s WHERE id = %s"
    ((good,),) = platform.sql(find, customer)
    platform.sql(change, "k1:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", customer)
    list(service.reencrypt(BRAND))
    assert service.status(BRAND).values["k1"] == 1
    platform.sql(change, good, customer)
    assert readable(phones)


def test_master_keys_are_rotated_by_wrapping_anew(platform: Platform, phones: list[str]) -> None:
    list(service.reencrypt(BRAND))
    old, following = platform.settings.master_keys, ("next", b"n" * 32)
    with settings_with(platform, master_keys=(following, *old)):
        assert readable(phones)
        assert service.rotate_master(BRAND) > 0
        assert service.rotate_master(BRAND) == 0
        assert set(service.status(BRAND).masters.values()) == {"next"}
    with settings_with(platform, master_keys=(following,)):
        assert readable(phones)
    with settings_with(platform, master_keys=(*old, following)):
        assert service.rotate_master(BRAND) > 0
    assert readable(phones)


def test_what_belongs_to_no_brand_follows_the_master_key(platform: Platform) -> None:
    place = "partner_user.second_factor_sealed"
    email, old, following = f"{uuid4()}@staff.example", platform.settings.master_keys, ("next", b"n" * 32)
    platform.sql(
        "INSERT INTO partner_user (id, email, name, second_factor_sealed) VALUES (gen_random_uuid(), %s, 'X', %s)",
        email, keyring.seal(b"seed", place),
    )  # fmt: skip
    find = "SELECT second_factor_sealed FROM partner_user WHERE email = %s"
    with settings_with(platform, master_keys=(following, *old)):
        assert service.rotate_mastered() >= 1
        assert service.rotate_mastered() == 0
    with settings_with(platform, master_keys=(following,)):
        assert keyring.unseal(platform.sql(find, email)[0][0], place) == b"seed"
    with settings_with(platform, master_keys=(*old, following)):
        assert service.rotate_mastered() >= 1
    platform.sql("DELETE FROM partner_user WHERE email = %s", email)


def test_a_crash_while_master_keys_are_rotated_leaves_every_key_as_it_was(
    platform: Platform, monkeypatch: pytest.MonkeyPatch
) -> None:
    service.rotate(BRAND, at_once=True)
    old, following = platform.settings.master_keys, ("crash", b"c" * 32)
    wrapped, wrap = [], keyring.wrap

    def crashing(*arguments: object) -> tuple[str, str]:
        wrapped.append(arguments)
        if len(wrapped) == 2:
            raise SystemExit("killed")
        return wrap(*arguments)

    before = service.status(BRAND).masters
    assert len(before) > 1
    with settings_with(platform, master_keys=(following, *old)):
        monkeypatch.setattr(keyring, "wrap", crashing)
        with pytest.raises(SystemExit):
            service.rotate_master(BRAND)
        assert service.status(BRAND).masters == before
        monkeypatch.undo()
        assert service.rotate_master(BRAND) == len(before)
    with settings_with(platform, master_keys=(*old, following)):
        assert service.rotate_master(BRAND) == len(before)


def test_a_crash_after_the_new_key_is_made_up_for_by_running_it_again(
    platform: Platform, phones: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def crashing(*_: object, **__: object) -> None:
        raise SystemExit("killed")

    monkeypatch.setattr(service, "enqueue", crashing)
    with pytest.raises(SystemExit):
        service.rotate(BRAND, at_once=True)
    monkeypatch.undo()
    made = service.status(BRAND)
    assert made.older > 0
    assert service.rotate(BRAND) == (made.current, False)
    platform.drain()
    assert service.status(BRAND).older == 0
    assert readable(phones)


def test_a_process_that_knows_an_older_ring_reads_what_the_newer_key_wrote(platform: Platform) -> None:
    older = keyring.ring(BRAND)
    new, _ = service.rotate(BRAND, at_once=True)
    with brand_scope(BRAND):
        put_sealed(f"{BRAND}/tests/newer.enc", b"newer")
        keyring._cache.rings()[BRAND] = older
        assert get_sealed(f"{BRAND}/tests/newer.enc") == b"newer"
    assert f"d{keyring.ring(BRAND).current}" == new


def test_rows_from_before_get_their_hashes(platform: Platform) -> None:
    app = platform.customer(brand_id=BRAND)
    me = app.patch("/web/profile", json={"email": app.person["email"]})
    platform.sql("UPDATE customer SET email_hash = NULL WHERE id = %s", me["id"])
    list(service.reencrypt(BRAND))
    ((email_hash,),) = platform.sql("SELECT email_hash FROM customer WHERE id = %s", me["id"])
    assert email_hash is not None


def test_the_command_tells_and_rotates(platform: Platform) -> None:
    run = CliRunner().invoke
    assert run(main, ["keys", "rotate", "--brand", BRAND]).output.startswith(f"{BRAND}: new key d")
    assert "0 under older keys" in run(main, ["keys", "reencrypt", "--brand", BRAND]).output
    status = run(main, ["keys", "status", "--brand", BRAND]).output
    assert status.startswith(f"{BRAND}: new values under d")
    assert "0 data keys wrapped anew" in run(main, ["keys", "rotate-master"]).output
    assert run(main, ["keys", "rotate", "--brand", "nobody"]).exit_code == 2
