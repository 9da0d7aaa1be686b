"""A run in parts comes to what one invocation comes to: split, work in any order, finish."""

import json
import shutil
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from datasphere_glue.errors import RunFailed, RunHalted
from datasphere_glue.evidence.history import history
from datasphere_glue.handler import lambda_handler
from datasphere_glue.storage.store import FolderStore
from local.tenant.faults import FaultKind
from local.tenant.store import Space, entry_of
from tests.functional.conftest import World, small_space, some_spaces, view
from tests.functional.depot import data_flow, depot
from tests.functional.test_copies import copy_tables

Item = Mapping[str, Any]
ROUNDS = 4


@dataclass
class Flow:
    """The state machine in Python: the same events in the same order, and what was answered.

    `lost` are parts whose worker dies, `hurried` those whose first worker has no time.
    """

    world: World
    run_id: str = "night-1"
    slice_size: int = 4
    order: Callable[[Sequence[Item]], Sequence[Item]] = list
    lost: frozenset[str] = frozenset()
    hurried: frozenset[str] = frozenset()
    answers: list[dict[str, Any]] = field(default_factory=list)

    def run(self, event: Mapping[str, Any] | None = None) -> dict[str, Any]:
        split = self.step("split", event=dict(event or {}), workers=5, slice_size=self.slice_size)
        for item in self.order(split["items"]):
            if name_of(item) not in self.lost:
                self.work(item, split["share"])
        return self.step("finish")

    def work(self, item: Item, share: float) -> None:
        seconds = 1 if name_of(item) in self.hurried else 900
        for _ in range(ROUNDS):
            answer = self.step("work", seconds, **item, share=share)
            if answer["status"] != "PENDING":
                return
            seconds = 900

    def step(self, step: str, seconds: float = 900, **more: Any) -> dict[str, Any]:
        event = {"action": "sync", "step": step, "run_id": self.run_id, **more}
        answer = lambda_handler(json.loads(json.dumps(event)), context(seconds))
        self.answers.append(answer)
        return answer


def name_of(item: Item) -> str:
    return ",".join(item["spaces"]) + (f" {item['slice']}" if item["slice"] else "")


def context(seconds: float = 900) -> Any:
    return SimpleNamespace(
        get_remaining_time_in_millis=lambda: seconds * 1000,
        function_name="sync",
        aws_request_id="7c1d",
    )


def comparable(answer: Mapping[str, Any]) -> dict[str, Any]:
    own = {"run_id", "plan_digest", "calls", "duration_ms", "report", "reading"}
    return {key: value for key, value in answer.items() if key not in own}


@dataclass
class Twice:
    """One world that is run in two ways from the same state: in one invocation, and in parts."""

    world: World
    reports: Path

    def compared(
        self, event: Mapping[str, Any] | None = None, *, run_id: str = "night-1", **flow: Any
    ) -> "Both":
        before = self.world.catalog.snapshot()
        kept = self.world.reports
        aside = kept.with_name("aside")
        if kept.is_dir():
            shutil.copytree(kept, aside)
        whole = lambda_handler({"run_id": run_id, **(event or {})}, context())
        once = contents(self.world)
        expected = self.world.report(whole)["completeness"]
        shutil.rmtree(kept)
        if aside.is_dir():
            aside.rename(kept)
        self.world.catalog.restore(before)
        self.world.catalog.calls.clear()
        parts = Flow(self.world, run_id, **flow).run(event)
        assert contents(self.world) == once
        assert self.world.report(parts)["completeness"] == expected
        return Both(whole, parts)


@dataclass
class Both:
    """What one invocation answered, and what the last step of the same run in parts did."""

    whole: dict[str, Any]
    parts: dict[str, Any]


@pytest.fixture
def twice_of(
    world_of: Callable[..., World], monkeypatch: pytest.MonkeyPatch
) -> Callable[..., Twice]:
    """Return a function that starts a tenant and deploys the function between it and a catalog."""

    def start(*spaces: Space) -> Twice:
        world = world_of(*spaces)
        for name, value in world.environment.items():
            monkeypatch.setenv(name, value)
        monkeypatch.setenv("AWS_LAMBDA_FUNCTION_NAME", "sync")
        monkeypatch.setenv("DATASPHERE_REQUESTS_PER_MINUTE", "1000000")
        monkeypatch.setenv("MAX_REMOVAL_PERCENT", "30")
        return Twice(world, world.reports)

    return start


