"""A configuration with which the sidecar has all its routes."""

import pytest

from api_extensions.settings import Settings
from tests.extensions.conftest import SOUND, Load, load

__all__ = ["load"]  # a fixture of theirs


@pytest.fixture
def settings(load: Load) -> Settings:
    """Payments are mocked, so that the mock bank's page is there."""
    return load(SOUND, MOCK_GATEWAY="true")
