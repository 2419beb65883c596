"""The language of a text."""

import threading

# Below this many characters a guess is wrong too often, and what the page declares counts.
_ENOUGH = 120
# The model is loaded by the first call, which must not happen in two threads at once.
_lock = threading.Lock()


def language(text: str, *, declared: str | None = None) -> str | None:
    """ISO 639-1 code: as the words are, else as declared; None if neither tells."""
    if len(text) < _ENOUGH:
        return declared
    # Half a second to import, so only where a page is read.
    from py3langid import classify

    with _lock:
        code, _ = classify(text[:3000])
    return str(code)