def contents(world: World) -> tuple[Any, Any]:
    databases = world.glue.get_databases()["DatabaseList"]
    own = {"CreateTime", "CatalogId"}
    return [{k: v for k, v in db.items() if k not in own} for db in databases], world.everything()


def edit(world: World, database: str, table: str, **members: Any) -> None:
    """Edit members of a table as a person would in the Glue console."""
    found = world.glue.get_table(DatabaseName=database, Name=table)["Table"]
    writable = ("Name", "Parameters", "StorageDescriptor", "TableType", "PartitionKeys")
    body = {key: found[key] for key in writable if key in found} | members
    world.glue.update_table(DatabaseName=database, TableInput=body)


ORDERS: dict[str, Callable[[Sequence[Item]], Sequence[Item]]] = {
    "in turn": list,
    "backwards": lambda items: list(reversed(items)),
    "slices apart": lambda items: sorted(items, key=lambda item: str(item["slice"])),
}


@pytest.mark.ci_only
def test_a_first_load_in_parts_comes_to_the_same_catalog_and_counts(
    twice_of: Callable[..., Twice],
) -> None:
    both = twice_of(*some_spaces("SALES", "SAP_CONTENT", "HR")).compared(
        order=ORDERS["backwards"], slice_size=12
    )

    assert comparable(both.parts) == comparable(both.whole)
    assert both.whole["counts"]["created"] > 30


def changed(world: World) -> None:
    """Change everything that a later run meets: labels, newcomers, orphans, renames, edits."""
    spaces = world.tenant.spaces
    for number in (0, 4, 7):
        spaces.set_label("SHOP", f"V_{number:02}", f"Changed {number}")
    edit(world, SHOP, "v_00", Description="What analysts call it")
    edit(world, SHOP, "v_old", Description="Named by a person", Owner="jane")
    spaces.remove("SHOP", "V_OLD")
    spaces.add("SHOP", "V_NEW", view("Orders of the south", columns=6))
    spaces.remove("SHOP", "V_03")
    spaces.add("SHOP", "V_other", view("Another", columns=9))
    spaces.add("SHOP", "V_OTHER", view("Others", columns=9))
    spaces.remove("STOCK", "V_03")
    spaces.add("STOCK", "V_77", view("View 77"))


SHOP = "datasphere_shop"


def load(world: World) -> None:
    """Leave the three spaces of `shop_twice` as a first run does."""
    world.after("three spaces", lambda: lambda_handler({"run_id": "first"}, context()))


@pytest.fixture
def shop_twice(twice_of: Callable[..., Twice]) -> Twice:
    """Return a world of three spaces, with one that holds nothing."""
    document = {"definitions": {"V_OLD": view("Orders of the south", columns=6)}}
    old = entry_of("SHOP", "V_OLD", document, exposed=True, listing={})
    space = small_space("SHOP", 10)
    return twice_of(
        replace(space, entries=(*space.entries, old)),
        small_space("STOCK", 4),
        Space("EMPTY", "Nothing yet", ()),
    )


@pytest.mark.parametrize(("order", "slice_size"), [("slices apart", 3), ("in turn", 2_000)])
def test_a_changed_tenant_comes_to_the_same_catalog_and_counts(
    shop_twice: Twice, order: str, slice_size: int
) -> None:
    world = shop_twice.world
    load(world)
    changed(world)

    both = shop_twice.compared(order=ORDERS[order], slice_size=slice_size)

    assert comparable(both.parts) == comparable(both.whole)
    counts = {"created": 4, "updated": 3, "deprecated": 3}
    assert {name: both.parts["counts"][name] for name in counts} == counts
    tables = world.tables(SHOP)
    assert tables["v_new"]["Parameters"]["datasphere.renamed_from"] == "V_OLD"
    assert tables["v_new"]["Description"] == "Named by a person"
    assert tables["v_old"]["Parameters"]["datasphere.renamed_to"] == "V_NEW"
    assert "v_other" not in tables


