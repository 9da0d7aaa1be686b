"""Which tables in former databases a run follows, and what becomes of them."""

from collections.abc import Iterable
from dataclasses import replace

import pytest

from datasphere_glue.mapping.tables import space_tables
from datasphere_glue.model.listing import SpaceListing
from datasphere_glue.model.scope import Scope
from datasphere_glue.model.table import Catalog, CurrentTable, Table
from datasphere_glue.plan.actions import ChangeAction
from datasphere_glue.plan.change import Plan
from datasphere_glue.plan.diff import diff_space
from datasphere_glue.plan.guard import GuardLimits, objections
from datasphere_glue.plan.moves import FormerTables, tables_to_follow
from datasphere_glue.plan.policy import OrphanPolicy, PlanShare, Policy, RenamePolicy
from tests.laws.catalog import applied
from tests.unit.samples import POLICY, RULES, TENANT, asset, listing, marked, synced

HOME = "lake_sales"
OLD = "datasphere_sales"
BOTH = listing(asset("V_A"), asset("V_B"))
LISTED = frozenset({"V_A", "V_B"})


def tables_of(catalog: Catalog, database: str) -> tuple[CurrentTable, ...]:
    return tuple(one for one in catalog.tables if one.table.database == database)


def former(catalog: Catalog, database: str = OLD, *, proven: bool = True) -> FormerTables:
    own = next((db for db in catalog.databases if db.name == database), None)
    return FormerTables(tables_of(catalog, database), proven, own)


def moving(
    source: SpaceListing,
    catalog: Catalog,
    *,
    tables: FormerTables | None = None,
    policy: Policy = POLICY,
) -> Plan:
    followed = tables or former(catalog)
    carried = {asset: one.table for asset, one in followed.by_asset().items()}
    desired = space_tables(source, HOME, RULES, catalog, former=carried)
    return diff_space(desired, catalog, scope=Scope(), policy=policy, former=followed)


def followed(
    home: Iterable[Table], tables: Iterable[Table], read: Iterable[str] = LISTED
) -> set[str]:
    current = [CurrentTable(table, "1") for table in tables]
    chosen = tables_to_follow(home, current, listed=LISTED, read=frozenset(read))
    return {f"{one.table.database}.{one.table.asset[1]}" for one in chosen}


def table(name: str, database: str = OLD, **marks: str) -> Table:
    whole = synced(listing(asset(name)))
    (current,) = whole.tables
    return replace(current.table, database=database).with_parameters(**marks)


def gone(name: str, database: str = OLD, pointer: str | None = None) -> Table:
    marks = {"renamed_to": pointer} if pointer else {}
    return table(name, database, status="deprecated", **marks)


@pytest.mark.parametrize(
    ("home", "former_table", "follows"),
    [
        ([], table("V_A"), True),
        ([], table("V_GONE"), True),
        ([], gone("V_A"), True),
        ([], gone("V_GONE"), False),
        ([table("V_B", HOME)], table("V_A"), True),
        ([table("V_B", HOME)], table("V_GONE"), False),
        ([table("V_B", HOME, moved_from=f"{OLD}.v_b")], table("V_GONE"), True),
        ([table("V_A", HOME)], table("V_A"), False),
        ([table("V_A", HOME)], table("V_A", moved_from=f"{HOME}.v_a"), True),
        ([table("V_A", HOME)], gone("V_A", pointer=f"{HOME}.v_a"), False),
        ([table("V_A", HOME, moved_from=f"{OLD}.v_a")], table("V_A"), True),
        ([table("V_A", HOME, moved_from=f"{OLD}.v_a")], gone("V_A"), False),
        ([table("V_A", HOME, moved_from="elsewhere.v_a")], table("V_A"), False),
        ([gone("V_A", HOME, f"{OLD}.v_a")], table("V_A"), True),
        ([gone("V_A", HOME, f"{OLD}.v_a")], gone("V_A"), True),
        ([gone("V_A", HOME)], table("V_A"), False),
    ],
)
def test_a_table_is_followed_while_its_space_moves(
    home: list[Table], former_table: Table, *, follows: bool
) -> None:
    assert bool(followed(home, [former_table])) is follows


def test_a_table_whose_asset_cannot_be_read_waits() -> None:
    assert followed([], [table("V_A"), table("V_B")], read=["V_B"]) == {f"{OLD}.V_B"}


