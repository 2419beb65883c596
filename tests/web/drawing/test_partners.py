"""Partners are those on the other side of a company's deals."""

from dealwire.web.drawing.partners import partners
from tests.web.drawing.rows import deal


def test_partners_stand_on_the_other_side() -> None:
    rows = [
        deal("A", "B", 10),
        deal("B", "A", 4, kind="purchase"),
        deal("AC", "D", 100),
        deal("A", "E", kind="partnership"),
        deal("A", "F", 50, status="ended"),
    ]
    found = [(one.name, one.usd_to, one.usd_from, one.deals, one.kinds) for one in partners(rows, "A")]
    assert found == [
        ("B", 10, 4, 2, ("investment", "purchase")),
        ("D", 0, 0, 1, ("investment",)),
        ("E", 0, 0, 1, ("partnership",)),
    ]
