"""The table of all settings in docs/operate.md, written from the settings themselves.

`python -m dealwire.cli.settings_page docs/operate.md` writes it anew.
"""

import sys
from pathlib import Path

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from dealwire.cli.init import written
from dealwire.settings import Settings

BEGIN, END = "<!-- settings -->", "<!-- /settings -->"


def table() -> str:
    """A row a setting: its name in dealwire.toml, its default, what it does."""
    lines = ["| setting | default | meaning |", "| --- | --- | --- |"]
    for name, field in Settings.model_fields.items():
        if isinstance(field.default, BaseModel):
            lines += [_line(f"[{name}] {inner}", one) for inner, one in type(field.default).model_fields.items()]
        else:
            lines.append(_line(name, field))
    return "\n".join(lines)


def renewed(page: str) -> str:
    """The page with the present table between its two marks."""
    before, _, rest = page.partition(BEGIN)
    return f"{before}{BEGIN}\n{table()}\n{END}{rest.partition(END)[2]}"


def _line(name: str, field: FieldInfo) -> str:
    default = written(field.default)
    shown = "none" if default == '""' else f"`{default}`"
    told = (field.description or "").replace("|", "/")
    return f"| `{name}` | {shown} | {told} |"


if __name__ == "__main__":
    path = Path(sys.argv[1])
    path.write_text(renewed(path.read_text(encoding="utf-8")), encoding="utf-8")