def test_every_policy_for_orphans_and_renames_lets_a_space_move() -> None:
    for orphans in OrphanPolicy:
        for renames in RenamePolicy:
            policy = replace(POLICY, orphans=orphans, renames=renames, grace=0)
            before = synced(BOTH)

            plan = moving(BOTH, before, policy=policy)

            assert [c.action for c in plan.tables] == 2 * ["create"] + 2 * ["deprecate"]
            after = applied(plan, before)
            assert moving(BOTH, after, policy=policy).empty


def test_the_former_database_hands_on_what_people_wrote_into_it() -> None:
    before = synced(BOTH)
    (database,) = before.databases
    edited = replace(
        database,
        description="Sales, as analysts call it",
        parameters=(*database.parameters, ("team", "ops")),
        rest='{"CreateTableDefaultPermissions":[]}',
    )

    (change,) = moving(BOTH, replace(before, databases=(edited,))).databases

    assert change.after == replace(edited, name=HOME)


def test_the_guard_counts_no_move_and_counts_what_is_gone() -> None:
    before = synced(listing(*(asset(f"V_{n}") for n in range(4))))
    plan = moving(listing(*(asset(f"V_{n}") for n in range(4))), before)
    halved = moving(listing(asset("V_0"), asset("V_1")), before)

    def refused(judged: Plan) -> bool:
        return bool(objections(judged, before, tenant=TENANT, limits=GuardLimits(10)))

    assert not refused(plan)
    assert refused(halved)
    assert sum(change.relocated for change in halved.tables) == 2


def test_a_divided_run_creates_in_its_workers_and_deprecates_in_its_last_step() -> None:
    before = synced(BOTH)
    worker = moving(BOTH, before, policy=replace(POLICY, share=PlanShare.PER_TABLE))
    last_step = replace(POLICY, share=PlanShare.CROSS_TABLE)

    last = moving(replace(BOTH, assets=()), applied(worker, before), policy=last_step)

    assert {change.action for change in worker.tables} == {ChangeAction.CREATE}
    assert [(c.action, c.database) for c in last.tables] == 2 * [(ChangeAction.DEPRECATE, OLD)]


def test_without_a_record_only_edits_are_carried_over() -> None:
    before = synced(BOTH)
    people = marked(before.tables[0].table, team="ops")
    before = replace(before, tables=(replace(before.tables[0], table=people), before.tables[1]))

    plan = moving(BOTH, before, tables=former(before, proven=False))

    assert {change.action for change in plan.tables} == {ChangeAction.CREATE}
    first = next(c.after for c in plan.tables if c.after and c.after.name == people.name)
    assert first.parameter("team") == "ops"
    assert first.parameter("datasphere.moved_from") is None


def test_a_refused_table_keeps_its_former_one_active() -> None:
    before = synced(BOTH)
    foreign = CurrentTable(Table(HOME, "v_a"), "3")

    plan = moving(BOTH, replace(before, tables=(*before.tables, foreign)), tables=former(before))

    assert [issue.code for issue in plan.skipped] == ["FOREIGN_OBJECT"]
    assert {(c.action, c.table) for c in plan.tables} == {
        (ChangeAction.CREATE, "v_b"),
        (ChangeAction.DEPRECATE, "v_b"),
    }


def test_a_column_keeps_the_name_that_it_has_in_the_former_table() -> None:
    before = synced(listing(asset("V_A")))
    (current,) = before.tables
    column = replace(current.table.columns[0], name="net_amount_1a2b3c4d", comment="by a person")
    renamed = replace(current, table=replace(current.table, columns=(column,)))

    plan = moving(listing(asset("V_A")), replace(before, tables=(renamed,)))

    created = next(c.after for c in plan.tables if c.action is ChangeAction.CREATE)
    assert created
    assert [c.name for c in created.columns] == ["net_amount_1a2b3c4d"]


def test_a_table_that_would_lose_its_definition_does_not_move() -> None:
    before = synced(listing(asset("V_A")))
    (current,) = before.tables
    table = current.table.with_parameters(provenance='{"elements":"csn"}')
    before = replace(before, tables=(replace(current, table=table),))

    plan = moving(replace(listing(asset("V_A")), undefined=frozenset({"V_A"})), before)

    assert [issue.code for issue in plan.skipped] == ["DEFINITION_LOST"]
    assert not plan.tables
