"""The way into DuckLakes: a DuckDB with the extensions that it takes, and what is attached to it."""

import os
import re
import socket
import threading
from contextlib import suppress
from pathlib import Path
from typing import Any

import duckdb

from dealwire.warehouse import extensions
from dealwire.warehouse.quoting import quoted
from schemas.errors import InvalidInput
from schemas.lake import LakeAddress

INLINED = 200
"""Up to so many rows of a transaction go into the catalogue, not into a file of their own, until it is compacted."""
_OBJECT_STORES = re.compile(r"(s3a?|s3n|gs|gcs|r2)://")
# Made once a process: it takes most of a second, and holds no lock while nobody works with it.
_kept: dict[int, "Door"] = {}
_turn = threading.RLock()


class Door:
    """A DuckDB of this process; for each address the PostgreSQL of the catalogue is attached to it, and the lake."""

    def __init__(self) -> None:
        self._duck = duckdb.connect()
        try:
            for name in ("postgres_scanner", "ducklake"):
                extensions.load(self._duck, name)
        except BaseException:
            self._duck.close()
            raise
        self._catalogues: dict[LakeAddress, str] = {}
        self._lakes: dict[LakeAddress, tuple[str, str]] = {}
        self._numbers = 0

    def catalogue(self, address: LakeAddress) -> "Catalogue":
        """A connection to the lake's PostgreSQL, to be used as a context manager."""
        with _turn:
            if address not in self._catalogues:
                self._numbers += 1
                name, secret = f"catalogue_{self._numbers}", ""
                if address.password:
                    # Here DuckDB keeps it to itself; in an address it would show it.
                    self._duck.execute(
                        f"CREATE SECRET {name} (TYPE postgres, PASSWORD {quoted(address.password)}, "
                        f"SCOPE {quoted(name)})"
                    )
                    secret = f", SECRET {name}"
                self._duck.execute(f"ATTACH {quoted(_dsn(address))} AS {name} (TYPE postgres{secret})")
                self._catalogues[address] = name
            return Catalogue(self._duck.cursor(), self._catalogues[address])

    def lake(self, address: LakeAddress, data_path: str, *, read_only: bool = False) -> "OpenLake":
        """A connection that uses the lake, which is made if its catalogue is empty; see `exists` of `Catalogue`.

        Raises `InvalidInput` if `data_path` is needed and empty, or is another than the lake has.
        """
        with _turn:
            if address not in self._lakes:
                with self.catalogue(address) as catalogue:
                    stored, name = catalogue.data_path(), catalogue.name
                wanted = _whole(data_path) if data_path else ""
                if stored and wanted and stored.rstrip("/") != wanted.rstrip("/"):
                    raise InvalidInput(
                        f"data_path is {data_path}, but the rows of the lake lie in {stored}; name that or nothing"
                    )
                place = stored or _checked(wanted)
                if _OBJECT_STORES.match(place):
                    self._know_object_store()
                secret = f", 'SECRET': '{name}'" if address.password else ""
                self._duck.execute(
                    f"CREATE SECRET of_{name} (TYPE ducklake, METADATA_PATH {quoted(_dsn(address))}, "
                    f"METADATA_PARAMETERS MAP {{'TYPE': 'postgres'{secret}}})"
                )
                alias = name.replace("catalogue", "lake")
                options = ", READ_ONLY" if read_only else ""
                self._duck.execute(
                    f"ATTACH 'ducklake:of_{name}' AS {alias} "
                    f"(DATA_PATH {quoted(place)}, DATA_INLINING_ROW_LIMIT {INLINED}{options})"
                )
                self._lakes[address] = alias, place
            alias, place = self._lakes[address]
        con = self._duck.cursor()
        con.execute(f"USE {alias}")
        con.execute("SET TimeZone = 'UTC'")
        return OpenLake(con, alias, place)

    def knows(self, address: LakeAddress) -> bool:
        """Whether the lake is attached, so that it was there."""
        return address in self._lakes

    def shut_catalogue(self, address: LakeAddress) -> None:
        """Leave the lake alone attached; whoever is let in then gets at no other part of the PostgreSQL."""
        self._duck.execute(f"DETACH {self._catalogues.pop(address)}")

    def shut(self, address: LakeAddress) -> None:
        """Let go of a lake, and of the connections to its PostgreSQL."""
        with _turn:
            if address in self._lakes:
                self._duck.execute(f"DETACH {self._lakes.pop(address)[0]}")
            if address in self._catalogues:
                name = self._catalogues.pop(address)
                self._duck.execute(f"DETACH {name}")
                self._duck.execute(f"DROP SECRET IF EXISTS {name}")
                self._duck.execute(f"DROP SECRET IF EXISTS of_{name}")

    def close(self) -> None:
        """Let go of everything."""
        self._duck.close()

    def _know_object_store(self) -> None:
        """Hand over what the variables say that the programs of object stores read."""
        extensions.load(self._duck, "httpfs")
        given = {
            "KEY_ID": os.environ.get("AWS_ACCESS_KEY_ID"),
            "SECRET": os.environ.get("AWS_SECRET_ACCESS_KEY"),
            "SESSION_TOKEN": os.environ.get("AWS_SESSION_TOKEN"),
            "REGION": os.environ.get("AWS_REGION") or os.environ.get("AWS_DEFAULT_REGION"),
        }
        scheme, _, host = os.environ.get("AWS_ENDPOINT_URL", "").rpartition("://")
        if host:
            given |= {"ENDPOINT": host.rstrip("/"), "URL_STYLE": "path", "USE_SSL": str(scheme != "http").lower()}
        options = "".join(f", {name} {quoted(value)}" for name, value in given.items() if value)
        self._duck.execute(f"CREATE OR REPLACE SECRET object_store (TYPE s3{options})")


