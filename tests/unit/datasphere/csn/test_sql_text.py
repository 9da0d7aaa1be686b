"""The text that the modeller wrote, as `Asset.sql`."""

from typing import Any

import pytest

from datasphere_glue.datasphere.csn.sql_text import MAX_SQL
from datasphere_glue.model.term_globs import TermGlobs
from tests.unit.datasphere.csn.samples import entity, read

QUERY = "@DataWarehouse.sqlEditor.query"
SCRIPT = "@DataWarehouse.tableFunction.script"
TEXT = "SELECT  \"ID\"\r\n\tFROM \"Lakes\" -- all of them\n WHERE x = 'it''s' \n"


def view(**more: Any) -> dict[str, Any]:
    return {"definitions": {"V": entity({}, **more)}}


@pytest.mark.parametrize("term", [QUERY, SCRIPT])
def test_the_text_is_kept_unchanged(term: str) -> None:
    definition = read(view(**{term: TEXT}))
    assert definition.asset.sql == TEXT
    assert ("sql", "csn") in definition.asset.provenance
    assert definition.asset.custom == ()
    assert definition.ignored_terms == ()


def test_the_text_is_kept_beside_a_query_tree() -> None:
    tree = {"SELECT": {"from": {"ref": ["LAKES"]}}}
    assert read(view(query=tree, **{QUERY: TEXT})).asset.sql == TEXT


@pytest.mark.parametrize("text", ["", " \n", None, 5, ["SELECT"]])
def test_without_a_text_there_is_none(text: object) -> None:
    assert read(view(**{QUERY: text})).asset.sql is None


def test_of_two_texts_that_of_the_editor_counts() -> None:
    definition = read(view(**{SCRIPT: "RETURN :x", QUERY: TEXT}))
    assert definition.asset.sql == TEXT
    assert definition.asset.custom == ()


def test_the_configuration_can_leave_the_text_out() -> None:
    definition = read(view(**{QUERY: TEXT}), keeps_sql=False)
    assert definition.asset.sql is None
    assert definition.asset.lineage == ("SALES.Lakes",)
    assert "sql" not in dict(definition.asset.provenance)
    assert definition.asset.custom == ()
    assert definition.notes == ()


def test_a_long_text_is_cut_with_a_note_that_does_not_quote_it() -> None:
    text = "RETURN SELECT 1 FROM LAKES -- ".ljust(MAX_SQL + 10, "x")
    definition = read(view(**{SCRIPT: text}))
    assert definition.asset.sql == text[:MAX_SQL]
    (note,) = definition.notes
    assert f"{len(text)} characters" in note
    assert "LAKES" not in note
    assert read(view(**{SCRIPT: text[:MAX_SQL]})).notes == ()


def test_the_whole_of_a_long_text_gives_the_lineage() -> None:
    first, second = "x = SELECT 1 FROM LAKES;", "RETURN SELECT 1 FROM RIVERS"
    text = "".join((first.ljust(MAX_SQL), second))
    assert read(view(**{SCRIPT: text})).asset.lineage == ("SALES.LAKES", "SALES.RIVERS")


def test_a_rule_that_names_the_term_still_gets_its_value() -> None:
    named = TermGlobs(("@datawarehouse.sqleditor.query",))
    definition = read(view(**{QUERY: TEXT}), named=named)
    assert dict(definition.asset.custom) == {"DataWarehouse.sqlEditor.query": TEXT}
    assert definition.asset.sql == TEXT
    assert read(view(**{QUERY: TEXT}), named=TermGlobs(("*",))).asset.custom == ()
