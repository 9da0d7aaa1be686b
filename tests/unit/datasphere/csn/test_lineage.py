"""The sources of a view, from its query tree or, without a tree, from its SQL text."""

from typing import Any

import pytest

from datasphere_glue.datasphere.csn.parser import Definition
from datasphere_glue.model.asset import Kind
from tests.unit.datasphere.csn.samples import entity, read


def lineage(**more: Any) -> tuple[str, ...]:
    return read({"definitions": {"V": entity({}, **more)}}).asset.lineage


def query(**select: Any) -> dict[str, Any]:
    return {"query": {"SELECT": select}}


def ref(*steps: Any, **more: Any) -> dict[str, Any]:
    return {"ref": list(steps), **more}


def test_joins_sets_and_subqueries_are_followed_in_order() -> None:
    join = {"join": "left", "args": [ref("A"), ref("HR.B", **{"as": "b"})], "on": [ref("b", "x")]}
    union = {
        "SET": {
            "op": "union",
            "args": [
                {"SELECT": {"from": join}},
                {"SELECT": {"from": {"SELECT": {"from": ref("C")}, "as": "c"}}},
                {
                    "SELECT": {
                        "from": ref("A"),
                        "where": [ref("x"), "in", {"SELECT": {"from": ref("D")}}],
                    }
                },
            ],
        }
    }
    assert lineage(query=union) == ("SALES.A", "HR.B", "SALES.C", "SALES.D")


def test_a_mixin_is_a_source_only_if_the_query_uses_it() -> None:
    mixin = {"_used": {"target": "HR.U"}, "_shown": {"target": "HR.S"}}
    columns = [ref("_shown"), ref("$projection", "_used", "NAME"), ref("a", "x")]
    view = query(**{"from": ref("A", **{"as": "a"})}, columns=columns, mixin=mixin)
    assert lineage(**view) == ("SALES.A", "HR.U")


def test_parameterised_sources_projections_and_self_references_are_read() -> None:
    assert lineage(**query(**{"from": ref({"id": "P", "args": {"X": {"val": 1}}})})) == ("SALES.P",)
    assert lineage(projection={"from": ref("A")}) == ("SALES.A",)
    assert lineage(**query(**{"from": {"args": [ref("A"), ref("V")]}})) == ("SALES.A",)


def test_the_query_tree_takes_precedence_over_the_sql_text() -> None:
    view = query(**{"from": ref("A")})
    assert lineage(**view, **{"@DataWarehouse.sqlEditor.query": "SELECT * FROM B"}) == ("SALES.A",)


QUERY = "@DataWarehouse.sqlEditor.query"
SCRIPT = "@DataWarehouse.tableFunction.script"


def written(sql: str, term: str = SCRIPT, definitions: dict[str, Any] | None = None) -> Definition:
    return read({"definitions": {"V": entity({}, **{term: sql}), **(definitions or {})}})


@pytest.mark.parametrize("term", [QUERY, SCRIPT])
def test_without_a_tree_the_sql_text_is_read(term: str) -> None:
    sql = 'SELECT * FROM "orders" JOIN "HR"."PEOPLE" ON 1=1, "FIN.RATES", stock;'
    definition = written(sql, term)
    objects = ("SALES.orders", "HR.PEOPLE", "FIN.RATES", "SALES.STOCK")
    assert definition.asset.lineage == objects
    assert definition.asset.lineage_complete is None
    assert definition.notes == ()


def test_sql_text_in_the_nested_form_of_annotations_is_read() -> None:
    view = {"@DataWarehouse": {"tableFunction": {"script": "RETURN SELECT * FROM STOCK"}}}
    definition = read({"definitions": {"V": entity({}, **view)}})
    assert definition.asset.lineage == ("SALES.STOCK",)
    assert definition.asset.kind is Kind.VIEW


def test_an_unquoted_name_is_the_one_in_upper_case() -> None:
    both = {"stock": entity({}), "STOCK": entity({}), "SAP.TIME.DAYS": entity({})}
    assert written("SELECT * FROM stock", definitions=both).asset.lineage == ("SALES.STOCK",)
    assert written('SELECT * FROM "stock"', definitions=both).asset.lineage == ("SALES.stock",)
    assert written("SELECT * FROM sap.time.days", definitions=both).asset.lineage == (
        "SALES.SAP.TIME.DAYS",
    )


def test_what_sql_text_leaves_open_is_marked_and_noted() -> None:
    definition = written("CALL FILL(:x); EXEC :y; RETURN SELECT * FROM STOCK")
    assert definition.asset.lineage == ("SALES.STOCK",)
    assert definition.asset.lineage_complete is False
    (note,) = definition.notes
    assert "procedure" in note
    assert "run time" in note


def test_a_note_on_sql_text_quotes_nothing_of_it() -> None:
    notes = [
        note
        for sql in ("CALL MARKER()", "marker marker", "SELECT 'MARKER", 'SELECT * FROM L:"MARKER"')
        for note in written(sql).notes
    ]
    assert len(notes) == 4
    assert not any("marker" in note.lower() for note in notes)
