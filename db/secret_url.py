"""A database's URL as a client program is told it: the password by the environment.

Everybody on the machine sees a command line; an environment, only who runs the program.
"""

from psycopg.conninfo import conninfo_to_dict, make_conninfo


def without_password(url: str) -> tuple[str, dict[str, str]]:
    """Return where `url` leads without its password, and the variable for that."""
    parameters = conninfo_to_dict(url)
    password = parameters.pop("password", None)
    secret = {"PGPASSWORD": str(password)} if password else {}
    return make_conninfo("", **parameters), secret
