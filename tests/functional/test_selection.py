"""A selection that selects nothing is named, with what it may have meant, and never a success."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import pytest

from datasphere_glue.cli import main
from tests.functional.conftest import World, small_space
from tests.functional.test_fanout import Flow


@pytest.fixture
def pair(world_of: Callable[..., World]) -> World:
    """Return two spaces of two views each."""
    world = world_of(small_space("SALES", 2), small_space("STOCK", 2))
    world.name = "pair"
    return world


def configured(world: World, text: str) -> dict[str, Any]:
    """Write a mapping configuration and return the setting that names it."""
    file = world.reports.parent / "mapping.yaml"
    file.write_text("version: 1\n" + text)
    return {"SYNC_CONFIG_URI": str(file)}


def everything(world: World, answer: dict[str, Any]) -> str:
    """Return the report of a run as text: issues, notes and checks."""
    return json.dumps(world.report(answer), ensure_ascii=False)


@dataclass(frozen=True)
class Case:
    """A selection that selects nothing, and the texts that must name it, the entry first."""

    named: tuple[str, ...]
    settings: Mapping[str, Any] = field(default_factory=dict)
    event: Mapping[str, Any] = field(default_factory=dict)
    document: str = ""


CASES = (
    Case(("SYNC_SPACES SALSE*", "did you mean SALES?"), {"SYNC_SPACES": "SALSE*"}),
    Case(("SYNC_SPACES sales", "did you mean SALES?"), {"SYNC_SPACES": "sales"}),
    Case(("SYNC_SPACES SALES.V_0", "did you mean SALES.V_0"), {"SYNC_SPACES": "SALES.V_0"}),
    Case(("SYNC_EXCLUDE S*",), {"SYNC_EXCLUDE": "S*"}),
    Case(("SYNC_EXCLUDE SALES",), {"SYNC_SPACES": "SALES", "SYNC_EXCLUDE": "SALES"}),
    Case(
        ("selection.include[0] SALSE", "did you mean SALES?"),
        document="selection: {include: [SALSE]}",
    ),
    Case(
        ("SYNC_SPACES STOCK", "selection.include[0] SALES"),
        {"SYNC_SPACES": "STOCK"},
        document="selection: {include: [SALES]}",
    ),
    Case(("assets SALES.v_00", "mean SALES.V_00?"), event={"assets": ["SALES.v_00"]}),
    Case(("spaces Sales", "did you mean SALES?"), event={"spaces": ["Sales"]}),
    Case(("spaces S*",), event={"spaces": ["S*"]}),
    Case(("spaces SALES.V_00", "did you mean SALES?"), event={"spaces": ["SALES.V_00"]}),
    Case(
        ("spaces SALES", "SYNC_SPACES STOCK"), {"SYNC_SPACES": "STOCK"}, event={"spaces": ["SALES"]}
    ),
)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.named[0])
@pytest.mark.parametrize("action", ["sync", "doctor"])
def test_a_selection_of_nothing_is_named_and_no_success(
    pair: World, action: str, case: Case
) -> None:
    settings = dict(case.settings) | (configured(pair, case.document) if case.document else {})

    answer = pair.sync({"action": action, **case.event}, **settings)

    assert answer["status"] == "DEGRADED"
    assert not answer["counts"]["created"]
    messages = " ".join(error["message"] for error in answer["errors"])
    assert [text for text in case.named if text not in messages] == []
    if action == "doctor":
        checks = pair.report(answer)["checks"]
        assert any(case.named[0] in check["message"] for check in checks)


@pytest.mark.parametrize("text", ['["SALES","STOCK"]', "['SALES']", "[SALES,STOCK]", ",", '("A")'])
@pytest.mark.parametrize("name", ["SYNC_SPACES", "SYNC_EXCLUDE"])
def test_a_list_in_another_notation_is_an_error_of_that_setting(
    pair: World, name: str, text: str
) -> None:
    settings: dict[str, Any] = {name: text}
    answer = pair.sync(**settings)

    assert answer["status"] == "FAILED"
    assert f"{name}: " in answer["errors"][0]["message"]
    assert not pair.tenant.requests


RULES = """
naming: {databases: {SALSE: sales}}
types: {cds.Strin: string}
columns: {"SALES.V_00.c1": string}
context:
  - {asset: SALES, owner: a}
  - {asset: SALES.V_00, column: ID, owner: b}
