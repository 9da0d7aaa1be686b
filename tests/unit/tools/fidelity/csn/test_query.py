"""The judge's lineage: right where it names origins, silent elsewhere."""

from typing import Any

import pytest

from tools.fidelity.csn.document import Document, World
from tools.fidelity.csn.query import QueryReader, Reading

Json = dict[str, Any]

TEXT = {"type": "cds.String"}
ORES = {
    "kind": "entity",
    "elements": {
        "ID": TEXT,
        "TONS": TEXT,
        "_pit": {"type": "cds.Association", "target": "PITS"},
    },
}
PITS = {"kind": "entity", "elements": {"P": TEXT, "DEPTH": TEXT}}


def ref(*steps: str, **rest: Any) -> Json:
    return {"ref": list(steps), **rest}


def select(columns: list[Any], source: Json | None = None, **rest: Any) -> Json:
    return {"SELECT": {"from": source or ref("ORES", **{"as": "o"}), "columns": columns, **rest}}


def read(query: Json) -> Reading:
    definitions = {"ORES": ORES, "PITS": PITS}
    documents = {f"S.{name}": Document("S", {name: one}) for name, one in definitions.items()}
    return QueryReader(World(documents), Document("S", {})).read(query)


def origins(query: Json, column: str) -> dict[str, str] | None:
    found = read(query).columns[column]
    if found is None:
        return None
    return {".".join(place): "/".join(sorted(how)) for place, how in found.items()}


def summed(*steps: str) -> Json:
    return {"func": "sum", "args": [ref(*steps)]}


INNER = {**select([ref("TONS", **{"as": "T"})]), "as": "i"}
BOTH = {"join": "left", "args": [ref("ORES"), ref("PITS", **{"as": "p"})], "on": []}


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        (select([ref("o", "TONS", **{"as": "X"})]), {"ORES.TONS": "renamed"}),
        (select([ref("TONS", **{"as": "X"})]), {"ORES.TONS": "renamed"}),
        (select([{**summed("TONS"), "as": "X"}]), {"ORES.TONS": "aggregated"}),
        (
            select([{"xpr": [ref("TONS"), "+", summed("ID")], "as": "X"}]),
            {"ORES.TONS": "computed", "ORES.ID": "aggregated"},
        ),
        (
            select([{"xpr": [ref("TONS"), "+", summed("TONS")], "as": "X"}]),
            {"ORES.TONS": "aggregated"},
        ),
        (select([{"val": 1, "as": "X"}]), {}),
        (select([ref("P", param=True, **{"as": "X"})]), {}),
        (select([ref("o", "_pit", "DEPTH", **{"as": "X"})]), {"PITS.DEPTH": "renamed"}),
        (select([ref("T", **{"as": "X"})], INNER), {"ORES.TONS": "renamed"}),
        (select([{**summed("i", "T"), "as": "X"}], INNER), {"ORES.TONS": "aggregated"}),
        (select([ref("DEPTH", **{"as": "X"})], BOTH), {"PITS.DEPTH": "renamed"}),
        (select([ref("ORES", "ID", **{"as": "X"})], BOTH), {"ORES.ID": "renamed"}),
        (select([ref("P", **{"as": "X"})], ref("ORES", "_pit")), {"PITS.P": "renamed"}),
        (
            select([ref("TONS", cast={"type": "cds.Integer"}, **{"as": "X"})]),
            {"ORES.TONS": "computed/renamed"},
        ),
    ],
)
def test_origins_of_a_column(query: Json, expected: dict[str, str]) -> None:
    assert origins(query, "X") == expected


@pytest.mark.parametrize(
    "column",
    [
        {"func": "rank", "args": [], "xpr": ["over", {"xpr": [ref("TONS")]}], "as": "X"},
        {**select([ref("ID")]), "as": "X"},
        {"func": "acme_own", "args": [ref("TONS")], "as": "X"},
        ref("_pit", inline=["*"], **{"as": "X"}),
        ref("nobody", "TONS", **{"as": "X"}),
    ],
)
def test_what_is_not_understood_is_not_judged(column: Json) -> None:
    assert origins(select([column, ref("ID")]), "X") is None


def test_a_column_beside_is_still_judged() -> None:
    window = {"func": "rank", "xpr": ["over", {"xpr": [ref("TONS")]}], "as": "X"}
    assert origins(select([window, ref("ID")]), "ID") == {"ORES.ID": "direct"}


def test_a_star_hands_all_columns_through() -> None:
    reading = read(select(["*"]))
    assert set(reading.columns) == {"ID", "TONS"}
    assert list(reading.objects) == ["ORES"]


def test_a_star_of_an_unknown_object_is_not_judged() -> None:
    assert read(select(["*"], ref("ELSEWHERE"))).columns == {}


def test_a_column_of_an_unknown_object_is_known_where_it_is_the_only_source() -> None:
    query = select([ref("C")], ref("OTHER.THING"))
    assert origins(query, "C") == {"OTHER.THING.C": "direct"}


def test_branches_of_a_union_meet_by_place() -> None:
    one = select([ref("ID", **{"as": "X"})])
    other = select([ref("DEPTH")], ref("PITS"))
    query = {"SET": {"op": "union", "args": [one, other]}}
    assert origins(query, "X") == {"ORES.ID": "renamed", "PITS.DEPTH": "renamed"}
    assert list(read(query).objects) == ["ORES", "PITS"]


def test_branches_that_do_not_fit_are_not_judged() -> None:
    one = select([ref("ID", **{"as": "X"})])
    other = select([ref("DEPTH"), ref("P")], ref("PITS"))
    assert origins({"SET": {"args": [one, other]}}, "X") is None


def test_an_association_that_is_only_shown_is_no_source() -> None:
    assert list(read(select([ref("ID"), ref("_pit")])).objects) == ["ORES"]


def test_a_mixin_leads_to_its_target() -> None:
    mixin = {"_m": {"type": "cds.Association", "target": "PITS"}}
    query = select([ref("_m", "DEPTH", **{"as": "X"})], mixin=mixin)
    assert origins(query, "X") == {"PITS.DEPTH": "renamed"}
    assert list(read(query).objects) == ["ORES", "PITS"]


def test_filters_are_read_from_the_inside() -> None:
    inner = {**select(["*"], where=[ref("ID"), "=", {"val": "a"}]), "as": "i"}
    query = select([ref("ID")], inner, where=[ref("TONS"), ">", {"val": 1}])
    assert read(query).filters == [["ID", "=", "a"], ["TONS", ">", "1"]]


def test_formulas_of_a_subquery_are_none_of_the_query_around_it() -> None:
    inner = {**select([{**summed("TONS"), "as": "X"}, ref("ID", **{"as": "Y"})]), "as": "i"}
    query = select([ref("Y", **{"as": "X"}), ref("X", **{"as": "Z"})], inner)
    assert read(query).formulas == {"Z": []}


def test_a_column_of_a_subquery_that_is_a_literal_has_no_origin() -> None:
    inner = {**select([{"val": 1, "as": "ONE"}]), "as": "i"}
    query = select([ref("ONE")], inner)
    assert origins(query, "ONE") == {}
    assert read(query).formulas == {"ONE": []}


def test_columns_of_filters_and_joins_are_conditions() -> None:
    source = {**BOTH, "on": [ref("ORES", "ID"), "=", ref("p", "P")]}
    query = select([ref("ID")], source, where=[ref("DEPTH"), ">", {"val": 3}])
    assert set(read(query).conditions) == {("ORES", "ID"), ("PITS", "P"), ("PITS", "DEPTH")}
