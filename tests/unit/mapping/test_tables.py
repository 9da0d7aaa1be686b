"""The mapping of assets to tables: the contract in one golden table, then special cases."""

import json
import os
import unicodedata
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import pytest

from datasphere_glue.mapping.bindings import Binding, Files
from datasphere_glue.mapping.databases import database_candidates, database_names
from datasphere_glue.mapping.governance import Governance, Overlay
from datasphere_glue.mapping.requirements import Requirement
from datasphere_glue.mapping.rules import Rules
from datasphere_glue.mapping.tables import to_tables
from datasphere_glue.model.asset import Asset, Kind
from datasphere_glue.model.element import Element
from datasphere_glue.model.listing import SpaceListing
from datasphere_glue.model.sap_type import SapType
from datasphere_glue.model.table import Catalog, Database, Desired, Table, parameters
from tests.golden.orders import LISTING, ORDERS
from tests.unit.samples import RULES, TENANT, asset, listing, marked, synced, table_in, with_table

GOLDEN = Path(__file__).parents[2] / "golden" / "orders.json"
REWRITE = "DATASPHERE_GLUE_REWRITE_GOLDEN"


def mapped(
    *listings: SpaceListing, rules: Rules = RULES, catalog: Catalog | None = None
) -> Desired:
    (first, *_) = to_tables(listings, rules, catalog or Catalog())
    return first


def table_of(one: Asset, rules: Rules = RULES) -> Table:
    (table,) = mapped(listing(one), rules=rules).tables
    return table


def plain(desired: Desired) -> dict[str, Any]:
    """Return the desired state as JSON values: parameters as objects, tuples as lists."""

    def as_object(value: Any) -> Any:
        if isinstance(value, dict):
            return {
                key: dict(item) if key == "parameters" else as_object(item)
                for key, item in value.items()
            }
        return [as_object(item) for item in value] if isinstance(value, tuple | list) else value

    return {
        "database": as_object(asdict(desired.database)),
        "table": as_object(asdict(desired.tables[0])),
        "notes": as_object([asdict(note) for note in desired.notes]),
    }


def element(name: str) -> Element:
    return Element(name, SapType("cds.Integer"))


def test_a_complete_view_maps_to_the_golden_table() -> None:
    """`DATASPHERE_GLUE_REWRITE_GOLDEN=1` rewrites the file; then review the difference."""
    result = plain(mapped(LISTING))
    if os.environ.get(REWRITE) == "1":
        GOLDEN.write_text(json.dumps(result, ensure_ascii=False, indent=1) + "\n")

    assert result == json.loads(GOLDEN.read_text())


def test_the_golden_table_has_every_context_key_of_the_contract() -> None:
    """The keys of design 1.5 for an active view; every active view must have them."""
    golden = json.loads(GOLDEN.read_text())["table"]
    keys = {key.removeprefix("datasphere.") for key in golden["parameters"]}

    assert keys == {
        *("classification", "typeOfData", "sourceTable", "columnMapping", "managed_by", "tenant"),
        *("space", "name", "label", "description", "kind", "usage", "keys", "dimensions"),
        *("measures", "hierarchies", "associations", "variables", "owner", "steward"),
        *("certification", "tags", "terms", "custom", "lineage", "provenance", "status"),
        *("changed_on", "deployed_on", "changed_by", "fingerprint"),
    }


def test_a_minimal_asset_has_only_identity_and_kind() -> None:
    """Absent context gives no parameters."""
    table = table_of(Asset("SALES", "T", Kind.LOCAL_TABLE))

    assert table.description is None
    assert table.columns == table.partition_keys == ()
    assert table.table_type == "EXTERNAL_TABLE"
    assert {key for key, _ in table.parameters} == {
        *("classification", "typeOfData", "sourceTable"),
        *(f"datasphere.{key}" for key in ("managed_by", "tenant", "space", "name", "kind")),
        *("datasphere.status", "datasphere.fingerprint"),
    }


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        (Kind.LOCAL_TABLE, "table"),
        (Kind.REMOTE_TABLE, "table"),
        (Kind.VIEW, "view"),
        (Kind.ANALYTIC_MODEL, "view"),
    ],
)
def test_the_type_of_data_follows_from_the_kind(kind: Kind, expected: str) -> None:
    table = table_of(Asset("SALES", "X", kind))

    assert table.parameter("typeOfData") == expected
    assert table.parameter("datasphere.kind") == str(kind)


