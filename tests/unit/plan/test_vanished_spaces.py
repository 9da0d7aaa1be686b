"""Runs with gone spaces, and runs with a refusal during replanning."""

from dataclasses import replace

from datasphere_glue.mapping.rules import Rules
from datasphere_glue.model.issue_codes import IssueCode
from datasphere_glue.model.scope import Scope
from datasphere_glue.model.table import CurrentTable, Database
from datasphere_glue.outcome.run import Status
from datasphere_glue.plan.actions import ChangeAction
from datasphere_glue.plan.change import Plan, Replan, TableChange
from datasphere_glue.plan.policy import FieldPolicy, OrphanPolicy, SchemaChange, SchemaPolicy
from datasphere_glue.runs.sync import sync
from tests.unit.runs.test_sync import BOTH, RELABELLED, Glue, Tenant, job, replanned
from tests.unit.samples import POLICY, RULES, asset, issue, listing, on_record, synced, table_in

HR = listing(asset("V_STAFF", "HR"), space="HR")
GONE = replace(POLICY, gone_spaces=frozenset({"SALES"}))
MISSING = replace(
    listing(label=None), incomplete=replace(issue("SALES"), code=IssueCode.SPACE_NOT_LISTED)
)


THEIRS = (("datasphere.managed_by", "datasphere-glue"), ("datasphere.tenant", "other"))
BY_HAND = (
    Database("datasphere_hand"),
    Database("datasphere_other", parameters=THEIRS),
    Database("lake"),
    Database("shop_by_hand"),
)


def names_read(rules: Rules = RULES, scope: Scope | None = None) -> set[str]:
    """Return the databases whose tables a run reads."""
    catalog = synced(BOTH, HR)
    target = Glue(replace(catalog, databases=(*catalog.databases, *BY_HAND)))
    sync(Tenant((HR,)), target, replace(job(), rules=rules, scope=scope or Scope(), policy=GONE))
    return set(target.reads)


def test_the_tables_of_a_confirmed_gone_space_are_deprecated_and_the_run_succeeds() -> None:
    target = Glue(synced(BOTH, HR))

    result = sync(Tenant((HR,)), target, replace(job(), policy=GONE))

    assert result.status is Status.SUCCESS
    assert result.issues == ()
    assert table_in(target.catalog, "v_orders").deprecated
    assert not table_in(target.catalog, "v_staff").deprecated


def test_a_gone_space_that_is_still_configured_does_not_degrade_the_run() -> None:
    target = Glue(synced(BOTH, HR))

    result = sync(Tenant((HR, MISSING)), target, replace(job(), policy=GONE))

    assert result.status is Status.SUCCESS
    assert [one.space for one in result.listings] == ["HR"]
    assert sync(Tenant((HR, MISSING)), target, job()).status is Status.DEGRADED


def test_a_listed_but_forbidden_space_is_not_gone() -> None:
    refused = replace(MISSING, incomplete=issue("SALES", "SPACE_FORBIDDEN"))

    result = sync(Tenant((HR, refused)), Glue(synced(BOTH, HR)), replace(job(), policy=GONE))

    assert result.status is Status.DEGRADED
    assert result.plan.empty


def test_the_tables_of_gone_spaces_and_of_unmanaged_databases_are_read() -> None:
    assert names_read() == {"datasphere_hr", "datasphere_sales", "datasphere_hand"}


def test_a_template_that_matches_every_database_reads_no_unmanaged_one() -> None:
    assert not names_read(Rules(RULES.tenant, "{space}")) & {"datasphere_hand", "lake"}


def test_an_event_for_one_space_reads_no_other_database() -> None:
    assert "datasphere_hand" not in names_read(scope=Scope(spaces=frozenset({"HR"})))


def test_the_configured_database_of_a_vanished_space_is_read() -> None:
    assert "shop_by_hand" in names_read(replace(RULES, databases=(("SHOP", "shop_by_hand"),)))


def test_a_halt_that_only_the_fresh_state_requires_stops_the_run() -> None:
    """A person widened a column during the run: our type would narrow it again."""
    policy = replace(POLICY, schema=((SchemaChange.NARROWING, SchemaPolicy.HALT),))
    refusals: list[str] = []

    def meanwhile(change: TableChange, replan: Replan) -> TableChange | None:
        assert change.before is not None
        wider = replace(
            change.before,
            columns=tuple(replace(c, type="decimal(30,2)") for c in change.before.columns),
        )
        try:
            return replan(change, CurrentTable(wider, "99"))
        except Exception as refused:
            refusals.append(str(refused))
            raise

    result = sync(
        Tenant((RELABELLED,)), Glue(synced(BOTH), meanwhile), replace(job(), policy=policy)
    )

    assert result.status is Status.HALTED
    assert "from decimal(30,2) to decimal(17,2)" in refusals[0]


def test_a_table_whose_fresh_state_has_a_forbidden_edit_is_not_written() -> None:
    policy = replace(POLICY, fields=(("description", FieldPolicy.FAIL),))

    def meanwhile(change: TableChange, replan: Replan) -> TableChange | None:
        assert change.before is not None
        edited = replace(change.before, description="by hand")
        return replan(change, CurrentTable(edited, "99"))

    result = sync(
        Tenant((RELABELLED,)), Glue(synced(BOTH), meanwhile), replace(job(), policy=policy)
    )

    assert result.error is not None
    assert "edited in Glue" in str(result.error)


def test_a_replanned_rename_still_refers_to_the_new_table() -> None:
    columns = replace(
        asset("V"),
        elements=tuple(replace(asset("V").elements[0], name=name, label=name) for name in "abc"),
        label="Orders",
    )
    old, new = (
        listing(replace(columns, name=n), asset("V_X"), asset("V_Y")) for n in ("V_OLD", "V_NEW")
    )

    def fresh(change: TableChange) -> CurrentTable | None:
        return CurrentTable(change.before, "99") if change.before else None

    renamed = replanned(new, synced(old), fresh)

    points = [c for c in renamed if c and c.action is ChangeAction.DEPRECATE]
    assert points[0].after is not None
    assert points[0].after.parameter("datasphere.renamed_to") == "V_NEW"
    assert points[0].version_id == "99"


def test_a_deletion_is_replanned_with_the_same_grace() -> None:
    policy = replace(POLICY, orphans=OrphanPolicy.DELETE, grace=0)
    gone = synced(listing(asset("V_ORDERS")), catalog=synced(BOTH))

    def fresh(change: TableChange) -> CurrentTable | None:
        assert change.before is not None
        return CurrentTable(change.before, "9")

    (change,) = replanned(listing(asset("V_ORDERS")), gone, fresh, policy=policy, proof=on_record)

    assert change is not None
    assert change.action is ChangeAction.DELETE
    assert Plan(tables=(change,)).digest
