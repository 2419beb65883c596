"""Warehouses for the tests of the room."""

import shutil
from pathlib import Path

import pytest

from dealwire.warehouse.connect import Warehouse
from tests.warehouse import samples


@pytest.fixture(scope="session")
def filled_once(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The sample warehouse; not to be changed."""
    return samples.fill(tmp_path_factory.mktemp("filled") / "sample.duckdb").path


@pytest.fixture
def filled(filled_once: Path, tmp_path: Path) -> Warehouse:
    """A copy of the sample warehouse, to do with as the test likes."""
    return Warehouse(Path(shutil.copy(filled_once, tmp_path / "sample.duckdb")), wait_seconds=5)


@pytest.fixture
def warehouse(tmp_path: Path) -> Warehouse:
    """A warehouse that does not exist yet."""
    return Warehouse(tmp_path / "new.duckdb", wait_seconds=5)
