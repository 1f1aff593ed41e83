"""The step that brings the database up to date."""

from db.prepare import LOGIN_ROLES, prepare_database, prepare_roles
from stack.part import Part
from stack.site import DATABASE, Site


def describe(site: Site) -> Part:
    """Describe the migration run, with the superuser's preparations before it."""

    def prepare() -> None:
        passwords = {
            role: site.secrets[f"{role.upper()}_PASSWORD"] for role in LOGIN_ROLES
        }
        prepare_roles(site.cluster.admin_url(), passwords)
        prepare_database(site.cluster.admin_url(), DATABASE)

    return Part(
        name="migrate",
        command=site.programs.module("db.migrate"),
        environment=site.python_environment(DATABASE_URL=site.database_url("migrator")),
        before=prepare,
        needs=("postgres",),
    )
