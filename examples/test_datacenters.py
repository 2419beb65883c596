"""Sites are found with their place, their power and their owner. Nothing that the passages tell has happened."""

import datacenters
import pytest
from datacenters import Site

from dealwire import find

Told = tuple[str, float | None, str | None]

PASSAGES: list[tuple[str, list[Told]]] = [
    (
        "Oracle will build a 1 GW campus in Abilene for an AI lab. The first halls open in March.",
        [("Abilene", 1000, "Oracle")],
    ),
    (
        "Microsoft plans a 300-megawatt data centre near Narvik, where power is cheap.",
        [("Narvik", 300, "Microsoft")],
    ),
    (
        "CoreWeave opened two data centers, one in Lancaster, Pennsylvania with 100 MW and one in Plano with 30 MW.",
        [("Lancaster, Pennsylvania", 100, "CoreWeave"), ("Plano", 30, "CoreWeave")],
    ),
    (
        "Google is spending $4 billion on a data center outside Columbus, Ohio. It opens in June.",
        [("Columbus, Ohio", None, "Google")],
    ),
    (
        "The city council rejected a data centre that Amazon had proposed near Tucson.",
        [("Tucson", None, "Amazon")],
    ),
    ("Equinix said its Frankfurt data centre was sold out. Revenue rose 8%.", [("Frankfurt", None, "Equinix")]),
    (
        "Meta's Hyperion campus in Louisiana is to grow to five gigawatts of computing power.",
        [("Louisiana", 5000, "Meta")],
    ),
    (
        "A server farm owned by Digital Realty in Marseille went down for three hours.",
        [("Marseille", None, "Digital Realty")],
    ),
    ("Nebius leases 50 MW at a data centre in Keflavik, Iceland.", [("Keflavik, Iceland", 50, "Nebius")]),
    (
        "An AI factory with 200 megawatts is being built by Crusoe in northern Sweden.",
        [("northern Sweden", 200, "Crusoe")],
    ),
    (
        "IBM bought 40 hectares of land. The data centre there, in the town of Alcobendas, gets 80 MW.",
        [("Alcobendas", 80, "IBM")],
    ),
    ("Apple has no plans for a data centre in Athenry, it said.", [("Athenry", None, "Apple")]),
    ("The university opened a new campus in Leeds. Students moved in on Monday.", []),
    ("Nvidia sold 20,000 H100s to a customer in Japan. Shares rose.", []),
    ("Its data centre revenue rose in Europe and fell in March.", []),
    (
        "Amazon Web Services has picked a site in Ketchum, Idaho, for a 450 MW data centre campus.",
        [("Ketchum, Idaho", 450, "Amazon Web Services")],
    ),
    (
        "Work on Equinix's 90-megawatt server farm near Lagos begins in autumn, officials said.",
        [("Lagos", 90, "Equinix")],
    ),
    ("OpenAI and Oracle add a third campus in Milam County, Texas.", [("Milam County, Texas", None, "OpenAI")]),
    (
        "In Kuala Lumpur, Digital Realty opened its second data center on Monday. It draws 35 MW.",
        [("Kuala Lumpur", 35, "Digital Realty")],
    ),
    ("Iren is to supply 750 MW from its Childress data center to Microsoft.", [("Childress", 750, "Iren")]),
    (
        "Alphabet's Google will invest 5.5 billion euros in Germany, including a data centre in Dietzenbach.",
        [("Dietzenbach", None, "Google")],
    ),
    (
        "Residents of Peculiar, Missouri, stopped a data center campus that Diode had planned there.",
        [("Peculiar, Missouri", None, "Diode")],
    ),
    ("xAI runs 200,000 GPUs in Memphis, at a supercomputing facility called Colossus.", [("Memphis", None, "xAI")]),
    (
        "The 2-gigawatt campus, which Meta calls Prometheus, comes online in New Albany, Ohio, in 2026.",
        [("New Albany, Ohio", 2000, "Meta")],
    ),
    ("Data centres in Ireland use a fifth of all power, the regulator said.", []),
    ("Nscale rents a data centre with 230 megawatts near Narvik to Microsoft.", [("Narvik", 230, "Nscale")]),
]
# Written when the rules were done; no rule was changed for them.
UNSEEN: list[tuple[str, list[Told]]] = [
    (
        "Cerebras turned on a 40 MW data center in Montreal last week, its sixth this year.",
        [("Montreal", 40, "Cerebras")],
    ),
    (
        "TotalEnergies will power Google's data centres in Texas for 15 years. Its solar farms are nearby.",
        [("Texas", None, "Google")],
    ),
    (
        "SoftBank converts a former factory at Sakai into an AI data centre of 150 megawatts.",
        [("Sakai", 150, "SoftBank")],
    ),
    (
        "Tencent plans its first data centre in Saudi Arabia, close to Riyadh.",
        [("Riyadh", None, "Tencent")],
    ),
    (
        "Applied Digital finished a 100 MW hall of its AI campus in Ellendale, North Dakota, which CoreWeave rents.",
        [("Ellendale, North Dakota", 100, "Applied Digital")],
    ),
    (
        "A 1.4GW campus near Amarillo, owned by Fermi America, lost its first tenant.",
        [("Amarillo", 1400, "Fermi America")],
    ),
    (
        "IBM and the government of Quebec inaugurated a computing centre in Bromont.",
        [("Bromont", None, "IBM")],
    ),
    (
        "Oracle shelved its data centre outside Christchurch. It keeps the one in Auckland, which has 12 MW.",
        [("Christchurch", None, "Oracle")],
    ),
    ("Apple's Reno data center will double to 160 MW.", [("Reno", 160, "Apple")]),
    (
        "Microsoft bought land for two server farms in Leeds and in Newport, Wales.",
        [("Leeds", None, "Microsoft"), ("Newport, Wales", None, "Microsoft")],
    ),
    ("Nvidia's data center business grew by half in March, in spite of export rules in China.", []),
    ("Foxconn builds servers in Houston for data centers.", []),
    (
        "Hut 8 signed a lease for its River Bend campus in Louisiana, 245 MW of AI computing, with Fluidstack.",
        [("Louisiana", 245, "Hut 8")],
    ),
    (
        "Amazon to spend A$20bn on data centres in Melbourne and Sydney",
        [("Melbourne", None, "Amazon"), ("Sydney", None, "Amazon")],
    ),
]
LEAST_UNSEEN = 5
"""Passages of UNSEEN that are read without a fault; it may only rise."""


