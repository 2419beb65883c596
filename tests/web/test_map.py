"""The map, the companies, chips and models in a browser, on the sample site's data."""

import json
import urllib.error
import urllib.request
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from tests.web.conftest import Server, Visit, serious, visiting

# Where the middle of an arrow with these ends is, as the browser has drawn it: the longest line in its colour.
_MIDDLE = """(colour) => {
    const lines = [...document.querySelectorAll(".chart.tall svg path")]
        .filter((path) => path.getAttribute("stroke") === `var(--${colour})`);
    const line = lines.sort((one, other) => other.getTotalLength() - one.getTotalLength())[0];
    const at = line.getPointAtLength(line.getTotalLength() / 2).matrixTransform(line.getScreenCTM());
    return [at.x, at.y];
}"""


def _drawn(tab: Page) -> Page:
    tab.locator(".chart.tall svg text", has_text="OpenAI").first.wait_for()
    return tab


def test_the_map_is_drawn_and_stands_as_a_table_too(visit: Visit) -> None:
    tab = _drawn(visit.go("/map"))
    assert tab.locator(".chart.tall svg path").count() > 40
    legend = tab.locator(".legend").all_inner_texts()
    assert "investment" in legend[1]
    assert "on a loop of money" in legend[0]
    assert tab.get_by_text("Bands cannot run in a circle").is_visible()
    # Loops come when they are found.
    tab.get_by_role("heading", name="Companies on most loops").wait_for()
    tab.get_by_text("Show as a table").first.click()
    assert tab.get_by_role("region", name="Deals between the companies on the map").is_visible()
    assert serious(tab) == []


def test_an_arrow_leads_to_its_sentence_and_that_to_the_article(visit: Visit) -> None:
    tab = _drawn(visit.go("/map?company=AMD"))
    tab.mouse.click(*tab.evaluate(_MIDDLE, "purchase"))
    told = tab.locator("#told")
    told.get_by_role("heading", name="OpenAI → AMD, purchase").wait_for()
    assert "AMD will supply OpenAI" in told.locator("mark").first.inner_text()
    # The view can be shared, arrow and all.
    assert "company=AMD" in tab.url
    assert "source=OpenAI" in tab.url
    tab.reload()
    told.locator("mark").first.wait_for()
    told.get_by_role("link", name="AMD to supply OpenAI", exact=False).first.click()
    tab.wait_for_url("**/article/*")
    visit.shown()
    assert tab.locator("main").get_by_text("six gigawatts").count() > 0


def test_a_click_on_a_company_shows_its_deals_alone(visit: Visit) -> None:
    tab = _drawn(visit.go("/map"))
    tab.locator(".chart.tall svg text", has_text="Mistral AI").first.click()
    tab.wait_for_url("**/map?company=Mistral*")
    tab.locator(".chart.tall svg text", has_text="ASML").first.wait_for()
    assert tab.locator(".chart.tall svg text", has_text="OpenAI").count() == 0
    assert tab.get_by_label("Company").input_value() == "Mistral AI"


def test_the_slider_plays_the_years(visit: Visit) -> None:
    tab = _drawn(visit.go("/map?company=OpenAI"))
    slider, until = tab.get_by_label("Deals told until"), tab.locator(".play output")
    assert until.inner_text() == "until Jan 2026"
    slider.fill("0")
    until.get_by_text("until Sep 2025").wait_for()
    tab.locator(".chart.tall svg text", has_text="Cerebras").first.wait_for(state="detached")
    tab.get_by_role("button", name="Play").click()
    tab.get_by_role("button", name="Pause").wait_for()
    until.get_by_text("until Jan 2026").wait_for()
    tab.locator(".chart.tall svg text", has_text="Cerebras").first.wait_for()
    assert slider.input_value() == "4"
    tab.get_by_role("button", name="Play").wait_for()


