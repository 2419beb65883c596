"""The European Central Bank's reference rates, as its CSV files give them: units of each currency for one euro a day.

`eurofxref.zip` holds the last working day, `eurofxref-hist.zip` all since 1999; each is one CSV file, zipped.
"""

import csv
import io
import zipfile
from collections.abc import Iterator
from datetime import date, datetime

from schemas.errors import InvalidInput

ADDRESS = "https://www.ecb.europa.eu/stats/eurofxref/eurofxref.zip"
LONGEST = 64_000_000
"""Bytes of a file, unpacked; the whole history has a few millions."""


def read(body: bytes, *, since: date = date.min) -> list[tuple[str, date, float]]:
    """Currency, day and US dollars for one unit, for the days from `since` on. Raises `InvalidInput`."""
    rows = csv.reader(io.StringIO(_text(body)), skipinitialspace=True)
    head = [name.strip() for name in next(rows, [])]
    if not head or head[0] != "Date" or "USD" not in head:
        raise InvalidInput("this is no table of the ECB's: its first line should begin with Date and name USD")
    found = [rate for row in rows if row and row[0].strip() for rate in _of_day(head, row) if rate[1] >= since]
    if not found:
        raise InvalidInput("the table has no rates" + (f" from {since} on" if since > date.min else ""))
    return found


def _of_day(head: list[str], row: list[str]) -> Iterator[tuple[str, date, float]]:
    day = _day(row[0].strip())
    euros = {name: number for name, told in zip(head[1:], row[1:], strict=False) if name and (number := _number(told))}
    if "USD" in euros:
        dollars = euros["USD"]
        yield "EUR", day, dollars
        yield from ((name, day, float(f"{dollars / rate:.6g}")) for name, rate in euros.items() if name != "USD")


def _text(body: bytes) -> str:
    try:
        if body[:2] == b"PK":
            with zipfile.ZipFile(io.BytesIO(body)) as archive:
                name = next((one for one in archive.namelist() if one.endswith(".csv")), None)
                if name is None:
                    raise InvalidInput("the zip file holds no CSV file")
                with archive.open(name) as file:
                    body = file.read(LONGEST + 1)
        if len(body) > LONGEST:
            raise InvalidInput(f"the table is larger than {LONGEST / 1e6:g} MB; it was not read")
        return body.decode("utf-8-sig")
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, OSError, EOFError, UnicodeDecodeError) as error:
        raise InvalidInput(f"the table of rates cannot be read: {error}") from error


def _day(told: str) -> date:
    for form in ("%Y-%m-%d", "%d %B %Y"):
        try:
            return datetime.strptime(told, form).date()
        except ValueError:
            continue
    raise InvalidInput(f"{told!r} in the table of rates is no day")


def _number(told: str) -> float | None:
    """None for what the bank did not quote that day (`N/A`)."""
    try:
        number = float(told)
    except ValueError:
        return None
    return number if 0 < number < float("inf") else None
