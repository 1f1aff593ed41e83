"""The sidecar stays small, whatever it has been asked for."""

from concurrent.futures import ThreadPoolExecutor

from bench.cpu import megabytes
from stack.background import System
from tests.http.files.client import attached, draft
from tests.samples import JPG, MP4, PDF, PNG
from tests.support.api import Api, new_owner


def use(system: System) -> None:
    """Register, which hashes, and upload, which inspects."""
    owner: Api = new_owner(system.api_url)
    consultation = draft(owner)
    for sample in (JPG, MP4, PDF, PNG):
        attached(owner, consultation, sample)


def test_it_stays_below_100_mb_at_its_peak(system: System) -> None:
    with ThreadPoolExecutor(8) as pool:
        for done in [pool.submit(use, system) for _ in range(8)]:
            done.result()
    assert 0 < megabytes(system.run_dir, "sidecar", "VmHWM") < 100
