"""Answers to questions in SQL as JSON, CSV, Parquet and Arrow, and asking them."""

import csv
import io
import json
import re
from collections.abc import Sequence
from datetime import date, datetime
from datetime import time as clock
from decimal import Decimal
from enum import StrEnum
from functools import partial
from typing import Any

import anyio.to_thread

from dealwire.warehouse import describing
from dealwire.web.api.models import Column, Result
from dealwire.web.sandbox import Answer
from dealwire.web.site import Site
from schemas.errors import QueryFailed


class Form(StrEnum):
    """The form of an answer."""

    JSON = "json"
    CSV = "csv"
    PARQUET = "parquet"
    ARROW = "arrow"


MEDIA_TYPES = {
    Form.JSON: "application/json",
    Form.CSV: "text/csv; charset=utf-8",
    Form.PARQUET: "application/vnd.apache.parquet",
    Form.ARROW: "application/vnd.apache.arrow.stream",
}

_FORMULA = re.compile(r"[=@+\t\r]|-(?![\d.]+$)")


async def ask(site: Site, query: str, *, rows: int | None = None) -> Answer:
    """The answer to one SELECT. Raises `InvalidInput`, `QueryFailed`, and what reading the warehouse does."""
    tables = await site.read(describing.names)
    return await anyio.to_thread.run_sync(partial(site.asked, query, tables, rows=rows))


def shown(answer: Answer) -> Result:
    """The answer as JSON has it: numbers that JSON cannot hold exactly are texts, as are days and times."""
    table = answer.table
    return Result(
        columns=[Column(name=field.name, type=str(field.type)) for field in table.schema],
        rows=rows(answer),
        more=answer.more,
        seconds=answer.seconds,
    )


def rows(answer: Answer) -> list[list[Any]]:
    """The rows of an answer, of what JSON knows. Column names may be there twice."""
    try:
        columns = [[plain(value) for value in column.to_pylist()] for column in answer.table.columns]
    except (ValueError, OverflowError) as error:
        raise QueryFailed(f"the answer cannot be shown ({error}); cast what is unusual to VARCHAR") from error
    return [list(row) for row in zip(*columns, strict=True)] if columns else []


def file(answer: Answer, form: Form) -> bytes:
    """The answer as a file. Raises `QueryFailed` if it has a type that the form lacks."""
    import pyarrow as pa
    from pyarrow import parquet

    table = answer.table
    if form is Form.JSON:
        # A list of objects, as `dealwire sql --json` prints it, cannot hold a name twice.
        names = _once(table.column_names)
        return json.dumps([dict(zip(names, row, strict=True)) for row in rows(answer)], ensure_ascii=False).encode()
    if form is Form.CSV:
        out = io.StringIO()
        writer = csv.writer(out, lineterminator="\n")
        writer.writerow(table.column_names)
        writer.writerows([_cell(value) for value in row] for row in rows(answer))
        return out.getvalue().encode()
    sink = pa.BufferOutputStream()
    try:
        if form is Form.ARROW:
            with pa.ipc.new_stream(sink, table.schema) as stream:
                stream.write_table(table)
        else:
            parquet.write_table(table.rename_columns(_once(table.column_names)), sink, compression="zstd")
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError) as error:
        raise QueryFailed(f"{form} cannot hold this ({str(error).splitlines()[0]}); cast it to VARCHAR") from error
    return bytes(sink.getvalue().to_pybytes())


def plain(value: Any) -> Any:
    """A value as JSON can hold it without losing a digit."""
    if value is None or isinstance(value, bool | str):
        return value
    if isinstance(value, int):
        return value if abs(value) < 1 << 53 else str(value)
    if isinstance(value, float):
        # JSON knows neither infinity nor "not a number".
        return value if value - value == 0 else str(value)
    if isinstance(value, Decimal):
        exact = value == value.to_integral_value() and abs(value) < 1 << 53
        return int(value) if exact else f"{value:f}"
    if isinstance(value, datetime | date | clock):
        return value.isoformat()
    if isinstance(value, dict):
        return {str(name): plain(one) for name, one in value.items()}
    if isinstance(value, list | tuple) and not hasattr(value, "_fields"):
        return [plain(one) for one in value]
    return str(value)


def _cell(value: Any) -> Any:
    if value is None:
        return ""
    if isinstance(value, list) and all(isinstance(one, str) for one in value):
        return "; ".join(value)
    if isinstance(value, list | dict):
        return json.dumps(value, ensure_ascii=False)
    # A spreadsheet would run what begins so.
    return f"'{value}" if isinstance(value, str) and _FORMULA.match(value) else value


def _once(names: Sequence[str]) -> list[str]:
    """The names, each once: `n`, `n_2`."""
    found: list[str] = []
    for name in names:
        number, one = 1, name
        while one in found:
            number += 1
            one = f"{name}_{number}"
        found.append(one)
    return found
