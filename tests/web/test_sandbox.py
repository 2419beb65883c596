"""The SQL box: what it answers, and that a question can do nothing else, whatever it is.

The attacks are those that were found against DuckDB 1.5 by trying, and their disguises.
"""

import os
import re
import signal
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from dealwire.settings import Settings
from dealwire.warehouse import copies, describing
from dealwire.warehouse.connect import Warehouse
from dealwire.web.sandbox import LONGEST_QUERY, Sandbox
from dealwire.web.site import Site
from schemas.errors import InvalidInput, QueryFailed
from tests.postgres import Postgres
from tests.warehouse import samples


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("sandbox")
    (folder / "secret.csv").write_text("word\nhunter2\n")
    return samples.fill(folder / "sample.duckdb").path


@pytest.fixture(scope="module")
def tables(filled: Path) -> list[str]:
    with Warehouse(filled).read() as con:
        return describing.names(con)


@pytest.fixture(scope="module")
def box(filled: Path) -> Iterator[Sandbox]:
    opened = Sandbox(filled, seconds=60, rows=1000)
    yield opened
    opened.stop()


@pytest.mark.parametrize(
    ("query", "first"),
    [
        ("SELECT 1 AS one", {"one": 1}),
        ("select count(*) as n from deal_overview", {"n": 5}),
        ("FROM money_flows SELECT count(*) AS n", {"n": 5}),
        ("WITH x AS (SELECT count(*) AS n FROM articles) SELECT n FROM x;", {"n": 4}),
        ("WITH RECURSIVE r AS (SELECT 1 AS n UNION SELECT n + 1 FROM r WHERE n < 9) FROM r ORDER BY 1 DESC", {"n": 9}),
        ("SELECT unnest(payers) AS who FROM deals WHERE deal_id = 'd-chips'", {"who": "OpenAI"}),
        ("SELECT sum(range) AS s FROM range(5)", {"s": 10}),
        ("SELECT list_transform([1, 2], lambda x: x + 1)[1] AS two", {"two": 2}),
        ("VALUES (7)", {"col0": 7}),
        ("SELECT 'a; b -- c' AS text /* one; statement */", {"text": "a; b -- c"}),
        ("SELECT count(*) > 0 AS some FROM information_schema.columns", {"some": True}),
        ("SELECT column_name FROM (DESCRIBE deals) LIMIT 1", {"column_name": "deal_id"}),
        ("SELECT short_amount(3e10) AS text", {"text": "30B"}),
        ("SELECT current_date > DATE '2020-01-01' AS later", {"later": True}),
        ("PIVOT deals ON kind IN ('x') USING count(*) GROUP BY status ORDER BY 1", {"status": "announced", "x": 0}),
    ],
)
def test_questions_are_answered(box: Sandbox, tables: list[str], query: str, first: dict[str, object]) -> None:
    assert box.ask(query, tables).table.to_pylist()[0] == first


