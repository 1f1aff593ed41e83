"""The step that puts demo people into an empty database."""

from stack.part import Part
from stack.site import Site


def describe(site: Site) -> Part:
    """Describe the seeding; it leaves a database with people in it alone."""
    demo = {
        name: text for name, text in site.secrets.items() if name.startswith("DEMO")
    }
    return Part(
        name="seed",
        command=site.programs.module("db.seed"),
        environment=site.python_environment(
            DATABASE_URL=site.database_url("migrator"), **demo
        ),
        needs=("migrate",),
    )
