"""How results are printed: tables for people, JSON and CSV for machines. Data goes to stdout, talk to stderr."""

import csv
import json
import os
import sys
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from dealwire.wording import money as money
from dealwire.wording import sides as sides
from schemas.errors import InvalidInput

Row = dict[str, Any]


def print_json(value: Any) -> None:
    """One JSON document on stdout."""
    sys.stdout.write(json.dumps(value, ensure_ascii=False, indent=1, default=_plain) + "\n")


def print_json_line(value: Any) -> None:
    """One JSON document on one line of stdout."""
    sys.stdout.write(json.dumps(value, ensure_ascii=False, default=_plain) + "\n")


def print_csv(columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """Comma-separated values with a header line on stdout."""
    writer = csv.writer(sys.stdout, lineterminator="\n")
    writer.writerow(columns)
    for row in rows:
        writer.writerow(["" if value is None else _cell(value) for value in row])


def print_table(columns: Sequence[str], rows: Iterable[Sequence[Any]], *, title: str | None = None) -> None:
    """A table as wide as the terminal, or as wide as it needs when piped."""
    from rich import box
    from rich.console import Console
    from rich.table import Table

    table = Table(box=box.SIMPLE_HEAD, title=title, title_justify="left", pad_edge=False)
    data = [tuple(row) for row in rows]
    for index, column in enumerate(columns):
        numeric = any(isinstance(row[index], (int, float, Decimal)) for row in data)
        table.add_column(column, justify="right" if numeric else "left", overflow="fold")
    for row in data:
        table.add_row(*(_escape("" if value is None else _cell(value)) for value in row))
    console = Console(width=None if sys.stdout.isatty() else 160, highlight=False, soft_wrap=False)
    console.print(table)


def highlighted(text: str) -> str:
    """The text in bold red where stdout is a terminal that wants colours (`NO_COLOR` is not set), else as it is."""
    wanted = sys.stdout.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"
    return f"\x1b[1;31m{text}\x1b[0m" if wanted else text


def say(text: str) -> None:
    """Talk: to stderr, never mixed with data."""
    sys.stderr.write(text + "\n")


def ask(question: str) -> None:
    """Ask on the terminal. Raises `InvalidInput` if the answer is no, or nobody is there to give one."""
    import typer

    try:
        agreed = typer.confirm(question, err=True)
    except typer.Abort as error:
        raise InvalidInput("nothing was changed; give --yes where nobody can be asked") from error
    if not agreed:
        raise InvalidInput("nothing was changed")


def plain(text: str) -> str:
    """The text without control characters, which could move the cursor of the reader's terminal."""
    return "".join(c if c.isprintable() or c == "\n" else " " for c in text)


def _cell(value: Any) -> str:
    if isinstance(value, list | tuple):
        return ", ".join(_cell(item) for item in value)
    if isinstance(value, Decimal):
        return f"{value:f}".rstrip("0").rstrip(".") if "." in f"{value:f}" else f"{value:f}"
    if isinstance(value, float):
        return f"{value:g}"
    if isinstance(value, datetime):
        return value.strftime("%Y-%m-%d %H:%M")
    if isinstance(value, dict):
        return json.dumps(value, ensure_ascii=False, default=_plain)
    return str(value)


def _escape(text: str) -> str:
    from rich.markup import escape

    return escape(plain(text))


def _plain(value: Any) -> Any:
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, set | tuple):
        return list(value)
    return str(value)
