"""Schema changes: their classification, and the effect of the policies hold and halt."""

from dataclasses import replace

import pytest

from datasphere_glue.mapping.tables import to_tables
from datasphere_glue.model.asset import Asset
from datasphere_glue.model.element import Element
from datasphere_glue.model.sap_type import SapType
from datasphere_glue.model.table import Catalog, Table
from datasphere_glue.plan.actions import ChangeKind
from datasphere_glue.plan.change import Plan
from datasphere_glue.plan.guard import GuardLimits, objections
from datasphere_glue.plan.policy import Policy, RenamePolicy, SchemaChange, SchemaPolicy
from datasphere_glue.plan.schema import classify, column_changes
from tests.laws.catalog import applied
from tests.unit.samples import POLICY, RULES, TENANT, asset, listing, planned, synced, table_in

WIDER, NARROWER, OTHER = SchemaChange.WIDENING, SchemaChange.NARROWING, SchemaChange.TYPE_CHANGE


@pytest.mark.parametrize(
    ("before", "after", "kind"),
    [
        ("int", "bigint", WIDER),
        ("tinyint", "smallint", WIDER),
        ("bigint", "int", NARROWER),
        ("int", "decimal(10,0)", WIDER),
        ("int", "decimal(9,0)", NARROWER),
        ("int", "double", WIDER),
        ("bigint", "double", NARROWER),
        ("int", "float", NARROWER),
        ("float", "double", WIDER),
        ("double", "float", NARROWER),
        ("double", "decimal(38,10)", NARROWER),
        ("decimal(17,2)", "double", NARROWER),
        ("decimal(9,0)", "int", WIDER),
        ("decimal(10,0)", "int", NARROWER),
        ("decimal(17,2)", "decimal(18,2)", WIDER),
        ("decimal(17,2)", "decimal(19,4)", WIDER),
        ("decimal(17,2)", "decimal(17,4)", NARROWER),
        ("decimal(17,2)", "decimal(20,1)", NARROWER),
        ("decimal", "decimal(11,0)", WIDER),
        ("varchar(10)", "varchar(20)", WIDER),
        ("varchar(20)", "varchar(10)", NARROWER),
        ("varchar(20)", "string", WIDER),
        ("string", "varchar(65535)", NARROWER),
        ("char(4)", "varchar(4)", WIDER),
        ("date", "timestamp", OTHER),
        ("int", "string", OTHER),
        ("string", "int", OTHER),
        ("boolean", "int", OTHER),
        ("binary", "string", OTHER),
        ("", "string", OTHER),
        ("array<int>", "array<bigint>", WIDER),
        ("array<int>", "array<string>", OTHER),
        ("array<int>", "int", OTHER),
        ("map<string,int>", "map<string,bigint>", WIDER),
        ("struct<a:int>", "struct<a:int,b:string>", SchemaChange.ADDITIVE),
        ("struct<a:int,b:string>", "struct<a:int>", NARROWER),
        ("struct<a:int>", "struct<a:bigint,b:string>", WIDER),
        ("struct<a:int,b:int>", "struct<b:int,a:int>", OTHER),
        ("struct<a:array<struct<x:int>>>", "struct<a:array<struct<x:date>>>", OTHER),
        ("struct<a:decimal(5,2),b:int>", "struct<a:decimal(6,2),b:int>", WIDER),
    ],
)
def test_each_change_of_a_type_is_classified(before: str, after: str, kind: SchemaChange) -> None:
    assert classify(before, after) is kind


@pytest.mark.parametrize("kind", ["int", "decimal(17,2)", "struct<a:int,b:array<string>>"])
def test_blanks_and_case_are_no_change_of_a_type(kind: str) -> None:
    assert classify(kind, kind.upper().replace(",", ", ")) is None


def test_synonyms_of_a_type_are_no_change() -> None:
    assert classify("array<integer>", "array<int>") is None
    assert classify("decimal", "decimal(10,0)") is None


def wide(*columns: tuple[str, SapType], label: str = "Orders") -> Asset:
    elements = tuple(Element(name, kind, label=f"The {name}") for name, kind in columns)
    return replace(asset("V", label=label), elements=elements)


AMOUNT = ("Amount", SapType("cds.Decimal", precision=17, scale=2))
LESS = ("Amount", SapType("cds.Decimal", precision=10, scale=2))
MORE = ("Amount", SapType("cds.Decimal", precision=20, scale=2))
DAY = ("Day", SapType("cds.Date"))
BEFORE = synced(listing(wide(AMOUNT, DAY)))


def after(one: Asset, catalog: Catalog = BEFORE, **policies: SchemaPolicy) -> Plan:
    return planned([listing(one)], catalog, policy=chosen(**policies))


def chosen(**policies: SchemaPolicy) -> Policy:
    pairs = tuple((SchemaChange(kind), policy) for kind, policy in policies.items())
    return replace(POLICY, schema=pairs)


