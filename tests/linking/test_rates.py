"""The European Central Bank's tables are read, kept in the warehouse and converted with."""

import io
import zipfile
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from dealwire import steps
from dealwire.linking import ecb
from dealwire.linking.rates import Rates
from dealwire.settings import Settings
from dealwire.warehouse import queries
from schemas.errors import InvalidInput

DAILY = "Date, USD, JPY, GBP, \n25 November 2025, 1.2000, 180.00, 0.8000, \n"
HISTORY = (
    "Date,USD,JPY,CYP,\n"
    "2025-11-25,1.2,180,N/A,\n"
    "2025-11-24,1.1,176,N/A,\n"
    "2025-11-23,N/A,177,N/A,\n"
    "1999-01-04,1.1789,133.73,0.58231,\n"
)


def zipped(name: str, text: str) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(name, text)
    return out.getvalue()


def test_the_daily_table_gives_dollars_for_one_unit() -> None:
    assert ecb.read(DAILY.encode()) == [
        ("EUR", date(2025, 11, 25), 1.2),
        ("JPY", date(2025, 11, 25), 0.00666667),
        ("GBP", date(2025, 11, 25), 1.5),
    ]


def test_the_history_leaves_out_what_was_not_quoted_and_what_is_too_old() -> None:
    found = ecb.read(zipped("eurofxref-hist.csv", HISTORY), since=date(2019, 1, 1))
    assert {(currency, day.day) for currency, day, _ in found} == {("EUR", 25), ("JPY", 25), ("EUR", 24), ("JPY", 24)}


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<html>Not found</html>",
        b"PK\x03\x04 cut short",
        zipped("readme.txt", "nothing"),
        b"Date,USD,\nsome day,1.2,\n",
        b"Date,USD,\n",
        b"Date,USD,\n1999-01-04,1.1,\n",
        "Date,USD,\n2025-11-25,\u00e9,\n".encode("latin-1"),
    ],
)
def test_what_is_no_table_is_refused(body: bytes) -> None:
    with pytest.raises(InvalidInput):
        ecb.read(body, since=date(2019, 1, 1))


def test_a_stored_rate_holds_from_its_day_on() -> None:
    rates = Rates.load([("EUR", date(2025, 11, 24), 2.0), ("EUR", date(2025, 1, 1), 9.0)])
    assert rates.usd(Decimal(10), "EUR", date(2025, 11, 25)) == 20
    shipped = Rates.load()
    for day in (date(2025, 11, 23), date(2025, 1, 1), date(2024, 6, 1)):
        assert rates.usd(Decimal(10), "EUR", day) == shipped.usd(Decimal(10), "EUR", day)


def test_linking_converts_with_the_rates_that_were_stored(tmp_path: Path) -> None:
    settings = Settings(database=tmp_path / "dealwire.duckdb")
    table = tmp_path / "eurofxref.zip"
    table.write_bytes(zipped("eurofxref.csv", DAILY))
    report = steps.update_rates(settings, str(table))
    assert (report.rates, report.currencies, report.last_day) == (3, 3, date(2025, 11, 25))
    steps.link(settings)
    with steps.warehouse(settings).read() as db:
        rates = Rates.load(queries.rates(db))
    assert rates.usd(Decimal(100), "GBP", date(2025, 11, 26)) == 150
    assert rates.usd(Decimal(100), "KRW", date(2025, 11, 26)) == Rates.load().usd(
        Decimal(100), "KRW", date(2025, 11, 26)
    )


def test_a_missing_file_is_told_in_a_line(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match="cannot be read"):
        steps.update_rates(Settings(database=tmp_path / "dealwire.duckdb"), str(tmp_path / "absent.csv"))
