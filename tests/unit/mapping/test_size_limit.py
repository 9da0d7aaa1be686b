"""The size limit: content that is removed first, and content that always remains."""

import json
from collections.abc import Callable, Mapping
from dataclasses import replace

import pytest

from datasphere_glue.glue.table_input import table_input
from datasphere_glue.mapping.size_limit import BUDGET, fit_to_limit, size
from datasphere_glue.model.request_body import MAX_BODY, request_body
from datasphere_glue.model.table import Column, Table, parameters
from datasphere_glue.plan.fields import Policies, is_watched
from datasphere_glue.plan.merge import initial_table, merge
from datasphere_glue.plan.policy import FieldPolicy

IDENTITY = {
    "datasphere.managed_by": "datasphere-glue",
    "datasphere.tenant": "acme",
    "datasphere.space": "SALES",
    "datasphere.name": "V",
}
MAPPING = "columnMapping"


def column(number: int, **context: str) -> Column:
    pairs = {"datasphere.name": f"C{number}"} | {f"datasphere.{k}": v for k, v in context.items()}
    return Column(f"c{number}", "string", f"Column {number}", parameters(pairs))


def table(*columns: Column, **more: str) -> Table:
    return Table("db", "v", columns, parameters=parameters(IDENTITY | more))


def test_a_table_within_the_limit_is_unchanged() -> None:
    whole = table(column(1, description="x"), columnMapping="c1=C1")

    assert fit_to_limit(whole) == (whole, ())


def test_the_size_is_that_of_the_request_body() -> None:
    """What is sent is UTF-8: two bytes for an umlaut, four for an emoji."""
    whole = table(column(1, label="ä👩"), key="value")

    grown = size(whole) - size(table(column(1, label=""), key="value"))

    assert grown == 2 + 4
    assert abs(size(whole) - len(request_body(table_input(whole)))) < 60


def test_the_column_mapping_is_removed_first_and_alone_if_sufficient() -> None:
    large = table(column(1, description="kept"), columnMapping="x" * BUDGET)

    small, left_out = fit_to_limit(large)

    assert left_out == ("columnMapping",)
    assert small.parameter(MAPPING) is None
    assert small.columns == large.columns


def test_column_descriptions_are_removed_before_labels_and_roles() -> None:
    large = table(
        *(column(n, description="d" * 1000, label="Label", role="key") for n in range(400))
    )

    small, left_out = fit_to_limit(large)

    assert left_out == ("column descriptions",)
    assert dict(small.columns[0].parameters) == {
        "datasphere.name": "C0",
        "datasphere.label": "Label",
        "datasphere.role": "key",
    }
    assert size(small) <= BUDGET


def test_what_later_steps_make_room_for_is_not_left_out() -> None:
    large = table(
        *(column(n, description="kept") for n in range(10)),
        columnMapping="m" * 1_000,
        **{"datasphere.provenance": '{"elements.C1.label":"csn"}', "datasphere.sql": "s" * BUDGET},
    )

    small, left_out = fit_to_limit(large)

    assert left_out == ("text of the definition",)
    assert small == large.with_parameters(sql=None)


def test_a_long_text_is_truncated_and_a_long_list_is_removed() -> None:
    """A truncated JSON list is not valid JSON, and a truncated query is no query."""
    tags = json.dumps(["x" * 1_000] * 400)
    large = table(
        **{
            "datasphere.description": "d" * 100_000,
            "datasphere.tags": tags,
            "datasphere.label": "l" * 300_000,
            "datasphere.sql": "SELECT",
        }
    )

    small, left_out = fit_to_limit(large)

    assert left_out == ("long texts, cut at 20,000 characters", "long lists")
    assert small.parameter("datasphere.tags") is None
    assert small.parameter("datasphere.description") == "d" * 20_000
    assert small.parameter("datasphere.sql") == "SELECT"


def test_labels_that_comments_repeat_go_before_types_and_roles() -> None:
    large = table(
        *(column(n, label=f"Column {n}", type="T" * 10, role="key") for n in range(1_000)),
        **{"datasphere.sql": "s" * 1_000, "rule": "r" * 210_000},
    )

    small, left_out = fit_to_limit(large)

    assert left_out == ("column labels that their comments repeat",)
    assert small.parameter("rule") == "r" * 210_000


def test_identity_names_types_and_comments_remain_where_all_else_is_left_out() -> None:
    texts = (column(n, label="L" * 900, description="d" * 9, type="T" * 400) for n in range(2_500))
    wide = table(*(replace(c, comment="é" * 30) for c in texts), **{"datasphere.usage": "fact"})

    small, left_out = fit_to_limit(wide)

    assert left_out == (
        "column descriptions",
        "column labels and references",
        "column types and roles of SAP",
        "exact column names, now in a short form",
    )
    assert [(c.name, c.type, c.comment) for c in small.columns] == [
        (c.name, c.type, c.comment) for c in wide.columns
    ]
    assert dict(small.parameters) == IDENTITY | {
        "datasphere.usage": "fact",
        "datasphere.column_names": "packed",
    }
    assert dict(small.columns[7].parameters) == {"datasphere.name": "C7"}


