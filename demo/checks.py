"""What the demo insists on."""


class CheckError(Exception):
    """Something is not as the contract promises; the message says what."""


def check(what: str, holds: bool) -> None:
    """Insist that `what` holds.

    Raises:
        CheckError: it does not.
    """
    if not holds:
        raise CheckError(f"Not so: {what}")


def equal(what: str, actual: object, expected: object) -> None:
    """Insist that two things are equal.

    Raises:
        CheckError: they are not; the message shows both.
    """
    if actual != expected:
        raise CheckError(f"{what}: {actual!r} instead of {expected!r}")
