"""The sidecar stays small, whatever it has been asked for."""

from concurrent.futures import ThreadPoolExecutor

from bench.cpu import megabytes
from stack.background import System
from tests.http.files.client import attached, draft
from tests.samples import MP4
from tests.support.api import new_owner


def use(system: System) -> None:
    """Register, which hashes, and upload, which inspects."""
    owner = new_owner(system.api_url)
    attached(owner, draft(owner), MP4)


def test_it_stays_below_100_mb_at_its_peak(system: System) -> None:
    with ThreadPoolExecutor(4) as pool:
        for done in [pool.submit(use, system) for _ in range(4)]:
            done.result()
    assert 0 < megabytes(system.run_dir, "sidecar", "VmHWM") < 100