def test_the_fingerprint_depends_only_on_the_source_content() -> None:
    before = table_of(asset("V"))

    assert table_of(asset("V")) == before
    assert table_of(asset("V"), replace(RULES, types=(("cds.Decimal", "double"),))).parameter(
        "datasphere.fingerprint"
    ) == before.parameter("datasphere.fingerprint")
    assert table_of(asset("V", label="Other")).parameter(
        "datasphere.fingerprint"
    ) != before.parameter("datasphere.fingerprint")


def test_a_type_override_matches_the_raw_type_before_the_name() -> None:
    rules = replace(RULES, types=(("cds.Decimal", "double"), ("cds.Decimal(17,2)", "string")))
    other = Element("Qty", SapType("cds.Decimal", precision=9, scale=3))
    one = asset("V")

    table = table_of(replace(one, elements=(*one.elements, other)), rules)

    assert [column.type for column in table.columns] == ["string", "double"]
    assert [dict(c.parameters)["datasphere.type"] for c in table.columns] == [
        "cds.Decimal(17,2)",
        "cds.Decimal(9,3)",
    ]


def test_column_mapping_omits_names_that_athena_would_split_with_a_note() -> None:
    """Athena's federation splits `columnMapping` at commas and equals signs."""
    names = ("Plain", "a,b", "c=d")
    elements = tuple(Element(name, SapType("Edm.Int32")) for name in names)

    desired = mapped(listing(Asset("SALES", "V", Kind.VIEW, elements=elements)))

    assert desired.tables[0].parameter("columnMapping") == "plain=Plain"
    (note,) = desired.notes
    assert (note.subject, note.code) == ("SALES.V", "COLUMN_UNMAPPED")
    assert "a,b, c=d" in note.message


def test_a_truncated_comment_is_noted_and_stored_in_full() -> None:
    long = "Größe " * 60
    element = Element("A", SapType("Edm.Int32"), label="Size", description=long)

    desired = mapped(listing(Asset("SALES", "V", Kind.VIEW, elements=(element,))))

    (column,) = desired.tables[0].columns
    assert column.comment is not None
    assert column.comment.endswith("…")
    assert dict(column.parameters)["datasphere.description"] == long
    assert [note.code for note in desired.notes] == ["COMMENT_CUT"]


def test_columns_that_differ_only_by_case_both_exist() -> None:
    elements = tuple(Element(name, SapType("Edm.Int32")) for name in ("ID", "Id", "X"))

    columns = table_of(Asset("SALES", "V", Kind.VIEW, elements=elements)).columns

    names = [column.name for column in columns]
    assert names[2] == "x"
    assert len(set(names)) == 3
    assert all(name.startswith("id_") for name in names[:2])


def test_a_column_retains_its_name_after_a_new_column() -> None:
    one = asset("V")
    catalog = synced(listing(one))
    newcomer = Element("NET AMOUNT", SapType("Edm.Int32"))

    (table,) = mapped(
        listing(replace(one, elements=(newcomer, *one.elements))), catalog=catalog
    ).tables

    assert table.columns[1].name == "net_amount"
    assert table.columns[0].name.startswith("net_amount_")


def test_a_new_asset_does_not_take_the_name_of_a_deprecated_table() -> None:
    """The name of a table in the catalog is reserved, even if its asset is not listed."""
    catalog = synced(listing(asset("Ordérs")))

    (table,) = mapped(listing(asset("ORDERS")), catalog=catalog).tables

    assert table.name.startswith("orders_")


