"""DuckDB's extensions: from the packages that bring them along, else from where DuckDB itself gets them."""

from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path

import duckdb

from dealwire.warehouse.quoting import quoted
from schemas.errors import InvalidInput


def load(con: duckdb.DuckDBPyConnection, name: str) -> None:
    """Load an extension. Raises `InvalidInput` if it is not installed and cannot be fetched."""
    packed = _packed(name)
    try:
        if packed:
            # DuckDB checks its signature, as of those that it fetches.
            con.execute(f"LOAD {quoted(packed)}")
            return
        try:
            con.execute(f"LOAD {name}")
        except duckdb.IOException:
            con.execute(f"INSTALL {name}")
            con.execute(f"LOAD {name}")
    except duckdb.Error as error:
        first = str(error).splitlines()[0][:200]
        raise InvalidInput(
            f"DuckDB's extension {name} is needed and not there ({first}); `pip install dealwire[lake]` brings it along"
        ) from error


def _packed(name: str) -> Path | None:
    """The file of the package that has the extension for this DuckDB; None if it is not installed."""
    try:
        files = distribution(f"duckdb-extension-{name.replace('_', '-')}").files or []
    except PackageNotFoundError:
        return None
    wanted = f"v{duckdb.__version__}/{name}.duckdb_extension"
    return next((Path(str(one.locate())) for one in files if one.as_posix().endswith(wanted)), None)
