"""What others write, and what they send: scripts stay texts, files stay unread, and only an admin changes something."""

import hashlib
import shutil
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote, urlencode

import httpx
import pytest
from playwright.sync_api import Browser

from dealwire.settings import Settings
from dealwire.warehouse.connect import Warehouse
from dealwire.web.changes import routes as changes
from dealwire.web.sessions import Sessions, hashed
from dealwire.web.site import Site
from tests.warehouse import samples
from tests.web.conftest import Server, running, visiting

EVIL = """<script>window.hacked = 1</script><img src="x" onerror="window.hacked = 1">"><b id="smuggled">'"""
COMPANY = f"OpenAI {EVIL}"
PAGES = (
    "/",
    f"/?company={quote(COMPANY)}",
    f"/?company={quote(EVIL)}&kind={quote(EVIL)}",
    "/search?q=script",
    f"/search?q={quote(EVIL)}",
    "/alliance/a-amd",
    f"/alliance/{quote(EVIL, safe='')}",
    "/deal/d-chips",
    "/articles",
    f"/article/{samples.FIRST.article_id}",
    "/feeds",
    "/companies",
    f"/company/{quote(COMPANY, safe='')}",
    "/map",
    "/hardware",
    "/sql?" + urlencode({"query": "SELECT title, parties AS \"<img src=x onerror='window.hacked=1'>\" FROM alliances"}),
    "/sql?" + urlencode({"query": f"SELECT '{EVIL.replace(chr(39), chr(39) * 2)}' AS x FROM nowhere"}),
    f"/login?next={quote('javascript:window.hacked=1')}",
)
READER, ADMIN = "only to look", "to change as well"


