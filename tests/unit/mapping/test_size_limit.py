"""The size limit: content that is left out first, and content that always stays."""

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


def test_what_fits_is_left_alone() -> None:
    whole = table(column(1, description="x"), columnMapping="c1=C1")

    assert fit_to_limit(whole) == (whole, ())


def test_the_size_is_that_of_the_bytes_on_the_wire() -> None:
    """boto3 escapes every character beyond ASCII: six bytes for an umlaut, twelve for an emoji."""
    grown = size(table(column(1, label="ä👩"))) - size(table(column(1, label="")))

    assert grown == 6 + 12


def test_the_column_mapping_goes_first_and_alone_if_that_is_enough() -> None:
    large = table(column(1, description="kept"), columnMapping="x" * BUDGET)

    small, left_out = fit_to_limit(large)

    assert left_out == ("columnMapping",)
    assert small.parameter(MAPPING) is None
    assert small.columns == large.columns


def test_column_descriptions_go_before_labels_and_roles() -> None:
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


def test_a_long_text_is_cut_and_a_long_list_is_dropped_whole() -> None:
    """Half a JSON list would be no JSON at all."""
    tags = json.dumps(["x" * 1_000] * 400)
    large = table(**{"datasphere.description": "d" * 100_000, "datasphere.tags": tags})

    small, left_out = fit_to_limit(large)

    assert "long lists" in left_out
    assert small.parameter("datasphere.tags") is None
    assert small.parameter("datasphere.description") == "d" * 20_000


def test_at_the_very_end_identity_names_and_types_are_still_there() -> None:
    hopeless = table(*(column(n, label="L" * 900, type="T" * 400) for n in range(5_000)))

    small, left_out = fit_to_limit(hopeless)

    assert left_out[-1] == "column comments"
    assert dict(small.parameters) == IDENTITY
    assert [c.name for c in small.columns] == [c.name for c in hopeless.columns]
    assert all(c.type == "string" and c.comment is None for c in small.columns)
    assert dict(small.columns[7].parameters) == {"datasphere.name": "C7"}


def test_the_same_table_is_always_shortened_the_same_way() -> None:
    large = table(*(column(n, description="ü" * 300) for n in range(300)))

    assert fit_to_limit(large) == fit_to_limit(large)
    assert fit_to_limit(fit_to_limit(large)[0])[0] == fit_to_limit(large)[0]


def test_the_sources_of_columns_go_before_those_of_the_table() -> None:
    """Provenance tells whether an asset is exposed, on which its removal depends."""
    provenance_of_table = {"elements": "odata", "elements.label": "odata+csn", "owner": "overlay"}
    columns = {f"elements.C{n}.owner": "overlay" for n in range(9_000)}
    provenance = json.dumps({**provenance_of_table, **columns}, separators=(",", ":"))
    large = table(column(1), **{"datasphere.provenance": provenance}, columnMapping="x" * 100_000)
    assert large.exposed
    assert size(large) > BUDGET

    small, _ = fit_to_limit(replace(large, columns=(column(1, description="d" * BUDGET),)))

    assert small.exposed
    assert json.loads(small.parameter("datasphere.provenance") or "") == provenance_of_table


def test_a_provenance_that_is_small_enough_stays_whole() -> None:
    provenance = '{"elements":"odata","elements.C1.owner":"overlay"}'
    large = table(column(1), columnMapping="x" * BUDGET, **{"datasphere.provenance": provenance})

    assert fit_to_limit(large)[0].parameter("datasphere.provenance") == provenance
