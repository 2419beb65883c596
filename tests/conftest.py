"""What all tests share."""

import os
import shutil
import sys
from collections.abc import Iterator
from contextlib import suppress
from importlib.util import find_spec
from typing import Any

import pytest
from hypothesis import settings

from dealwire.warehouse.connect import Warehouse
from tests import order
from tests.postgres import Postgres, running

# The machine may be busy; how long an example takes says nothing about the code.
settings.register_profile("dealwire", deadline=None)
settings.load_profile("dealwire")
_MAKE = Warehouse._make


class _Missing:
    """What is not installed. For each value that DuckDB is given it looks for pandas, in all folders of the path."""

    @staticmethod
    def find_spec(name: str, path: object = None, target: object = None) -> None:
        if name == "pandas":
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)


if find_spec("pandas") is None:
    sys.meta_path.insert(0, _Missing)  # type: ignore[arg-type]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    items.sort(key=lambda item: order.rank(item.nodeid))


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> order.Scheduling | None:
    return order.Scheduling(config, log) if config.getvalue("dist") == "loadfile" else None


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    """A PostgreSQL that is started once, where one is installed."""
    with running() as server:
        yield server


@pytest.fixture(scope="session", autouse=True)
def _made_once(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """New warehouses are copies of the first one, which takes a tenth of the time.

    Whoever opens one looks whether it is up to date as ever. Tests of how one is made ask for `made_anew`.
    """
    folder = tmp_path_factory.mktemp("made")
    first = Warehouse(folder / "first.duckdb")

    def copy(store: Warehouse) -> None:
        if not store.path.parent.is_dir():
            _MAKE(store)
        if not first.exists():
            _MAKE(first)
        whole = folder / "copy.duckdb"
        shutil.copyfile(first.path, whole)
        # As `_make` does: who comes second has one, too.
        with suppress(FileExistsError):
            os.link(whole, store.path)
        whole.unlink()

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Warehouse, "_make", copy)
        yield


@pytest.fixture
def made_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    """New warehouses are made as everywhere else."""
    monkeypatch.setattr(Warehouse, "_make", _MAKE)
