"""`make admin` and `make doctor`: a colleague's account, from the command line."""

import subprocess
import sys

from tests.support.database import Database


def test_without_a_password_and_anybody_to_type_it_the_command_says_so(
    fresh_db: Database,
) -> None:
    path = ":".join(sys.path)
    played = subprocess.run(
        [sys.executable, "-m", "api_extensions.staff", "admin", "09121234567", "مینا"],
        env={"DATABASE_URL": fresh_db.url("migrator"), "PYTHONPATH": path},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
        start_new_session=True,  # no terminal to ask at
        timeout=30,
    )
    assert played.returncode == 1
    assert played.stderr.endswith("password: is missing\n")
