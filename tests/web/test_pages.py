"""The pages in a browser."""

from tests.web.conftest import Visit


def test_the_start_page_lists_alliances(visit: Visit) -> None:
    tab = visit.go("/")
    assert tab.title() == "Alliances · dealwire"
    assert tab.locator("main").get_by_text("→").count() > 0
