"""What is encrypted opens in its own brand and place alone, also what is from before there were data keys."""

import base64
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import polars as pl
import pytest
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from hypothesis import given
from hypothesis import strategies as st

from app import config
from app.core import crypto, keyring
from app.core.crypto import EncryptedField, SealedField
from app.core.database import BaseModel, TenantModel, brand_scope
from app.core.keyring import KeyUnknown
from app.core.opening import opener
from app.files import get_sealed, put_sealed, storage
from app.keys.places import MASTERED, columns
from tests.platform import BRAND, OTHER_BRAND, Platform

PLACE = "customer.pan_enc"


@contextmanager
def settings_with(platform: Platform, **changes: Any) -> Iterator[None]:
    config.use(replace(platform.settings, **changes))
    try:
        yield
    finally:
        config.use(platform.settings)


@pytest.fixture(autouse=True)
def scope(platform: Platform) -> Iterator[None]:
    with brand_scope(BRAND):
        yield


@given(plain=st.binary(max_size=200))
def test_it_opens_what_it_closed(plain: bytes) -> None:
    stored = crypto.encrypt(plain, PLACE)
    assert crypto.decrypt(stored, PLACE) == plain
    assert stored.startswith(f"d{keyring.ring(BRAND).current}:")
    assert crypto.decrypt_object(crypto.encrypt_object(plain, "a/b.enc"), "a/b.enc") == plain


def test_ciphertext_differs_each_time() -> None:
    assert crypto.encrypt(b"9876543210", PLACE) != crypto.encrypt(b"9876543210", PLACE)


@given(place=st.integers(min_value=0, max_value=37), bit=st.integers(min_value=0, max_value=7))
def test_a_changed_bit_is_seen(place: int, bit: int) -> None:
    key_id, _, text = crypto.encrypt(b"9876543210", PLACE).partition(":")
    raw = bytearray(base64.b64decode(text))
    raw[place] ^= 1 << bit
    with pytest.raises(InvalidTag):
        crypto.decrypt(f"{key_id}:{base64.b64encode(raw).decode()}", PLACE)


def test_it_does_not_open_in_another_column() -> None:
    stored = crypto.encrypt(b"9876543210", PLACE)
    with pytest.raises(InvalidTag):
        crypto.decrypt(stored, "customer.phone_enc")


def test_an_object_does_not_open_under_another_name(platform: Platform) -> None:
    here, there = f"{BRAND}/tests/here.enc", f"{BRAND}/tests/there.enc"
    put_sealed(here, b"9876543210")
    storage().put(there, storage().get(here), "application/octet-stream")
    assert get_sealed(here) == b"9876543210"
    with pytest.raises(InvalidTag):
        get_sealed(there)


def test_an_unknown_key_is_named() -> None:
    with pytest.raises(KeyUnknown, match="d999"):
        crypto.decrypt("d999:AAAA", PLACE)


def test_text_in_clear_is_not_taken_for_ciphertext() -> None:
    for text in ("9876543210", "d:AAAA", "d²:AAAA", ""):
        with pytest.raises(InvalidTag):
            crypto.decrypt(text, PLACE)


def old_ciphertext(key: bytes, plain: bytes) -> str:
    """As it was written before there were data keys."""
    nonce = os.urandom(12)
    return f"k1:{base64.b64encode(nonce + AESGCM(key).encrypt(nonce, plain, b'k1')).decode()}"


def test_what_is_from_before_data_keys_opens(platform: Platform) -> None:
    old = old_ciphertext(b"o" * 32, b"9876543210")
    with settings_with(platform, data_key=b"o" * 32):
        assert crypto.decrypt(old, PLACE) == crypto.decrypt_object(old.encode(), "a/b.enc") == b"9876543210"
    with settings_with(platform, data_key=None), pytest.raises(KeyUnknown, match="LOS_DATA_KEY"):
        crypto.decrypt(old, PLACE)


def test_a_reader_of_reports_opens_any_place() -> None:
    stored = crypto.encrypt(b"9876543210", PLACE)
    opened = opener(BRAND)(pl.Series("mobile", [None, stored]), PLACE)
    assert opened.name == "mobile"
    assert opened.to_list() == [None, "9876543210"]


@pytest.mark.parametrize("stored", ["9876543210", "d1:no base64", "d1:AAAA", "d²:AAAA", "d1", ""])
def test_a_reader_of_reports_does_not_open_what_we_never_wrote(stored: str) -> None:
    with pytest.raises((InvalidTag, KeyUnknown)):
        opener(BRAND)(pl.Series([crypto.encrypt(b"9876543210", PLACE), stored]), PLACE)


def test_a_master_key_that_is_not_there_is_named(platform: Platform) -> None:
    stored = crypto.encrypt(b"9876543210", PLACE)
    with (
        settings_with(platform, master_keys=(("another", b"x" * 32),)),
        pytest.raises(KeyUnknown, match="LOS_MASTER_KEYS"),
    ):
        crypto.decrypt(stored, PLACE)


def test_another_key_under_the_name_of_a_master_key_opens_nothing(platform: Platform) -> None:
    keyring.ring(BRAND)
    name, _ = platform.settings.master_keys[0]
    with (
        settings_with(platform, master_keys=((name, b"x" * 32),)),
        pytest.raises(KeyUnknown, match="does not open"),
    ):
        keyring.ring(BRAND)


def test_every_encrypted_field_is_a_column_that_rotation_knows(platform: Platform) -> None:
    models = [model for sub in TenantModel.__subclasses__() for model in (sub, *sub.__subclasses__())]
    fields = [f for model in models for f in model._meta.sorted_fields if isinstance(f, EncryptedField)]
    assert len(fields) > 10
    assert {field.place for field in fields} <= {column.place for column in columns()}


def test_every_field_under_the_master_key_is_rotated_with_it(platform: Platform) -> None:
    models = [model for sub in BaseModel.__subclasses__() for model in (sub, *sub.__subclasses__())]
    fields = [f for model in models for f in model._meta.sorted_fields if isinstance(f, SealedField)]
    assert fields
    assert {field.place for field in fields} == {column.place for column in MASTERED}


def test_every_column_of_ciphertext_can_be_rewritten(platform: Platform) -> None:
    for column in columns():
        (allowed,) = platform.sql(
            "SELECT has_column_privilege('los_app', %s, %s, 'UPDATE')", column.table, column.name
        )[0]
        assert allowed, column


class TestOtherBrand:
    def test_it_does_not_open_in_another_brand(self, platform: Platform) -> None:
        stored = crypto.encrypt(b"9876543210", PLACE)
        number = int(stored.partition(":")[0][1:])
        foreign = keyring.ring(BRAND).keys[number]
        raw = base64.b64decode(stored.partition(":")[2])
        # not even with the right key: the brand is part of what is authenticated
        with pytest.raises(InvalidTag):
            foreign.decrypt(raw[:12], raw[12:], f"{OTHER_BRAND}|{PLACE}|d{number}".encode())
        with pytest.raises((InvalidTag, KeyUnknown)):
            opener(OTHER_BRAND)(pl.Series([stored]), PLACE)
