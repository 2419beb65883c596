"""What a user may get wrong: one clear line, exit code 1, nothing changed."""

import http.server
import threading
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest

from tests.cli.conftest import Cli


@pytest.fixture
def html_server() -> Iterator[str]:
    class Page(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = b"" if self.path == "/empty" else b"<!doctype html><html><body><h1>No feed here</h1></body></html>"
            self.send_response(200)
            self.send_header("Content-Type", "text/html")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *args: object) -> None: ...

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Page)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


def one_line(err: str) -> str:
    assert "Traceback" not in err
    lines = [line for line in err.splitlines() if line.strip()]
    assert len(lines) == 1, err
    return lines[0]


def test_an_unreachable_feed_is_not_added(cli: Cli, tmp_path: Path) -> None:
    ran = cli("feeds", "add", "http://127.0.0.1:9/feed.xml")
    assert ran.code == 1
    assert "did not answer" in one_line(ran.err)
    assert not (tmp_path / "dealwire.duckdb").exists()


def test_html_in_place_of_a_feed_is_not_added(cli: Cli, html_server: str, tmp_path: Path) -> None:
    ran = cli("feeds", "add", f"{html_server}/news")
    assert ran.code == 1
    assert "no feed" in one_line(ran.err)
    assert not (tmp_path / "dealwire.duckdb").exists()


def test_an_empty_answer_is_not_added(cli: Cli, html_server: str) -> None:
    ran = cli("feeds", "add", f"{html_server}/empty")
    assert ran.code == 1
    assert "no feed" in one_line(ran.err)


@pytest.mark.parametrize("address", ["example", "ftp://example.org/feed", "https://", "not a url"])
def test_a_word_that_is_no_address_is_refused(cli: Cli, address: str) -> None:
    ran = cli("feeds", "add", address)
    assert ran.code == 1
    assert "no web address" in one_line(ran.err)


def test_a_private_address_is_refused_unless_named(cli: Cli, html_server: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("DEALWIRE_ALLOW_PRIVATE_HOSTS")
    ran = cli("feeds", "add", f"{html_server}/feed")
    assert ran.code == 1
    assert "DEALWIRE_ALLOW_PRIVATE_HOSTS" in one_line(ran.err)


def test_bad_toml_names_the_line(cli: Cli, tmp_path: Path) -> None:
    (tmp_path / "dealwire.toml").write_text('database = "a.duckdb"\nbatch = = 3\n')
    ran = cli("feeds", "list")
    assert ran.code == 1
    assert "line 2" in one_line(ran.err)


def test_an_unknown_setting_is_named_with_the_known_ones(cli: Cli, tmp_path: Path) -> None:
    (tmp_path / "dealwire.toml").write_text("databse = 'a.duckdb'\n")
    ran = cli("alliances")
    assert ran.code == 1
    assert "databse" in ran.err
    assert "database" in one_line(ran.err)


def test_a_missing_database_says_how_to_make_it(cli: Cli, tmp_path: Path) -> None:
    ran = cli("alliances")
    assert ran.code == 1
    assert "dealwire run" in one_line(ran.err)
    assert not (tmp_path / "dealwire.duckdb").exists()


def test_a_file_that_is_no_database_is_left_alone(cli: Cli, tmp_path: Path) -> None:
    path = tmp_path / "notes.txt"
    path.write_text("these are my notes, not a database\n" * 20)
    before = path.read_bytes()
    for words in (("alliances",), ("run", "--inline")):
        ran = cli(*words, "--db", str(path))
        assert ran.code == 1
        assert "no dealwire database" in ran.err
        assert "Traceback" not in ran.err
    assert path.read_bytes() == before


def test_a_database_of_a_newer_version_is_left_alone(cli: Cli, tmp_path: Path) -> None:
    assert cli("feeds", "add", "--no-check", "https://example.org/feed").code == 0
    path = tmp_path / "dealwire.duckdb"
    with duckdb.connect(str(path)) as con:
        con.execute("INSERT INTO schema_changes SELECT 999, name, applied_at FROM schema_changes LIMIT 1")
    for words in (("alliances",), ("feeds", "list"), ("run", "--inline")):
        ran = cli(*words)
        assert ran.code == 1
        assert "upgrade dealwire" in ran.err


@pytest.mark.parametrize(
    ("query", "told"),
    [
        ("SELEC 1", "syntax"),
        ("SELECT nothing FROM deals", "nothing"),
        ("SELECT 1; SELECT 2", "one"),
        ("DROP TABLE deals", "SELECT"),
        ("", "SELECT"),
    ],
)
def test_sql_errors_are_one_clear_message(cli: Cli, query: str, told: str) -> None:
    assert cli("feeds", "add", "--no-check", "https://example.org/feed").code == 0
    ran = cli("sql", query)
    assert ran.code == 1
    assert told.lower() in ran.err.lower()
    assert "Traceback" not in ran.err


def test_an_empty_file_to_extract_is_refused(cli: Cli, tmp_path: Path) -> None:
    (tmp_path / "empty.txt").write_text("")
    ran = cli("extract", "empty.txt")
    assert ran.code == 1
    assert "empty" in one_line(ran.err)


def test_a_broken_line_of_jsonl_is_named(cli: Cli, tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_text('{"id": "1", "text": "Nothing here."}\n{"id": "2", "text":\n')
    ran = cli("extract", "a.jsonl")
    assert ran.code == 1
    assert "a.jsonl line 2" in ran.err


def test_an_opml_that_names_no_feed_is_refused(cli: Cli, tmp_path: Path) -> None:
    (tmp_path / "a.opml").write_text("<opml version='2.0'><body/></opml>")
    ran = cli("feeds", "import", "a.opml")
    assert ran.code == 1
    assert "names no feed" in ran.err


def test_init_never_overwrites(cli: Cli, tmp_path: Path) -> None:
    assert cli("init").code == 0
    text = (tmp_path / "dealwire.toml").read_text()
    ran = cli("init")
    assert ran.code == 1
    assert (tmp_path / "dealwire.toml").read_text() == text
    assert cli("doctor").code == 0
