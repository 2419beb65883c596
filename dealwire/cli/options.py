"""Options that many commands share, and the settings and warehouse they lead to."""

import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from dealwire.opening import warehouse
from dealwire.settings import Settings, load
from dealwire.warehouse.connect import Warehouse
from schemas.errors import InvalidInput

Db = Annotated[
    Path | None, typer.Option("--db", metavar="FILE", help="The DuckDB file (DEALWIRE_DATABASE).", show_default=False)
]
Config = Annotated[
    Path | None,
    typer.Option("--config", metavar="FILE", help="Settings file instead of ./dealwire.toml.", show_default=False),
]
Json = Annotated[bool, typer.Option("--json", help="Print JSON for a machine to read.")]
NoEncoder = Annotated[
    bool, typer.Option("--no-encoder", help="Rules and catalogue alone, without the learned encoder.")
]
Limit = Annotated[int, typer.Option("--limit", min=1, help="Rows to print.")]
Since = Annotated[
    datetime | None, typer.Option("--since", formats=["%Y-%m-%d"], help="First day to include.", show_default=False)
]
Party = Annotated[
    str | None,
    typer.Option("--party", metavar="COMPANY", help="Only with this company: name, alias or id.", show_default=False),
]
MinUsd = Annotated[
    float | None,
    typer.Option("--min-usd", min=0, help="Only of so many US dollars or more, such as 1e9.", show_default=False),
]


def settings(db: Path | None, config: Path | None, **more: Any) -> Settings:
    """The settings in force for this command."""
    return load(config, database=db, **more)


def opened(db: Path | None, config: Path | None) -> Warehouse:
    """The warehouse to read from; says on stderr whom it waits for."""
    return warehouse(settings(db, config), waiting)


def waiting(holder: str) -> None:
    """Say who holds the database; given to `Warehouse`."""
    sys.stderr.write(f"waiting for the database, which is held by {holder}\n")


def day(value: str | None) -> datetime | None:
    """A day such as 2025-11-18 in UTC. Raises `InvalidInput`."""
    try:
        return datetime.fromisoformat(value).replace(tzinfo=UTC) if value else None
    except ValueError as error:
        raise InvalidInput(f"{value!r} is no day; write it like 2025-11-18") from error
