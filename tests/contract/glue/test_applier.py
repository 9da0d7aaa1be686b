"""The target over real HTTP: reads, writes, and behaviour under concurrent writes."""

import itertools
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from datasphere_glue.errors import OutOfTime, PermissionDenied, Unavailable
from datasphere_glue.glue.applier import GlueTarget
from datasphere_glue.glue.client import GlueCatalog
from datasphere_glue.model.table import (
    Column,
    CurrentTable,
    Database,
    Table,
    parameters,
)
from datasphere_glue.plan.actions import ChangeAction
from datasphere_glue.plan.change import DatabaseChange, Outcome, OutcomeStatus, Plan, TableChange
from local.catalog.embedded import EmbeddedCatalog
from local.catalog.faults import CONNECTION_RESET, LOST_ANSWER

TENANT = "acme.eu10.hcs.cloud.sap"
OURS = {"datasphere.managed_by": "datasphere-glue", "datasphere.tenant": TENANT}
LATER = 100.0
LAKE_FORMATION = "Insufficient Lake Formation permission(s): Required Alter on t1"


def desired_table(name: str, description: str = "new", database: str = "sales") -> Table:
    return Table(
        database,
        name,
        columns=(Column("id", "int", "Id"),),
        description=description,
        parameters=parameters(OURS),
    )


def creation(name: str, database: str = "sales") -> TableChange:
    return TableChange(
        ChangeAction.CREATE, "SALES", name.upper(), after=desired_table(name, "new", database)
    )


def new_database(name: str = "sales") -> DatabaseChange:
    database = Database(name, "Sales", parameters(OURS))
    return DatabaseChange(ChangeAction.CREATE, "SALES", database)


def never(change: TableChange, fresh: CurrentTable | None) -> TableChange | None:
    raise AssertionError(f"{change.table} must not be planned again over {fresh}")


def rebased(change: TableChange, fresh: CurrentTable | None) -> TableChange | None:
    """Plan the description anew over whatever the catalog holds now."""
    if fresh is None:
        return replace(change, action=ChangeAction.CREATE, before=None, version_id=None)
    after = replace(fresh.table, description="new")
    if after == fresh.table:
        return None
    return replace(
        change,
        action=ChangeAction.UPDATE,
        before=fresh.table,
        after=after,
        version_id=fresh.version_id,
    )


class Pauses:
    """Records the pauses instead of waiting."""

    def __init__(self) -> None:
        self.seconds: list[float] = []

    def __call__(self, seconds: float) -> None:
        self.seconds.append(seconds)


@pytest.fixture
def pauses() -> Pauses:
    return Pauses()


@pytest.fixture
def target(edge: GlueCatalog, pauses: Pauses) -> GlueTarget:
    return GlueTarget(edge, clock=lambda: 0.0, sleep=pauses, jitter=lambda: 0.5)


@pytest.fixture
def sales(glue: Any, catalog: EmbeddedCatalog) -> Any:
    """Create a database `sales` with three managed tables that people have edited."""
    glue.create_database(DatabaseInput={"Name": "sales", "Parameters": OURS})
    for name in ("t1", "t2", "t3"):
        glue.create_table(DatabaseName="sales", TableInput=stored_table(name))
    catalog.calls.clear()
    return glue


def stored_table(name: str, description: str = "old") -> dict[str, Any]:
    return {
        "Name": name,
        "Description": description,
        "Owner": "finance",
        "Retention": 7,
        "TableType": "EXTERNAL_TABLE",
        "Parameters": {**OURS, "team": "finance"},
        "PartitionKeys": [],
        "StorageDescriptor": {
            "Columns": [
                {"Name": "id", "Type": "int", "Parameters": {"pii": "no"}, "Comment": "Id"}
            ],
            "Location": "s3://bucket/x",
            "SerdeInfo": {"Parameters": {"a": ""}},
        },
    }


