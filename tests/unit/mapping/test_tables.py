"""Mapping assets to tables: the contract in one golden table, then the special cases."""

import json
import os
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
from datasphere_glue.model.asset import Asset, Element, Kind, SapType, SpaceListing
from datasphere_glue.model.table import Catalog, Database, Desired, Table, parameters
from tests.golden.orders import LISTING, ORDERS
from tests.unit.samples import RULES, TENANT, asset, held, listing, marked, synced, with_table

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
    """Return what is desired as JSON holds it: parameters as objects, tuples as lists."""

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


def test_a_rich_view_becomes_exactly_the_golden_table() -> None:
    """`DATASPHERE_GLUE_REWRITE_GOLDEN=1` writes the file anew; read the difference then."""
    result = plain(mapped(LISTING))
    if os.environ.get(REWRITE) == "1":
        GOLDEN.write_text(json.dumps(result, ensure_ascii=False, indent=1) + "\n")

    assert result == json.loads(GOLDEN.read_text())


def test_the_golden_table_names_every_context_that_the_contract_names() -> None:
    """The keys of design 1.5 for an active view; a key that is lost here is lost for everybody."""
    golden = json.loads(GOLDEN.read_text())["table"]
    keys = {key.removeprefix("datasphere.") for key in golden["parameters"]}

    assert keys == {
        *("classification", "typeOfData", "sourceTable", "columnMapping", "managed_by", "tenant"),
        *("space", "name", "label", "description", "kind", "usage", "keys", "dimensions"),
        *("measures", "hierarchies", "associations", "variables", "owner", "steward"),
        *("certification", "tags", "terms", "custom", "lineage", "provenance", "status"),
        *("changed_on", "deployed_on", "changed_by", "fingerprint"),
    }


def test_a_bare_asset_says_only_who_and_what_it_is() -> None:
    """Absent context is absent: nothing is invented."""
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


def test_the_fingerprint_follows_the_source_content_and_nothing_else() -> None:
    before = table_of(asset("V"))

    assert table_of(asset("V")) == before
    assert table_of(asset("V"), replace(RULES, types=(("cds.Decimal", "double"),))).parameter(
        "datasphere.fingerprint"
    ) == before.parameter("datasphere.fingerprint")
    assert table_of(asset("V", label="Other")).parameter(
        "datasphere.fingerprint"
    ) != before.parameter("datasphere.fingerprint")


def test_a_type_override_goes_by_raw_type_first_then_by_name() -> None:
    rules = replace(RULES, types=(("cds.Decimal", "double"), ("cds.Decimal(17,2)", "string")))
    other = Element("Qty", SapType("cds.Decimal", precision=9, scale=3))
    one = asset("V")

    table = table_of(replace(one, elements=(*one.elements, other)), rules)

    assert [column.type for column in table.columns] == ["string", "double"]
    assert [dict(c.parameters)["datasphere.type"] for c in table.columns] == [
        "cds.Decimal(17,2)",
        "cds.Decimal(9,3)",
    ]


def test_column_mapping_leaves_out_what_athena_would_split_and_says_so() -> None:
    """Athena's federation splits `columnMapping` at commas and equals signs."""
    names = ("Plain", "a,b", "c=d")
    elements = tuple(Element(name, SapType("Edm.Int32")) for name in names)

    desired = mapped(listing(Asset("SALES", "V", Kind.VIEW, elements=elements)))

    assert desired.tables[0].parameter("columnMapping") == "plain=Plain"
    (note,) = desired.notes
    assert (note.subject, note.code) == ("SALES.V", "COLUMN_UNMAPPED")
    assert "a,b, c=d" in note.message


def test_a_comment_that_had_to_be_cut_is_noted_and_kept_in_full() -> None:
    long = "Größe " * 60
    element = Element("A", SapType("Edm.Int32"), label="Size", description=long)

    desired = mapped(listing(Asset("SALES", "V", Kind.VIEW, elements=(element,))))

    (column,) = desired.tables[0].columns
    assert column.comment is not None
    assert column.comment.endswith("…")
    assert dict(column.parameters)["datasphere.description"] == long
    assert [note.code for note in desired.notes] == ["COMMENT_CUT"]


def test_columns_that_differ_by_case_alone_both_exist() -> None:
    elements = tuple(Element(name, SapType("Edm.Int32")) for name in ("ID", "Id", "X"))

    columns = table_of(Asset("SALES", "V", Kind.VIEW, elements=elements)).columns

    names = [column.name for column in columns]
    assert names[2] == "x"
    assert len(set(names)) == 3
    assert all(name.startswith("id_") for name in names[:2])


