"""What schemathesis loads: who tries every operation must stay able to.

An admin may deactivate or erase anybody while another admin is left, themself too. With
the ids that it has seen in answers schemathesis would, and get 401 from then on.
"""

import os
from typing import Any

import schemathesis
from schemathesis import Case, HookContext

NOBODY = "01a20a8a-cf62-7b4c-be12-ca113db1e23c"


@schemathesis.hook
def before_call(context: HookContext, case: Case[Any], kwargs: dict[str, Any]) -> None:
    """Let a path that names the caller name nobody."""
    del context, kwargs  # its interface
    for name, value in case.path_parameters.items():
        if value == os.environ["MYSELF"]:
            case.path_parameters[name] = NOBODY