class Catalogue:
    """A connection to a lake's PostgreSQL, past DuckLake."""

    def __init__(self, con: duckdb.DuckDBPyConnection, name: str) -> None:
        self._con, self.name = con, name

    def __enter__(self) -> "Catalogue":
        self._con.begin()
        return self

    def __exit__(self, *error: object) -> None:
        # What this ends are the locks that were taken; where the connection is lost, they are gone with it.
        _end(self._con)

    def ask(self, query: str) -> list[tuple[Any, ...]]:
        """The rows of a query, all in one transaction of PostgreSQL."""
        return self._con.execute(f"FROM postgres_query('{self.name}', {quoted(query)})").fetchall()

    def tell(self, statement: str) -> None:
        """Execute what gives no rows."""
        self._con.execute(f"CALL postgres_execute('{self.name}', {quoted(statement)})")

    def exists(self) -> bool:
        """Whether there is a lake."""
        return bool(self.ask("SELECT to_regclass('ducklake_metadata') IS NOT NULL AS there")[0][0])

    def data_path(self) -> str | None:
        """Where its rows lie; None if there is no lake."""
        if not self.exists():
            return None
        found = self.ask("SELECT value FROM ducklake_metadata WHERE key = 'data_path'")
        return str(found[0][0]) if found else None

    def bytes(self) -> int:
        """The size of the lake's files."""
        found = self.ask(
            "SELECT (coalesce((SELECT sum(file_size_bytes) FROM ducklake_data_file), 0)"
            " + coalesce((SELECT sum(file_size_bytes) FROM ducklake_delete_file), 0))::BIGINT AS bytes"
        )
        return int(found[0][0])


class OpenLake:
    """A connection to a lake; a context manager. `name`: as what it is attached; `data_path`: where its rows lie."""

    def __init__(self, con: duckdb.DuckDBPyConnection, name: str, data_path: str) -> None:
        self._con, self.name, self.data_path = con, name, data_path

    def __enter__(self) -> duckdb.DuckDBPyConnection:
        return self._con

    def __exit__(self, *error: object) -> None:
        _end(self._con)


def kept() -> Door:
    """The door of this process."""
    with _turn:
        if os.getpid() not in _kept:
            _kept[os.getpid()] = Door()
        return _kept[os.getpid()]


def _end(con: duckdb.DuckDBPyConnection) -> None:
    """Close a connection, the transaction first: with both at once a lost PostgreSQL would end the whole process."""
    with suppress(duckdb.Error):
        con.rollback()
    con.close()


def _whole(data_path: str) -> str:
    return data_path if _OBJECT_STORES.match(data_path) else str(Path(data_path).absolute())


def _checked(data_path: str) -> str:
    if not data_path:
        raise InvalidInput(
            "a DuckLake is to be made: say in the setting data_path where its rows shall lie, in a folder that all "
            "machines share or in an object store"
        )
    if not _OBJECT_STORES.match(data_path) and not Path(data_path).parent.is_dir():
        raise InvalidInput(f"data_path: there is no folder {Path(data_path).parent}; make it first")
    return data_path


def _dsn(address: LakeAddress) -> str:
    """For libpq, with who we are: others are told whom they wait for."""
    host = re.sub(r"[^\w.-]", "", socket.gethostname())[:30]
    ours = {
        "application_name": f"dealwire, process {os.getpid()} on {host}",
        # A machine that has vanished without a word, with the lock, is given up after a minute.
        "options": "-c tcp_keepalives_idle=30 -c tcp_keepalives_interval=10 -c tcp_keepalives_count=3",
        "connect_timeout": "20",
    }
    given = dict(address.options)
    return " ".join((address.dsn, *(f"{key}='{value}'" for key, value in ours.items() if key not in given)))
