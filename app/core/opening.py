"""Columns of ciphertexts, opened whole: what reports read has millions of them."""

from collections.abc import Callable
from itertools import repeat

import polars as pl
from cryptography.exceptions import InvalidTag

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
        raw = texts.str.decode("base64", strict=False)
        if (stored.is_not_null() & (raw.bin.size() < _SHORTEST_BYTES).fill_null(True)).any():
            raise InvalidTag
        opened = pl.Series(stored.name, [None], dtype=pl.String).new_from_index(0, len(stored))
        for key_id in key_ids.drop_nulls().unique():
            rows = (key_ids == key_id).arg_true()
            key, about = crypto.key_of(key_id, place, brand_id, ring)
            nonces, sealed = raw.bin.head(NONCE_BYTES).gather(rows), raw.bin.slice(NONCE_BYTES).gather(rows)
            # nothing of Python's between one and the next
            plain = list(map(key.decrypt, nonces.to_list(), sealed.to_list(), repeat(about)))
            opened.scatter(rows, pl.Series(plain, dtype=pl.Binary).cast(pl.String))
        return opened

    return open_column