@pytest.mark.parametrize("after", ["NET AMOUNT", "net amount", "Net Amount\u0301"])
def test_a_column_in_another_spelling_keeps_its_glue_name(after: str) -> None:
    before = unicodedata.normalize("NFC", after.swapcase())
    catalog = synced(listing(replace(asset("V"), elements=(element(before), element("Other")))))
    table = table_in(catalog, "v")
    first, *others = table.columns
    kept = replace(table, columns=(replace(first, name="given_before"), *others))
    source = replace(asset("V"), elements=(element("Other"), element(after)))

    (result,) = mapped(listing(source), catalog=with_table(catalog, kept)).tables

    assert [column.name for column in result.columns] == ["other", "given_before"]


def test_two_columns_that_differ_in_case_alone_both_exist() -> None:
    catalog = synced(listing(replace(asset("V"), elements=(element("net"),))))
    source = replace(asset("V"), elements=(element("NET"), element("net")))

    (result,) = mapped(listing(source), catalog=catalog).tables

    assert [column.name == "net" for column in result.columns] == [False, True]


def test_a_manual_copy_of_a_table_does_not_replace_it() -> None:
    catalog = synced(listing(asset("V_ORDERS")))
    original = table_in(catalog, "v_orders")
    copies = (replace(original, name="a_backup"), replace(original, name="z_backup"))

    (table,) = mapped(listing(asset("V_ORDERS")), catalog=with_table(catalog, *copies)).tables

    assert table.name == "v_orders"


def test_tables_of_another_tenant_reserve_no_names() -> None:
    catalog = synced(listing(asset("Orders")))
    theirs = marked(table_in(catalog, "orders"), **{"datasphere.tenant": "other"})

    (table,) = mapped(listing(asset("ORDERS")), catalog=with_table(catalog, theirs)).tables

    assert table.name == "orders"


def test_names_of_unread_assets_are_reserved() -> None:
    """Only two of the three assets are readable; all three are part of the collision."""
    result = listing(asset("V_A"), asset("v_a"))
    result = replace(result, listed=result.listed | {"V_a"})

    assert all(table.name.startswith("v_a_") for table in mapped(result).tables)
    assert mapped(result).present == {"V_A", "v_a", "V_a"}


@pytest.mark.parametrize(
    ("rules", "expected"),
    [
        (RULES, "datasphere_sales"),
        (replace(RULES, database_template="{tenant}_{space}"), "acme_sales"),
        (
            replace(RULES, database_template="{environment}-{space}", environment="Prod"),
            "prod_sales",
        ),
        (replace(RULES, database_template="1{space}"), "db_1sales"),
        (replace(RULES, databases=(("SALES", "chosen"),)), "chosen"),
    ],
)
def test_the_database_name_follows_the_template_or_the_configuration(
    rules: Rules, expected: str
) -> None:
    assert mapped(listing(), rules=rules).database.name == expected
    assert expected in database_candidates("SALES", rules)


def test_a_database_has_its_tenant_and_space() -> None:
    database = mapped(listing(label="Sales & more")).database

    assert database.description == "Sales & more"
    assert database.parameters == parameters(
        {
            "datasphere.managed_by": "datasphere-glue",
            "datasphere.tenant": TENANT,
            "datasphere.space": "SALES",
            "datasphere.label": "Sales & more",
        }
    )
    bare = mapped(listing(label=None)).database
    assert bare.description is None
    assert bare.parameter("datasphere.label") is None


def test_two_spaces_never_share_a_database() -> None:
    names = database_names(["A-B", "A_B"], RULES, Catalog())

    assert len(set(names.values())) == 2
    assert all(name.startswith("datasphere_a_b_") for name in names.values())
    assert all(names[space] in database_candidates(space, RULES) for space in names)


def test_a_space_outside_the_scope_of_a_run_retains_its_database() -> None:
    catalog = Catalog((mapped(listing(space="A-B")).database,))

    together = database_names(["A-B", "A_B"], RULES, catalog)

    assert together["A-B"] == "datasphere_a_b"
    assert database_names(["A_B"], RULES, catalog) == {"A_B": together["A_B"]}


