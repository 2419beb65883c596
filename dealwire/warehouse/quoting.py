"""Texts in statements that take no parameters."""


def quoted(text: object) -> str:
    """As SQL has it."""
    return "'" + str(text).replace("'", "''") + "'"
