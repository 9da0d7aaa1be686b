"""`make reference`: writes docs/configuration.schema.json, what `config schema` prints."""

from pathlib import Path
from typing import Final

from datasphere_glue.commands.options import as_json
from datasphere_glue.config import schema

PAGE: Final = Path(__file__).parents[1] / "docs" / "configuration.schema.json"


def page() -> str:
    """Return the whole file."""
    return as_json(schema()) + "\n"


if __name__ == "__main__":
    PAGE.parent.mkdir(exist_ok=True)
    PAGE.write_text(page(), encoding="utf-8")