def updates(
    target: GlueTarget, *names: str, action: ChangeAction = ChangeAction.UPDATE
) -> list[TableChange]:
    current = {c.table.name: c for c in target.tables(Database("sales"))}
    return [
        TableChange(
            action,
            "SALES",
            name.upper(),
            before=current[name].table,
            after=None
            if action is ChangeAction.DELETE
            else replace(current[name].table, description="new"),
            version_id=current[name].version_id,
        )
        for name in names
    ]


def applied(
    target: GlueTarget,
    *changes: TableChange,
    databases: tuple[DatabaseChange, ...] = (),
    replan: Callable[[TableChange, CurrentTable | None], TableChange | None] = never,
) -> tuple[Outcome, ...]:
    plan = Plan(databases=databases, tables=changes)
    return target.apply(plan, until=LATER, replan=replan)


def results(outcomes: tuple[Outcome, ...]) -> list[tuple[OutcomeStatus, bool]]:
    return [(outcome.result, outcome.verified) for outcome in outcomes]


DONE = (OutcomeStatus.DONE, True)
FAILED = (OutcomeStatus.FAILED, False)
UNTRIED = (OutcomeStatus.UNTRIED, False)


def test_reads_every_database_in_one_call_and_the_tables_of_one(
    glue: Any, target: GlueTarget, catalog: EmbeddedCatalog
) -> None:
    glue.create_database(DatabaseInput={"Name": "named"})
    glue.create_database(DatabaseInput={"Name": "marked", "Parameters": OURS})
    for database in ("named", "marked"):
        glue.create_table(DatabaseName=database, TableInput=stored_table("b"))
        glue.create_table(DatabaseName=database, TableInput={"Name": "a"})
    catalog.calls.clear()
    marked, named = target.databases()
    assert (marked.name, marked.managed, named.name, named.managed) == (
        "marked",
        True,
        "named",
        False,
    )
    assert [(t.table.database, t.table.name, t.version_id) for t in target.tables(named)] == [
        ("named", "a", "0"),
        ("named", "b", "0"),
    ]
    assert catalog.calls.operations == ["GetDatabases", "GetTables"]


def test_reads_250_tables_in_three_calls(
    glue: Any, target: GlueTarget, catalog: EmbeddedCatalog, edge: GlueCatalog
) -> None:
    glue.create_database(DatabaseInput={"Name": "sales"})
    for n in range(250):
        glue.create_table(DatabaseName="sales", TableInput={"Name": f"t{n:03}"})
    catalog.calls.clear()
    tables = target.tables(Database("sales"))
    assert [t.table.name for t in tables] == [f"t{n:03}" for n in range(250)]
    assert catalog.calls.operations == ["GetTables"] * 3
    assert (edge.reads, edge.writes) == (3, 0)


def test_a_link_to_another_database_is_listed_but_not_read(
    glue: Any, target: GlueTarget, catalog: EmbeddedCatalog
) -> None:
    pointer = {"CatalogId": "222222222222", "DatabaseName": "x"}
    glue.create_database(DatabaseInput={"Name": "sales", "TargetDatabase": pointer})
    catalog.calls.clear()
    (database,) = target.databases()
    assert database.link == "222222222222/x"
    assert target.tables(database) == ()
    assert catalog.calls.operations == ["GetDatabases"]


def test_a_database_removed_while_reading_has_no_tables(
    sales: Any, target: GlueTarget, catalog: EmbeddedCatalog
) -> None:
    assert sales.get_databases()["DatabaseList"]
    catalog.faults.add(operation="GetTables", error="EntityNotFoundException")
    assert target.tables(Database("sales")) == ()


@pytest.mark.usefixtures("sales")
def test_reading_fails_as_a_whole_when_glue_denies_or_throttles(
    target: GlueTarget, catalog: EmbeddedCatalog
) -> None:
    catalog.faults.add(operation="GetTables", error="AccessDeniedException")
    with pytest.raises(PermissionDenied, match="glue:GetTables on table/sales/"):
        target.tables(Database("sales"))
    catalog.faults.add(operation="GetDatabases", error="ThrottlingException")
    with pytest.raises(Unavailable, match="Rate exceeded"):
        target.databases()