def test_comments_are_cut_only_where_nothing_else_is_left() -> None:
    long = tuple(replace(column(n, label="L"), comment="é" * 120) for n in range(2_000))

    small, left_out = fit_to_limit(table(*long))

    assert left_out[-1] == "column comments, cut at 120 bytes"
    assert {c.comment for c in small.columns} == {"é" * 58 + "…"}
    assert size(small) + len(digests(small)) <= MAX_BODY


def test_a_table_that_cannot_fit_is_returned_at_its_smallest() -> None:
    hopeless = table(*(replace(column(n), type="t" * 300, comment="c" * 99) for n in range(5_000)))

    small, left_out = fit_to_limit(hopeless)

    assert left_out[-1] == "column comments, cut at 20 bytes"
    assert [c.type for c in small.columns] == [c.type for c in hopeless.columns]


def digests(desired: Table) -> str:
    return initial_table(desired).parameter("datasphere.applied") or ""


@pytest.mark.parametrize("columns", [300, 700, 1_500])
@pytest.mark.parametrize("policies", [(), (("columns.*", FieldPolicy.MERGE),)])
def test_the_digests_of_the_written_values_are_counted(columns: int, policies: Policies) -> None:
    context = {"label": "l" * 40, "description": "d" * 200, "role": "key", "semantics": "[]"}
    large = table(*(column(n, **context) for n in range(columns)))

    small, _ = fit_to_limit(large, watched=lambda path: is_watched(path, policies))

    body = request_body(table_input(initial_table(small, policies)))
    assert len(body) < MAX_BODY
    assert columns < 1_000 or len(body) > MAX_BODY * 3 // 4


TEAM: Mapping[str, str] = {"team": "t" * 90_000}
PII = ("pii", "n" * 90)
FOREIGN: Mapping[str, Callable[[Table], Table]] = {
    "a parameter": lambda t: replace(t, parameters=parameters({**dict(t.parameters), **TEAM})),
    "parameters of columns": lambda t: replace(
        t,
        columns=tuple(replace(c, parameters=(*c.parameters, ("pii", "n" * 90))) for c in t.columns),
    ),
    "a partition key": lambda t: replace(
        t, partition_keys=(Column("day", "date", "c", (("k", "v" * 90_000),)),)
    ),
    "another member": lambda t: replace(t, rest=json.dumps({"ViewOriginalText": "v" * 90_000})),
    "longer comments": lambda t: replace(
        t, columns=tuple(replace(c, comment="What people say " * 8) for c in t.columns)
    ),
}


@pytest.mark.parametrize("what", FOREIGN)
def test_what_people_added_is_counted_and_a_second_write_is_not_needed(what: str) -> None:
    wide = table(
        *(column(n, description="d" * 90, label="l" * 90, semantics="[]") for n in range(900))
    )
    current = FOREIGN[what](initial_table(fit_to_limit(wide)[0]))

    desired, left_out = fit_to_limit(wide, current)
    written = merge(current, desired).table

    assert set(left_out) > set(fit_to_limit(wide)[1])
    assert len(request_body(table_input(written))) < MAX_BODY
    assert merge(written, fit_to_limit(wide, written)[0]).table == written


def test_what_glue_adds_to_a_table_cuts_nothing() -> None:
    wide = table(*(column(n, label="l" * 90) for n in range(900)))
    current = replace(
        initial_table(fit_to_limit(wide)[0]),
        rest='{"StorageDescriptor":{"Compressed":false,"SerdeInfo":{"Parameters":{}}}}',
    )

    assert fit_to_limit(wide, current) == fit_to_limit(wide)


def test_partition_keys_are_shortened_as_columns_are() -> None:
    key = replace(column(1, description="d" * BUDGET, position="3"), comment="c")
    large = replace(table(column(2)), partition_keys=(key,))

    small, left_out = fit_to_limit(large)

    assert left_out == ("column descriptions",)
    assert dict(small.partition_keys[0].parameters) == {
        "datasphere.name": "C1",
        "datasphere.position": "3",
    }


def test_shortening_is_deterministic() -> None:
    large = table(*(column(n, description="ü" * 300) for n in range(300)))

    assert fit_to_limit(large) == fit_to_limit(large)
    assert fit_to_limit(fit_to_limit(large)[0])[0] == fit_to_limit(large)[0]


def test_the_provenance_of_columns_is_removed_before_that_of_the_table() -> None:
    """Provenance states whether an asset is exposed; its removal depends on that."""
    provenance_of_table = {"elements": "odata", "elements.label": "odata+csn", "owner": "overlay"}
    columns = {f"elements.C{n}.owner": "overlay" for n in range(9_000)}
    provenance = json.dumps({**provenance_of_table, **columns}, separators=(",", ":"))
    large = table(column(1), **{"datasphere.provenance": provenance}, columnMapping="x" * 100_000)
    assert large.exposed
    assert size(large) > BUDGET

    small, _ = fit_to_limit(replace(large, columns=(column(1, description="d" * 70_000),)))

    assert small.exposed
    assert json.loads(small.parameter("datasphere.provenance") or "") == provenance_of_table


def test_a_small_provenance_remains_complete() -> None:
    provenance = '{"elements":"odata","elements.C1.owner":"overlay"}'
    large = table(column(1), columnMapping="x" * BUDGET, **{"datasphere.provenance": provenance})

    assert fit_to_limit(large)[0].parameter("datasphere.provenance") == provenance
