"""The address of a DuckLake, `ducklake:postgres:DSN`, taken apart so that its password is never shown."""

import re
from typing import NamedTuple, Self
from urllib.parse import parse_qsl, unquote, urlsplit

from schemas.errors import InvalidInput

PREFIX = "ducklake:postgres:"
_URL = re.compile(r"postgres(?:ql)?:/+")
_PAIR = re.compile(r"\s*(\w+)\s*=\s*(?:'((?:[^'\\]|\\.)*)'|((?:[^\s'\\]|\\.)*))(?:\s+|$)")


class LakeAddress(NamedTuple):
    """Where the catalogue of a DuckLake is: a PostgreSQL database.

    The password may also come from where PostgreSQL's own programs have it: `PGPASSWORD`, or `~/.pgpass`.
    """

    options: tuple[tuple[str, str], ...]
    """Keywords of libpq without the password, such as `host` and `dbname`."""
    password: str = ""

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read `ducklake:postgres:host=… dbname=…` or `ducklake:postgres:postgresql://…`. Raises `InvalidInput`."""
        dsn = text.removeprefix(PREFIX).strip()
        if not text.startswith(PREFIX) or not dsn:
            raise InvalidInput("write it like ducklake:postgres:host=db.example dbname=deals user=dealwire")
        found = _from_url(dsn) if _URL.match(dsn) else _from_pairs(dsn)
        if not found.get("dbname"):
            raise InvalidInput("the address of a DuckLake names no database; add dbname=…")
        password = found.pop("password", "")
        if "sslpassword" in found:
            raise InvalidInput("leave sslpassword out of the address; PostgreSQL's service file may hold it")
        return cls(tuple(sorted(found.items())), password)

    @property
    def name(self) -> str:
        """The name of the PostgreSQL database."""
        return dict(self.options)["dbname"]

    @property
    def dsn(self) -> str:
        """All but the password, as libpq takes it."""
        return " ".join(f"{key}={_quoted(value)}" for key, value in self.options)

    @property
    def shown(self) -> str:
        """The address without its password, fit to be printed and stored."""
        return PREFIX + self.dsn

    @property
    def whole(self) -> str:
        """The address with its password, for the environment of a process of ours."""
        return self.shown + (f" password={_quoted(self.password)}" if self.password else "")

    def __repr__(self) -> str:
        return f"LakeAddress({self.shown!r})"


def _from_url(dsn: str) -> dict[str, str]:
    # Where it has passed for the path of a file, it has lost a slash.
    parts = urlsplit(_URL.sub("postgresql://", dsn, count=1))
    try:
        port = parts.port
    except ValueError as error:
        raise InvalidInput("the port in the address of the DuckLake is no number") from error
    found = {
        "host": parts.hostname,
        "port": str(port) if port else None,
        "user": parts.username,
        "password": parts.password,
        "dbname": parts.path.strip("/"),
    }
    return {key: unquote(value) for key, value in found.items() if value} | dict(parse_qsl(parts.query))


def _from_pairs(dsn: str) -> dict[str, str]:
    found, at = {}, 0
    while at < len(dsn):
        pair = _PAIR.match(dsn, at)
        if not pair:
            # What cannot be read may hold a password: it is not repeated.
            raise InvalidInput("the address of the DuckLake cannot be read; write it like host=… dbname=… user=…")
        found[pair[1]] = re.sub(r"\\(.)", r"\1", pair[2] if pair[2] is not None else pair[3])
        at = pair.end()
    return found


def _quoted(value: str) -> str:
    if value and re.fullmatch(r"[^\s'\\]+", value):
        return value
    return "'" + value.replace("\\", "\\\\").replace("'", "\\'") + "'"
