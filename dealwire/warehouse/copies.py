"""A copy for other programs: consistent, read-only, without secrets, put in place by rename.

DuckDB keeps everyone out of a file that one program writes, and writers out of a file that others read. So dashboards
and notebooks open a copy; those that have it open keep theirs when the next one takes its place.
"""

import glob
import os
import re
import shutil
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import NamedTuple

import duckdb

from dealwire.warehouse import load, migrate, record_tables, transfer
from dealwire.warehouse.connect import Warehouse
from dealwire.warehouse.quoting import quoted
from schemas.errors import InvalidInput
from schemas.ids import content_id

_NATIVE = (".duckdb", ".ddb", ".db")
KEPT_BACK = frozenset(
    {"schema_changes", "subscriptions", "pages", "hosts", "site_rules", "backfills", "publications"}
    | {"names_as_found", "article_addresses", "subscribers", "deliveries"}
    | {"outbox", "told_deals", "told_alliances", "step_notes"}
)
"""Tables that stay at home, empty in a copy: secrets, stored pages, and what only dealwire's own work needs."""
# What polling writes every time is no change that somebody would want a new copy for.
_RESTLESS = frozenset({"polls", "entries", "extractions"})
_SEEN = {
    "articles": "article_id, url, title, author, published_at, text_hash, read_status, withheld",
    "feeds": "feed_id, url, title, folder, paused, gone_at, failing_since",
}
# The part of an address that may be a name and password.
_SHOWN = {"feeds": ("url", "moved_to"), "polls": ("url",), "feed_health": ("url",)}
_LEFT_SECONDS = 3600


class Form(StrEnum):
    """What a copy is: one DuckDB file, or a folder with a Parquet file for each view and table."""

    DUCKDB = "duckdb"
    PARQUET = "parquet"


class Copied(NamedTuple):
    """The copy that was put in place. `fingerprint` changes when its rows do."""

    form: Form
    fingerprint: str
    tables: int
    rows: int
    bytes: int


def form_of(place: Path) -> Form:
    """As the name says: `.duckdb`, `.ddb` or `.db` is a file; a name without an ending, or a folder, is Parquet.

    Raises `InvalidInput` for any other name.
    """
    if place.suffix.lower() in _NATIVE and not place.is_dir():
        return Form.DUCKDB
    if place.is_dir() or not place.suffix:
        return Form.PARQUET
    raise InvalidInput(f"{place}: name a file that ends in .duckdb, or a folder for Parquet files")


def write(store: Warehouse, place: Path, *, unless: str | None = None, whole: bool = False) -> Copied | None:
    """Put a copy of all that is public at `place`; None if its fingerprint would be `unless`, and `place` is there.

    `whole`: of all there is, secrets among it, in a file that its owner alone may read: a back-up. Writers wait while
    the file is duplicated, and no longer. Raises `InvalidInput` if it cannot be written, and what reading raises; then
    what is there stays.
    """
    form = form_of(place)
    if whole and form is not Form.DUCKDB:
        raise InvalidInput(f"{place}: a back-up is one file; name one that ends in .duckdb")
    if store.is_at(place):
        raise InvalidInput(f"{place} is the warehouse itself; name another place for its copy")
    if not place.parent.is_dir():
        raise InvalidInput(f"there is no folder {place.parent}; make it first")
    # Nobody else may see what is in it until it is done.
    aside = place.with_name(f".{place.name}.{os.getpid()}.aside")
    home = aside / "home.duckdb"
    try:
        _sweep(place)
        with store.read() as con:
            names = transfer.tables(con) if whole else public(con)
            found = fingerprint(con, names)
            if found == unless and place.exists():
                return None
            aside.mkdir(mode=0o700)
            store.duplicate(con, home)
        shown = {} if whole else _SHOWN
        if form is Form.PARQUET:
            names += [view.name for view in migrate.views() if view.number]
            rows = _unload(home, names, aside / "rows", shown)
            size = _put_folder(aside / "rows", place)
        else:
            rows = _made(home, names, aside / "copy.duckdb", shown)
            size = _put_file(aside / "copy.duckdb", place, 0o400 if whole else 0o444)
    except duckdb.IOException as error:
        raise InvalidInput(f"{place} cannot be written ({str(error).splitlines()[0]})") from error
    except OSError as error:
        raise InvalidInput(f"{place} cannot be written ({error.strerror or error})") from error
    finally:
        shutil.rmtree(aside, ignore_errors=True)
    views = {view.name for view in migrate.views()}
    return Copied(form, found, len(names), sum(rows[name] for name in names if name not in views), size)


def public(con: duckdb.DuckDBPyConnection) -> list[str]:
    """The tables whose rows a copy holds, by name."""
    return [name for name in transfer.tables(con) if name not in KEPT_BACK]


def fingerprint(con: duckdb.DuckDBPyConnection, names: Sequence[str]) -> str:
    """Changes when something does that a reader of the copy may look for; not with every poll."""
    parts: list[object] = [migrate.changes()[-1].number]
    for name in names:
        if name not in _RESTLESS:
            seen = f"hash({_SEEN[name]})" if name in _SEEN else f'hash("{name}")'
            parts += [name, *(con.execute(f'SELECT count(*), bit_xor({seen}) FROM "{name}"').fetchone() or ())]
    return content_id(*parts)


class Last(NamedTuple):
    """The copy that was put at a place last, and how long that took."""

    fingerprint: str | None
    at: datetime | None
    seconds: float


