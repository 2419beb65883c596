"""What companies do, in few enough groups to tell their colours apart."""

from typing import NamedTuple


class Trade(NamedTuple):
    """A group of kinds of company: its name, the colour's name in the style sheet, and the catalogue's kinds in it."""

    name: str
    colour: str
    kinds: frozenset[str]


TRADES = (
    Trade("AI labs", "trade-ai", frozenset({"ai", "robotics", "quantum", "data"})),
    Trade("Chips and hardware", "trade-chips", frozenset({"chips", "equipment", "eda", "optics", "hardware"})),
    Trade("Cloud and data centres", "trade-cloud", frozenset({"cloud", "data centres", "miner", "networking"})),
    Trade("Software and internet", "trade-software", frozenset({"software", "internet", "security", "games", "media"})),
    Trade(
        "Investors and banks",
        "trade-money",
        frozenset({"investor", "bank", "holding", "fintech", "insurance", "exchange", "finance"}),
    ),
    Trade("Power", "trade-power", frozenset({"utility", "power", "energy", "nuclear", "batteries"})),
    Trade("Other trades", "trade-other", frozenset()),
    Trade("Not in the catalogue", "trade-unknown", frozenset()),
)
_OTHER, _UNKNOWN = len(TRADES) - 2, len(TRADES) - 1
_OF = {kind: place for place, trade in enumerate(TRADES) for kind in trade.kinds}


def trade(kind: str | None) -> int:
    """The place in `TRADES` of a kind of company; None: the catalogue does not know the company."""
    return _UNKNOWN if kind is None else _OF.get(kind, _OTHER)