def test_creates_a_database_and_its_tables_and_verifies_them(glue: Any, target: GlueTarget) -> None:
    outcomes = applied(target, creation("t1"), creation("t2"), databases=(new_database(),))
    assert results(outcomes) == [DONE, DONE, DONE]
    assert [outcome.attempts for outcome in outcomes] == [1, 1, 1]
    assert glue.get_database(Name="sales")["Database"]["Description"] == "Sales"
    table = glue.get_table(DatabaseName="sales", Name="t1")["Table"]
    assert table["PartitionKeys"] == []
    assert table["StorageDescriptor"]["SerdeInfo"] == {"Parameters": {}}
    assert len(target.tables(Database("sales"))) == 2


def test_an_empty_plan_makes_no_call(target: GlueTarget, catalog: EmbeddedCatalog) -> None:
    assert applied(target) == ()
    assert len(catalog.calls) == 0


def test_an_update_preserves_foreign_values_and_sends_the_version(
    sales: Any, target: GlueTarget, catalog: EmbeddedCatalog
) -> None:
    [change] = updates(target, "t1")
    catalog.calls.clear()
    assert results(applied(target, change)) == [DONE]
    [request] = catalog.calls.of("UpdateTable")
    assert (request["VersionId"], request["SkipArchive"]) == ("0", True)
    assert catalog.calls.operations == ["UpdateTable", "GetTable"]
    table = sales.get_table(DatabaseName="sales", Name="t1")["Table"]
    assert table["Description"] == "new"
    assert (table["Owner"], table["Retention"]) == ("finance", 7)
    assert table["Parameters"]["team"] == "finance"
    assert table["StorageDescriptor"]["Columns"][0]["Parameters"] == {"pii": "no"}
    assert table["StorageDescriptor"]["Location"] == "s3://bucket/x"
    assert table["StorageDescriptor"]["SerdeInfo"] == {"Parameters": {"a": ""}}


@pytest.mark.usefixtures("sales")
def test_an_update_without_a_version_takes_it_from_a_fresh_read(
    target: GlueTarget, catalog: EmbeddedCatalog
) -> None:
    [change] = updates(target, "t1")
    outcomes = applied(target, replace(change, version_id=None))
    assert results(outcomes) == [DONE]
    assert catalog.calls.of("UpdateTable")[0]["VersionId"] == "0"


def test_a_real_concurrent_edit_is_planned_again_and_survives(
    sales: Any, target: GlueTarget, pauses: Pauses
) -> None:
    [change] = updates(target, "t1")
    edited = stored_table("t1")
    edited["Parameters"]["steward"] = "Ada"
    sales.update_table(DatabaseName="sales", TableInput=edited)
    [outcome] = applied(target, change, replan=rebased)
    assert (outcome.result, outcome.verified, outcome.attempts) == (OutcomeStatus.DONE, True, 2)
    assert isinstance(outcome.change, TableChange)
    assert outcome.change.version_id == "1"
    table = sales.get_table(DatabaseName="sales", Name="t1")["Table"]
    assert (table["Description"], table["VersionId"]) == ("new", "2")
    assert table["Parameters"]["steward"] == "Ada"
    assert pauses.seconds == [0.2]


def test_an_edit_unseen_because_the_version_was_unknown_is_planned_again(
    sales: Any, target: GlueTarget
) -> None:
    [change] = updates(target, "t1")
    edited = stored_table("t1")
    edited["Owner"] = "controlling"
    sales.update_table(DatabaseName="sales", TableInput=edited)
    [outcome] = applied(target, replace(change, version_id=None), replan=rebased)
    assert (outcome.result, outcome.attempts) == (OutcomeStatus.DONE, 2)
    assert sales.get_table(DatabaseName="sales", Name="t1")["Table"]["Owner"] == "controlling"


