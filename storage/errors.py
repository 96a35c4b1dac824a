"""What can go wrong with stored objects."""


class StorageError(Exception):
    """Base of all of them. `key` is the object that was asked for, "" where it is the whole store."""

    def __init__(self, message: str, key: str = "") -> None:
        super().__init__(f"{key}: {message}" if key else message)
        self.key = key


class StorageUnavailable(StorageError):
    """The store does not answer, or not as it should. Trying later may help."""


class ObjectMissing(StorageError):
    """There is no such object."""


class ObjectTooLarge(StorageError):
    """The object is larger than the caller wants to hold in memory."""
