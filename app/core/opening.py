"""Columns of ciphertexts, opened whole: what reports read has millions of them."""

from collections.abc import Callable

import polars as pl
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from app.core import crypto, keyring
from app.core.keyring import NONCE_BYTES

# a nonce and a tag
_SHORTEST_BYTES = NONCE_BYTES + 16


def opener(brand_id: str) -> Callable[[pl.Series, str], pl.Series]:
    """`crypto.decrypt` of texts in a column for a brand and for any thread, with the keys that there are now: of the
    ciphertexts of one place what each says; null stays null. What it gives raises as `decrypt` does."""
    ring = keyring.reread(brand_id)

    def open_column(stored: pl.Series, place: str) -> pl.Series:
        key_ids, texts = stored.str.split_exact(":", 1).struct.unnest()
        keys = {
            key_id: crypto.key_of(key_id, place, brand_id, ring) for key_id in key_ids.drop_nulls().unique()
        }
        raw = texts.str.decode("base64", strict=False)
        if (stored.is_not_null() & ~(raw.bin.size() >= _SHORTEST_BYTES).fill_null(False)).any():
            raise InvalidTag
        nonces, sealed = raw.bin.head(NONCE_BYTES), raw.bin.slice(NONCE_BYTES)
        plain = [
            key_id and _opened(*keys[key_id], nonce, text)
            for key_id, nonce, text in zip(key_ids.to_list(), nonces.to_list(), sealed.to_list(), strict=True)
        ]
        return pl.Series(stored.name, plain, dtype=pl.Binary).cast(pl.String)

    return open_column


def _opened(key: AESGCM, about: bytes, nonce: bytes, sealed: bytes) -> bytes:
    return key.decrypt(nonce, sealed, about)