@pytest.mark.parametrize(
    ("now", "changes", "kind"),
    [
        (wide(AMOUNT, DAY, ("New", SapType("cds.Date"))), {"new": "additive"}, ChangeKind.UPDATED),
        (wide(MORE, DAY), {"amount": "widening"}, ChangeKind.UPDATED),
        (wide(LESS, DAY), {"amount": "narrowing"}, ChangeKind.BREAKING),
        (
            wide(("Amount", SapType("cds.Date")), DAY),
            {"amount": "type_change"},
            ChangeKind.BREAKING,
        ),
        (wide(AMOUNT), {"day": "removal"}, ChangeKind.BREAKING),
    ],
)
def test_a_change_lists_the_schema_change_of_each_column(
    now: Asset, changes: dict[str, str], kind: ChangeKind
) -> None:
    (change,) = after(now).tables

    assert {c.column: str(c.kind) for c in change.schema} == changes
    assert change.kind is kind
    assert ("breaking" in change.reason) == (kind is ChangeKind.BREAKING)


def test_a_change_of_texts_is_no_schema_change() -> None:
    (change,) = after(wide(AMOUNT, DAY, label="Invoices")).tables

    assert change.schema == ()
    assert change.kind is ChangeKind.UPDATED


def test_a_held_change_alone_writes_nothing_and_adds_a_note() -> None:
    plan = after(wide(LESS, DAY), narrowing=SchemaPolicy.HOLD)

    assert plan.empty
    assert plan.unchanged == (("SALES", 1),)
    (note,) = (note for note in plan.notes if note.code == "SCHEMA_HELD")
    assert note.subject == "SALES.V"
    assert "column amount from decimal(17,2) to decimal(10,2) (narrowing)" in note.message


def test_a_held_table_still_gets_new_texts() -> None:
    (change,) = after(wide(LESS, DAY, label="Invoices"), narrowing=SchemaPolicy.HOLD).tables

    assert change.after is not None
    assert change.after.description == "Invoices"
    assert column_changes(BEFORE.tables[0].table, change.after) == ()
    (amount, _) = change.after.columns
    assert dict(amount.parameters)["datasphere.type"] == "cds.Decimal(17,2)"
    assert change.schema == ()


@pytest.mark.parametrize("policy", ["removal", "additive"])
def test_one_held_change_holds_all_schema_changes_of_the_table(policy: str) -> None:
    """A partial structure would match neither SAP nor the structure that people rely on."""
    now = wide(("New", SapType("cds.Boolean")), AMOUNT)
    plan = planned([listing(now)], BEFORE, policy=chosen(**{policy: SchemaPolicy.HOLD}))

    assert plan.empty
    (note,) = (note for note in plan.notes if note.code == "SCHEMA_HELD")
    assert ("column day from date to nothing (removal)" in note.message) == (policy == "removal")


def test_a_held_change_is_written_once_allowed_and_keeps_edits() -> None:
    person = replace(
        table_in(BEFORE, "v"),
        columns=tuple(replace(c, comment="by hand") for c in table_in(BEFORE, "v").columns),
    )
    now = wide(LESS, ("New", SapType("cds.Boolean")), label="Invoices")
    catalog = replace(BEFORE, tables=(replace(BEFORE.tables[0], table=person),))
    waiting = applied(after(now, catalog, narrowing=SchemaPolicy.HOLD), catalog)

    (change,) = after(now, waiting).tables

    assert change.after is not None
    assert [(c.name, c.type, c.comment) for c in change.after.columns] == [
        ("amount", "decimal(10,2)", "by hand"),
        ("new", "boolean", "The New"),
    ]


def test_a_held_rename_keeps_the_old_column_name() -> None:
    plan = after(
        wide(AMOUNT, ("Date", DAY[1])),
        replace(BEFORE),
        removal=SchemaPolicy.HOLD,
    )

    assert plan.empty


def test_a_halting_change_is_an_objection_with_table_column_and_types() -> None:
    plan = after(wide(LESS, DAY), narrowing=SchemaPolicy.HALT)

    (refused,) = objections(plan, BEFORE, tenant=TENANT, limits=GuardLimits())
    assert (refused.subject, refused.code) == ("SALES.V", "SCHEMA_CHANGE_REFUSED")
    assert "datasphere_sales.v" in refused.message
    assert "column amount from decimal(17,2) to decimal(10,2)" in refused.message
    assert plan.tables, "the plan still shows what it is about"


def test_a_halt_takes_precedence_over_a_hold() -> None:
    plan = after(wide(LESS), narrowing=SchemaPolicy.HOLD, removal=SchemaPolicy.HALT)

    assert [issue.code for issue in plan.objections] == ["SCHEMA_CHANGE_REFUSED"]


def test_a_new_table_has_no_structure_to_hold() -> None:
    policy = replace(chosen(additive=SchemaPolicy.HALT), renames=RenamePolicy.OFF)

    plan = planned([listing(wide(AMOUNT))], Catalog(), policy=policy)

    assert plan.objections == ()
    assert len(plan.tables) == 1


def test_partition_keys_count_as_columns() -> None:
    table: Table = to_tables([listing(wide(AMOUNT, DAY))], RULES, Catalog())[0].tables[0]
    amount, day = table.columns
    parted = replace(table, columns=(amount,), partition_keys=(day,))

    assert column_changes(table, parted) == ()
    assert [c.kind for c in column_changes(parted, replace(parted, partition_keys=()))] == [
        SchemaChange.REMOVAL
    ]
