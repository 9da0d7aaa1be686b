"""The deployed function, invoked by hand with each of its actions."""

from e2e.catalog import changed
from e2e.conftest import Stack
from local.tenant.embedded import EmbeddedTenant

ASSET = ("SALES", "V_AUFTRÄGE_Süd")


def test_a_sync_writes_every_readable_space(main: Stack, tenant: EmbeddedTenant) -> None:
    spaces = {entry.space for entry in tenant.spaces.entries()}
    databases = {name for name in main.contents() if "." not in name}
    assert databases == {f"datasphere_{space.lower()}" for space in spaces}


def test_a_second_sync_changes_nothing(main: Stack) -> None:
    main.sync()
    before = main.versions()
    answer = main.sync().body
    assert answer["calls"]["glue_write"] == 0
    assert answer["counts"]["created"] == answer["counts"]["updated"] == 0
    assert main.versions() == before


def test_a_plan_lists_the_changes_and_writes_nothing(main: Stack, tenant: EmbeddedTenant) -> None:
    main.sync()
    before = main.versions()
    tenant.spaces.set_label(*ASSET, "Shown by a plan")
    planned = main.invoke({"action": "plan"}).body
    assert planned["counts"]["updated"] == 1
    assert main.versions() == before
    applied = main.sync(plan_digest=planned["plan_digest"]).body
    assert applied["counts"]["updated"] == 1
    assert len(changed(before, main.versions())) == 1


def test_a_rollback_undoes_one_run(main: Stack, tenant: EmbeddedTenant) -> None:
    main.sync()
    before = main.contents()
    tenant.spaces.set_label(*ASSET, "To be undone")
    done = main.sync().body
    assert len(changed(before, main.contents())) == 1
    undone = main.invoke({"action": "rollback", "rollback_of": done["run_id"]}).body
    assert undone["counts"]["updated"] == 1
    assert main.contents() == before


def test_verify_reads_everything_and_writes_nothing(main: Stack) -> None:
    main.sync()
    before = main.versions()
    answer = main.invoke({"action": "verify"}).body
    assert answer["calls"]["glue_write"] == 0
    assert answer["counts"]["updated"] == 0
    assert main.versions() == before


def test_the_doctor_reaches_both_sides_and_leaves_no_trace(main: Stack) -> None:
    before = main.versions()
    answer = main.invoke({"action": "doctor"}).body
    assert answer["status"] in {"SUCCESS", "NO_CHANGES", "DEGRADED"}
    assert answer["calls"]["datasphere"]
    assert main.versions() == before


def test_a_run_logs_to_the_log_group_of_the_stack_without_secrets(
    main: Stack, tenant: EmbeddedTenant
) -> None:
    answer = main.sync(full=True).body
    events = main.emulator.client("logs").filter_log_events(
        logGroupName=main.deployed.outputs["LogGroupName"], limit=10000
    )
    lines = [event["message"] for event in events["events"]]
    assert [line for line in lines if answer["run_id"] in line]
    assert not [line for line in lines if tenant.client_secret in line]


def test_an_event_with_unknown_fields_is_rejected(main: Stack) -> None:
    before = main.versions()
    answer = main.deployed.invoke({"action": "explode"})
    assert answer.body["errorType"] == "RunFailed"
    assert main.versions() == before
