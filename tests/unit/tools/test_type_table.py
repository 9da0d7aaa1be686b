"""The type table of the documentation is what the code does."""

from datasphere_glue.mapping.types import RULES
from tools.type_table import PAGE, examples, page


def test_the_page_is_what_the_rules_say() -> None:
    assert PAGE.read_text(encoding="utf-8") == page(), "run `make reference`"


def test_every_rule_has_a_row() -> None:
    assert set(RULES) <= {sap.name for sap in examples()}
