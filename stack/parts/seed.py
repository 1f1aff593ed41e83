"""The step that puts demo people into an empty database."""

from stack.part import Part
from stack.site import Site


def describe(site: Site) -> Part:
    """Describe the seeding; it leaves a database with people in it alone."""
    return Part(
        name="seed",
        command=site.programs.module("db.seed"),
        environment=site.python_environment(
            DATABASE_URL=site.database_url("migrator"), **site.demo
        ),
        needs=("migrate",),
    )
