"""The parts of the system, one module each; `all_parts` lists them."""

from stack.part import Part
from stack.parts import (
    jobs,
    migrate,
    nginx,
    postgres,
    postgrest,
    s3,
    seed,
    sidecar,
    zarinpal,
)
from stack.site import Site


def all_parts(site: Site) -> list[Part]:
    """Describe every part of the system, each after those that it needs.

    The S3 server comes first: it needs nobody, and takes longest.
    """
    return [
        *zarinpal.describe(site),
        *s3.describe(site),
        *(module.describe(site) for module in (postgres, migrate, seed)),
        *postgrest.describe(site),
        *sidecar.describe(site),
        jobs.describe(site),
        nginx.describe(site),
    ]
