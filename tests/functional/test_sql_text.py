"""The text of SQL views and table functions: it lands in Glue, and in nothing that people read."""

import io
import json
import logging
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from moto.sns.models import sns_backends

from datasphere_glue.errors import RunEnded
from datasphere_glue.handler import lambda_handler
from datasphere_glue.runs import telemetry
from local.catalog.embedded import ACCOUNT, REGION
from local.tenant.store import Space, entry_of
from tests.functional.conftest import World
from tests.functional.editing import configure

MARK = "Zq7_Marker"
QUERY = "@DataWarehouse.sqlEditor.query"
SCRIPT = "@DataWarehouse.tableFunction.script"
KEY = "datasphere.sql"
STAMPS = {
    "status": "Deployed",
    "changedOn": "2026-05-01T10:00:00Z",
    "deployedOn": "2026-05-01T10:01:00Z",
}
SQL = 'SELECT "ID"\n  FROM "BOATS" -- MARK'.replace("MARK", MARK)
FUNCTION = (
    "CALL \"MARK\"(:x); lt = SELECT * FROM tides; RETURN SELECT 'MARK' AS ID FROM :lt;"
).replace("MARK", MARK)


def sql_view(label: str = "Berths", **texts: str) -> dict[str, Any]:
    return {
        "kind": "entity",
        "@EndUserText.label": label,
        "@DataWarehouse.consumption.external": True,
        "elements": {"ID": {"type": "cds.String", "length": 8, "key": True}},
        **{f"@{term}": text for term, text in texts.items()},
    }


def definitions() -> dict[str, dict[str, Any]]:
    tree = {"SELECT": {"from": {"ref": ["BOATS"]}, "columns": [{"ref": ["ID"]}]}}
    return {
        "V_BERTHS": sql_view() | {QUERY: SQL, "query": tree},
        "F_TIDES": sql_view("Tides") | {SCRIPT: FUNCTION},
        "V_DRAWN": sql_view("Drawn") | {"query": tree},
    }


@pytest.fixture
def harbour(world_of: Callable[..., World]) -> World:
    entries = (
        entry_of("HARBOUR", name, {"definitions": {name: one}}, exposed=True, listing=STAMPS)
        for name, one in definitions().items()
    )
    return world_of(Space("HARBOUR", "Harbour", tuple(entries)))


def parameters(world: World, table: str) -> dict[str, str]:
    found: dict[str, str] = world.tables("datasphere_harbour")[table]["Parameters"]
    return found


def test_the_text_lands_unchanged_with_what_it_reads(harbour: World) -> None:
    assert harbour.sync()["status"] == "SUCCESS"
    berths, tides = parameters(harbour, "v_berths"), parameters(harbour, "f_tides")
    assert (berths[KEY], tides[KEY]) == (SQL, FUNCTION)
    assert json.loads(berths["datasphere.lineage"]) == ["HARBOUR.BOATS"]
    assert json.loads(tides["datasphere.lineage"]) == ["HARBOUR.TIDES"]
    assert "datasphere.lineage_complete" not in berths
    assert tides["datasphere.lineage_complete"] == "false"
    assert json.loads(berths["datasphere.provenance"])["sql"] == "csn"
    assert KEY not in parameters(harbour, "v_drawn")
    assert harbour.sync()["status"] == "NO_CHANGES"


def test_the_configuration_removes_the_text_at_the_next_full_read(harbour: World) -> None:
    harbour.sync()
    configure(harbour, definitions="{sql: false}")
    answer = harbour.sync({"full": True})
    assert answer["counts"]["updated"] == 2
    tides = parameters(harbour, "f_tides")
    assert KEY not in tides
    assert MARK not in json.dumps(harbour.everything(), default=str)
    assert json.loads(tides["datasphere.lineage"]) == ["HARBOUR.TIDES"]
    assert harbour.sync({"full": True})["status"] == "NO_CHANGES"
    configure(harbour, definitions="{sql: true}")
    assert harbour.sync({"full": True})["counts"]["updated"] == 2
    assert parameters(harbour, "f_tides")[KEY] == FUNCTION


def test_the_configuration_counts_for_exported_files_as_well(
    harbour: World, tmp_path: Path
) -> None:
    folder = tmp_path / "exports" / "HARBOUR"
    folder.mkdir(parents=True)
    (folder / "models.json").write_text(json.dumps({"definitions": definitions()}))
    files: dict[str, Any] = {
        "DATASPHERE_DEFINITIONS": "off",
        "DATASPHERE_EXPORT_URI": str(folder.parent),
    }
    harbour.sync(**files)
    assert parameters(harbour, "f_tides")[KEY] == FUNCTION
    configure(harbour, definitions="{sql: false}")
    assert harbour.sync({"full": True}, **files)["counts"]["updated"] == 2
    assert MARK not in json.dumps(harbour.everything(), default=str)


