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
        [("Christchurch", None, "Oracle"), ("Auckland", 12, "Oracle")],
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
    ("Meta picked El Paso, Texas, for a data center that can grow to 1 GW.", [("El Paso, Texas", 1000, "Meta")]),
    (
        "Work has begun on Oracle's campus in Shackelford County, where 1.2 GW are planned.",
        [("Shackelford County", 1200, "Oracle")],
    ),
    ("AMD and Cisco said a 100 MW AI data centre near Jeddah would open this year.", [("Jeddah", 100, "AMD")]),
    (
        "Google runs data centres in Hamina and Eemshaven. It employs 2,000 people there.",
        [("Hamina", None, "Google"), ("Eemshaven", None, "Google")],
    ),
    (
        "At Mount Pleasant, Wisconsin, Microsoft is doubling its AI data centre to 900 megawatts.",
        [("Mount Pleasant, Wisconsin", 900, "Microsoft")],
    ),
    ("A fire at an Equinix data center in Warsaw cut off two banks on Friday.", [("Warsaw", None, "Equinix")]),
    ("Digital Realty bought a half-built server farm outside Milan with 40 MW.", [("Milan", 40, "Digital Realty")]),
    ("Micron builds two memory plants in Boise. Demand from data centers is strong.", []),
    (
        "OpenAI takes 230 MW at a campus in Stargate's second Norwegian site, near Narvik.",
        [("Narvik", 230, "OpenAI")],
    ),
    (
        "CoreWeave's planned 250 MW campus in Kenilworth, New Jersey, has won approval.",
        [("Kenilworth, New Jersey", 250, "CoreWeave")],
    ),
    (
        "Amazon plans to invest $10 billion in North Carolina and builds its data centers in Richmond County.",
        [("Richmond County", None, "Amazon")],
    ),
    (
        "Alibaba opened its third data centre in Bangkok and its second in Seoul.",
        [("Bangkok", None, "Alibaba"), ("Seoul", None, "Alibaba")],
    ),
    ("IBM's chief spoke in Rome about data centres.", []),
]
# Written when the rules were done; no rule was changed for them.
UNSEEN: list[tuple[str, list[Told]]] = [
    ("Equinix expands in Africa with a 20 MW data centre in Nairobi.", [("Nairobi", 20, "Equinix")]),
    (
        "Google's new campus in Fort Wayne, Indiana, will use as much power as a city. Its data centers run hot.",
        [("Fort Wayne, Indiana", None, "Google")],
    ),
    (
        "Microsoft halted work on its data center near Hudson, Iowa, it confirmed on Tuesday.",
        [("Hudson, Iowa", None, "Microsoft")],
    ),
    (
        "A 500-megawatt AI campus outside Doncaster was approved; Digital Realty is to build it.",
        [("Doncaster", 500, "Digital Realty")],
    ),
    ("Nvidia chips fill the halls of Oracle's data center in Salt Lake City.", [("Salt Lake City", None, "Oracle")]),
    (
        "ByteDance leases a data centre in Nongsa and another in Sedenak, which take 90 MW and 110 MW.",
        [("Nongsa", 90, "ByteDance"), ("Sedenak", 110, "ByteDance")],
    ),
    ("The Querétaro data centre of Amazon Web Services draws 72 MW.", [("Querétaro", 72, "Amazon Web Services")]),
    (
        "Residents of Chandler protested against a server farm that Meta wants to build there.",
        [("Chandler", None, "Meta")],
    ),
    ("Samsung will supply memory for data centers from a plant in Taylor, Texas.", []),
    ("IBM sold its Boulder data center to Equinix. The price was not told.", [("Boulder", None, "Equinix")]),
    ("CoreWeave signed for 16 MW in a data centre at Slough.", [("Slough", 16, "CoreWeave")]),
    ("Schneider Electric reports higher sales of cooling for data centres in North America.", []),
    ("Tesla switched on a supercomputer cluster at its Austin factory.", [("Austin", None, "Tesla")]),
    (
        "xAI's second site, in Southaven, Mississippi, gets turbines with 1.2 GW.",
        [("Southaven, Mississippi", 1200, "xAI")],
    ),
]
LEAST_UNSEEN = 11
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
    text = "Oracle will build a data centre in Abilene. The Abilene data centre has 1.2 GW, it said."
    assert found(text) == [("Abilene", 1200, "Oracle")]


def test_an_article_without_a_data_centre_is_not_read() -> None:
    assert not datacenters.may_tell("Oracle opened an office in Abilene.")