def test_a_database_of_an_older_template_does_not_affect_the_new_template() -> None:
    created = mapped(listing()).database
    catalog = Catalog((replace(created, name="old_sales"), Database("datasphere_hr")))

    assert database_names(["SALES"], RULES, catalog) == {"SALES": "datasphere_sales"}


def test_glue_names_do_not_change_the_asset_of_the_complete_view() -> None:
    again = mapped(LISTING, catalog=synced(LISTING))

    assert again == mapped(LISTING)
    assert again.tables[0].asset == (ORDERS.space, ORDERS.name)


PREFIXED = replace(RULES, prefixes=((Kind.VIEW, "v9_"),))


def test_an_affix_applies_only_to_names_of_its_kind() -> None:
    rules = replace(
        RULES,
        prefixes=((Kind.ANALYTIC_MODEL, "am_"),),
        suffixes=((Kind.ANALYTIC_MODEL, "_cube"), (Kind.REMOTE_TABLE, "_remote")),
    )
    kinds = (Kind.ANALYTIC_MODEL, Kind.REMOTE_TABLE, Kind.VIEW)
    assets = [Asset("SALES", str(kind).upper(), kind) for kind in kinds]

    names = {table.asset[1]: table.name for table in mapped(listing(*assets), rules=rules).tables}

    assert names == {
        "ANALYTIC_MODEL": "am_analytic_model_cube",
        "REMOTE_TABLE": "remote_table_remote",
        "VIEW": "view",
    }


def test_a_table_retains_its_name_after_a_prefix_is_configured() -> None:
    catalog = synced(listing(asset("V_ORDERS")))

    result = mapped(listing(asset("V_ORDERS"), asset("V_NEW")), rules=PREFIXED, catalog=catalog)

    assert [table.name for table in result.tables] == ["v9_v_new", "v_orders"]


def test_a_copy_does_not_replace_a_table_older_than_the_prefix() -> None:
    catalog = synced(listing(asset("V_ORDERS")))
    copies = (
        replace(table_in(catalog, "v_orders"), name="a_backup"),
        replace(table_in(catalog, "v_orders"), name="z_backup"),
    )

    (table,) = mapped(
        listing(asset("V_ORDERS")), rules=PREFIXED, catalog=with_table(catalog, *copies)
    ).tables

    assert table.name == "v_orders"


def test_a_copy_without_the_prefix_does_not_replace_the_table_with_the_prefix() -> None:
    (created,) = mapped(listing(asset("V_ORDERS")), rules=PREFIXED).tables
    catalog = with_table(Catalog(), created, replace(created, name="v_orders"))

    (table,) = mapped(listing(asset("V_ORDERS")), rules=PREFIXED, catalog=catalog).tables

    assert table.name == "v9_v_orders"


def test_a_prefix_never_gives_two_assets_one_table() -> None:
    rules = replace(RULES, prefixes=((Kind.ANALYTIC_MODEL, "am_"),))
    assets = (asset("am_X"), asset("am_X_X"), Asset("SALES", "X", Kind.ANALYTIC_MODEL))

    tables = mapped(listing(*assets), rules=rules).tables

    assert len({table.name for table in tables}) == len(assets)


def test_two_spaces_configured_with_one_database_do_not_take_that_of_a_third() -> None:
    rules = replace(RULES, database_template="{space}", databases=(("A", "x"), ("B", "x")))

    names = database_names(["A", "B", "x_A"], rules, Catalog())

    assert len(set(names.values())) == 3
    assert all(names[space] in database_candidates(space, rules) for space in names)


@pytest.mark.parametrize("glob", ["SALES.V.0MONTH", "SALES.V._0MONTH", "SALES.*._0*"])
def test_a_column_override_names_a_column_exactly_or_as_odata_does(glob: str) -> None:
    one = replace(asset("V"), elements=(Element("0MONTH", SapType("cds.Date")),))
    assert table_of(one, replace(RULES, columns=((glob, "int"),))).columns[0].type == "int"