@pytest.mark.ci_only
def test_copies_and_spellings_are_judged_equally_across_slices(
    twice_of: Callable[..., Twice],
) -> None:
    twice = twice_of(small_space("SHOP", 5), small_space("STOCK", 2))
    world = twice.world
    lambda_handler({"run_id": "first"}, context())
    copy_tables(world, SHOP, lambda name: f"{name}_backup", SHOP)
    world.glue.create_database(DatabaseInput={"Name": "datasphere_backup"})
    copy_tables(world, "datasphere_backup", str, SHOP)
    before = world.everything()
    world.tenant.spaces.remove("SHOP", "V_03")
    world.tenant.spaces.remove("SHOP", "V_01")
    world.tenant.spaces.add("SHOP", "v_01", view("View 1"))

    both = twice.compared(order=ORDERS["backwards"], slice_size=2)

    assert comparable(both.parts) == comparable(both.whole)
    counts = {"created": 0, "updated": 1, "deprecated": 1}
    assert {name: both.parts["counts"][name] for name in counts} == counts
    changed = {name for name, table in world.everything().items() if before[name] != table}
    assert changed == {f"{SHOP}.v_01", f"{SHOP}.v_03"}
    notes = world.report(both.parts)["notes"]
    copies = [n["message"].split(" copies")[0] for n in notes if n["code"] == "COPIES_IGNORED"]
    expected = ("datasphere_backup holds 10", f"{SHOP} holds 5")
    assert sorted(copies) == [f"database {count}" for count in expected]


@pytest.mark.ci_only
def test_colliding_names_are_resolved_equally_across_slices(
    twice_of: Callable[..., Twice],
) -> None:
    names = ("V-A", "V_A", "v_a", "V A", "V.A", "Vä", "VAE")
    entries = [
        entry_of("SHOP", name, {"definitions": {name: view(name)}}, exposed=True, listing={})
        for name in names
    ]
    twice = twice_of(
        replace(small_space("SHOP", 2), entries=tuple(entries)),
        replace(small_space("A-B", 1), label="One"),
        replace(small_space("A_B", 1), label="Another"),
    )

    both = twice.compared(order=ORDERS["backwards"], slice_size=1)

    assert both.parts["counts"] == both.whole["counts"]
    assert len({space["database"] for space in both.parts["spaces"]}) == 3


@pytest.mark.ci_only
def test_flows_land_equally_in_slices(twice_of: Callable[..., Twice]) -> None:
    twice = twice_of(depot())
    twice.compared(slice_size=2)
    store = twice.world.tenant.spaces
    store.put_auxiliary("DEPOT", data_flow("DF_PARTS", "R_PARTS", "T_RAW", "NO"))
    store.remove_auxiliary("DEPOT", "taskchains", "TC_WEEK")
    both = twice.compared(run_id="night-2", slice_size=2)
    assert both.whole["counts"]["updated"] == both.parts["counts"]["updated"] == 3


def test_a_worker_whose_time_runs_out_goes_on_and_is_counted_once(shop_twice: Twice) -> None:
    world = shop_twice.world
    flow = Flow(world)
    before = world.catalog.snapshot()
    whole = lambda_handler({"run_id": "whole"}, context())
    once = contents(world)
    world.catalog.restore(before)
    split = flow.step("split", workers=5, slice_size=30)
    (large,) = (item for item in split["items"] if item["spaces"] == ["SHOP"])

    first = cut_short(flow, large)
    written = len(world.everything())
    for item in split["items"]:
        flow.work(item, split["share"])
    parts = flow.step("finish")

    assert first["status"] == "PENDING"
    assert written < 11
    assert contents(world) == once
    assert comparable(parts) == comparable(whole)


def test_a_step_without_usable_time_is_an_error_that_names_the_timeout(
    shop_twice: Twice,
) -> None:
    flow = Flow(shop_twice.world)
    too_short = r"timeout of 3 s .* at least 4 s"

    with pytest.raises(RunFailed, match=too_short):
        flow.step("split", 3)
    item = flow.step("split")["items"][0]
    with pytest.raises(RunFailed, match=too_short):
        flow.step("work", 3, **item)
    with pytest.raises(RunFailed, match=too_short):
        flow.step("finish", 3)


def cut_short(flow: Flow, item: Item) -> dict[str, Any]:
    """Let the time of a worker run out among its writes, which take longer than it has."""
    flow.world.catalog.latency = 0.4
    answer = flow.step("work", 4, **item)
    flow.world.catalog.latency = 0.0
    return answer


