"""The process behind the SQL box: it forks one child a question, which answers and ends.

Started by `sandbox` as a program, with a socket as standard input; each message on it brings the socket of one
question. It imports DuckDB and pyarrow and nothing of ours, so that a fork is cheap and holds no secret. A child has
the database open read-only, with everything locked that can be, and an alarm of the kernel's that ends it whatever it
does.
"""

import contextlib
import difflib
import json
import os
import random
import re
import resource
import signal
import socket
import time
from collections.abc import Iterator
from typing import Any

import duckdb
import pyarrow as pa

Asked = dict[str, Any]
# Not read at all: what could fetch code, or write.
_CONFIG: dict[str, str | bool | int | float | list[str]] = {
    "autoload_known_extensions": "false",
    "autoinstall_known_extensions": "false",
    "allow_community_extensions": "false",
    "threads": "1",
}
# In this order: after the last one no setting changes any more.
_LOCKS = (
    "SET TimeZone = 'UTC'",
    "SET max_temp_directory_size = '0B'",
    "SET temp_directory = ''",
    "SET python_enable_replacements = false",
    "SET enable_external_access = false",
    "SET lock_configuration = true",
)
# The only functions that may stand where a table does. Others read files, take SQL as text, show settings and places,
# write logs, or end the process.
_TABLE_FUNCTIONS = frozenset(
    {"unnest", "range", "generate_series", "repeat", "repeat_row", "json_each", "json_tree", "pg_timezone_names"}
)
_REFUSED = re.compile(
    r"read_|write_|enable_|disable_|force_|duckdb_|pragma_|parquet_|arrow_|pandas_|python_|sniff_|scan_|truncate_|"
    r"parse_duckdb_log|json_execute|json_serialize_plan|(checkpoint|current_setting|set_config|getenv|getvariable|glob|"
    r"query|query_table|seq_scan|which_secret|current_query|write_log|in_search_path|add_parquet_key|summary|"
    r"sql_auto_complete)$"
)
_LISTS = frozenset({"tables", "columns", "views", "schemata"})
_BATCH = 1024


class _Refused(Exception):
    pass


def main() -> None:
    """Fork a child for each question until the other side is gone."""
    # Children are not waited for, and what a terminal's Ctrl-C means is for the parent to decide.
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    requests = socket.socket(fileno=os.dup(0))
    while True:
        told, sockets, _, _ = socket.recv_fds(requests, 1, 1)
        if not told:
            return
        for one in sockets:
            if os.fork() == 0:
                requests.close()
                _child(one)
            os.close(one)


def _child(number: int) -> None:
    """Answer one question on the socket and end."""
    try:
        null = os.open(os.devnull, os.O_RDWR)
        for standard in (0, 1, 2):
            os.dup2(null, standard)
        with socket.socket(fileno=number) as line, line.makefile("rb") as read:
            asked = json.loads(read.readline())
            _limit(asked)
            try:
                head, body = _answer(asked)
            except _Refused as error:
                head, body = {"error": str(error)}, b""
            except duckdb.Error as error:
                head, body = {"error": _in_words(error)}, b""
            except (MemoryError, pa.ArrowMemoryError):
                head, body = {"error": f"it needs more than {asked['megabytes']} MB of memory"}, b""
            line.sendall(json.dumps(head).encode() + b"\n" + body)
    finally:
        # Neither DuckDB nor Python tidies up: an aborted close must not look like an answer.
        os._exit(0)


def _limit(asked: Asked) -> None:
    """Bound time, memory and files, whatever the question does."""
    signal.signal(signal.SIGALRM, signal.SIG_DFL)
    # Waiting for the database is not the question's fault; the time is set anew when it begins.
    signal.setitimer(signal.ITIMER_REAL, asked["patience"] + asked["seconds"])
    used = 0
    with contextlib.suppress(OSError), open("/proc/self/statm") as status:  # noqa: PTH123 - no import more than needed
        used = int(status.read().split()[0]) * resource.getpagesize()
    seconds = int(asked["patience"] + asked["seconds"]) + 2
    for what, most in (
        (resource.RLIMIT_CPU, seconds),
        # Half as much again, for the rows on their way out and what DuckDB does not count.
        (resource.RLIMIT_AS, used + int(asked["megabytes"] * 1.5e6) + 300_000_000),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_NOFILE, 64),
    ):
        # Some systems lack one or the other; the alarm remains.
        with contextlib.suppress(ValueError, OSError):
            resource.setrlimit(what, (most, most))


