"""What a good enough password is, and the form in which it is hashed."""

import importlib.util
import unicodedata
from functools import cache
from pathlib import Path
from types import ModuleType

MIN_LENGTH = 8
# Long enough for any passphrase; a bound, so that nobody makes us hash a book.
MAX_LENGTH = 128
# The digits of a mobile that all its typed forms share: 9121234567.
_MOBILE_DIGITS = 10


def normalize(password: str) -> str:
    """Give the form to hash: one password, however a keyboard composes its letters."""
    return unicodedata.normalize("NFKC", password)


def find_fault(password: str, mobile: str | None) -> str | None:
    """Say what is wrong with a new password; None when it will do.

    Args:
        password: as typed.
        mobile: the person's, canonical; None when that is not known (or not valid).
    """
    password = normalize(password)
    fault = _find_shape_fault(password)
    if fault:
        return fault
    latin = _latin_digits(password)
    if mobile and mobile[-_MOBILE_DIGITS:] in "".join(filter(str.isdecimal, latin)):
        return "must not be the mobile number"
    if latin.casefold() in well_known():
        return "is too well known"
    return None


def _find_shape_fault(password: str) -> str | None:
    if not MIN_LENGTH <= len(password) <= MAX_LENGTH:
        return f"must have {MIN_LENGTH} to {MAX_LENGTH} characters"
    has_letter = any(character.isalpha() for character in password)
    has_digit = any(character.isdecimal() for character in password)
    return None if has_letter and has_digit else "must have a letter and a digit"


def _latin_digits(text: str) -> str:
    return "".join(
        str(unicodedata.decimal(character)) if character.isdecimal() else character
        for character in text
    )


@cache
def well_known() -> frozenset[str]:
    """Load the common passwords that the other rules would let through.

    zxcvbn carries the list, but importing the package ranks all its dictionaries, many
    times the memory; so its data file is run alone, and only what is needed is kept.
    """
    words: list[str] = _frequency_lists().FREQUENCY_LISTS["passwords"]
    kept = (word for word in words if _find_shape_fault(word) is None)
    # New strings, close together: the old ones lie scattered, and would keep the memory
    # of all that was between them.
    return frozenset("\n".join(kept).split("\n"))


def _frequency_lists() -> ModuleType:
    package = importlib.util.find_spec("zxcvbn")
    if package is None or package.origin is None:
        raise ImportError("zxcvbn is not installed")
    path = Path(package.origin).with_name("frequency_lists.py")
    spec = importlib.util.spec_from_file_location("zxcvbn_frequency_lists", path)
    if spec is None or spec.loader is None:
        raise ImportError(f"{path} can't be loaded")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