def test_nothing_left_to_do_after_a_concurrent_write_is_unchanged(
    sales: Any, target: GlueTarget
) -> None:
    [change] = updates(target, "t1")
    sales.update_table(DatabaseName="sales", TableInput=stored_table("t1", "new"))
    [outcome] = applied(target, change, replan=rebased)
    assert outcome.result is OutcomeStatus.UNCHANGED
    assert outcome.error is None


@pytest.mark.usefixtures("sales")
def test_a_permanent_conflict_fails_after_five_attempts(
    target: GlueTarget, catalog: EmbeddedCatalog, pauses: Pauses
) -> None:
    changes = updates(target, "t1", "t2")
    catalog.faults.add(
        operation="UpdateTable", error="ConcurrentModificationException", match="t1", times=99
    )
    first, second = applied(target, *changes, replan=rebased)
    assert (first.result, first.attempts, first.halts) == (OutcomeStatus.FAILED, 5, False)
    assert first.error is not None
    assert (first.error.subject, first.error.code) == ("SALES.T1", "CONCURRENT_CHANGE")
    assert second.result is OutcomeStatus.DONE
    assert len(catalog.calls.of("UpdateTable")) == 6
    assert pauses.seconds == [0.2, 0.4, 0.8, 1.6, 2.5]


def test_a_table_that_appeared_meanwhile_is_updated_instead(sales: Any, target: GlueTarget) -> None:
    [outcome] = applied(target, creation("t1"), replan=rebased)
    assert (outcome.result, outcome.verified, outcome.attempts) == (OutcomeStatus.DONE, True, 2)
    assert outcome.change.action is ChangeAction.UPDATE
    assert sales.get_table(DatabaseName="sales", Name="t1")["Table"]["Owner"] == "finance"


def test_a_table_that_vanished_meanwhile_is_created_again(sales: Any, target: GlueTarget) -> None:
    [change] = updates(target, "t1")
    sales.delete_table(DatabaseName="sales", Name="t1")
    [outcome] = applied(target, change, replan=rebased)
    assert (outcome.result, outcome.change.action) == (OutcomeStatus.DONE, ChangeAction.CREATE)


def test_a_deletion_is_verified_by_absence(sales: Any, target: GlueTarget) -> None:
    [change] = updates(target, "t1", action=ChangeAction.DELETE)
    assert results(applied(target, change)) == [DONE]
    assert len(sales.get_tables(DatabaseName="sales")["TableList"]) == 2


def test_a_concurrently_edited_table_is_not_deleted(sales: Any, target: GlueTarget) -> None:
    [change] = updates(target, "t1", action=ChangeAction.DELETE)
    sales.update_table(DatabaseName="sales", TableInput=stored_table("t1", "mine"))
    [outcome] = applied(target, change, replan=lambda _change, _fresh: None)
    assert outcome.result is OutcomeStatus.UNCHANGED
    assert sales.get_table(DatabaseName="sales", Name="t1")["Table"]["Description"] == "mine"


def test_creations_come_before_updates_and_removals_come_last(
    sales: Any, target: GlueTarget, catalog: EmbeddedCatalog
) -> None:
    for name in ("t4", "t5"):
        sales.create_table(DatabaseName="sales", TableInput=stored_table(name))
    changes = [
        *updates(target, "t1", action=ChangeAction.DELETE),
        *updates(target, "t2", action=ChangeAction.DEPRECATE),
        *updates(target, "t3", action=ChangeAction.RESTORE),
        *updates(target, "t4", "t5"),
        creation("t6"),
        creation("t7"),
    ]
    catalog.calls.clear()
    outcomes = applied(target, *changes)
    assert results(outcomes) == [DONE] * 7
    assert [outcome.change for outcome in outcomes] == changes
    written = [
        call.request["Name"] if "Name" in call.request else call.request["TableInput"]["Name"]
        for call in catalog.calls.writes
    ]
    assert [sorted(written[:2]), sorted(written[2:4]), written[4:]] == [
        ["t6", "t7"],
        ["t4", "t5"],
        ["t3", "t2", "t1"],
    ]


