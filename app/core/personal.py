"""Personal data over the wire: a schema says of what class a field is, and the class how it is shown.

Masked for every role; what a mask shows is said once, in `reports.masks`. Clear values come from
`POST /partner/brand/<brand_id>/customers/<id>/reveal` alone.
"""

from collections.abc import Mapping
from datetime import date
from typing import Any, ClassVar

import marshmallow as ma

from reports import masks
from reports.masks import Mask


class Masked(ma.fields.String):
    """Goes out masked and does not come in."""

    mask: ClassVar[Mask] = masks.HIDE

    def __init__(self, **options: Any) -> None:
        metadata = {"description": "masked", "example": self.mask.example, **options.pop("metadata", {})}
        super().__init__(dump_only=True, allow_none=True, metadata=metadata, **options)

    def _serialize(self, value: Any, attr: str | None, obj: Any, **kwargs: Any) -> str | None:
        return self.mask.text(value.isoformat() if isinstance(value, date) else value)


class MaskedPan(Masked):
    mask = masks.PAN


class MaskedPhone(Masked):
    mask = masks.PHONE


class MaskedEmail(Masked):
    mask = masks.EMAIL


class MaskedAccount(Masked):
    """Account numbers and UANs."""

    mask = masks.ACCOUNT


class MaskedVpa(Masked):
    """UPI ids: they are built as e-mail addresses are."""

    mask = masks.EMAIL


class MaskedBirth(Masked):
    """A date of birth: the year."""

    mask = masks.BIRTH


# What bureaus call the kinds of identity -> how they are shown; a name is shown, what is not listed is hidden.
_IDENTITIES: Mapping[str, Mask] = {
    "PAN": masks.PAN,
    "PHONE": masks.PHONE,
    "EMAIL": masks.EMAIL,
    "DOB": masks.BIRTH,
}


def masked_identity(kind: str, value: str | None) -> str | None:
    """An identity of a bureau report as it may be shown."""
    return value if kind == "NAME" else _IDENTITIES.get(kind, masks.HIDE).text(value)