def last(con: duckdb.DuckDBPyConnection, place: Path) -> Last:
    """What was put at a place last; nothing, if nothing was."""
    row = con.execute(
        "SELECT fingerprint, published_at, seconds FROM publications WHERE place = ?", [str(place)]
    ).fetchone()
    return Last(row[0], row[1], row[2] or 0.0) if row else Last(None, None, 0.0)


def note(con: duckdb.DuckDBPyConnection, place: Path, copied: Copied, *, at: datetime, seconds: float) -> None:
    """Remember a copy that was put at a place."""
    row = {"place": str(place)} | copied._asdict() | {"published_at": at, "seconds": seconds, "error": None}
    load.put(con, "publications", [row], key=["place"])


def note_failure(con: duckdb.DuckDBPyConnection, place: Path, error: str) -> None:
    """Remember why none could be put there; the one before it is still there."""
    if con.execute("SELECT 1 FROM publications WHERE place = ?", [str(place)]).fetchone():
        con.execute("UPDATE publications SET error = ? WHERE place = ?", [error, str(place)])
    else:
        con.execute(
            "INSERT INTO publications (place, form, error) VALUES (?, ?, ?)",
            [str(place), Form.PARQUET if not place.suffix else Form.DUCKDB, error],
        )


def _unload(home: Path, names: Sequence[str], folder: Path, shown: Mapping[str, Sequence[str]]) -> dict[str, int]:
    """Write each table and view to a Parquet file; the number of rows in each."""
    folder.mkdir()
    rows = {}
    with duckdb.connect(str(home)) as con:
        con.execute("SET TimeZone = 'UTC'")
        for name in names:
            place = quoted(folder / f"{name}.parquet")
            chosen = f'SELECT {_columns(name, shown)} FROM "{name}"'
            done = con.execute(f"COPY ({chosen}) TO {place} (FORMAT parquet, COMPRESSION zstd)").fetchone()
            rows[name] = int((done or (0,))[0])
    return rows


def _made(home: Path, names: Sequence[str], draft: Path, shown: Mapping[str, Sequence[str]]) -> dict[str, int]:
    """Make a DuckDB file with the rows of these tables, and all views and comments; the number of rows in each."""
    rows = {}
    with duckdb.connect(str(home)) as con:
        own = [line for name in names if name not in _ours() for line in transfer.definition(con, name)]
    with duckdb.connect(str(draft)) as con:
        migrate.bring_up_to_date(con, draft)
        con.execute("SET TimeZone = 'UTC'")
        con.execute(f"ATTACH {quoted(home)} AS dealwire_home (READ_ONLY)")
        con.begin()
        for statement in own:
            con.execute(statement)
        for name in names:
            chosen = f'SELECT {_columns(name, shown)} FROM dealwire_home."{name}"'
            done = con.execute(f'INSERT INTO "{name}" BY NAME {chosen}').fetchone()
            rows[name] = int((done or (0,))[0])
        con.commit()
        con.execute("DETACH dealwire_home")
        con.execute("CHECKPOINT")
    return rows


def _columns(name: str, shown: Mapping[str, Sequence[str]]) -> str:
    """All columns, without names and passwords in those of `shown` that are addresses."""
    clean = [f"regexp_replace({one}, '^(\\w+://)[^/@]*@', '\\1') AS {one}" for one in shown.get(name, ())]
    return f"* REPLACE ({', '.join(clean)})" if clean else "*"


def _put_file(draft: Path, place: Path, rights: int) -> int:
    """Put the file in place; its size."""
    _read_only(draft, rights)
    size = draft.stat().st_size
    # Another program's changes to the copy before must not be taken for changes to this one.
    place.with_name(f"{place.name}.wal").unlink(missing_ok=True)
    draft.replace(place)
    return size


def _put_folder(made: Path, place: Path) -> int:
    """Put the folder in place; its size. `place` becomes a link, which alone can be replaced at one stroke."""
    if place.is_dir() and not place.is_symlink():
        try:
            place.rmdir()
        except OSError as error:
            raise InvalidInput(f"the folder {place} holds other files; name one that is new or empty") from error
    size = 0
    for one in made.iterdir():
        _read_only(one, 0o444)
        size += one.stat().st_size
    version = place.with_name(f".{place.name}.{time.time_ns()}.copy")
    made.rename(version)
    link = place.with_name(f".{place.name}.{os.getpid()}.link")
    link.unlink(missing_ok=True)
    before = place.readlink().name if place.is_symlink() else None
    link.symlink_to(version.name, target_is_directory=True)
    link.replace(place)
    # A query that is reading the one before may go on to open more of its files.
    for old in place.parent.glob(f".{glob.escape(place.name)}.*.copy"):
        if old.name not in (version.name, before):
            shutil.rmtree(old, ignore_errors=True)
    return size


def _ours() -> set[str]:
    """The tables that every warehouse has."""
    made = {name for change in migrate.changes() for name in re.findall(r"CREATE TABLE (\w+)", change.text)}
    return made | set(record_tables.BUILTIN)


def _sweep(place: Path) -> None:
    """Remove what a killed process left beside `place`; a living one is done in less than an hour."""
    for ending in ("aside", "link"):
        for left in place.parent.glob(f".{glob.escape(place.name)}.*.{ending}"):
            with suppress(OSError):
                if time.time() - left.lstat().st_mtime > _LEFT_SECONDS:
                    shutil.rmtree(left) if left.is_dir() and not left.is_symlink() else left.unlink()


def _read_only(path: Path, rights: int) -> None:
    path.chmod(path.stat().st_mode & rights)
