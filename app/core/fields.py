"""Column types that several domains use."""

from datetime import date

from peewee import DecimalField

from app.core.crypto import EncryptedField


def money_field(**options: object) -> DecimalField:
    """NUMERIC(14,2): rupees."""
    return DecimalField(max_digits=14, decimal_places=2, auto_round=False, **options)


class EncryptedDateField(EncryptedField):
    """A date, such as one of birth, that only the service can read."""

    def db_value(self, value: date | str | None) -> str | None:
        return super().db_value(value.isoformat() if isinstance(value, date) else value)

    def python_value(self, value: str | None) -> date | None:
        text = super().python_value(value)
        return date.fromisoformat(text) if text else None
