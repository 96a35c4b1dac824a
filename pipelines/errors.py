"""What can be wrong with evidence that came from outside."""


class EvidenceError(ValueError):
    """A payload cannot be read as what it claims to be.

    `field` is the path inside the payload ("Transactions.Transaction[3].amount"), `reason` a sentence
    without the offending value: it may be personal data and ends up in logs.
    """

    def __init__(self, field: str, reason: str) -> None:
        super().__init__(f"{field}: {reason}")
        self.field = field
        self.reason = reason
