"""What an extractor asks of the document, read from its source."""

import ast
import inspect
import textwrap
from types import FunctionType
from typing import Any

_REFLECTING = frozenset(["locals", "vars", "eval", "exec"])


def text_alone(function: Any) -> bool:
    """Whether the function uses its document for `doc.text` and nothing else, so that none need be made for it.

    False where that cannot be seen: without source, or where the document is handed on.
    """
    if not isinstance(function, FunctionType) or hasattr(function, "__wrapped__"):
        return False
    try:
        (definition,) = ast.parse(textwrap.dedent(inspect.getsource(function))).body
    except (OSError, TypeError, SyntaxError, ValueError):
        return False
    if not isinstance(definition, ast.FunctionDef) or len(definition.args.args) != 1:
        return False
    document = definition.args.args[0].arg
    uses = texts = 0
    for node in ast.walk(definition):
        if isinstance(node, ast.Name) and node.id in _REFLECTING:
            return False
        uses += isinstance(node, ast.Name) and node.id == document
        texts += _is_text_of(node, document)
    return uses == texts


def _is_text_of(node: ast.AST, document: str) -> bool:
    return (
        isinstance(node, ast.Attribute)
        and node.attr == "text"
        and isinstance(node.ctx, ast.Load)
        and isinstance(node.value, ast.Name)
        and node.value.id == document
    )