@pytest.mark.ci_only
def test_a_lost_worker_costs_its_own_space_and_the_next_run_makes_up_for_it(
    shop_twice: Twice,
) -> None:
    world = shop_twice.world
    load(world)
    changed(world)

    answer = Flow(world, slice_size=2_000, lost=frozenset({"SHOP"})).run()

    assert answer["status"] == "DEGRADED"
    shop = next(space for space in answer["spaces"] if space["space"] == "SHOP")
    assert not shop["complete"]
    assert set(shop["counts"].values()) == {0}
    assert [error["code"] for error in answer["errors"]] == ["WORKER_LOST"]
    assert (answer["counts"]["created"], answer["counts"]["deprecated"]) == (1, 1)
    after = Flow(world, run_id="night-2").run()
    assert (after["counts"]["created"], after["counts"]["deprecated"]) == (3, 2)
    assert world.sync()["status"] == "NO_CHANGES"


@pytest.mark.ci_only
def test_a_lost_slice_defers_removals_and_renames_to_the_next_run(shop_twice: Twice) -> None:
    world = shop_twice.world
    load(world)
    changed(world)

    answer = Flow(world, slice_size=4, lost=frozenset({"SHOP 1/3"})).run()

    assert answer["status"] == "DEGRADED"
    (error,) = answer["errors"]
    assert "slice 1/3" in error["message"]
    assert "v_new" not in world.tables(SHOP)
    Flow(world, run_id="night-2", slice_size=2_000).run()
    tables = world.tables(SHOP)
    assert tables["v_new"]["Parameters"]["datasphere.renamed_from"] == "V_OLD"
    assert world.sync()["status"] == "NO_CHANGES"


def test_the_guard_of_the_last_step_halts_the_run_as_that_of_one_invocation(
    shop_twice: Twice,
) -> None:
    world = shop_twice.world
    load(world)
    for number in range(4):
        world.tenant.spaces.remove("SHOP", f"V_{number:02}")
    for number in range(50, 60):
        world.tenant.spaces.add("SHOP", f"V_{number}", view(f"View {number}", columns=7))

    with pytest.raises(
        RunHalted, match="4 of 11 tables of space SHOP would be deprecated"
    ) as halted:
        Flow(world, slice_size=30).run()

    assert halted.value.result["counts"]["created"] == 10
    assert "v_00" in world.tables(SHOP)
    assert world.tables(SHOP)["v_00"]["Parameters"]["datasphere.status"] == "active"