@pytest.mark.usefixtures("sales")
def test_no_write_starts_after_the_deadline(target: GlueTarget, catalog: EmbeddedCatalog) -> None:
    changes = (*updates(target, "t1", "t2"), creation("t9", "hr"))
    catalog.calls.clear()
    plan = Plan(databases=(new_database("hr"),), tables=changes)
    outcomes = target.apply(plan, until=0.0, replan=never)
    assert results(outcomes) == [UNTRIED] * 4
    assert len(catalog.calls) == 0


@pytest.mark.usefixtures("sales")
def test_changes_past_the_deadline_stay_pending_and_the_rest_is_verified(edge: GlueCatalog) -> None:
    ticks = itertools.count()
    changes = updates(GlueTarget(edge), "t1", "t2", "t3")
    target = GlueTarget(edge, workers=1, clock=lambda: float(next(ticks)))
    outcomes = target.apply(Plan(tables=tuple(changes)), until=2.0, replan=never)
    assert results(outcomes) == [DONE, DONE, UNTRIED]


@pytest.mark.usefixtures("sales")
def test_one_refused_table_leaves_the_others_written(
    target: GlueTarget, catalog: EmbeddedCatalog
) -> None:
    changes = updates(target, "t1", "t2")
    catalog.faults.add(operation="UpdateTable", error="ThrottlingException", match="t1")
    outcomes = applied(target, *changes)
    assert results(outcomes) == [FAILED, DONE]
    error = outcomes[0].error
    assert error is not None
    assert error.code == "WRITE_FAILED"
    assert "glue:UpdateTable on table/sales/t1 failed with ThrottlingException" in error.message


@pytest.mark.usefixtures("sales")
def test_a_field_that_botocore_refuses_fails_its_table_alone(target: GlueTarget) -> None:
    good, bad = updates(target, "t1", "t2")
    assert bad.after is not None
    broken = replace(bad, after=replace(bad.after, columns=(Column("", "int"),)))
    outcomes = applied(target, good, broken)
    assert results(outcomes) == [DONE, FAILED]
    assert outcomes[1].error is not None
    assert "Invalid length for parameter" in outcomes[1].error.message


@pytest.mark.usefixtures("sales")
def test_a_text_that_glue_refuses_fails_its_table_with_the_field_named(target: GlueTarget) -> None:
    [change] = updates(target, "t1")
    assert change.after is not None
    long = Column("id", "int", "c" * 300)
    [outcome] = applied(target, replace(change, after=replace(change.after, columns=(long,))))
    assert outcome.error is not None
    assert "'table.storageDescriptor.columns.1.member.comment'" in outcome.error.message


@pytest.mark.parametrize(
    ("message", "remedy"),
    [
        ("not authorized to perform: glue:UpdateTable", "allow glue:UpdateTable on catalog"),
        (LAKE_FORMATION, "grant ALTER and DESCRIBE on table sales.t1"),
    ],
)
def test_a_denial_halts_everything_that_has_not_begun(
    sales: Any, edge: GlueCatalog, catalog: EmbeddedCatalog, message: str, remedy: str
) -> None:
    target = GlueTarget(edge, workers=1, clock=lambda: 0.0)
    changes = [*updates(target, "t1", "t2"), *updates(target, "t3", action=ChangeAction.DELETE)]
    catalog.faults.add(operation="UpdateTable", error="AccessDeniedException", message=message)
    outcomes = applied(target, creation("t9"), *changes)
    assert results(outcomes) == [DONE, FAILED, UNTRIED, UNTRIED]
    assert [outcome.halts for outcome in outcomes] == [False, True, False, False]
    assert outcomes[1].error is not None
    assert outcomes[1].error.code == "PERMISSION_DENIED"
    assert outcomes[1].error.remedy.startswith(remedy)
    assert len(sales.get_tables(DatabaseName="sales")["TableList"]) == 4


