"""State machines as tables: from, to, and who may. Anything else is refused.

`StateMachine.move` is the only way a state changes: it locks the row, looks the step up, writes the new
state, a history row and an audit event, all in the caller's transaction.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from peewee import ModelSelect, TextField, UUIDField

from app.core import audit, identity
from app.core.database import TenantModel, current_brand, db, insert_rows
from app.core.errors import Conflict, Forbidden
from app.core.identity import Role


class StateChange(TenantModel):
    """One step that was taken, for histories and reports."""

    entity = TextField()
    entity_id = UUIDField()
    from_state = TextField(null=True)
    to_state = TextField()
    actor_id = TextField()
    actor_role = TextField()
    reason_code = TextField(null=True)
    remark = TextField(null=True)


@dataclass(frozen=True)
class Step:
    """A row of the table: `by` are the roles that may take it."""

    source: str
    target: str
    by: frozenset[Role]


def step(source: str, target: str, *by: Role) -> Step:
    """A row, as it reads best in a table."""
    return Step(source, target, frozenset(by))


_MOVE = """
    WITH chosen AS MATERIALIZED ({chosen}),
    moved AS (UPDATE "{table}" r SET {sets} FROM chosen c WHERE r.brand_id = %(brand)s AND r.id = c.id),
    stepped AS (
      INSERT INTO state_change (id, brand_id, actor_id, actor_role, entity, entity_id, from_state, to_state)
      SELECT uuidv7(), %(brand)s, %(actor)s, %(role)s, %(entity)s, id, source, %(target)s FROM chosen),
    audited AS (
      INSERT INTO audit_event (id, brand_id, actor_id, actor_role, entity, action, entity_id, before, after)
      SELECT uuidv7(), %(brand)s, %(actor)s, %(role)s, %(entity)s, %(action)s, id,
        jsonb_build_object(%(field)s, source), jsonb_build_object(%(field)s, %(target)s) FROM chosen)
    SELECT count(*) FROM chosen"""


class StateMachine:
    """The life of one kind of record, whose state is in its column `field`."""

    def __init__(self, entity: str, steps: Iterable[Step], *, initial: str, field: str = "status") -> None:
        self.entity = entity
        self.field = field
        self.initial = initial
        self.steps = {(s.source, s.target): s for s in steps}

    @property
    def states(self) -> list[str]:
        """Every state, in the order the table names them."""
        return list(dict.fromkeys([self.initial, *(name for pair in self.steps for name in pair)]))

    def start(self, record: TenantModel) -> None:
        """Write the first row of a new record's history."""
        self._log(record, None, self.initial, None, None)

    def start_all(self, record_ids: Sequence[UUID]) -> None:
        """Write the first rows of many new records' histories."""
        who = identity.actor()
        first = {
            "entity": self.entity,
            "from_state": None,
            "to_state": self.initial,
            "actor_id": who.id,
            "actor_role": who.role,
        }
        insert_rows(StateChange, [first | {"entity_id": record_id} for record_id in record_ids])
        after = {self.field: self.initial}
        audit.record_all(
            f"{self.entity}.{self.initial.lower()}", self.entity, dict.fromkeys(record_ids, (None, after))
        )

    def move(
        self,
        record: TenantModel,
        target: str,
        *,
        reason_code: str | None = None,
        remark: str | None = None,
        **changes: Any,
    ) -> TenantModel:
        """Take `record` to `target`, writing `changes` with it. Returns the locked, changed record.

        Raises Conflict if the table has no such step, Forbidden if the actor may not take it.
        """
        current = record.locked()
        source = getattr(current, self.field)
        self._check(source, target)
        current.change(**{self.field: target}, **changes)
        record.__data__.update(current.__data__)
        self._log(current, source, target, reason_code, remark)
        return current

    def move_all(self, records: Sequence[TenantModel], target: str, **changes: Any) -> None:
        """Take many records, which the caller keeps others from changing, to `target` in a few statements.

        Raises like `move`, for the first record that cannot go; then none does.
        """
        if not records:
            return
        sources = {record.id: getattr(record, self.field) for record in records}
        for source in sorted(set(sources.values())):
            self._check(source, target)
        model, who = type(records[0]), identity.actor()
        model.update(**{self.field: target}, **changes).where(model.id.in_(list(sources))).execute()
        steps = {"entity": self.entity, "to_state": target, "actor_id": who.id, "actor_role": who.role}
        insert_rows(
            StateChange, [steps | {"entity_id": key, "from_state": source} for key, source in sources.items()]
        )
        audit.record_all(
            f"{self.entity}.{target.lower()}",
            self.entity,
            {key: ({self.field: source}, {self.field: target}) for key, source in sources.items()},
        )

    def move_found(self, found: ModelSelect, sources: Collection[str], target: str, **changes: Any) -> int:
        """Take all records that `found` selects and that are in one of `sources` to `target`, in one statement; how
        many there were. Raises like `move`."""
        for source in sources:
            self._check(source, target)
        model, who = found.model, identity.actor()
        fields = model._meta.fields
        state = fields[self.field]
        chosen = found.select(model.id, state.alias("source")).where(state.in_(list(sources))).for_update()
        written = {fields[name]: value for name, value in {self.field: target, **changes}.items()}
        sets = ", ".join(f'"{field.column_name}" = %(new_{field.name})s' for field in written)
        values = {f"new_{field.name}": field.db_value(value) for field, value in written.items()} | {
            "brand": current_brand(),
            "actor": who.id,
            "role": who.role,
            "entity": self.entity,
            "action": f"{self.entity}.{target.lower()}",
            "field": self.field,
            "target": target,
        }
        with db.cursor() as cursor:
            query = cursor.mogrify(*chosen.sql()).decode().replace("%", "%%")
        statement = _MOVE.format(chosen=query, table=model._meta.table_name, sets=sets)
        return db.execute_sql(statement, values).fetchone()[0]

    def _check(self, source: str, target: str) -> None:
        found = self.steps.get((source, target))
        if found is None:
            raise Conflict(
                f"{self.entity} is {source} and cannot become {target}.",
                code="ILLEGAL_TRANSITION",
                state=source,
            )
        if not found.by & identity.actor().roles:
            raise Forbidden(f"Taking a {self.entity} from {source} to {target} is not among your rights.")

    def _log(
        self,
        record: TenantModel,
        source: str | None,
        target: str,
        reason_code: str | None,
        remark: str | None,
    ) -> None:
        who = identity.actor()
        StateChange.create(
            entity=self.entity,
            entity_id=record.id,
            from_state=source,
            to_state=target,
            actor_id=who.id,
            actor_role=who.role,
            reason_code=reason_code,
            remark=remark,
        )
        audit.record(
            f"{self.entity}.{target.lower()}",
            self.entity,
            record.id,
            before={self.field: source} if source else None,
            after={self.field: target},
            reason=remark or reason_code,
        )


def history(record_id: object) -> list[StateChange]:
    """Every step of one record, oldest first."""
    return list(StateChange.select().where(StateChange.entity_id == record_id).order_by(StateChange.id))