@pytest.fixture(scope="module")
def evil(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The sample warehouse with markup in every text that somebody else may choose."""
    store = samples.fill(tmp_path_factory.mktemp("evil") / "evil.duckdb")
    with store.write() as con:
        # Behind what is there, so that offsets stay right.
        con.execute("UPDATE articles SET title = title || $evil, text = text || $evil, author = $evil", {"evil": EVIL})
        con.execute(
            "UPDATE feeds SET title = $evil, last_error = $evil, site_url = 'javascript:hacked()'", {"evil": EVIL}
        )
        con.execute("UPDATE polls SET error = $evil, note = $evil", {"evil": EVIL})
        con.execute("UPDATE alliances SET title = title || $evil", {"evil": EVIL})
        con.execute("UPDATE deal_claims SET quoted = $evil", {"evil": EVIL})
        con.execute("UPDATE chips SET name = name || $evil", {"evil": EVIL})
        con.execute("UPDATE models SET name = name || $evil", {"evil": EVIL})
        for table in ("companies", "company_mentions"):
            con.execute(f"UPDATE {table} SET name = $name WHERE name = 'OpenAI'", {"name": COMPANY})
        con.execute("UPDATE companies SET aliases = [$evil], kind = $evil", {"evil": EVIL})
        for table, columns in (
            ("deals", ("payers", "payees", "parties")),
            ("deal_claims", ("payers", "payees", "parties")),
            ("alliances", ("parties",)),
        ):
            for column in columns:
                con.execute(
                    f"UPDATE {table} SET {column} = list_transform({column}, lambda one: "
                    "CASE one WHEN 'OpenAI' THEN $name ELSE one END)",
                    {"name": COMPANY},
                )
    return store.path


@pytest.fixture(scope="module")
def server(evil: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with running(evil, tmp_path_factory.mktemp("server")) as started:
        yield started


@pytest.mark.parametrize("path", PAGES)
def test_scripts_in_titles_texts_feeds_and_names_do_not_run(browser: Browser, server: Server, path: str) -> None:
    with visiting(browser, server) as visit:
        visit.tab.on("dialog", lambda dialog: visit.wrong.append(dialog.message))
        answer = visit.tab.goto(server.url + path)
        assert answer is not None
        assert answer.status < 500
        visit.tab.locator("h1").first.wait_for()
        if path.startswith("/sql"):
            answered = visit.tab.get_by_role("region", name="Answer")
            answered.get_by_role("alert").or_(answered.get_by_text("row")).first.wait_for()
        assert visit.tab.evaluate("window.hacked") is None
        assert visit.tab.locator("#smuggled").count() == 0
        assert visit.tab.locator('a[href^="javascript:" i], iframe, object, embed').count() == 0


def test_feeds_of_ours_hold_no_markup_of_others(server: Server) -> None:
    told = httpx.get(f"{server.url}/api/alliances.atom", timeout=60)
    assert told.status_code == 200
    found = httpx.get(f"{server.url}/api/alliances.json-feed", timeout=60).json()
    # A title is a text in JSON Feed; only what is HTML has to be escaped.
    assert "script" in told.text
    assert any("script" in item["content_html"] for item in found["items"])
    for text in (told.text, *(item["content_html"] for item in found["items"])):
        assert "<script" not in text
        assert "<img src" not in text
    reference = httpx.get(f"{server.url}/api/docs", timeout=60)
    assert "<script>window" not in reference.text
    assert "default-src 'none'" in reference.headers["content-security-policy"]


@pytest.mark.parametrize(
    "path",
    [
        "/static/../settings.py",
        "/static/..%2f..%2fsettings.py",
        "/static/%2e%2e/%2e%2e/settings.py",
        "/static/....//....//settings.py",
        "/static//etc/passwd",
        "/static/%2fetc%2fpasswd",
        "/static/..%5c..%5csettings.py",
        "/static/page.css%00.py",
        "/_nicegui/../../settings.py",
        "/_nicegui/3.18.0/static/..%2f..%2f..%2fnicegui.py",
        "/_nicegui/3.18.0/components/..%2f..%2f/etc/passwd",
        "/article/..%2f..%2fetc%2fpasswd",
        "/api/articles/..%2f..%2fetc%2fpasswd",
        "/company/..%2f..%2fetc%2fpasswd",
    ],
)
def test_no_path_leads_to_other_files(server: Server, path: str) -> None:
    host = server.url.removeprefix("http://")
    with httpx.Client(base_url=server.url, timeout=60) as client:
        # As it is written: the client would tidy dots away.
        request = client.build_request("GET", "/", headers={"Host": host})
        request.url = request.url.copy_with(raw_path=path.encode())
        answer = client.send(request)
    assert answer.status_code < 500
    assert "root:" not in answer.text
    assert "BaseSettings" not in answer.text
    assert "def " not in answer.text or answer.status_code == 404


def test_only_an_admin_with_a_form_of_ours_changes_something(evil: Path, tmp_path: Path) -> None:
    database = Path(shutil.copy(evil, tmp_path / "own.duckdb"))
    with Warehouse(database).read() as con:
        claim, article = (
            con.execute("SELECT record_id, article_id FROM deal_claims ORDER BY ALL LIMIT 1").fetchone() or ()
        )
        (feed,) = con.execute("SELECT feed_id FROM feeds ORDER BY ALL LIMIT 1").fetchone() or ()
    fields = {"claim": claim, "article": article, "feed": feed, "deal": "d-chips", "url": "https://new.example/rss"}
    settings = Settings(database=database)
    posts = [
        str(getattr(route, "path", ""))
        for route in changes(Site(settings), Sessions(settings.web)).routes
        if "POST" in (getattr(route, "methods", None) or ())
    ]
    assert len(posts) >= 5
    before = hashlib.sha256(database.read_bytes()).hexdigest()
    file = {"file": ("feeds.opml", b'<opml><body><outline xmlUrl="https://new.example/rss"/></body></opml>')}
    with running(database, tmp_path, web__reader=hashed(READER), web__admin=hashed(ADMIN)) as server:
        as_reader = {"Authorization": f"Bearer {READER}"}
        as_admin = {"Authorization": f"Bearer {ADMIN}"}
        with httpx.Client(base_url=server.url, timeout=60) as client:
            assert client.get("/api/deals").status_code == 401
            assert client.get("/api/sql?query=SELECT 1").status_code == 401
            assert client.get("/sql").status_code == 303
            assert client.get("/api/deals", headers={"Authorization": "Bearer wrong"}).status_code == 401
            assert client.get("/api/deals", headers=as_reader).status_code == 200
            for path in posts:
                sent = {"data": fields} | ({"files": file} if path.endswith("import") else {})
                assert client.post(path, **sent).status_code == 401, path  # type: ignore[arg-type]
                for headers in (as_reader, as_admin):
                    # Allowed or not, an answer without the form's own token changes nothing.
                    told = client.post(path, headers=headers, **sent)  # type: ignore[arg-type]
                    assert told.status_code in (303, 403), path
                foreign = {**as_admin, "Origin": "https://evil.example"}
                assert client.post(path, headers=foreign, **sent).status_code == 403, path  # type: ignore[arg-type]
                assert client.get(path, headers=as_admin).status_code in (404, 405), path
            assert client.get("/", headers={**as_reader, "Host": "evil.example"}).status_code == 421
    assert hashlib.sha256(database.read_bytes()).hexdigest() == before
