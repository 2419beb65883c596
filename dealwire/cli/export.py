"""`dealwire export`: deals, alliances and flows as files for other tools."""

import tempfile
from pathlib import Path
from typing import Annotated

import typer

from dealwire.cli import options
from dealwire.cli.output import say
from dealwire.warehouse.export import Format, Subject, write
from schemas.errors import InvalidInput


def export(
    subject: Annotated[Subject, typer.Argument(help="What to write.")],
    form: Annotated[
        Format | None,
        typer.Option("--format", help="Default: as the file's name ends, else csv.", show_default=False),
    ] = None,
    out: Annotated[
        Path | None, typer.Option("--out", metavar="FILE", help="Default: standard output.", show_default=False)
    ] = None,
    db: options.Db = None,
    config: options.Config = None,
) -> None:
    """Write all deals, alliances or flows to a file: CSV, JSON, Parquet, or the flows as a GraphML graph."""
    form = form or _form_of(out)
    if out is not None and out.is_dir():
        raise InvalidInput(f"{out} is a folder; give the name of a file")
    if out is None and form is Format.PARQUET:
        raise InvalidInput("Parquet needs a file; give --out FILE")
    with options.opened(db, config).read() as con:
        if out is not None:
            rows = write(con, subject, form, out)
            say(f"{rows} rows in {out}")
            return
        with tempfile.TemporaryDirectory() as folder:
            whole = Path(folder) / "rows"
            write(con, subject, form, whole)
            typer.echo(whole.read_text("utf-8"), nl=False)


def _form_of(out: Path | None) -> Format:
    ending = out.suffix.removeprefix(".").lower() if out else ""
    if ending and ending not in set(Format):
        raise InvalidInput(f"{out}: its ending says no format; give --format {', '.join(Format)}")
    return Format(ending) if ending else Format.CSV