@pytest.mark.usefixtures("sales")
def test_a_denied_read_of_a_table_is_not_its_absence(
    target: GlueTarget, catalog: EmbeddedCatalog
) -> None:
    [change] = updates(target, "t1")
    catalog.faults.add(operation="UpdateTable", error="ConcurrentModificationException")
    catalog.faults.add(operation="GetTable", error="AccessDeniedException", message=LAKE_FORMATION)
    [outcome] = applied(target, change)
    assert (outcome.result, outcome.halts) == (OutcomeStatus.FAILED, True)


@pytest.mark.usefixtures("sales")
def test_expired_credentials_halt(target: GlueTarget, catalog: EmbeddedCatalog) -> None:
    changes = updates(target, "t1")
    catalog.faults.add(operation="UpdateTable", error="ExpiredTokenException")
    [outcome] = applied(target, *changes)
    assert outcome.halts
    assert outcome.error is not None
    assert outcome.error.code == "CREDENTIALS_REJECTED"


@pytest.mark.usefixtures("sales")
def test_a_write_without_effect_is_not_reported_as_done(
    target: GlueTarget, catalog: EmbeddedCatalog
) -> None:
    changes = [*updates(target, "t1", "t2"), creation("t8")]
    catalog.faults.add(operation="UpdateTable", error="LostWrite", match="t1")
    catalog.faults.add(operation="CreateTable", error="LostWrite")
    outcomes = applied(target, *changes)
    assert results(outcomes) == [FAILED, DONE, FAILED]
    assert [outcome.error.message for outcome in outcomes if outcome.error] == [
        "sales.t1 read back differs from what was written in description",
        "sales.t8 read back differs from what was written in existence",
    ]
    assert {outcome.error.code for outcome in outcomes if outcome.error} == {"VERIFICATION_FAILED"}


@pytest.mark.usefixtures("sales")
def test_a_write_that_cannot_be_verified_is_not_reported_as_done(
    target: GlueTarget, catalog: EmbeddedCatalog
) -> None:
    [change] = updates(target, "t1")
    catalog.faults.add(operation="GetTable", error="ThrottlingException")
    [outcome] = applied(target, change)
    assert results((outcome,)) == [FAILED]
    assert outcome.error is not None
    assert outcome.error.message.startswith("written, but not proven by reading back: ")


def test_many_tables_of_a_database_are_read_back_in_pages(
    target: GlueTarget, catalog: EmbeddedCatalog
) -> None:
    changes = [creation(f"t{n}") for n in range(101)]
    outcomes = applied(target, *changes, databases=(new_database(),))
    assert results(outcomes) == [DONE] * 102
    assert catalog.calls.operations.count("GetTables") == 2
    assert catalog.calls.operations.count("GetTable") == 0


@pytest.mark.usefixtures("sales")
def test_few_tables_of_a_large_database_are_read_back_one_by_one(
    target: GlueTarget, catalog: EmbeddedCatalog
) -> None:
    changes = tuple(updates(target, "t1", "t2"))
    catalog.calls.clear()
    plan = Plan(tables=changes, unchanged=(("SALES", 150),))
    assert results(target.apply(plan, until=LATER, replan=never)) == [DONE, DONE]
    assert [call.operation for call in catalog.calls.reads] == ["GetTable", "GetTable"]


def test_a_database_that_exists_already_is_used_as_it_is(sales: Any, target: GlueTarget) -> None:
    outcomes = applied(target, creation("t9"), databases=(new_database(),))
    assert [outcome.result for outcome in outcomes] == [OutcomeStatus.UNCHANGED, OutcomeStatus.DONE]
    assert "Description" not in sales.get_database(Name="sales")["Database"]


