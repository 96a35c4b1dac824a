"""PostgreSQL through peewee: one transaction a request or job, always under a scope.

The service signs in as `los_app`, which owns no table and cannot bypass row-level security. Inside
`brand_scope` the transaction carries its brand (`app.brand_id`), which the policies of every tenant table
compare. Without it nothing is seen. `role_scope` takes on one of the narrow roles that look across brands:
`los_relay` (the outbox), `los_identity` (staff who sign in before a brand is known) and `los_admin` (the Super
Admin's list of brands: counts, read-only).
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache
from typing import Literal, TypeVar

from peewee import DatabaseProxy, DateTimeField, Field, Model, ModelSelect, TextField, UUIDField
from playhouse.pool import PooledPostgresqlDatabase
from psycopg2.extensions import cursor as Cursor
from psycopg2.extras import execute_values

from app.core import clock
from app.core.errors import DomainError, NotFound
from app.core.ids import new_id

M = TypeVar("M", bound=Model)
Role = Literal["los_relay", "los_identity", "los_admin"]

db = DatabaseProxy()
# A second pool for what must be kept even when the request's transaction rolls back (provider calls).
side_db = DatabaseProxy()

_brand: ContextVar[str | None] = ContextVar("brand", default=None)


class ScopeError(RuntimeError):
    """A scope was opened inside another one: a programming error, never a user's."""