# Every one is refused. {csv} is a file that is there, {out} one that must not be afterwards, {db} the database.
ATTACKS = """
FROM '{csv}'
SELECT * FROM "{csv}"
FROM read_csv('{csv}')
FROM read_csv_auto('{csv}')
FROM READ_CSV('{csv}')
FROM "read_csv"('{csv}')
FROM system.main.read_csv('{csv}')
FROM read_text('{csv}')
FROM read_text('/proc/self/environ')
FROM read_blob('{csv}')
FROM read_json('{csv}')
FROM read_json_objects('{csv}')
FROM read_ndjson('{csv}')
FROM read_parquet('{csv}')
FROM parquet_scan('{csv}')
FROM parquet_metadata('{csv}')
FROM parquet_schema('{csv}')
FROM read_duckdb('{db}')
FROM glob('/etc/*')
FROM sniff_csv('{csv}')
FROM query('FROM read_text(''{csv}'')')
FROM query_table('subscriptions')
FROM query_table(['subscriptions'])
FROM json_execute_serialized_sql(json_serialize_sql('SELECT * FROM subscriptions'))
SELECT * FROM deals, read_text('{csv}')
SELECT (SELECT content FROM read_text('{csv}'))
SELECT * FROM deals WHERE deal_id IN (SELECT content FROM read_text('{csv}'))
WITH x AS (SELECT * FROM read_text('{csv}')) SELECT * FROM x
WITH x AS MATERIALIZED (WITH y AS (FROM read_blob('{csv}')) FROM y) FROM x
SELECT * FROM deals LEFT JOIN LATERAL (FROM read_text('{csv}')) ON true
SELECT 1 UNION ALL SELECT content FROM read_text('{csv}')
SELECT/**/*/**/FROM/**/read_text/**/('{csv}')
SELECT 1 -- \\n FROM read_text('{csv}')
SELECT * FROM https('https://example.com')
FROM 'https://example.com/x.parquet'
FROM read_csv('https://example.com/x.csv')
FROM 's3://bucket/x.parquet'
FROM arrow_scan(1, 2, 3)
FROM arrow_scan_dumb(1, 2, 3)
FROM pandas_scan(1)
FROM seq_scan('deals')
FROM python_map_function(1)
COPY deals TO '{out}'
COPY (SELECT 1) TO '{out}' (FORMAT csv)
COPY deals FROM '{csv}'
EXPORT DATABASE '{out}'
IMPORT DATABASE '{out}'
ATTACH '{out}'
ATTACH '{db}' AS other
DETACH sample
USE memory
INSTALL httpfs
INSTALL httpfs FROM community
LOAD httpfs
LOAD '{out}'
UPDATE EXTENSIONS
CREATE SECRET s (TYPE s3)
CREATE TABLE t AS SELECT 1
CREATE TEMP TABLE t AS SELECT 1
CREATE MACRO m() AS 1
INSERT INTO deals SELECT * FROM deals
UPDATE deals SET kind = 'x'
DELETE FROM deals
DROP VIEW mentions
ALTER TABLE deals ADD COLUMN x INT
SET memory_limit = '10GB'
SET enable_external_access = true
RESET lock_configuration
SET lock_configuration = false
SET VARIABLE x = 1
PRAGMA enable_profiling
PRAGMA database_list
PRAGMA profiling_output = '{out}'
PRAGMA table_info('deals')
CHECKPOINT
FORCE CHECKPOINT
VACUUM
CALL pragma_version()
CALL enable_logging()
EXPLAIN ANALYZE SELECT 1
EXPLAIN SELECT 1
BEGIN
PREPARE p AS SELECT 1
EXECUTE p
FROM enable_logging('QueryLog', storage = 'file', storage_config = {{'path': '{out}'}})
FROM Enable_Logging('QueryLog')
SELECT * FROM main.enable_logging('QueryLog')
WITH x AS (FROM enable_logging('QueryLog')) FROM x
FROM disable_logging()
FROM truncate_duckdb_logs()
FROM enable_profiling()
FROM disable_profiling()
FROM checkpoint()
FROM force_checkpoint()
SELECT write_log('x')
SELECT main.write_log('x')
SELECT 'x'.write_log()
FROM duckdb_logs()
FROM duckdb_settings()
FROM duckdb_settings
FROM duckdb_databases()
FROM duckdb_secrets()
FROM duckdb_extensions()
FROM duckdb_temporary_files()
FROM duckdb_table_sample('subscriptions')
FROM pragma_database_list
FROM pragma_database_list()
FROM pragma_storage_info('subscriptions')
FROM pragma_table_info('subscriptions')
FROM sqlite_master
FROM pg_catalog.pg_settings
FROM which_secret('s3://x', 's3')
SELECT current_setting('secret_directory')
SELECT system.main.current_setting('home_directory')
SELECT [current_setting(x) for x in ['home_directory']]
SELECT getenv('HOME')
FROM summary('subscriptions')
FROM histogram('subscriptions', 'secret')
FROM histogram_values('subscriptions', secret)
FROM test_all_types()
SHOW DATABASES
SHOW ALL TABLES
SHOW TABLES
FROM subscriptions
FROM Subscriptions
FROM "SUBSCRIPTIONS"
FROM main.subscriptions
FROM sample.main.subscriptions
FROM memory.main.subscriptions
TABLE subscriptions
SUMMARIZE subscriptions
DESCRIBE subscriptions
UNPIVOT subscriptions ON secret
PIVOT subscriptions ON state IN ('x') USING count(*)
SELECT (SELECT secret FROM subscriptions)
SELECT * FROM deals SEMI JOIN subscribers ON true
WITH subscriptions AS (SELECT 1) FROM subscriptions
SELECT * FROM (WITH subscriptions AS (SELECT 1) FROM subscriptions) AS a, subscriptions AS b
SELECT * FROM (WITH pragma_database_list AS (SELECT 1) FROM pragma_database_list) AS a, pragma_database_list AS b
FROM pages
FROM deliveries
FROM outbox
FROM schema_changes
SELECT 1; SELECT 2
SELECT 1; COPY deals TO '{out}'
SELECT 1;; DROP TABLE deals
; ; SET threads = 4; SELECT 1
/* SELECT */ DROP TABLE deals
SELECT 1 /* ; */ ; ATTACH '{out}'
-- nothing
SELECT
'
"""


