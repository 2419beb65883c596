"""The API's page of reference: its OpenAPI description as plain HTML, without scripts and without asking anybody."""

from collections.abc import Iterator, Mapping
from typing import Any

from markupsafe import Markup

from dealwire import __version__

_PAGE = Markup("""<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>API · dealwire</title><link rel="stylesheet" href="/static/page.css?{version}">
<script src="/static/page.js?{version}"></script></head>
<body><main class="content api"><p><a href="/">dealwire</a></p><h1 id="content">{title} API</h1>
<p>Answers in JSON; described for programs in <a href="/api/openapi.json">openapi.json</a>. Lists come page by page:
give <code>next</code> of one as <code>cursor</code> of the following. Amounts are texts with all their digits. Errors
are problems in JSON, with one line in <code>detail</code>.</p>{paths}<h2>What is answered</h2>{schemas}</main></body>
</html>
""")


def page(openapi: Mapping[str, Any]) -> str:
    """The page."""
    schemas = openapi.get("components", {}).get("schemas", {})
    return str(
        _PAGE.format(
            version=__version__,
            title=openapi["info"]["title"],
            paths=Markup("").join(_paths(openapi)),
            schemas=Markup("").join(_schema(name, one) for name, one in schemas.items()),
        )
    )


def _paths(openapi: Mapping[str, Any]) -> Iterator[Markup]:
    for path, methods in openapi["paths"].items():
        if not path.startswith("/api"):
            continue
        for method, one in methods.items():
            about = Markup("").join(
                Markup("<p>{}</p>").format(part) for part in one.get("description", "").split("\n\n")
            )
            shown = Markup('<a href="{0}"><code>{0}</code></a>') if "{" not in path else Markup("<code>{0}</code>")
            yield Markup('<section><h2>{} {}</h2>{}{}<p class="quiet">Answers {}.</p></section>').format(
                method.upper(), shown.format(path), about, _parameters(one.get("parameters", ())), _answer(one)
            )


def _parameters(parameters: Any) -> Markup:
    rows = Markup("").join(
        Markup("<tr><th scope='row'><code>{}</code>{}</th><td>{}</td><td>{}</td></tr>").format(
            one["name"],
            " (required)" if one.get("required") else "",
            _kind(one.get("schema", {})),
            one.get("description") or one.get("schema", {}).get("description", ""),
        )
        for one in parameters
    )
    if not rows:
        return rows
    return Markup(
        '<div class="scroll" tabindex="0" role="region" aria-label="Parameters"><table><thead><tr><th scope="col">'
        'parameter</th><th scope="col">type</th><th scope="col">meaning</th></tr></thead><tbody>{}</tbody></table>'
        "</div>"
    ).format(rows)


def _schema(name: str, schema: Mapping[str, Any]) -> Markup:
    if "enum" in schema:
        told = Markup("<p>{}</p>").format(", ".join(map(str, schema["enum"])))
    else:
        told = _parameters([{"name": field, "schema": one} for field, one in schema.get("properties", {}).items()])
    return Markup('<section id="{0}"><h3>{0}</h3><p>{1}</p>{2}</section>').format(
        name, schema.get("description", ""), told
    )


def _answer(one: Mapping[str, Any]) -> Markup:
    content = one.get("responses", {}).get("200", {}).get("content", {})
    return Markup(", ").join(
        Markup("{} ({})").format(kind, _kind(told["schema"])) if told.get("schema") else Markup("{}").format(kind)
        for kind, told in content.items()
    )


def _kind(schema: Mapping[str, Any]) -> Markup:
    """The type of a value, in words; other schemas as links."""
    if "$ref" in schema:
        name = str(schema["$ref"]).rsplit("/", 1)[-1]
        return Markup('<a href="#{0}">{0}</a>').format(name)
    if "anyOf" in schema:
        return Markup(" or ").join(_kind(one) for one in schema["anyOf"])
    if schema.get("type") == "array":
        return Markup("list of {}").format(_kind(schema.get("items", {})))
    told = schema.get("format") or schema.get("type") or "anything"
    return Markup("{}").format(told)
