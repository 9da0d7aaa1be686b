"""The size limit: content that is removed first, and content that always remains."""

import json
from dataclasses import replace

from datasphere_glue.mapping.size_limit import BUDGET, fit_to_limit, size
from datasphere_glue.model.table import Column, Table, parameters

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
    """boto3 escapes every character beyond ASCII: six bytes for an umlaut, twelve for an emoji."""
    grown = size(table(column(1, label="ä👩"))) - size(table(column(1, label="")))

    assert grown == 6 + 12


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

    assert left_out == ("columnMapping", "column descriptions, custom properties and provenance")
    assert dict(small.columns[0].parameters) == {
        "datasphere.name": "C0",
        "datasphere.label": "Label",
        "datasphere.role": "key",
    }
    assert size(small) <= BUDGET


def test_a_long_text_is_truncated_and_a_long_list_is_removed() -> None:
    """A truncated JSON list is not valid JSON."""
    tags = json.dumps(["x" * 1_000] * 400)
    large = table(**{"datasphere.description": "d" * 100_000, "datasphere.tags": tags})

    small, left_out = fit_to_limit(large)

    assert "long lists" in left_out
    assert small.parameter("datasphere.tags") is None
    assert small.parameter("datasphere.description") == "d" * 20_000


def test_identity_names_and_types_always_remain() -> None:
    hopeless = table(*(column(n, label="L" * 900, type="T" * 400) for n in range(5_000)))

    small, left_out = fit_to_limit(hopeless)

    assert left_out[-1] == "column comments"
    assert dict(small.parameters) == IDENTITY
    assert [c.name for c in small.columns] == [c.name for c in hopeless.columns]
    assert all(c.type == "string" and c.comment is None for c in small.columns)
    assert dict(small.columns[7].parameters) == {"datasphere.name": "C7"}


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

    small, _ = fit_to_limit(replace(large, columns=(column(1, description="d" * BUDGET),)))

    assert small.exposed
    assert json.loads(small.parameter("datasphere.provenance") or "") == provenance_of_table


def test_a_small_provenance_remains_complete() -> None:
    provenance = '{"elements":"odata","elements.C1.owner":"overlay"}'
    large = table(column(1), columnMapping="x" * BUDGET, **{"datasphere.provenance": provenance})

    assert fit_to_limit(large)[0].parameter("datasphere.provenance") == provenance
