"""Records as somebody would change them who has the database."""

from app.credit.models import hash_of
from tests.platform import Platform

_RECORD = "SELECT t.record FROM decision d JOIN decision_text t ON t.hash = d.record_hash WHERE d.id = %s"
_CHANGED = """WITH made AS (
  INSERT INTO decision_text (brand_id, id, hash, record)
  SELECT brand_id, gen_random_uuid(), %s, %s FROM decision WHERE id = %s RETURNING hash)
UPDATE decision SET record_hash = made.hash FROM made WHERE id = %s"""


def record_of(platform: Platform, decision_id: str) -> str:
    """What a decision tells."""
    ((record,),) = platform.sql(_RECORD, decision_id)
    return record


def tell_otherwise(platform: Platform, decision_id: str, record: str, record_hash: str | None = None) -> None:
    """Let a decision tell something else, under the hash of that or another."""
    platform.sql(_CHANGED, record_hash or hash_of(record), record, decision_id, decision_id)
