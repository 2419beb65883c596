"""What all tests share."""

from collections.abc import Iterator

import pytest
from hypothesis import settings

from tests.postgres import Postgres, running

# The machine may be busy; how long an example takes says nothing about the code.
settings.register_profile("dealwire", deadline=None)
settings.load_profile("dealwire")


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    """A PostgreSQL that is started once, where one is installed."""
    with running() as server:
        yield server