def test_a_column_override_precedes_a_type_override_and_the_first_glob_applies() -> None:
    rules = replace(
        RULES,
        types=(("cds.Decimal", "double"),),
        columns=(("SALES.V.Net*", "decimal(20,4)"), ("*", "string")),
    )

    assert table_of(asset("V"), rules).columns[0].type == "decimal(20,4)"
    assert table_of(asset("W"), rules).columns[0].type == "string"
    assert table_of(asset("V"), replace(rules, columns=())).columns[0].type == "double"


def test_description_and_comment_use_the_configured_fields() -> None:
    rules = replace(RULES, description=("name", "owner"), comment=("name", "label"))
    one = replace(asset("V"), owner="Anna")

    table = table_of(one, rules)

    assert table.description == "V\n\nAnna"
    assert table.columns[0].comment == "Net Amount - Net"
    assert table.parameter("datasphere.label") == "All V"


def test_the_overlay_is_part_of_the_texts_and_the_fingerprint_of_the_table() -> None:
    overlay = Overlay("SALES.V", description="What was sold")
    rules = replace(RULES, governance=Governance(overlays=(overlay,)))

    table, plain_table = table_of(asset("V"), rules), table_of(asset("V"))

    assert table.description == "All V\n\nWhat was sold"
    assert json.loads(table.parameter("datasphere.provenance") or "") == {"description": "overlay"}
    fingerprint = "datasphere.fingerprint"
    assert table.parameter(fingerprint) != plain_table.parameter(fingerprint)


def test_unsupported_types_of_a_bound_format_are_noted_also_for_partition_keys() -> None:
    elements = (
        Element("RAW", SapType("cds.Binary")),
        Element("LIST", SapType("Collection", items=SapType("cds.Integer"))),
    )
    files = Files("s3://lake/{asset}", format="csv", partitions=(("RAW", None),))
    rules = replace(RULES, bindings=(Binding("*", files),))

    result = mapped(listing(Asset("SALES", "T", Kind.LOCAL_TABLE, elements=elements)), rules=rules)

    (note,) = result.notes
    assert note.code == "TYPE_LOSS"
    assert note.message.endswith("list, raw")


def test_a_halting_requirement_is_an_objection_and_the_tables_remain_visible() -> None:
    rules = replace(RULES, requirements=(Requirement("*", ("owner",), halts=True),))

    result = mapped(listing(asset("V")), rules=rules)

    assert [issue.code for issue in result.objections] == ["RULE_REFUSED"]
    assert [table.name for table in result.tables] == ["v"]
    assert result.notes == ()


@pytest.mark.parametrize(
    ("source", "stays"),
    [("csn", True), ("odata+csn", True), ("csn+overlay", True), ("odata", False), (None, False)],
)
def test_metadata_of_a_definition_is_not_overwritten_without_the_definition(
    source: str | None, *, stays: bool
) -> None:
    provenance = () if source is None else (("tags", source),)
    (stored,) = mapped(listing(replace(asset("V"), provenance=provenance))).tables
    undefined = replace(listing(asset("V")), undefined=frozenset({"V"}))

    result = mapped(undefined, catalog=with_table(Catalog(), stored))

    assert bool(result.held) is stays
    assert bool(result.tables) is not stays


def test_a_column_named_like_a_source_does_not_indicate_a_definition() -> None:
    column = Element("csn", SapType("cds.String"))
    one = Asset("SALES", "V", Kind.VIEW, elements=(column,), provenance=(("elements", "odata"),))
    overlay = Overlay("*", column="*", owner="Anna")
    rules = replace(RULES, governance=Governance(overlays=(overlay,)))
    (stored,) = mapped(listing(one), rules=rules).tables
    undefined = replace(listing(one), undefined=frozenset({"V"}))

    result = mapped(undefined, rules=rules, catalog=with_table(Catalog(), stored))

    assert result.held == ()
    assert [table.name for table in result.tables] == ["v"]
