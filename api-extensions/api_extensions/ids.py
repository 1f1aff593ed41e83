"""Reading ids in the one spelling that the gateway takes.

Python's UUID takes braces, `urn:uuid:` and any hyphens as well, and PostgreSQL some of
that.
"""

import re
from uuid import UUID

ID = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
NO_ID = "is not an id"


def read_id(text: str) -> UUID:
    """Read an id.

    Raises:
        ValueError: it is none.
    """
    if not ID.fullmatch(text):
        raise ValueError(NO_ID)
    return UUID(text)
