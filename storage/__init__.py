"""Documents and report files in one private S3 bucket. Knows no web, no database and no brand's rules."""

from storage.content import CSV, PARQUET, extension_of, sniff
from storage.errors import ObjectMissing, ObjectTooLarge, StorageError, StorageUnavailable
from storage.keys import key_for
from storage.objects import Storage, Stored
from storage.pixels import pixels

__all__ = [
    "CSV",
    "PARQUET",
    "ObjectMissing",
    "ObjectTooLarge",
    "Storage",
    "StorageError",
    "StorageUnavailable",
    "Stored",
    "extension_of",
    "key_for",
    "pixels",
    "sniff",
]
