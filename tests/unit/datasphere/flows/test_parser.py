"""One document by its kind: where its body may stand, and what is no document."""

import json
from typing import Any

import pytest

from datasphere_glue.datasphere.flows.parser import parse_flow, segment_of
from datasphere_glue.errors import DocumentError
from datasphere_glue.model.auxiliary import AuxiliaryKind
from tests.unit.datasphere.flows.documents import consumer, flow, producer

BODY = flow({"in": consumer("A"), "out": producer("T")}, ("in", "out"))
FLOWS = [
    AuxiliaryKind.DATA_FLOW,
    AuxiliaryKind.REPLICATION_FLOW,
    AuxiliaryKind.TRANSFORMATION_FLOW,
    AuxiliaryKind.TASK_CHAIN,
]


def parse(document: Any, kind: AuxiliaryKind = AuxiliaryKind.DATA_FLOW) -> list[str]:
    raw = document if isinstance(document, bytes) else json.dumps(document).encode()
    return [one.asset for one in parse_flow(raw, kind, "DF", space="DEPOT").writings]


@pytest.mark.parametrize(
    "document",
    [
        {"dataflows": {"DF": BODY}},
        {"dataflows": {"DF": BODY, "OTHER": {}}, "definitions": {}, "version": {"csn": "1.0"}},
        {"dataflows": {"df": BODY}},
        {"dataflows": {"DF": BODY}, "definitions": []},
        BODY,
    ],
)
def test_the_body_is_found(document: Any) -> None:
    assert parse(document) == ["T"]


@pytest.mark.parametrize("kind", FLOWS)
@pytest.mark.parametrize(
    "document",
    [
        b"",
        b"<html>",
        b"null",
        b"1",
        [],
        {},
        {"dataflows": []},
        {"dataflows": {"A": BODY, "B": BODY}},
        {"dataflows": {"DF": 1}},
        {"definitions": {"DF": {}}},
        b'{"a":' * 5_000 + b"1" + b"}" * 5_000,
        b"[" * 100_000,
    ],
)
def test_what_holds_no_flow_is_an_error(kind: AuxiliaryKind, document: Any) -> None:
    with pytest.raises(DocumentError):
        parse(document, kind)


@pytest.mark.parametrize("kind", [AuxiliaryKind.CONNECTION, AuxiliaryKind.DATA_ACCESS_CONTROL])
def test_another_kind_is_no_flow(kind: AuxiliaryKind) -> None:
    with pytest.raises(DocumentError):
        parse({segment_of(kind): {"DF": {"contents": {}}}}, kind)


def test_each_kind_has_a_list_of_its_own() -> None:
    assert len({segment_of(kind) for kind in AuxiliaryKind}) == len(AuxiliaryKind)


@pytest.mark.parametrize("kind", FLOWS)
@pytest.mark.parametrize("value", [None, 1, "x", [], [[]], {}, {"a": None}, True])
def test_odd_values_in_any_place_are_no_exception(kind: AuxiliaryKind, value: Any) -> None:
    for key in ("processes", "connections", "metadata", "replicationTasks", "sourceSystem"):
        contents = {**BODY["contents"], key: value}
        document = {segment_of(kind): {"DF": {"contents": contents, "nodes": value}}}
        parse(document, kind)
    for key in ("sources", "targets", "schedule"):
        parse({segment_of(kind): {"DF": {**BODY, key: value}}}, kind)