def test_a_long_text_is_cut_with_a_note(harbour: World) -> None:
    long = f"{SQL}\n/* {'é' * 120_000} */"
    harbour.tenant.spaces.add("HARBOUR", "V_LONG", sql_view() | {QUERY: long})
    answer = harbour.sync()
    assert answer["status"] == "SUCCESS"
    assert parameters(harbour, "v_long")[KEY] == long[:100_000]
    (note,) = (one for one in harbour.report(answer)["notes"] if "V_LONG" in one["message"])
    assert note["code"] == "DEFINITION_IN_PART"
    assert f"{len(long)} characters was cut at 100000" in note["message"]


def test_a_rule_of_annotations_on_the_term_gets_the_text(harbour: World) -> None:
    configure(harbour, annotations='{"@DataWarehouse.sqlEditor.query": certification}')
    assert harbour.sync()["status"] == "SUCCESS"
    berths = parameters(harbour, "v_berths")
    assert berths["datasphere.certification"] == SQL
    assert berths[KEY] == SQL


class Readers:
    """Everything that people read of runs: answers, errors, log, messages, files of a run."""

    def __init__(self, world: World, log: io.StringIO) -> None:
        self.world = world
        self.log = log
        self.topic: str = world.catalog.client("sns").create_topic(Name="news")["TopicArn"]
        self.texts: list[str] = []

    def run(self, **event: Any) -> dict[str, Any]:
        """Carry out a run by the handler."""
        try:
            answer = lambda_handler(event, None)
        except RunEnded as error:
            answer = dict(error.result)
            self.texts += [str(error), repr(error)]
        self.texts.append(json.dumps(answer, ensure_ascii=False))
        return answer

    def marked(self) -> list[str]:
        """Return where the text of a definition is found."""
        published = sns_backends[ACCOUNT][REGION].topics[self.topic].sent_notifications
        files = {
            path.name: path.read_text()
            for path in self.world.reports.rglob("*")
            # What a rollback needs is the table as it was.
            if path.is_file() and not path.name.startswith("before")
        }
        places = {
            **files,
            "log": self.log.getvalue(),
            "answers": "\n".join(self.texts),
            "messages": repr(published),
        }
        assert all(places[name] for name in ("log", "answers", "messages", "report.html"))
        return [name for name, text in places.items() if MARK.lower() in text.lower()]


@pytest.fixture
def readers(harbour: World, monkeypatch: pytest.MonkeyPatch) -> Iterator[Readers]:
    log = io.StringIO()
    handler = telemetry.logger.registered_handler
    assert isinstance(handler, logging.StreamHandler)
    before = handler.setStream(log)
    readers = Readers(harbour, log)
    harbour.environment |= {"NOTIFICATION_TOPIC_ARN": readers.topic, "LINEAGE_EXPORT": "on"}
    for name, value in harbour.environment.items():
        monkeypatch.setenv(name, value)
    yield readers
    handler.setStream(before or sys.stdout)


def edit_text(world: World, text: str) -> None:
    table = world.tables("datasphere_harbour")["v_berths"]
    names = ("Name", "Description", "Parameters", "StorageDescriptor", "TableType", "PartitionKeys")
    kept = {name: table[name] for name in names if name in table}
    kept["Parameters"][KEY] = text
    world.glue.update_table(DatabaseName="datasphere_harbour", TableInput=kept)


def change_text(world: World) -> None:
    world.tenant.spaces.add(
        "HARBOUR", "V_BERTHS", sql_view("Berths") | {QUERY: f"{SQL} {MARK}", "query": {}}
    )


def test_nothing_that_people_read_quotes_the_text(readers: Readers, tmp_path: Path) -> None:
    world = readers.world
    assert readers.run()["status"] == "SUCCESS"
    assert readers.marked() == []

    change_text(world)
    changed = readers.run()
    assert changed["counts"]["updated"] == 1
    (change,) = world.report(changed)["changes"]
    values = {one["field"]: one["after"] for one in change["fields"]}
    assert values[f"parameters.{KEY}"].startswith("text of ")

    edit_text(world, f"-- {MARK} by a person")
    edited = readers.run(full=True)
    (conflict,) = world.report(edited)["conflicts"]
    assert conflict["catalog"].startswith("text of ")
    assert conflict["source"].startswith("text of ")

    edit_text(world, f"-- {MARK} again")
    answer = readers.run(action="rollback", rollback_of=changed["run_id"])
    assert any("text of" in one["message"] for one in answer["errors"])

    configuration = tmp_path / "fail.yaml"
    configuration.write_text(f'version: 1\nconflicts: {{"parameters.{KEY}": fail}}\n')
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SYNC_CONFIG_URI", str(configuration))
        refused = readers.run(full=True)
    assert [one["code"] for one in refused["errors"]] == ["FIELD_CONFLICT"]
    assert readers.marked() == []


def test_an_error_of_glue_that_repeats_the_request_quotes_no_text(readers: Readers) -> None:
    readers.run()
    change_text(readers.world)
    quoted = f"1 validation error detected: Value '{{a=b, {KEY}={SQL}, z='}}' at"
    message = f"{quoted} 'tableInput.parameters' failed to satisfy constraint: too long"
    readers.world.catalog.faults.add(
        operation="UpdateTable", error="ValidationException", message=message
    )
    answer = readers.run()
    (error,) = answer["errors"]
    assert "tableInput.parameters" in error["message"]
    assert readers.marked() == []
