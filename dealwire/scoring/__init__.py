"""How well predictions agree with an annotated file: the figures that `dealwire eval` prints.

Three levels. Mentions: exact span and label. Documents: the distinct values of a document, names through a table of
accepted alternatives, money by currency and bounds, capacity by its bounds. Deals: `sides` (kind and who stands on
which side), `amount` (the same with currency and bounds), `pair` (the same companies, whatever the kind).
Mentions labelled OUTLET are neither rewarded nor punished.
"""

from dealwire.scoring.changes import Changes, changes
from dealwire.scoring.compare import compare
from dealwire.scoring.confusion import Confusions, confusions
from dealwire.scoring.keys import LABELS, Document, Names, fold
from dealwire.scoring.read import read
from dealwire.scoring.reliability import Reliability, reliability
from dealwire.scoring.report import Mistake, Report, Tally

__all__ = [
    "LABELS",
    "Changes",
    "Confusions",
    "Document",
    "Mistake",
    "Names",
    "Reliability",
    "Report",
    "Tally",
    "changes",
    "compare",
    "confusions",
    "fold",
    "read",
    "reliability",
]