def test_what_halts_a_worker_halts_the_run_and_removes_nothing(
    shop_twice: Twice, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    world = shop_twice.world
    load(world)
    changed(world)
    world.tenant.spaces.add("STOCK", "V_NEWS", view("News", columns=9))
    config = tmp_path / "strict.yaml"
    config.write_text(
        "version: 1\nrequirements: [{asset: 'SHOP.*', require: [owner], otherwise: halt}]\n"
    )
    monkeypatch.setenv("SYNC_CONFIG_URI", str(config))
    flow = Flow(world, slice_size=2_000)
    split = flow.step("split", workers=5)

    for item in split["items"]:
        if item["spaces"] == ["SHOP"]:
            with pytest.raises(RunHalted):
                flow.step("work", **item)
        else:
            flow.work(item, 1.0)
    with pytest.raises(RunHalted, match="owner") as halted:
        flow.step("finish")

    assert halted.value.result["counts"]["created"] == 1
    assert halted.value.result["counts"]["deprecated"] == 0


def test_a_run_in_parts_is_taken_back_to_the_letter(shop_twice: Twice) -> None:
    world = shop_twice.world
    load(world)
    changed(world)
    before = contents(world)
    Flow(world).run()
    assert contents(world) != before

    back = lambda_handler({"action": "rollback", "rollback_of": "night-1"}, context())

    assert back["status"] == "SUCCESS"
    left = {name for name in world.everything() if name not in before[1]}
    assert left == set()
    assert contents(world) == before


@pytest.mark.ci_only
def test_a_worker_that_is_started_twice_changes_nothing_and_is_counted_once(
    shop_twice: Twice,
) -> None:
    flow = Flow(shop_twice.world)
    split = flow.step("split", workers=5, slice_size=3)

    for item in (*split["items"], *split["items"]):
        flow.work(item, split["share"])
    answer = flow.step("finish")

    assert answer["counts"]["created"] == 15
    assert answer["counts"]["unchanged"] == 0
    assert answer["databases"]["created"] == 2


def test_the_report_and_the_history_of_a_fan_out_run_are_complete(shop_twice: Twice) -> None:
    world = shop_twice.world
    answer = Flow(world).run({"trigger": "schedule", "schedule": "arn:schedule"})

    report = world.report(answer)

    assert len(report["changes"]) == 17
    assert {change["outcome"] for change in report["changes"]} == {"done"}
    assert (report["trigger"], report["cause"]) == ("schedule", "arn:schedule")
    assert {one["space"]: one["read"] for one in report["listings"]} == {
        "EMPTY": 0,
        "SHOP": 11,
        "STOCK": 4,
    }
    entries = history(FolderStore(world.reports), f"{SHOP}.v_00", 10)
    assert [record["run_id"] for record in entries.records] == ["night-1"]
    assert answer["calls"]["glue_write"] >= 17
    assert answer["calls"]["datasphere"] > 15


def test_the_workers_share_the_budget_exactly(shop_twice: Twice) -> None:
    flow = Flow(shop_twice.world)

    many = flow.step("split", workers=5, slice_size=3)
    few = flow.step("split", workers=5, slice_size=2_000)

    assert (many["share"], few["share"]) == (0.2, pytest.approx(1 / 3))
    assert name_of(many["items"][0]) == "EMPTY"
    assert [name_of(item) for item in few["items"]] == ["EMPTY", "SHOP", "STOCK"]
    assert len(json.dumps(many)) < 1_000


@pytest.mark.ci_only
def test_an_unchanged_tenant_is_read_by_its_lists_alone(shop_twice: Twice) -> None:
    world = shop_twice.world
    for number in range(10):
        world.tenant.spaces.set_label("SHOP", f"V_{number:02}", f"Dated {number}")
    lambda_handler({"run_id": "first"}, context())
    world.catalog.calls.clear()

    both = shop_twice.compared(slice_size=4)

    assert comparable(both.parts) == comparable(both.whole)
    assert both.parts["status"] == "NO_CHANGES"
    assert not world.catalog.calls.writes
    assert world.report(both.parts)["reading"]["reused"] == 10


def test_one_run_in_parts_is_measured_as_one_run(
    shop_twice: Twice, capsys: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    Flow(shop_twice.world).run()

    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    (measured,) = [line for line in lines if "_aws" in line]
    logged = [record.msg for record in caplog.records if isinstance(record.msg, dict)]
    audits = [message for message in logged if message.get("event") == "change"]
    assert (measured["RunSUCCESS"], measured["TablesCreated"]) == ([1.0], [15.0])
    assert len(audits) == 17


@pytest.mark.parametrize(
    ("step", "message"),
    [
        ({"step": "finish", "run_id": "unknown"}, "was not split"),
        ({"step": "work", "run_id": "unknown", "spaces": ["SHOP"]}, "was not split"),
    ],
)
def test_a_step_of_an_unknown_run_fails_before_anything_is_read(
    shop_twice: Twice, step: Item, message: str
) -> None:
    with pytest.raises(RunFailed, match=message):
        lambda_handler({"action": "sync", **step}, context())

    assert not shop_twice.world.tenant.requests


def test_without_a_place_to_meet_no_step_is_taken(
    shop_twice: Twice, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("REPORT_URI")

    with pytest.raises(RunFailed, match="REPORT_URI: is required"):
        lambda_handler({"step": "split"}, context())

    assert not shop_twice.world.tenant.requests


@pytest.mark.ci_only
def test_unreadable_assets_are_reported_and_preserved_as_in_a_single_run(shop_twice: Twice) -> None:
    world = shop_twice.world
    load(world)
    changed(world)
    world.tenant.spaces.forbid("STOCK")
    world.tenant.faults.add("V_05", FaultKind.TRUNCATED, times=None)

    both = shop_twice.compared({"full": True}, slice_size=4)

    assert comparable(both.parts) == comparable(both.whole)
    assert both.parts["status"] == "DEGRADED"
    assert {error["asset"] for error in both.parts["errors"]} == {"SHOP.V_05", "STOCK"}
    assert both.parts["counts"]["deprecated"] == 2


def test_a_run_of_some_spaces_leaves_the_others_alone(shop_twice: Twice) -> None:
    world = shop_twice.world
    load(world)
    changed(world)

    both = shop_twice.compared({"spaces": ["STOCK"]})

    assert comparable(both.parts) == comparable(both.whole)
    assert [space["space"] for space in both.parts["spaces"]] == ["STOCK"]
    assert (both.parts["counts"]["created"], both.parts["counts"]["deprecated"]) == (1, 1)
