"""What the README shows is what works."""

import re
from pathlib import Path

from datasphere_glue import config

README = (Path(__file__).parents[2] / "README.md").read_text(encoding="utf-8")


def test_the_configuration_in_the_readme_is_valid() -> None:
    (text,) = re.findall(r"```yaml\n(.*?)```", README, re.DOTALL)
    assert config.parse(text.encode()).mapping.context