def found(text: str) -> list[Told]:
    records = [one for one in find("datacenters", text) if isinstance(one, Site)]
    assert all(one.place in text[one.start : one.end] for one in records)
    return [(one.place, one.megawatts, one.owner) for one in records]


@pytest.mark.parametrize(("text", "expected"), PASSAGES)
def test_a_passage_is_read_as_it_is_meant(text: str, expected: list[Told]) -> None:
    assert found(text) == expected


def test_passages_that_no_rule_was_written_for_are_read_mostly() -> None:
    right = [found(text) == expected for text, expected in UNSEEN]
    assert sum(right) >= LEAST_UNSEEN


def test_a_site_that_is_given_up_says_so() -> None:
    (rejected,) = find("datacenters", PASSAGES[4][0])
    (built,) = find("datacenters", PASSAGES[0][0])
    assert isinstance(rejected, Site)
    assert isinstance(built, Site)
    assert (rejected.cancelled, built.cancelled) == (True, False)


def test_a_site_that_is_named_again_is_told_once_with_all_that_is_known() -> None:
    text = "Oracle builds a data centre in Abilene. The Abilene data centre has 1.2 GW, it said."
    assert found(text) == [("Abilene", 1200, "Oracle")]


def test_an_article_without_a_data_centre_is_not_read() -> None:
    assert not datacenters.may_tell("Oracle opened an office in Abilene.")
