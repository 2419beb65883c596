"""Deals as a language model tells them: an extractor for those who have a model. It is off until `use` is called.

The model is asked which companies an article says pay whom, and in which sentence; what it answers counts only where
the article bears it out word for word, and figures are read by the extractors of dealwire, not by the model. Answers
are kept in a file, so that an article is asked about once for each model and wording of the question.
"""

from extractors.language_model.claims import NAME, asked_for, extractor, use
from extractors.language_model.options import Options

__all__ = ["NAME", "Options", "asked_for", "extractor", "use"]