@pytest.mark.parametrize("attack", ATTACKS.strip().splitlines())
def test_every_attack_is_refused(box: Sandbox, tables: list[str], filled: Path, tmp_path: Path, attack: str) -> None:
    out = tmp_path / "out"
    query = attack.replace("\\n", "\n").format(csv=filled.with_name("secret.csv"), out=out, db=filled)
    before = sorted(filled.parent.iterdir())
    with pytest.raises(QueryFailed) as refused:
        box.ask(query, tables)
    told = str(refused.value)
    assert "hunter2" not in told
    assert "\n" not in told
    # Refused by words, not for having broken something.
    assert "ended the process" not in told
    assert not out.exists()
    assert sorted(filled.parent.iterdir()) == before


def test_what_is_kept_back_from_copies_is_kept_back_here(box: Sandbox, tables: list[str]) -> None:
    assert not copies.KEPT_BACK & set(tables)
    for name in sorted(copies.KEPT_BACK):
        with pytest.raises(QueryFailed, match="there is no table or view"):
            box.ask(f"SELECT count(*) FROM {name}", tables)


def test_a_wrong_name_is_answered_with_the_near_ones(box: Sandbox, tables: list[str]) -> None:
    with pytest.raises(QueryFailed, match="no table or view deal_overvew to ask here; did you mean deal_overview"):
        box.ask("FROM deal_overvew", tables)
    with pytest.raises(QueryFailed, match='column "kindd" not found'):
        box.ask("SELECT kindd FROM deals", tables)


def test_too_many_rows_are_cut_and_said_so(box: Sandbox, tables: list[str]) -> None:
    answer = box.ask("FROM range(5000)", tables)
    assert (answer.table.num_rows, answer.more) == (1000, True)
    whole = box.ask("FROM range(1000)", tables)
    assert (whole.table.num_rows, whole.more) == (1000, False)
    assert box.ask("FROM range(9)", tables, rows=3).more


def test_an_answer_that_is_too_long_is_cut_and_said_so(filled: Path, tables: list[str]) -> None:
    box = Sandbox(filled, seconds=60, size=100_000)
    try:
        answer = box.ask("SELECT repeat('x', 10000) AS x FROM range(50)", tables)
    finally:
        box.stop()
    assert answer.more
    assert 0 < answer.table.num_rows <= 10


@pytest.mark.parametrize(
    "hog",
    [
        "SELECT count(*) FROM range(1000000) AS a, range(1000000) AS b WHERE a.range * b.range % 7 = 3",
        "WITH RECURSIVE r AS (SELECT 1 AS n UNION ALL SELECT n + 1 FROM r) SELECT max(n) FROM r",
        "SELECT count(*) FROM range(1000000000) WHERE regexp_matches(repeat('a', (range % 1000)::INT), '(a*)*(a*)*b')",
    ],
)
def test_a_time_hog_is_stopped_in_time(filled: Path, tables: list[str], hog: str) -> None:
    box = Sandbox(filled, seconds=1)
    try:
        box.ask("SELECT 1", tables)
        began = time.monotonic()
        with pytest.raises(QueryFailed, match=r"took more than 1 s|more memory"):
            box.ask(hog, tables)
        assert time.monotonic() - began < 60
        assert box.ask("SELECT 1 AS one", tables).table.to_pylist() == [{"one": 1}]
    finally:
        box.stop()


