"""What can go wrong with an external API, in the few meanings a caller acts on."""


class ProviderError(Exception):
    """A call to an external API did not give a usable answer.

    provider and operation name the call; message is one sentence without personal data.
    """

    outcome = "error"

    def __init__(self, provider: str, operation: str, message: str) -> None:
        super().__init__(provider, operation, message)
        self.provider = provider
        self.operation = operation
        self.message = message

    def __str__(self) -> str:
        return f"{self.provider}.{self.operation}: {self.message}"


class ProviderUnavailable(ProviderError):
    """Timeout, connection failure, 5xx, 429 or an open circuit: worth trying again later.

    may_have_happened is True when the request can have reached the provider (a lost answer,
    a 5xx), so that a caller who moves money asks for the state instead of sending again; was_answered
    tells the two apart, for callers to whom an answer of 5xx is a no.
    """

    outcome = "unavailable"

    def __init__(
        self,
        provider: str,
        operation: str,
        message: str,
        *,
        may_have_happened: bool = True,
        was_answered: bool = False,
    ) -> None:
        super().__init__(provider, operation, message)
        self.may_have_happened = may_have_happened
        self.was_answered = was_answered


class NotCalled(ProviderUnavailable):
    """We did not make the call, for the provider's sake or our own."""

    def __init__(self, provider: str, operation: str, message: str) -> None:
        super().__init__(provider, operation, message, may_have_happened=False)


class CircuitOpen(NotCalled):
    """The provider failed too often a moment ago."""

    outcome = "circuit_open"


class RateLimited(NotCalled):
    """So many calls are before this one that it would wait too long (app/providers/pace.py)."""

    outcome = "rate_limited"


class ProviderRejected(ProviderError):
    """The provider understood the request and said no: its code and its reason, as given."""

    outcome = "rejected"

    def __init__(self, provider: str, operation: str, code: str, reason: str) -> None:
        super().__init__(provider, operation, f"rejected with {code}: {reason}")
        self.args = (provider, operation, code, reason)
        self.code = code
        self.reason = reason


class ProviderMalformed(ProviderError):
    """The answer is not what the documentation says: the field, and what is wrong with it."""

    outcome = "malformed"

    def __init__(self, provider: str, operation: str, field: str, reason: str) -> None:
        super().__init__(provider, operation, f"malformed answer: {field}: {reason}")
        self.args = (provider, operation, field, reason)
        self.field = field
        self.reason = reason


class ProviderUnauthorised(ProviderError):
    """The provider does not accept our credentials, or not from this address."""

    outcome = "unauthorised"
