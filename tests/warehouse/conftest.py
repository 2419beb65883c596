"""Warehouses for the tests of the room: files, and DuckLakes for the tests that are marked `both_backends`.

With `BOTH_BACKENDS=1` all are run on both, which takes minutes: what a file alone has is marked `file_only`.
"""

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from dealwire.warehouse.connect import Warehouse
from dealwire.warehouse.lake import Lake
from tests.postgres import Postgres
from tests.warehouse import samples


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run what is marked `both_backends` on both, but for what is marked `file_only`."""
    wanted, unwanted = map(metafunc.definition.get_closest_marker, ("both_backends", "file_only"))
    if "backend" in metafunc.fixturenames and (wanted or os.environ.get("BOTH_BACKENDS")) and not unwanted:
        metafunc.parametrize("backend", ["file", "lake"], indirect=True)


@pytest.fixture
def backend(request: pytest.FixtureRequest) -> str:
    """`file` or `lake`: what the warehouses of the test are."""
    return str(getattr(request, "param", "file"))


@pytest.fixture(scope="session")
def filled_once(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The sample warehouse; not to be changed."""
    return samples.fill(tmp_path_factory.mktemp("filled") / "sample.duckdb").path


@pytest.fixture(scope="session")
def lakes_once(postgres: Postgres, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Lake]:
    """A lake that holds nothing yet, and one with the samples; not to be changed, but to be made others from."""
    folder = tmp_path_factory.mktemp("lakes")
    empty = postgres.lake(folder / "empty")
    with empty.write():
        """Made, and up to date."""
    empty.close()
    filled = postgres.lake(folder / "filled")
    samples.fill(filled)
    filled.close()
    return {"empty": empty, "filled": filled}


@pytest.fixture
def lake_like(request: pytest.FixtureRequest) -> Iterator[Callable[[str], Lake]]:
    """Makes a copy of one of `lakes_once`. New rows lie beside those of the first, which no test changes."""
    made: list[Lake] = []

    def make(which: str) -> Lake:
        postgres, model = request.getfixturevalue("postgres"), request.getfixturevalue("lakes_once")[which]
        folder = request.getfixturevalue("tmp_path")
        made.append(postgres.lake(folder / "rows", like=model.address.name))
        # The folder is the model's.
        made[-1] = Lake(made[-1].address, path=made[-1].path, wait_seconds=20)
        return made[-1]

    yield make
    for one in made:
        one.close()


@pytest.fixture
def filled(backend: str, request: pytest.FixtureRequest, tmp_path: Path) -> Warehouse:
    """A copy of the sample warehouse, to do with as the test likes."""
    if backend == "lake":
        make: Callable[[str], Lake] = request.getfixturevalue("lake_like")
        return make("filled")
    once = request.getfixturevalue("filled_once")
    return Warehouse(Path(shutil.copy(once, tmp_path / "sample.duckdb")), wait_seconds=5)


@pytest.fixture
def warehouse(backend: str, request: pytest.FixtureRequest, tmp_path: Path) -> Warehouse:
    """A warehouse that is empty: a file that does not exist yet, or a lake."""
    if backend == "lake":
        make: Callable[[str], Lake] = request.getfixturevalue("lake_like")
        return make("empty")
    return Warehouse(tmp_path / "new.duckdb", wait_seconds=5)