@pytest.mark.parametrize(
    "hog",
    [
        "SELECT list(range) FROM range(100000000)",
        "SELECT string_agg(repeat('x', 10000), '') FROM range(1000000)",
        "SELECT DISTINCT md5(range::VARCHAR) FROM range(100000000)",
    ],
)
def test_a_memory_hog_is_refused(filled: Path, tables: list[str], hog: str) -> None:
    box = Sandbox(filled, seconds=60, megabytes=32)
    try:
        with pytest.raises(QueryFailed, match="memory"):
            box.ask(hog, tables)
    finally:
        box.stop()


def test_a_child_that_is_killed_costs_its_question_alone(box: Sandbox, tables: list[str]) -> None:
    told: list[str] = []

    def ask() -> None:
        try:
            box.ask("WITH RECURSIVE r AS (SELECT 1 AS n UNION ALL SELECT n + 1 FROM r) SELECT max(n) FROM r", tables)
        except QueryFailed as error:
            told.append(str(error))

    assert box.ask("SELECT 1", tables)
    parent = box._process
    assert parent is not None
    children = Path(f"/proc/{parent.pid}/task/{parent.pid}/children")
    asking = threading.Thread(target=ask)

    def until(there: bool) -> list[str]:
        give_up = time.monotonic() + 60
        while bool(found := children.read_text().split()) is not there and time.monotonic() < give_up:
            time.sleep(0.05)
        return found

    until(False)
    asking.start()
    (child,) = until(True)
    os.kill(int(child), signal.SIGKILL)
    asking.join(120)
    assert told
    # The second where it was killed before it had been given the question.
    assert re.search("nothing else was harmed|did not; ask again", told[0])
    assert box.ask("SELECT 1 AS one", tables).table.to_pylist() == [{"one": 1}]
    assert box._process is parent


def test_the_process_behind_it_is_started_again(box: Sandbox, tables: list[str]) -> None:
    box.ask("SELECT 1", tables)
    assert box._process is not None
    box._process.kill()
    box._process.wait()
    assert box.ask("SELECT 1 AS one", tables).table.to_pylist() == [{"one": 1}]


def test_it_has_nothing_of_the_environment(filled: Path, tables: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DEALWIRE_SMTP_PASSWORD", "hunter2")
    box = Sandbox(filled, seconds=60)
    try:
        box.ask("SELECT 1", tables)
        assert box._process is not None
        assert b"hunter2" not in Path(f"/proc/{box._process.pid}/environ").read_bytes()
    finally:
        box.stop()


def test_it_waits_for_a_writer_and_a_writer_for_it(filled: Path, tmp_path: Path, tables: list[str]) -> None:
    store = samples.fill(tmp_path / "own.duckdb")
    box = Sandbox(store.path, seconds=60, patience=60)
    told: list[int] = []
    try:
        with store.write() as con:
            asking = threading.Thread(target=lambda: told.append(box.ask("FROM deals", tables).table.num_rows))
            asking.start()
            time.sleep(0.5)
            assert told == []
            con.execute("DELETE FROM deals WHERE deal_id = 'd-talks'")
        asking.join(60)
        assert told == [4]
    finally:
        box.stop()


def test_questions_that_are_none_are_told_apart(box: Sandbox, tables: list[str]) -> None:
    with pytest.raises(InvalidInput, match="write a SELECT first"):
        box.ask("  \n", tables)
    with pytest.raises(InvalidInput, match="longer than"):
        box.ask("SELECT 1" + " " * LONGEST_QUERY, tables)


def test_of_a_lake_a_copy_is_asked_that_holds_nothing_secret(
    postgres: Postgres, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    lake = postgres.lake(tmp_path / "rows")
    samples.fill(lake)
    lake.close()
    address = lake.address
    settings = Settings.model_validate(
        {"database": f"{address.shown} password='{address.password.replace(chr(39), chr(92) + chr(39))}'"}
    )
    site = Site(settings)
    try:
        tables = site.read_now(describing.names)
        for _ in range(2):
            (row,) = site.asked("SELECT count(*) AS n FROM deal_overview", tables).table.to_pylist()
            assert row == {"n": 5}
        with pytest.raises(QueryFailed):
            site.asked("FROM subscribers", tables)
        with Warehouse(tmp_path / f".{settings.database.name}.sql.duckdb").read() as con:
            assert con.execute("SELECT count(*) FROM subscribers").fetchone() == (0,)
    finally:
        site.sandbox.stop()
