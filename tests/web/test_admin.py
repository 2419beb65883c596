"""What an admin changes in the browser, and what nobody else does: on a copy of the data, with passwords."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Browser, expect

from dealwire.demo.serve import OUTLETS, serving
from dealwire.warehouse.connect import Warehouse
from tests.web.conftest import Server, Visit, running, serious, visiting
from tests.web.test_guard import QUICK

READER, ADMIN = "only looking", "changing it"
HOSTILE = "<img src=x onerror=\"document.title='broken'\"><script>document.title='broken'</script>"


@pytest.fixture(scope="module")
def guarded(sample: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """The app on a copy of its own, with passwords; the sample site is there to be added."""
    folder = tmp_path_factory.mktemp("guarded")
    database = folder / "own.duckdb"
    shutil.copy(sample, database)
    with Warehouse(database).write() as con:
        con.execute("DELETE FROM feeds WHERE url LIKE '%stackyard%'")
        con.execute("UPDATE feeds SET title = ? WHERE url LIKE '%circuit%'", [HOSTILE])
        con.execute("UPDATE articles SET title = ? WHERE url LIKE '%circuit%'", [HOSTILE])
    with serving() as outlets:
        places = ",".join(f"{host}={address}" for host, address in outlets.connect_to.items())
        with running(
            database, folder, web__reader=QUICK.hash(READER), web__admin=QUICK.hash(ADMIN), connect_to=places
        ) as server:
            yield server


@pytest.fixture
def admin(browser: Browser, guarded: Server) -> Iterator[Visit]:
    with visiting(browser, guarded) as visit:
        visit.tab.goto(guarded.url + "/feeds")
        assert serious(visit.tab) == []
        visit.tab.get_by_label("Password").fill(ADMIN)
        visit.tab.get_by_role("button", name="Log in").click()
        visit.tab.wait_for_url("**/feeds")
        visit.shown()
        yield visit


def test_a_claim_is_reported_as_wrong_and_taken_back(admin: Visit) -> None:
    with Warehouse(admin.server.database).read() as con:
        row = con.execute(
            "SELECT claim_id, article_id FROM deal_sources JOIN deals USING (deal_id) WHERE articles = 1 LIMIT 1"
        ).fetchone()
        (before,) = con.execute("SELECT count(*) FROM deals").fetchone() or (0,)
    assert row is not None
    tab = admin.go(f"/article/{row[1]}")
    mine = tab.locator("aside li.claim").filter(has=tab.locator(f"a[href='#claim-{row[0][:10]}']"))
    mine.get_by_role("button", name="Report as wrong").click()
    expect(tab.get_by_text("no deal is made of it any more")).to_be_visible()
    expect(mine).to_contain_text("reported as wrong")
    with Warehouse(admin.server.database).read() as con:
        assert con.execute("SELECT count(*) FROM deals").fetchone() == (before - 1,)
    mine.get_by_role("button", name="It is right").click()
    expect(tab.get_by_text("It counts again.")).to_be_visible()
    with Warehouse(admin.server.database).read() as con:
        assert con.execute("SELECT count(*) FROM deals").fetchone() == (before,)
        assert con.execute("SELECT count(*) FROM rejected_claims").fetchone() == (0,)


def test_feeds_are_added_paused_removed_and_imported(admin: Visit, tmp_path: Path) -> None:
    tab = admin.go("/feeds")
    assert tab.locator("li.feed").count() == 4
    assert tab.title() == "Feeds · dealwire", "scripts in titles do not run"
    tab.get_by_label("Address of a site or feed").fill("http://stackyard.example/")
    tab.get_by_role("button", name="Add", exact=True).click()
    expect(tab.get_by_text("Added: Stackyard")).to_be_visible()
    assert tab.locator("li.feed").count() == 5
    feed = tab.locator("li.feed", has_text="Stackyard")
    feed.get_by_role("button", name="Pause").click()
    expect(tab.get_by_text("Paused: it is not polled")).to_be_visible()
    feed.get_by_role("button", name="Resume").click()
    expect(tab.get_by_text("Resumed")).to_be_visible()
    tab.once("dialog", lambda dialog: dialog.accept())
    feed.get_by_role("button", name="Remove").click()
    expect(tab.get_by_text("Removed; its articles stay.")).to_be_visible()
    assert tab.locator("li.feed").count() == 4
    lists = tmp_path / "feeds.opml"
    lists.write_text(
        f"<opml><body><outline text='S' xmlUrl='{OUTLETS[2].feed_url}'/><outline xmlUrl='x'/></body></opml>"
    )
    tab.get_by_label("OPML file, or a list of addresses").set_input_files(lists)
    tab.get_by_role("button", name="Import").click()
    expect(tab.get_by_text("1 feed added")).to_be_visible()
    tab.get_by_label("Address of a site or feed").fill("file:///etc/passwd")
    tab.get_by_role("button", name="Add", exact=True).click()
    expect(tab.get_by_text("is no web address")).to_be_visible()


def test_a_reader_sees_no_buttons_and_changes_nothing(guarded: Server) -> None:
    with httpx.Client(base_url=guarded.url, headers={"Authorization": f"Bearer {READER}"}, timeout=120) as reader:
        shown = reader.get("/feeds")
        assert shown.status_code == 200
        assert "/change/feed" not in shown.text
        assert HOSTILE not in shown.text
    with httpx.Client(base_url=guarded.url, timeout=120) as nobody:
        for path in ("feed/add", "feed/import", "feed/pause", "feed/remove", "claim/reject", "claim/restore"):
            assert nobody.post(f"/change/{path}", data={"url": "http://x.example/"}).status_code == 401
        assert nobody.get("/feeds.opml").status_code == 303
        assert nobody.get("/static/../../settings.py").status_code in (303, 404)
        assert nobody.get("/static/%2e%2e/%2e%2e/app.py").status_code in (303, 404)