requirements: [{asset: "STOKC.*", require: [label]}]
bindings: [{asset: "SALES.v_01", connection: c}]
adopt: [SALES.X_9]
gone_spaces: [NEVER]
conflicts: {descripton: catalog, "columns.*.comment": merge, "columns.AMOUNT.coment": merge}
selection: {exclude: [SALES.TMP_1], include: [SALES, STOCK, OTHER]}
"""


def test_rules_that_match_nothing_are_notes_of_the_report(pair: World) -> None:
    answer = pair.sync(**configured(pair, RULES))

    notes = [note["message"] for note in pair.report(answer)["notes"]]
    assert answer["status"] == "SUCCESS"
    for expected in (
        "naming.databases SALSE matches nothing; did you mean SALES?",
        "types cds.Strin matches nothing",
        "columns SALES.V_00.c1 matches nothing; did you mean SALES.V_00.C1?",
        "context[0] SALES matches nothing; did you mean SALES.*?",
        "requirements[0] STOKC.* matches nothing; did you mean STOCK.*?",
        "bindings[0] SALES.v_01 matches nothing; did you mean SALES.V_01?",
        "adopt[0] SALES.X_9 matches nothing",
        "gone_spaces[0] NEVER matches nothing",
        "conflicts descripton matches nothing; did you mean description?",
        "conflicts columns.AMOUNT.coment matches nothing; did you mean columns.AMOUNT.comment?",
        "selection.exclude[0] SALES.TMP_1 matches nothing",
        "selection.include[2] OTHER matches nothing",
    ):
        assert any(expected in note for note in notes), expected
    assert not any("context[1]" in note or "columns.*" in note for note in notes)

    again = pair.sync(**configured(pair, RULES))
    repeated = [note["message"] for note in pair.report(again)["notes"]]
    assert set(notes) - {n for n in notes if "matches" not in n} <= set(repeated)


def test_a_narrow_run_and_a_change_event_judge_nothing_of_other_spaces(pair: World) -> None:
    settings = configured(pair, 'context: [{asset: "STOCK.V_9", owner: a}]\n')
    pair.synced()

    narrow = pair.sync({"spaces": ["SALES"]}, SYNC_SPACES="SALES,STOCK.X*", **settings)

    assert narrow["status"] == "NO_CHANGES"
    assert "matches nothing" not in everything(pair, narrow)


@pytest.mark.parametrize(
    ("name", "settings", "statuses"),
    [
        ("V_77", {}, {"NO_CHANGES"}),
        ("V_00", {"SYNC_SPACES": "STOCK"}, {"NO_CHANGES"}),
        ("V_00", {"SYNC_SPACES": "STOKC*"}, {"DEGRADED"}),
    ],
)
def test_a_change_event_for_what_is_not_there_is_fine(
    pair: World, name: str, settings: dict[str, Any], statuses: set[str]
) -> None:
    pair.synced()
    detail = {"spaceId": "SALES", "objectId": name, "objectType": "view", "action": "changed"}
    event = {
        "source": "sap.datasphere",
        "detail-type": "Object changed",
        "id": "1",
        "detail": detail,
    }

    assert pair.sync(event, **settings)["status"] in statuses


def test_a_requested_asset_that_only_the_catalog_has_is_deprecated(pair: World) -> None:
    pair.synced()
    pair.tenant.spaces.remove("SALES", "V_01")

    first = pair.sync({"assets": ["SALES.V_01"]})
    second = pair.sync({"assets": ["SALES.V_01"]})

    assert (first["counts"]["deprecated"], first["status"]) == (1, "SUCCESS")
    assert second["status"] == "NO_CHANGES"


@pytest.mark.ci_only
def test_a_divided_run_judges_in_its_last_step(
    pair: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    document = """
columns: {"SALES.V_00.C1": string, "*.V_01.C9": string, "STOCK.V_00.ID": string}
context: [{asset: "STOCK.*", owner: a}, {asset: "STOCK.X*", owner: b}]
"""
    settings = pair.environment | configured(pair, document) | {"SYNC_EXCLUDE": "SALES.Z*"}
    for name, value in settings.items():
        monkeypatch.setenv(name, value)

    flow = Flow(pair, slice_size=1)
    answer = flow.run()

    notes = [note["message"] for note in pair.report(answer)["notes"]]
    unmatched = sorted(note.split(";")[0] for note in notes if "matches nothing" in note)
    assert unmatched == [
        "SYNC_EXCLUDE SALES.Z* matches nothing",
        "columns *.V_01.C9 matches nothing",
        "context[1] STOCK.X* matches nothing",
    ]
    for worker in flow.answers[1:-1]:
        assert "matches nothing" not in everything(pair, worker)


def test_a_divided_run_over_nothing_is_degraded(
    pair: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in (pair.environment | {"SYNC_SPACES": "SALSE*"}).items():
        monkeypatch.setenv(name, value)

    answer = Flow(pair).run()

    assert answer["status"] == "DEGRADED"
    assert "did you mean SALES?" in answer["errors"][0]["message"]


def test_a_rollback_names_what_the_run_did_not_write(pair: World) -> None:
    run_id = pair.sync()["run_id"]

    partly = pair.sync(
        {"action": "plan", "rollback_of": run_id, "assets": ["SALES.V_00", "SALES.V_0X"]}
    )
    nothing = pair.sync({"action": "plan", "rollback_of": run_id, "spaces": ["SALSE"]})

    assert partly["status"] == "DEGRADED"
    assert "assets SALES.V_0X" in partly["errors"][0]["message"]
    assert nothing["status"] == "FAILED"
    assert "did you mean SALES?" in nothing["errors"][0]["message"]


def test_the_terminal_names_a_mistyped_asset(
    pair: World, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name, value in pair.environment.items():
        monkeypatch.setenv(name, value)

    assert main(["plan", "--asset", "SALES.v_00"]) == 3

    assert "did you mean SALES.V_00?" in capsys.readouterr().out


@pytest.mark.parametrize("arguments", [["--asset", "SALES"], ["--space", ""], ["--asset", "S."]])
def test_the_terminal_shows_the_form_of_a_scope(
    pair: World,
    arguments: list[str],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    for name, value in pair.environment.items():
        monkeypatch.setenv(name, value)

    assert main(["plan", *arguments]) == 1

    out = capsys.readouterr().out
    assert "--space takes SPACE, --asset takes SPACE.ASSET" in out
    assert "events/" not in out