def connect(url: str, pool_size: int) -> None:
    """Point both databases at `url`. Connections open at first use."""
    db.initialize(_pool(url, pool_size))
    side_db.initialize(_pool(url, max(2, pool_size // 2)))


def is_connected() -> bool:
    """Whether `connect` was called in this process."""
    return db.obj is not None


def _pool(url: str, size: int) -> PooledPostgresqlDatabase:
    dsn = url.replace("postgres://", "postgresql://", 1)
    return PooledPostgresqlDatabase(
        dsn, max_connections=size, stale_timeout=300, timeout=10, application_name="los"
    )


@contextmanager
def brand_scope(brand_id: str) -> Iterator[None]:
    """One transaction that sees and writes `brand_id` alone. Commits at the end, rolls back on a raise."""
    if _brand.get() is not None:
        raise ScopeError(f"already in the scope of {_brand.get()}")
    token = _brand.set(brand_id)
    try:
        with _transaction():
            db.execute_sql("SELECT set_config('app.brand_id', %s, true)", (brand_id,))
            yield
    finally:
        _brand.reset(token)


@contextmanager
def snapshot_scope(brand_id: str) -> Iterator[Cursor]:
    """One read-only transaction that sees `brand_id` alone, and all of it as at one instant, for reports.

    Yields the driver's cursor: COPY does not go through peewee.
    """
    if _brand.get() is not None:
        raise ScopeError(f"already in the scope of {_brand.get()}")
    token = _brand.set(brand_id)
    try:
        with _transaction(), db.cursor() as cursor:
            # must come before anything else: the first query fixes the snapshot
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
            cursor.execute("SELECT set_config('app.brand_id', %s, true)", (brand_id,))
            yield cursor
    finally:
        _brand.reset(token)


@contextmanager
def role_scope(role: Role) -> Iterator[None]:
    """One transaction under a narrow role that sees its few tables across all brands.

    Rolls back on a raise, unless the error says that what was written stays (`DomainError.commits`).
    """
    if _brand.get() is not None:
        raise ScopeError(f"already in the scope of {_brand.get()}")
    kept: DomainError | None = None
    with _transaction():
        db.execute_sql(f"SET LOCAL ROLE {role}")
        try:
            yield
        except DomainError as error:
            if not error.commits:
                raise
            kept = error
    if kept is not None:
        raise kept


@contextmanager
def taking_role(role: Role) -> Iterator[None]:
    """Part of a brand's transaction under a narrow role, so that both parts commit together or not at all."""
    # a savepoint: going back to it also gives the role back
    with db.atomic():
        db.execute_sql(f"SET LOCAL ROLE {role}")
        yield
        db.execute_sql("SET LOCAL ROLE NONE")


@contextmanager
def _transaction() -> Iterator[None]:
    # the connection goes back to the pool even when the block raises
    with db.connection_context(), db.atomic():
        yield


def brand_ids() -> list[str]:
    """Every brand; asked outside of any scope."""
    with role_scope("los_identity"):
        return [row[0] for row in db.execute_sql("SELECT id FROM brand ORDER BY id").fetchall()]


def current_brand() -> str:
    """The brand of the transaction we are in."""
    brand_id = _brand.get()
    if brand_id is None:
        raise ScopeError("no brand scope is open")
    return brand_id


def insert_rows(
    model: type[Model], rows: Sequence[Mapping[str, object]], *, skip_known: bool = False
) -> None:
    """Insert many rows that name the same columns: what `model.insert_many` does, without a syntax tree a value.

    `skip_known`: a row that a unique key refuses is left out."""
    if not rows:
        return
    fields = [
        field for name, field in model._meta.fields.items() if name in rows[0] or field.default is not None
    ]
    columns = ", ".join(f'"{field.column_name}"' for field in fields)
    values = [[field.db_value(_given(row, field)) for field in fields] for row in rows]
    with db.cursor() as cursor:
        statement = f'INSERT INTO "{model._meta.table_name}" ({columns}) VALUES %s'
        statement += " ON CONFLICT DO NOTHING" if skip_known else ""
        execute_values(cursor, statement, values, page_size=len(values))


def update_rows(model: type[Model], rows: Sequence[Mapping[str, object]]) -> None:
    """Write values of its own to each of many rows, in one statement: its `id`, and the same columns as all others."""
    if not rows:
        return
    fields = [model._meta.fields[name] for name in rows[0]]
    columns = [f'"{field.column_name}"' for field in fields]
    own = ", ".join(f"{column} = v.{column}" for column in columns if column != '"id"')
    template = ", ".join(f"%s::{field.field_type}" for field in fields)
    values = [[field.db_value(row[field.name]) for field in fields] for row in rows]
    changed = f'UPDATE "{model._meta.table_name}" t SET {own}'
    statement = f"{changed} FROM (VALUES %s) v ({', '.join(columns)}) WHERE t.id = v.id"
    with db.cursor() as cursor:
        execute_values(cursor, statement, values, template=f"({template})", page_size=len(values))


def _given(row: Mapping[str, object], field: Field) -> object:
    if field.name in row:
        return row[field.name]
    return field.default() if callable(field.default) else field.default


# The three statements that most requests are made of. peewee would put each together anew from a syntax tree, which
# takes longer than the database needs to answer it.


def read_one(model: type[M], where: Mapping[str, object], *, lock: bool = False) -> M | None:
    """The record whose fields have these values, or None. `lock`: a row lock that ends with the transaction."""
    fields = model._meta.fields
    values = [fields[name].db_value(value) for name, value in where.items()]
    return next(iter(model.raw(_select(model, tuple(where), lock), *values)), None)


@cache
def _select(model: type[Model], names: tuple[str, ...], lock: bool) -> str:
    columns = ", ".join(f'"{field.column_name}"' for field in model._meta.sorted_fields)
    where = " AND ".join(f"{_column(model, name)} = %s" for name in names)
    # a row that refers to this one holds its key until it commits: two who wrote one each, and lock it then, would wait
    # for each other if the lock were on the key as well, which never changes
    lock_clause = " FOR NO KEY UPDATE" * lock
    return f'SELECT {columns} FROM "{model._meta.table_name}" WHERE {where} LIMIT 1{lock_clause}'


@cache
def _update(model: type[Model], names: tuple[str, ...]) -> str:
    columns = ", ".join(f"{_column(model, name)} = %s" for name in names)
    return f'UPDATE "{model._meta.table_name}" SET {columns} WHERE "id" = %s'


@cache
def _insert(model: type[Model], names: tuple[str, ...]) -> str:
    columns = ", ".join(_column(model, name) for name in names)
    return f'INSERT INTO "{model._meta.table_name}" ({columns}) VALUES ({", ".join(["%s"] * len(names))})'


def _column(model: type[Model], name: str) -> str:
    return f'"{model._meta.fields[name].column_name}"'


class BaseModel(Model):
    """A table. Every one has an id that sorts by time, and says when the row was made."""

    id = UUIDField(primary_key=True, default=new_id)
    created_at = DateTimeField(default=clock.now)

    class Meta:
        database = db
        legacy_table_names = False

    @classmethod
    def create(cls, **values: object) -> "BaseModel":
        """A new record."""
        record = cls(**values)
        fields = cls._meta.fields
        written = [fields[name].db_value(value) for name, value in record.__data__.items()]
        db.execute_sql(_insert(cls, tuple(record.__data__)), written)
        record._dirty.clear()
        return record


class TenantModel(BaseModel):
    """A table of the brands. `brand_id` is filled from the scope, and the database checks it."""

    brand_id = TextField(default=current_brand)

    @classmethod
    def find(cls, record_id: object, **more: object) -> "TenantModel":
        """The record of this brand, or NotFound: which also hides that another brand has one."""
        record = read_one(cls, {"id": record_id, **more})
        if record is None:
            raise NotFound(cls._meta.table_name.replace("_", " "))
        return record

    @classmethod
    def asked(cls, **wanted: object) -> ModelSelect:
        """The records whose columns are as asked: what is None, or empty, was not asked."""
        query = cls.select()
        for name, value in wanted.items():
            query = query.where(getattr(cls, name) == value) if value else query
        return query

    def locked(self) -> "TenantModel":
        """The same record read again under a row lock that ends with the transaction."""
        record = read_one(type(self), {"id": self.id}, lock=True)
        if record is None:
            raise type(self).DoesNotExist
        return record

    def change(self, **values: object) -> None:
        """Write just these columns, here and in the database."""
        for name, value in values.items():
            setattr(self, name, value)
        if values:
            fields = [type(self)._meta.fields[name] for name in values]
            written = [field.db_value(getattr(self, field.name)) for field in fields]
            db.execute_sql(_update(type(self), tuple(values)), (*written, self.id))