def test_a_column_keeps_its_name_when_a_neighbour_arrives() -> None:
    one = asset("V")
    catalog = synced(listing(one))
    newcomer = Element("NET AMOUNT", SapType("Edm.Int32"))

    (table,) = mapped(
        listing(replace(one, elements=(newcomer, *one.elements))), catalog=catalog
    ).tables

    assert table.columns[1].name == "net_amount"
    assert table.columns[0].name.startswith("net_amount_")


def test_a_deprecated_table_keeps_its_name_from_a_newcomer() -> None:
    """The name of a table that is still in the catalog is taken, its asset listed or not."""
    catalog = synced(listing(asset("Orders")))

    (table,) = mapped(listing(asset("ORDERS")), catalog=catalog).tables

    assert table.name.startswith("orders_")


def test_a_copy_that_somebody_made_of_a_table_does_not_take_its_place() -> None:
    catalog = synced(listing(asset("V_ORDERS")))
    original = held(catalog, "v_orders")
    copies = (replace(original, name="a_backup"), replace(original, name="z_backup"))

    (table,) = mapped(listing(asset("V_ORDERS")), catalog=with_table(catalog, *copies)).tables

    assert table.name == "v_orders"


def test_tables_of_another_tenant_hold_no_names() -> None:
    catalog = synced(listing(asset("Orders")))
    theirs = marked(held(catalog, "orders"), **{"datasphere.tenant": "other"})

    (table,) = mapped(listing(asset("ORDERS")), catalog=with_table(catalog, theirs)).tables

    assert table.name == "orders"


def test_names_of_unread_assets_are_taken_into_account() -> None:
    """Only two of the three could be read; all three take part in the collision."""
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
def test_the_database_is_named_by_template_or_by_hand(rules: Rules, expected: str) -> None:
    assert mapped(listing(), rules=rules).database.name == expected
    assert expected in database_candidates("SALES", rules)


def test_a_database_says_whose_it_is() -> None:
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


def test_a_space_keeps_its_database_even_from_a_run_that_does_not_look_at_it() -> None:
    catalog = Catalog((mapped(listing(space="A-B")).database,))

    together = database_names(["A-B", "A_B"], RULES, catalog)

    assert together["A-B"] == "datasphere_a_b"
    assert database_names(["A_B"], RULES, catalog) == {"A_B": together["A_B"]}


def test_a_database_made_by_an_older_template_does_not_bind_the_new_one() -> None:
    created = mapped(listing()).database
    catalog = Catalog((replace(created, name="old_sales"), Database("datasphere_hr")))

    assert database_names(["SALES"], RULES, catalog) == {"SALES": "datasphere_sales"}


def test_the_rich_view_is_not_changed_by_what_it_is_called_in_glue() -> None:
    again = mapped(LISTING, catalog=synced(LISTING))

    assert again == mapped(LISTING)
    assert again.tables[0].asset == (ORDERS.space, ORDERS.name)


PREFIXED = replace(RULES, prefixes=((Kind.VIEW, "v9_"),))


def test_an_affix_goes_around_the_names_of_its_kind_alone() -> None:
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


def test_a_table_keeps_its_name_when_a_prefix_is_configured_later() -> None:
    catalog = synced(listing(asset("V_ORDERS")))

    result = mapped(listing(asset("V_ORDERS"), asset("V_NEW")), rules=PREFIXED, catalog=catalog)

    assert [table.name for table in result.tables] == ["v9_v_new", "v_orders"]


def test_a_copy_does_not_take_the_place_of_a_table_older_than_the_prefix() -> None:
    catalog = synced(listing(asset("V_ORDERS")))
    copies = (
        replace(held(catalog, "v_orders"), name="a_backup"),
        replace(held(catalog, "v_orders"), name="z_backup"),
    )

    (table,) = mapped(
        listing(asset("V_ORDERS")), rules=PREFIXED, catalog=with_table(catalog, *copies)
    ).tables

    assert table.name == "v_orders"


def test_a_copy_without_the_prefix_does_not_take_the_place_of_the_table_with_it() -> None:
    (created,) = mapped(listing(asset("V_ORDERS")), rules=PREFIXED).tables
    catalog = with_table(Catalog(), created, replace(created, name="v_orders"))

    (table,) = mapped(listing(asset("V_ORDERS")), rules=PREFIXED, catalog=catalog).tables

    assert table.name == "v9_v_orders"


