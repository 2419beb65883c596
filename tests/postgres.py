"""A PostgreSQL for tests: started once, in a folder of its own, on a free port."""

import os
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4

import pytest

from dealwire.warehouse.lake import Lake
from schemas.lake import LakeAddress

_FOUND = (*sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True), Path("/usr/local/bin"), Path("/usr/bin"))


class Postgres:
    """A server that listens on `port` of this machine; its user `postgres` has a password."""

    password = "pass word'"

    def __init__(self, folder: Path, bin_folder: Path) -> None:
        self._folder, self._bin = folder, bin_folder
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port: int = free.getsockname()[1]

    def run(self, program: str, *arguments: str, timeout: float = 120) -> str:
        """Run one of its programs as its user."""
        done = subprocess.run(
            [str(self._bin / program), *arguments],
            cwd=self._folder, env=os.environ | {"PGPASSWORD": self.password}, capture_output=True, text=True,
            timeout=timeout, user="postgres" if os.getuid() == 0 else None,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        return done.stdout

    def start(self) -> None:
        """Start the server, which stores nothing for good: tests need none of it after a crash."""
        secret = self._folder / "password"
        secret.write_text(self.password)
        secret.chmod(0o644)
        self.run(
            "initdb", "-D", str(self._folder / "data"), "-A", "scram-sha-256", "-U", "postgres", "-E", "UTF8",
            "--locale=C", "--no-sync", "--no-instructions", f"--pwfile={secret}",
        )  # fmt: skip
        options = f"-p {self.port} -k {self._folder} -c listen_addresses=127.0.0.1 -c fsync=off -c full_page_writes=off"
        options += " -c synchronous_commit=off -c shared_buffers=32MB -c max_connections=60"
        log = str(self._folder / "log")
        self.run("pg_ctl", "-D", str(self._folder / "data"), "-o", options, "-w", "-t", "100", "-l", log, "start")

    def stop(self) -> None:
        """Stop the server at once."""
        self.run("pg_ctl", "-D", str(self._folder / "data"), "-m", "immediate", "stop")

    def ask(self, query: str, database: str = "postgres") -> str:
        """What `psql` prints of a query."""
        return self.run(
            "psql", "-h", "127.0.0.1", "-p", str(self.port), "-U", "postgres", "-Atq", "-c", query, database
        ).strip()

    def address(self, name: str) -> LakeAddress:
        """The address of a database."""
        options = {"host": "127.0.0.1", "port": str(self.port), "user": "postgres", "dbname": name}
        return LakeAddress(tuple(sorted(options.items())), self.password)

    def lake(self, data: Path, *, like: str = "template1", wait_seconds: float = 20) -> Lake:
        """A lake in a database of its own, made as a copy of another database; its rows lie in the folder `data`."""
        name = f"lake_{uuid4().hex[:12]}"
        self.ask(f"CREATE DATABASE {name} TEMPLATE {like}")
        path = data.parent / f"{name}.lake"
        return Lake(self.address(name), data_path=str(data), path=path, wait_seconds=wait_seconds)


@contextmanager
def running() -> Iterator[Postgres]:
    """A server for the length of the block; the test is skipped where none is installed."""
    found = next((folder for folder in _FOUND if (folder / "initdb").is_file()), None)
    if found is None:
        pytest.skip("PostgreSQL is not installed (no initdb): `apt-get install postgresql`")
    folder = Path(tempfile.mkdtemp(prefix="dealwire-postgres-"))
    try:
        if os.getuid() == 0:
            shutil.chown(folder, "postgres")
        server = Postgres(folder, found)
        server.start()
        try:
            yield server
        finally:
            server.stop()
    finally:
        shutil.rmtree(folder, ignore_errors=True)