def test_a_link_of_that_name_is_refused_with_all_its_tables(
    glue: Any, target: GlueTarget, catalog: EmbeddedCatalog
) -> None:
    pointer = {"CatalogId": "222222222222", "DatabaseName": "x"}
    glue.create_database(DatabaseInput={"Name": "sales", "TargetDatabase": pointer})
    outcomes = applied(target, creation("t1"), databases=(new_database(),))
    assert results(outcomes) == [FAILED, FAILED]
    assert outcomes[0].error is not None
    assert outcomes[0].error.code == "FOREIGN_OBJECT"
    assert catalog.calls.of("CreateTable") == []


def test_tables_of_a_failed_database_fail_with_that_reason(
    glue: Any, target: GlueTarget, catalog: EmbeddedCatalog
) -> None:
    glue.create_database(DatabaseInput={"Name": "hr"})
    catalog.faults.add(operation="CreateDatabase", error="ResourceNumberLimitExceededException")
    outcomes = applied(target, creation("t1"), creation("t1", "hr"), databases=(new_database(),))
    assert results(outcomes) == [FAILED, FAILED, DONE]
    assert outcomes[0].error is not None
    assert outcomes[0].error.subject == "SALES"
    assert outcomes[1].error is not None
    assert "its database could not be created" in outcomes[1].error.message
    assert "ResourceNumberLimitExceeded" in outcomes[1].error.message
    assert outcomes[1].attempts == 0


def test_a_table_whose_database_is_missing_fails_with_that_reason(target: GlueTarget) -> None:
    [outcome] = applied(target, creation("t1"))
    assert outcome.error is not None
    assert outcome.error.message.startswith("table sales.t1 cannot be created: ")


def test_a_conflicting_database_update_is_retried(
    glue: Any, target: GlueTarget, catalog: EmbeddedCatalog
) -> None:
    catalog.faults.add(operation="CreateDatabase", error="ConcurrentModificationException")
    [outcome] = applied(target, databases=(new_database(),))
    assert (outcome.result, outcome.verified, outcome.attempts) == (OutcomeStatus.DONE, True, 2)
    assert glue.get_database(Name="sales")


def database_update(target: GlueTarget) -> DatabaseChange:
    [before] = target.databases()
    after = replace(before, description="Sales")
    return DatabaseChange(ChangeAction.UPDATE, "SALES", after, before)


def test_updates_a_database_and_preserves_foreign_values(glue: Any, target: GlueTarget) -> None:
    body = {"Name": "sales", "LocationUri": "s3://x", "Parameters": {**OURS, "team": "f"}}
    glue.create_database(DatabaseInput=body)
    assert results(applied(target, databases=(database_update(target),))) == [DONE]
    database = glue.get_database(Name="sales")["Database"]
    assert (database["Description"], database["LocationUri"]) == ("Sales", "s3://x")
    assert database["Parameters"]["team"] == "f"


def test_a_concurrently_changed_database_is_not_updated(
    glue: Any, target: GlueTarget, catalog: EmbeddedCatalog
) -> None:
    glue.create_database(DatabaseInput={"Name": "sales", "Parameters": OURS})
    change = database_update(target)
    glue.update_database(
        Name="sales", DatabaseInput={"Name": "sales", "Parameters": {**OURS, "team": "f"}}
    )
    catalog.calls.clear()
    [outcome] = applied(target, databases=(change,))
    assert results((outcome,)) == [FAILED]
    assert catalog.calls.writes == []


def test_a_database_that_already_matches_needs_no_update(
    glue: Any, target: GlueTarget, catalog: EmbeddedCatalog
) -> None:
    glue.create_database(DatabaseInput={"Name": "sales", "Parameters": OURS})
    change = database_update(target)
    body = {"Name": "sales", "Description": "Sales", "Parameters": OURS}
    glue.update_database(Name="sales", DatabaseInput=body)
    catalog.calls.clear()
    [outcome] = applied(target, databases=(change,))
    assert results((outcome,)) == [(OutcomeStatus.UNCHANGED, False)]
    assert catalog.calls.writes == []