def _answer(asked: Asked) -> tuple[Asked, bytes]:
    """What is told of the rows, and the rows as an Arrow stream."""
    con = _opened(asked)
    allowed = {name.lower() for name in asked["tables"]}
    there = {row[0].lower() for row in con.execute(_NAMES).fetchall()}
    for setting in _LOCKS:
        con.execute(setting)
    query = asked["query"]
    statements = con.extract_statements(query)
    if len(statements) != 1:
        raise _Refused(f"give one SELECT; this is {len(statements)} statements")
    if statements[0].type != duckdb.StatementType.SELECT:
        raise _Refused("give one SELECT; nothing can be changed here")
    _look_at(_tree(con, query), allowed, there - allowed)
    signal.setitimer(signal.ITIMER_REAL, asked["seconds"])
    started = time.monotonic()
    reader = con.execute(statements[0]).to_arrow_reader(_BATCH)
    kept, rows, size, more = [], 0, 0, False
    for batch in reader:
        if rows + batch.num_rows > asked["rows"]:
            batch, more = batch.slice(0, asked["rows"] - rows), True
        if size + batch.nbytes > asked["bytes"] and batch.num_rows:
            # As much of it as there is room for.
            fits = int(batch.num_rows * (asked["bytes"] - size) / batch.nbytes)
            batch, more = batch.slice(0, fits), True
        if batch.num_rows:
            kept.append(batch)
            rows, size = rows + batch.num_rows, size + batch.nbytes
        if more:
            break
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, reader.schema) as stream:
        for batch in kept:
            # A slice would take the whole of what it was cut from along.
            stream.write_batch(
                pa.RecordBatch.from_arrays([pa.concat_arrays([c]) for c in batch.columns], schema=batch.schema)
            )
    told = {"more": more, "seconds": round(time.monotonic() - started, 3)}
    return told, sink.getvalue().to_pybytes()


def _opened(asked: Asked) -> duckdb.DuckDBPyConnection:
    """The database, read-only, when whoever writes to it lets go. Raises `_Refused` after the patience."""
    config = _CONFIG | {"memory_limit": f"{asked['megabytes']}MB"}
    until, pause = time.monotonic() + asked["patience"], 0.01
    while True:
        try:
            return duckdb.connect(asked["database"], read_only=True, config=config)
        except duckdb.IOException as error:
            if "Could not set lock on file" not in str(error) or time.monotonic() > until:
                raise _Refused("the database is being written to; ask again in a moment") from error
        time.sleep(pause * random.uniform(0.5, 1.0))
        pause = min(pause * 1.5, 0.5)


_NAMES = "SELECT table_name FROM duckdb_tables()"
# Views of DuckDB's own, some of which show places of files.
_INTERNAL = re.compile("duckdb_|pragma_|sqlite_|pg_")


def _tree(con: duckdb.DuckDBPyConnection, query: str) -> Any:
    """The statement as DuckDB has read it."""
    found = con.execute("SELECT json_serialize_sql($query::VARCHAR)", {"query": query}).fetchone()
    tree = json.loads(found[0]) if found else {"error": True}
    if tree.get("error"):
        raise _Refused("give one SELECT; nothing can be changed here")
    return tree


def _look_at(tree: Any, allowed: set[str], kept_back: set[str]) -> None:
    """Raise `_Refused` if the statement names what is not to be read, or a function that may do more than compute.

    A common table expression may have any name but that of a table that is kept back: elsewhere in the statement the
    name would mean that table.
    """
    nodes = list(_nodes(tree))
    named = {entry["key"].lower() for one in nodes for entry in _expressions(one)}
    for name in sorted(one for one in named if one in kept_back or _INTERNAL.match(one)):
        raise _Refused(f"{name} cannot be asked here; choose another name")
    for one in nodes:
        kind = one.get("type")
        if kind == "BASE_TABLE":
            schema, table = str(one.get("schema_name", "")).lower(), str(one.get("table_name", "")).lower()
            if schema == "information_schema" and table in _LISTS:
                continue
            if schema not in ("", "main") or table not in (allowed | (named - kept_back)):
                raise _Refused(_unknown(str(one.get("table_name")), allowed))
        elif kind == "SHOW_REF" and not one.get("query"):
            raise _Refused("ask information_schema.tables and information_schema.columns for what there is")
        elif kind == "TABLE_FUNCTION":
            name = str(one.get("function", {}).get("function_name", "")).lower()
            if name not in _TABLE_FUNCTIONS:
                raise _Refused(f"{name or 'this'} is not allowed here; only tables and views can be read")
        if "function_name" in one and _REFUSED.match(name := str(one["function_name"]).lower()):
            raise _Refused(f"{name} is not allowed here")


def _nodes(tree: Any) -> Iterator[dict[str, Any]]:
    stack = [tree]
    while stack:
        one = stack.pop()
        if isinstance(one, dict):
            yield one
            stack.extend(one.values())
        elif isinstance(one, list):
            stack.extend(one)


def _expressions(node: dict[str, Any]) -> list[dict[str, Any]]:
    """The common table expressions of a node; recursive ones carry their name themselves."""
    found = node.get("cte_map")
    named = [{"key": node["ctename"]}] if isinstance(node.get("ctename"), str) else []
    return named + (found.get("map", []) if isinstance(found, dict) else [])


def _unknown(name: str, allowed: set[str]) -> str:
    near = difflib.get_close_matches(name.lower(), sorted(allowed), n=2)
    return f"there is no table or view {name} to ask here" + (f"; did you mean {' or '.join(near)}?" if near else "")


def _in_words(error: duckdb.Error) -> str:
    """DuckDB's words on one line, without places of files; the query that follows them, with a caret, is left out."""
    if isinstance(error, duckdb.OutOfMemoryException):
        return "it needs more memory than a question may take; ask for fewer rows, or sum up earlier"
    told = " ".join(str(error).split("\n\nLINE ")[0].split())
    if isinstance(error, duckdb.PermissionException) or "file system operations are disabled" in told.lower():
        return "files and other places cannot be read here, only the warehouse"
    return told[:500]


if __name__ == "__main__":
    main()
