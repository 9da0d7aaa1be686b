"""The database of a space that two databases claim: by rule, by our record, or an issue."""

from collections.abc import Collection, Mapping
from dataclasses import replace

import pytest

from datasphere_glue.errors import PermissionDenied
from datasphere_glue.mapping.names import with_suffix
from datasphere_glue.mapping.ownership import Place
from datasphere_glue.model.run_action import RunAction
from datasphere_glue.model.scope import Scope
from datasphere_glue.model.table import MANAGED_BY, Catalog, CurrentTable, Database, parameters
from datasphere_glue.plan.change import Outcome, Plan, Replan
from datasphere_glue.runs.database_choice import DatabaseChoice, choose_databases
from datasphere_glue.runs.ports import Job
from tests.unit.samples import POLICY, RULES, TENANT, plain_table

PLAIN = "datasphere_sales"
SUFFIXED = with_suffix(PLAIN, "datasphere_SALES")
JOB = Job(RunAction.SYNC, Scope(), RULES, POLICY)


def marked(name: str, space: str = "SALES") -> Database:
    marks = {"managed_by": MANAGED_BY, "tenant": TENANT, "space": space}
    return Database(name, parameters=parameters({f"datasphere.{k}": v for k, v in marks.items()}))


class Tables:
    """A target of which only some databases hold a table of ours."""

    def __init__(self, *names: str) -> None:
        self.names = names
        self.read: list[str] = []

    def databases(self) -> tuple[Database, ...]:
        return ()

    def tables(self, database: Database) -> tuple[CurrentTable, ...]:
        self.read.append(database.name)
        table = replace(plain_table("orders"), database=database.name)
        return (CurrentTable(table),) if database.name in self.names else ()

    def apply(self, plan: Plan, *, until: float, replan: Replan) -> tuple[Outcome, ...]:
        raise AssertionError("a choice wrote", plan, until, replan)


def chosen(
    *databases: Database, target: Tables | None = None, written: str = "", job: Job = JOB
) -> DatabaseChoice:
    def record(places: Collection[Place]) -> Mapping[Place, tuple[str, str]]:
        return {place: ("SALES", "ORDERS") for place in places if place[0] == written}

    target = target or Tables(PLAIN, SUFFIXED)
    return choose_databases(["SALES"], Catalog(databases), target, replace(job, record=record))


@pytest.mark.parametrize("order", [1, -1])
def test_the_plain_name_by_rule_wins_and_an_issue_names_both(order: int) -> None:
    choice = chosen(*[marked(PLAIN), marked(SUFFIXED)][::order])

    assert choice.names == {"SALES": PLAIN}
    issue = choice.issues["SALES"]
    assert (issue.code, issue.subject) == ("CLAIMED_TWICE", "SALES")
    assert issue.message.startswith(f"databases {PLAIN} and {SUFFIXED} both claim space SALES")


@pytest.mark.parametrize("written", [PLAIN, SUFFIXED])
def test_our_record_of_written_tables_decides(written: str) -> None:
    choice = chosen(marked(PLAIN), marked(SUFFIXED), written=written)

    assert choice.names == {"SALES": written}
    assert f"{written} is written" in choice.issues["SALES"].message


def test_a_database_by_hand_claims_its_space_through_its_tables() -> None:
    databases = (Database(PLAIN), marked(SUFFIXED))

    assert chosen(*databases).names == {"SALES": PLAIN}
    assert chosen(*databases).issues
    empty = chosen(*databases, target=Tables(SUFFIXED))
    assert (empty.names, empty.issues) == ({"SALES": SUFFIXED}, {})


@pytest.mark.parametrize(
    "databases",
    [
        (),
        (marked(PLAIN),),
        (marked(SUFFIXED),),
        (marked(PLAIN), marked("sales_copy")),
        (marked(PLAIN), marked(SUFFIXED, "OTHER")),
        (marked(SUFFIXED), replace(marked(PLAIN), link="elsewhere")),
    ],
)
def test_tables_are_read_only_where_the_rule_gives_both_names(
    databases: tuple[Database, ...],
) -> None:
    target = Tables()

    assert not chosen(*databases, target=target).issues
    assert not target.read


def test_a_database_by_hand_that_may_not_be_read_claims_nothing() -> None:
    class Denied(Tables):
        def tables(self, database: Database) -> tuple[CurrentTable, ...]:
            if database.managed:
                return super().tables(database)
            raise PermissionDenied("no")

    choice = chosen(Database(PLAIN), marked(SUFFIXED), target=Denied())

    assert (choice.names, choice.issues) == ({"SALES": SUFFIXED}, {})


def test_the_choice_of_an_earlier_step_stays() -> None:
    job = replace(JOB, databases={"SALES": SUFFIXED})

    assert chosen(marked(PLAIN), marked(SUFFIXED), job=job).names == {"SALES": SUFFIXED}