def every_change(target: GlueTarget) -> tuple[tuple[DatabaseChange, ...], tuple[TableChange, ...]]:
    deletion = updates(target, "t2", action=ChangeAction.DELETE)
    tables = (creation("t9"), *updates(target, "t1"), *deletion)
    return (new_database("hr"), database_update(target)), tables


WRITES = ["CreateDatabase", "UpdateDatabase", "CreateTable", "UpdateTable", "DeleteTable"]


@pytest.mark.usefixtures("sales")
def test_a_write_with_a_lost_answer_is_done_if_the_table_matches(
    target: GlueTarget, catalog: EmbeddedCatalog
) -> None:
    databases, tables = every_change(target)
    for operation in WRITES:
        catalog.faults.add(operation=operation, error=LOST_ANSWER)
    assert results(applied(target, *tables, databases=databases)) == [DONE] * 5


@pytest.mark.usefixtures("sales")
def test_a_write_that_never_arrived_is_not_reported_as_done(
    target: GlueTarget, catalog: EmbeddedCatalog
) -> None:
    databases, tables = every_change(target)
    for operation in WRITES:
        catalog.faults.add(operation=operation, error=CONNECTION_RESET)
    outcomes = applied(target, *tables, databases=databases)
    assert results(outcomes) == [FAILED] * 5
    assert {outcome.error.code for outcome in outcomes if outcome.error} == {"WRITE_FAILED"}


@pytest.mark.usefixtures("sales")
def test_a_write_with_a_lost_answer_is_not_done_if_it_cannot_be_verified(
    target: GlueTarget, catalog: EmbeddedCatalog
) -> None:
    [change] = updates(target, "t1")
    catalog.faults.add(operation="UpdateTable", error=LOST_ANSWER)
    catalog.faults.add(operation="GetTable", error="InternalServiceException", times=9)
    assert results(applied(target, change)) == [FAILED]


@pytest.mark.parametrize("seconds", [0.0, 4.0])
def test_the_catalog_is_not_read_after_the_deadline(
    sales: Any, edge: GlueCatalog, seconds: float
) -> None:
    for number in range(10):
        sales.create_table(DatabaseName="sales", TableInput=stored_table(f"more{number}"))
    ticks = itertools.count()
    target = GlueTarget(edge, until=seconds, clock=lambda: float(next(ticks)))
    with pytest.raises(OutOfTime, match="not read to its end"):
        target.tables(Database("sales"))


def test_databases_are_not_listed_after_the_deadline(
    edge: GlueCatalog, catalog: EmbeddedCatalog
) -> None:
    with pytest.raises(OutOfTime):
        GlueTarget(edge, until=5.0, clock=lambda: 5.0).databases()
    assert not len(catalog.calls)


def test_a_database_without_effect_is_not_reported_as_done(
    target: GlueTarget, catalog: EmbeddedCatalog
) -> None:
    catalog.faults.add(operation="CreateDatabase", error="LostWrite")
    [outcome] = applied(target, databases=(new_database(),))
    assert results((outcome,)) == [FAILED]


@pytest.mark.usefixtures("sales")
def test_an_unexpected_error_in_one_change_preserves_the_other_outcomes(
    target: GlueTarget, catalog: EmbeddedCatalog
) -> None:
    changes = updates(target, "t1", "t2")
    catalog.faults.add(operation="UpdateTable", error="ConcurrentModificationException", match="t2")
    outcomes = applied(target, *changes, replan=never)
    assert results(outcomes) == [DONE, FAILED]
    assert outcomes[1].error is not None
    assert outcomes[1].error.code == "UNEXPECTED"
    assert "AssertionError" in outcomes[1].error.message
