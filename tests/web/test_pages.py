"""Alliances, deals, articles, feeds and search, as a visitor sees them in a browser."""

import pytest
from playwright.sync_api import Browser, expect

from tests.web.conftest import Server, Visit, serious, visiting


def test_the_start_page_shows_alliances_with_their_legs_and_numbers(visit: Visit) -> None:
    tab = visit.go("/")
    assert tab.title() == "Alliances · dealwire"
    card = tab.locator("li.alliance").filter(has_text="Anthropic").filter(has_text="Microsoft").first
    expect(card).to_contain_text("up to $10B")
    expect(card).to_contain_text("source")
    assert [one.inner_text() for one in tab.locator(".strip dt").all()][:3] == ["Deals", "Announced", "Planned"]
    assert tab.locator("main").count() == 1
    assert serious(tab) == []


def test_filters_stand_in_the_address_and_hold_when_it_is_shared(visit: Visit) -> None:
    tab = visit.go("/")
    everything = tab.locator("li.alliance").count()
    tab.get_by_label("Kind", exact=True).select_option("purchase")
    tab.wait_for_url("**/?kind=purchase")
    visit.shown()
    fewer = tab.locator("li.alliance").count()
    assert 0 < fewer < everything
    tab.get_by_label("Company", exact=True).fill("nvidia")
    tab.get_by_role("button", name="Filter").click()
    tab.wait_for_url("**company=nvidia**")
    visit.shown()
    assert "kind=purchase" in tab.url
    assert tab.get_by_label("Kind", exact=True).input_value() == "purchase"
    cards = tab.locator("li.alliance")
    assert 0 < cards.count() <= fewer
    assert all("NVIDIA" in one.inner_text() for one in cards.all())


def test_a_filter_that_nothing_fits_says_what_to_do(visit: Visit) -> None:
    tab = visit.go("/?company=Nobody&min_usd=1e17&period=nonsense")
    expect(tab.get_by_text("No alliance fits.")).to_be_visible()
    tab.get_by_role("link", name="see them all").click()
    tab.wait_for_url(visit.server.url + "/")


def test_from_an_alliance_to_the_sentence_in_its_article(visit: Visit) -> None:
    tab = visit.go("/")
    tab.locator("li.alliance h2 a").filter(has_text="Microsoft").filter(has_text="Anthropic").first.click()
    tab.wait_for_url("**/alliance/*")
    visit.shown()
    assert serious(tab) == []
    tab.locator(".leg", has_text="$30B").get_by_role("link", name="why").click()
    tab.wait_for_url("**/deal/*")
    visit.shown()
    claim = tab.locator("li.claim").first
    said = claim.locator("blockquote mark").inner_text()
    assert "$30 billion" in said
    assert serious(tab) == []
    claim.locator("h3 a").click()
    tab.wait_for_url("**/article/*#claim-*")
    visit.shown()
    assert said.split()[0] in tab.locator("article .claimed").first.inner_text() + tab.locator("article").inner_text()
    assert tab.locator("article mark.of-company").count() > 1
    assert tab.locator("article mark.of-money").count() > 0
    assert tab.locator("aside li.claim").count() > 0
    assert serious(tab) == []


def test_searching_finds_deals_and_articles_and_marks_the_words(visit: Visit) -> None:
    tab = visit.go("/articles")
    assert serious(tab) == []
    tab.get_by_label("Search deals and articles").fill("anthropic gigawatt")
    tab.keyboard.press("Enter")
    tab.wait_for_url("**/search?q=anthropic+gigawatt")
    visit.shown()
    hit = tab.locator("main li.card").first
    assert "gigawatt" in tab.locator("main").inner_text().lower()
    expect(hit.or_(tab.locator("mark").first).first).to_be_visible()


def test_feeds_say_how_they_are(visit: Visit) -> None:
    tab = visit.go("/feeds")
    assert tab.locator("li.feed").count() == 5
    expect(tab.locator("li.feed").first).to_contain_text("last poll")
    expect(tab.get_by_role("table", name="Last polls")).to_be_visible()
    assert serious(tab) == []


@pytest.mark.parametrize("path", ["/deal/zzzz", "/alliance/%3Cscript%3E", "/article/..%2f..%2fetc", "/nothing"])
def test_what_is_not_there_is_said_in_words(visit: Visit, path: str) -> None:
    tab = visit.tab
    answer = tab.goto(visit.server.url + path)
    assert answer is not None
    assert answer.status == 404
    visit.shown()


def test_on_a_phone_and_in_the_dark_nothing_is_cut_off(browser: Browser, site: Server) -> None:
    with visiting(browser, site, viewport={"width": 360, "height": 740}, color_scheme="dark") as visit:
        for path in ("/", "/articles", "/feeds"):
            tab = visit.go(path)
            assert tab.evaluate("document.documentElement.dataset.theme") == "dark"
            assert tab.evaluate("document.documentElement.scrollWidth <= innerWidth"), path
        assert serious(tab) == []
        tab.get_by_role("button", name="Dark or light").click()
        assert tab.evaluate("document.documentElement.dataset.theme") == "light"
        visit.go("/")
        assert tab.evaluate("document.documentElement.dataset.theme") == "light"


def test_the_keyboard_reaches_the_content_first(visit: Visit) -> None:
    tab = visit.go("/")
    tab.keyboard.press("Tab")
    assert tab.evaluate("document.activeElement.textContent") == "Skip to the content"
    tab.keyboard.press("Enter")
    assert tab.evaluate("document.activeElement.id") == "content"
