"""One Prefect server for all tests of the flows that need one; they carry the mark `xdist_group("prefect")`."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from dealwire.prefect_server import temporary_server
from dealwire.settings import Settings


@pytest.fixture(scope="session")
def api_url() -> Iterator[str]:
    with temporary_server() as url:
        yield url


@pytest.fixture(scope="session")
def server(api_url: str) -> Iterator[httpx.Client]:
    """What asks the server, which may have much to do: patient, and without certificates, which take time to read."""
    with httpx.Client(base_url=api_url, timeout=120, verify=False) as client:
        yield client


@pytest.fixture
def ask(server: httpx.Client) -> Callable[..., Any]:
    """Ask the server: `ask("flow_runs", name="…")` gives the runs of that name, and so for artifacts and logs."""

    def ask(what: str, **wanted: object) -> Any:
        found: list[dict[str, Any]] = []
        # Of what is scheduled alone there may be more than the server gives at once.
        while len(found) % 200 == 0:
            page = {"limit": 200, "offset": len(found)}
            if not (rows := server.post(f"/{what}/filter", json=page).raise_for_status().json()):
                break
            found += rows
        return [row for row in found if all(row[key] == value for key, value in wanted.items())]

    return ask


@pytest.fixture
def events(server: httpx.Client) -> Callable[..., Any]:
    """Events of a warehouse, as `events(settings, "dealwire.claims.stored")`; all of ours without a name."""

    def events(settings: Settings, *names: str) -> list[dict[str, Any]]:
        wanted = {"filter": {"event": {"name": list(names)} if names else {"prefix": ["dealwire."]}}, "limit": 50}
        answer = server.post("/events/filter", json=wanted).raise_for_status()
        database = str(settings.database.resolve())
        return [one for one in answer.json()["events"] if one["payload"]["database"] == database]

    return events


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """Settings whose warehouse has a name of its own, to tell its runs from those of other tests."""
    name = tmp_path.name.replace("_", "-")
    return Settings(database=tmp_path / f"{name}.duckdb", allow_private_hosts=("127.0.0.1",), lock_seconds=1)