def test_a_prefix_never_gives_two_assets_one_table() -> None:
    rules = replace(RULES, prefixes=((Kind.ANALYTIC_MODEL, "am_"),))
    assets = (asset("am_X"), asset("am_X_X"), Asset("SALES", "X", Kind.ANALYTIC_MODEL))

    tables = mapped(listing(*assets), rules=rules).tables

    assert len({table.name for table in tables}) == len(assets)


def test_two_spaces_that_were_given_one_database_do_not_take_that_of_a_third() -> None:
    rules = replace(RULES, database_template="{space}", databases=(("A", "x"), ("B", "x")))

    names = database_names(["A", "B", "x_A"], rules, Catalog())

    assert len(set(names.values())) == 3
    assert all(names[space] in database_candidates(space, rules) for space in names)


def test_a_type_of_a_column_is_stronger_than_one_of_a_type_and_the_first_glob_wins() -> None:
    rules = replace(
        RULES,
        types=(("cds.Decimal", "double"),),
        columns=(("SALES.V.Net*", "decimal(20,4)"), ("*", "string")),
    )

    assert table_of(asset("V"), rules).columns[0].type == "decimal(20,4)"
    assert table_of(asset("W"), rules).columns[0].type == "string"
    assert table_of(asset("V"), replace(rules, columns=())).columns[0].type == "double"


def test_description_and_comment_are_made_of_the_fields_that_were_chosen() -> None:
    rules = replace(RULES, description=("name", "owner"), comment=("name", "label"))
    one = replace(asset("V"), owner="Anna")

    table = table_of(one, rules)

    assert table.description == "V\n\nAnna"
    assert table.columns[0].comment == "Net Amount - Net"
    assert table.parameter("datasphere.label") == "All V"


def test_the_overlay_is_part_of_the_table_its_texts_and_its_fingerprint() -> None:
    overlay = Overlay("SALES.V", description="What was sold")
    rules = replace(RULES, governance=Governance(overlays=(overlay,)))

    table, plain_table = table_of(asset("V"), rules), table_of(asset("V"))

    assert table.description == "All V\n\nWhat was sold"
    assert json.loads(table.parameter("datasphere.provenance") or "") == {"description": "overlay"}
    fingerprint = "datasphere.fingerprint"
    assert table.parameter(fingerprint) != plain_table.parameter(fingerprint)


def test_what_a_bound_format_cannot_hold_is_noted_partition_keys_included() -> None:
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


def test_a_requirement_that_halts_objects_and_the_tables_are_there_to_be_seen() -> None:
    rules = replace(RULES, requirements=(Requirement("*", ("owner",), halts=True),))

    result = mapped(listing(asset("V")), rules=rules)

    assert [issue.code for issue in result.objections] == ["RULE_REFUSED"]
    assert [table.name for table in result.tables] == ["v"]
    assert result.notes == ()


@pytest.mark.parametrize(
    ("source", "stays"),
    [("csn", True), ("odata+csn", True), ("csn+overlay", True), ("odata", False), (None, False)],
)
def test_what_a_definition_told_is_not_written_over_without_it(
    source: str | None, *, stays: bool
) -> None:
    provenance = () if source is None else (("tags", source),)
    (written,) = mapped(listing(replace(asset("V"), provenance=provenance))).tables
    undefined = replace(listing(asset("V")), undefined=frozenset({"V"}))

    result = mapped(undefined, catalog=with_table(Catalog(), written))

    assert bool(result.held) is stays
    assert bool(result.tables) is not stays


def test_a_column_called_like_a_source_is_no_sign_of_a_definition() -> None:
    column = Element("csn", SapType("cds.String"))
    one = Asset("SALES", "V", Kind.VIEW, elements=(column,), provenance=(("elements", "odata"),))
    overlay = Overlay("*", column="*", owner="Anna")
    rules = replace(RULES, governance=Governance(overlays=(overlay,)))
    (written,) = mapped(listing(one), rules=rules).tables
    undefined = replace(listing(one), undefined=frozenset({"V"}))

    result = mapped(undefined, rules=rules, catalog=with_table(Catalog(), written))

    assert result.held == ()
    assert [table.name for table in result.tables] == ["v"]
