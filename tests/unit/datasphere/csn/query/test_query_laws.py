"""What holds for every query, whole or broken: it is read, written, and nothing is invented."""

import json
import time
from collections.abc import Iterator
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from datasphere_glue.datasphere.csn.query.render import to_sql
from tests.effort import examples
from tests.unit.datasphere.csn.query.queries import (
    SHOP,
    definition,
    func,
    ref,
    select,
    union,
    val,
    view,
    xpr,
)

NAMES = ("SALE", "ITEM", "HR.MAKER", "NO", "PRICE", "ID", "NAME", "_ITEM", "_BY", "a", "b", "X")
WORDS = st.sampled_from(["+", "||", "and", "exists", "case", "end", "over", "(", ")", "*", "\n"])
KEYS = st.sampled_from(
    [
        "SELECT",
        "SET",
        "from",
        "columns",
        "ref",
        "xpr",
        "func",
        "args",
        "as",
        "where",
        "mixin",
        "join",
        "on",
        "op",
        "val",
        "list",
        "inline",
        "expand",
        "cast",
        "orderBy",
        "id",
        "target",
        "#",
    ]
)
_name = st.sampled_from(NAMES)
_alias = st.none() | st.sampled_from(["a", "b", "X", "NO"])
_value = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5)
_junk = st.recursive(
    _value | _name,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=3),
    max_leaves=12,
)
_first = st.sampled_from([*NAMES, "$self", "$projection", "$user", ":P"])


@st.composite
def _paths(draw: st.DrawFn, inner: st.SearchStrategy[Any]) -> dict[str, Any]:
    steps: list[Any] = [draw(_first), *draw(st.lists(_name, max_size=3))]
    if draw(st.booleans()):
        steps[-1] = {"id": steps[-1], "where": [draw(inner)]}
    return ref(*steps, alias=draw(_alias))


def _parts(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    tokens = st.lists(WORDS | inner, max_size=4)
    return st.one_of(
        _paths(inner),
        st.builds(lambda nodes, alias: xpr(*nodes, alias=alias), tokens, _alias),
        st.builds(lambda name, nodes: func(name, *nodes), st.sampled_from(["SUM", "f"]), tokens),
        st.builds(lambda nodes: {"list": nodes}, st.lists(inner, max_size=2)),
        _selects(inner),
        st.builds(union, _selects(inner), _selects(inner), op=st.sampled_from(["union", "minus"])),
    )


@st.composite
def _selects(draw: st.DrawFn, inner: st.SearchStrategy[Any]) -> dict[str, Any]:
    sources = draw(st.lists(_paths(inner) | inner, min_size=1, max_size=2))
    source = sources[0] if len(sources) == 1 else {"join": "left", "args": sources, "on": []}
    columns = draw(st.lists(inner | st.just("*"), max_size=3))
    conditions = draw(st.dictionaries(st.sampled_from(["where", "having", "orderBy"]),
                                      st.lists(inner, max_size=2), max_size=2))  # fmt: skip
    mixin = {"b": {"target": draw(_name), "on": draw(st.lists(inner, max_size=2))}}
    return select(source, *columns, alias=draw(_alias), mixin=mixin, **conditions)


EXPRESSIONS = st.recursive(
    _paths(_junk) | st.builds(val, _value) | _junk, _parts, max_leaves=10
)  # fmt: skip
QUERIES = _selects(EXPRESSIONS) | st.builds(union, _selects(EXPRESSIONS), _selects(EXPRESSIONS))


def texts(node: Any) -> Iterator[str]:
    """Yield every text of a value, keys and dotted parts included."""
    if isinstance(node, str):
        yield node
        yield node.rpartition(".")[2]
    elif isinstance(node, dict):
        for key, value in node.items():
            yield from (*texts(key), *texts(value))
    elif isinstance(node, list):
        for value in node:
            yield from texts(value)


@given(EXPRESSIONS)
@examples(300)
def test_every_expression_is_written_on_one_line(node: Any) -> None:
    text = to_sql(node)
    assert text == " ".join(text.splitlines())


@given(QUERIES, st.sampled_from([{}, SHOP]))
@examples(300)
def test_every_query_is_read_and_names_only_what_it_holds(query: Any, objects: Any) -> None:
    asset = definition(query, "NO", "X", **objects).asset
    written = set(texts(query)) | set(texts(dict(objects))) | {"NO", "X"}
    origins = [*asset.indirect_lineage, *(one for e in asset.elements for one in e.lineage)]
    for origin in origins:
        assert origin.column in written
        assert origin.object.partition(".")[2] in written
    assert {origin.object for origin in origins} - {"SALES.V"} <= set(asset.lineage)
    assert asset == definition(query, "NO", "X", **objects).asset


@given(_junk)
@examples(300)
def test_a_query_of_any_form_costs_no_asset(query: Any) -> None:
    assert definition(query, "NO").asset.name == "V"


def test_a_view_of_two_thousand_columns_takes_little_time() -> None:
    names = [f"COLUMN_{number:04}" for number in range(2000)]
    branch = select(ref("SALE", alias="s"), *(ref("s", name) for name in names), alias="i")
    query = select(union(branch, branch, alias="u"), *(ref("u", name) for name in names))
    begun = time.process_time()
    asset = view(query, *names)
    assert time.process_time() - begun < 5
    assert all(len(one.lineage) == 1 for one in asset.elements)


def test_a_query_that_multiplies_columns_without_bound_is_left_out() -> None:
    columns = [f"C{number}" for number in range(2000)]
    wide = xpr(*(ref(name) for name in columns))
    inner = select(ref("SALE"), *({**wide, "as": name} for name in columns[:100]), alias="i")
    asset = view(select(inner, *(ref("i", name) for name in columns[:100])), *columns[:100])
    assert all(one.lineage == () for one in asset.elements)
    assert asset.lineage_complete is False
    assert asset.lineage == ("SALES.SALE",)


def test_a_query_within_queries_is_read_as_deep_as_a_definition_may_be() -> None:
    query = select(ref("SALE"), ref("NO"))
    for number in range(60):
        query = select({**query, "as": f"q{number}"}, ref(f"q{number}", "NO"))
    asset = view(query, "NO")
    assert [one.object for one in asset.elements[0].lineage] == ["SALES.SALE"]


def test_the_size_of_the_sql_follows_the_size_of_the_query() -> None:
    columns = [
        xpr(ref("NO"), *[ref("$self", f"C{number - 1}")] * (2 if number else 0), alias=f"C{number}")
        for number in range(200)
    ]
    asset = view(select(ref("SALE"), *columns), *(f"C{number}" for number in range(200)))
    sizes = [len(one.formula or "") for one in asset.elements]
    assert max(sizes) < 2000
    assert len(json.dumps(columns)) > 10_000
