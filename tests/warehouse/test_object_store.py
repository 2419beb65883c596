"""A DuckLake whose rows lie in an object store: run where one is named.

`S3_FOR_TESTS=http://127.0.0.1:5055 python -m pytest tests/warehouse/test_object_store.py`, with any server of the S3
protocol that lets `key` with the secret `hush` in (MinIO, or `moto_server`).
"""

import os
import urllib.request
from pathlib import Path
from uuid import uuid4

import duckdb
import pytest

from dealwire.warehouse import load
from dealwire.warehouse.lake import Lake
from tests.postgres import Postgres
from tests.warehouse import samples

ENDPOINT = os.environ.get("S3_FOR_TESTS", "")
pytestmark = pytest.mark.skipif(not ENDPOINT, reason="S3_FOR_TESTS names no object store")


@pytest.fixture
def bucket(monkeypatch: pytest.MonkeyPatch) -> str:
    """A bucket of its own; the variables say how it is reached."""
    name = f"deals-{uuid4().hex[:12]}"
    given = {"ACCESS_KEY_ID": "key", "SECRET_ACCESS_KEY": "hush", "REGION": "us-east-1", "ENDPOINT_URL": ENDPOINT}
    for key, value in given.items():
        monkeypatch.setenv(f"AWS_{key}", value)
    urllib.request.urlopen(urllib.request.Request(f"{ENDPOINT}/{name}", method="PUT"), timeout=30).close()
    return name


def test_rows_are_written_read_and_joined_in_an_object_store(postgres: Postgres, bucket: str, tmp_path: Path) -> None:
    made = postgres.lake(tmp_path / "unused")
    lake = Lake(made.address, data_path=f"s3://{bucket}/rows", path=tmp_path / "x.lake")
    for part in range(2):
        rows = [{"host": f"host-{part}-{number}", "paused_until": samples.NOW} for number in range(1000)]
        with lake.write() as con:
            load.put(con, "hosts", rows, key=["host"])
    assert lake.compact()[0] > 0
    lake.close()
    with lake.read() as con:
        assert con.execute("SELECT count(*), min(host) FROM hosts").fetchone() == (2000, "host-0-0")
    with lake.read_confined() as con:
        assert con.execute("SELECT count(*) FROM hosts").fetchone() == (2000,)
        with pytest.raises(duckdb.PermissionException):
            con.execute("FROM read_parquet('s3://another/rows.parquet')")
    lake.close()
    with urllib.request.urlopen(f"{ENDPOINT}/{bucket}?list-type=2", timeout=30) as listed:
        assert b"rows/main/hosts/" in listed.read()
    assert not (tmp_path / "unused").exists()
