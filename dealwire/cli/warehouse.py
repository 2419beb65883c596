"""`dealwire warehouse`: where the warehouse is, and moving it."""

import time
from pathlib import Path
from typing import Annotated

import typer

from dealwire.cli import options
from dealwire.cli.output import say
from dealwire.cli.progress import Reporter

app = typer.Typer(help="Move the warehouse from a file to a DuckLake, and back.", no_args_is_help=True)


@app.callback()
def _root() -> None: ...


@app.command()
def copy(
    source: Annotated[Path, typer.Argument(metavar="FROM", help="A DuckDB file, or ducklake:postgres:DSN.")],
    target: Annotated[Path, typer.Argument(metavar="TO", help="Another one, that is new or empty.")],
    data_path: Annotated[
        str | None,
        typer.Option(
            "--data-path",
            metavar="FOLDER",
            help="Where the rows of a new DuckLake shall lie (data_path).",
            show_default=False,
        ),
    ] = None,
    folder: Annotated[
        Path | None,
        typer.Option(help="A folder with room for a second copy, for the time it takes.", show_default=False),
    ] = None,
    config: options.Config = None,
) -> None:
    """Copy every row of a warehouse into one that is new or empty, whole or not at all. FROM stays as it is."""
    from dealwire.opening import warehouse
    from dealwire.warehouse import transfer

    # Each is opened as if the settings named it; the setting data_path is that of the lake that they do name.
    first = options.settings(source, config)
    second = options.settings(target, config, data_path=data_path)
    started = time.monotonic()
    with Reporter() as progress:
        rows = transfer.copy(
            warehouse(first, options.waiting),
            warehouse(second, options.waiting),
            folder=folder,
            told=lambda done, of: progress("copy", done, of),
        )
    say(
        f"{sum(rows.values()):,} rows in {len(rows)} tables copied from {first.place} to {second.place}, "
        f"{time.monotonic() - started:.1f} s; DEALWIRE_DATABASE, or the setting database, says which is used"
    )