def test_pictures_and_data_can_be_taken_away(visit: Visit, tmp_path: Path) -> None:
    tab = _drawn(visit.go("/map?kind=purchase"))
    for form, begins in (("SVG", b"<svg"), ("PNG", b"\x89PNG")):
        with tab.expect_download() as saved:
            tab.get_by_role("button", name=f"Save as {form}: Map", exact=False).click()
        assert saved.value.suggested_filename == f"dealwire-map.{form.lower()}"
        path = tmp_path / form
        saved.value.save_as(path)
        assert path.read_bytes().startswith(begins)
    picture = (tmp_path / "SVG").read_text()
    assert "OpenAI" in picture
    assert "var(--" not in picture
    with tab.expect_download() as saved:
        tab.get_by_role("link", name="Save the data as CSV: Map", exact=False).click()
    saved.value.save_as(tmp_path / "csv")
    lines = (tmp_path / "csv").read_text().splitlines()
    assert lines[0].startswith("from,to,kind,")
    assert all(",purchase," in line for line in lines[1:])


def test_companies_chips_and_models_have_pages(visit: Visit) -> None:
    tab = visit.go("/companies?q=open")
    tab.get_by_role("link", name="OpenAI", exact=True).click()
    tab.get_by_role("heading", name="OpenAI", level=1).wait_for()
    tab.locator(".chart svg").first.wait_for()
    for heading in ("Money in and out", "Partners", "Chips", "AI models", "Timeline", "Articles"):
        assert tab.get_by_role("heading", name=heading, exact=True).count() == 1, heading
    assert serious(tab) == []
    visit.go("/hardware")
    assert tab.get_by_role("row", name="OpenAI AMD Instinct AMD from its maker", exact=False).count() == 1
    tab.get_by_role("region", name="Where models are offered").wait_for()
    assert tab.get_by_text("Azure customers get", exact=False).count() > 0
    assert serious(tab) == []


def test_on_a_phone_nothing_is_cut_off(browser: Browser, site: Server) -> None:
    with visiting(browser, site, viewport={"width": 360, "height": 740}, color_scheme="dark") as visit:
        for path in ("/map", "/companies", "/company/OpenAI", "/hardware"):
            tab = visit.go(path)
            assert tab.evaluate("document.documentElement.scrollWidth <= innerWidth"), path


def _get(site: Server, path: str) -> tuple[int, str]:
    try:
        with urllib.request.urlopen(site.url + path, timeout=120) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode()


@pytest.mark.parametrize(
    ("path", "columns"),
    [
        ("/map/arrows.json", {"from", "to", "kind", "usd", "deal_ids"}),
        ("/map/companies.json", {"company", "usd_in", "usd_out", "on_a_loop"}),
        ("/map/flows.json", {"payer", "payee", "usd", "drawn"}),
        ("/map/loops.json", {"companies", "flows", "usd", "score"}),
        ("/company/openai/money.json", {"period", "usd_in", "usd_out"}),
        ("/hardware/bought.json", {"buyer", "chip", "direct"}),
        ("/hardware/models.json", {"model", "developer"}),
        ("/hardware/offered.json", {"model", "company", "sentence"}),
        ("/hardware/chips-by-month.json", {"name", "month", "articles"}),
    ],
)
def test_all_that_is_drawn_can_be_had_as_data(site: Server, path: str, columns: set[str]) -> None:
    status, text = _get(site, path)
    assert status == 200
    assert columns <= json.loads(text)[0].keys()
    status, text = _get(site, path.replace(".json", ".csv"))
    assert columns <= set(text.splitlines()[0].split(","))


@pytest.mark.parametrize(
    ("path", "status", "told"),
    [
        ("/map?company=nobody", 200, "No deal fits these filters."),
        ("/map?kind=%00&status=zz&since=never&min_usd=nan&source=%3Cscript%3Ealert(1)", 200, "Flow of money"),
        ("/companies?q=zzzz", 200, "No company fits."),
        ("/companies?page=9999999&by=drop&kind=%27", 200, "OpenAI"),
        ("/company/nobody", 404, "is known here"),
        ("/company/%3Cscript%3Ealert(1)", 404, "is known here"),
        ("/map/secrets.csv", 404, "no such data"),
        ("/map/arrows.exe", 404, "no such data"),
        ("/hardware/bought.exe", 404, "no such data"),
        ("/company/nobody/money.csv", 404, "no such data"),
    ],
)
def test_odd_addresses_are_answered_in_words(site: Server, path: str, status: int, told: str) -> None:
    found, text = _get(site, path)
    assert found == status
    assert told in text
    assert "<script>alert" not in text
