"""What can go wrong, as the domains say it. One handler (`app.core.http`) makes HTTP of it.

Raise to roll the transaction back; return to commit. Each error has a stable `code` for programs, a
sentence for people and, where one is to blame, the field (in Python spelling; HTTP shows it in camelCase).
"""

from collections.abc import Iterable


class DomainError(Exception):
    """Base. `status` is the HTTP status the handler answers with."""

    status = 400
    code = "BAD_REQUEST"
    # True where the answer is an error but what was written must stay (a wrong OTP counts an attempt)
    commits = False

    def __init__(
        self,
        message: str,
        *,
        code: str | None = None,
        field: str | None = None,
        faults: Iterable[str] = (),
        **details: object,
    ) -> None:
        """`faults` are what is wrong with the field, one by one; without them it is the message."""
        super().__init__(message)
        self.message = message
        self.code = code or type(self).code
        self.field = field
        self.faults = list(faults) or [message]
        self.details = details


class Invalid(DomainError):
    """The input is well formed but not acceptable."""

    status = 422
    code = "INVALID"


class Unauthenticated(DomainError):
    """No token, a bad one, or one that has ended."""

    status = 401
    code = "UNAUTHENTICATED"


class Forbidden(DomainError):
    """Known, but not allowed to do this."""

    status = 403
    code = "FORBIDDEN"


class NotFound(DomainError):
    """It is not there, or not for this caller: the two look alike on purpose."""

    status = 404
    code = "NOT_FOUND"

    def __init__(self, what: str = "resource") -> None:
        super().__init__(f"No such {what}.")


class Conflict(DomainError):
    """It does not fit the present state."""

    status = 409
    code = "CONFLICT"


class TooMany(DomainError):
    """A limit was reached; try later: after `retry_after_s` of the details, where it is known."""

    status = 429
    code = "TOO_MANY_REQUESTS"


class Unavailable(DomainError):
    """Something that we need does not answer now. Nothing was changed; the call can be repeated."""

    status = 503
    code = "UNAVAILABLE"
