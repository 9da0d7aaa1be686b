"""The reader of flows, chains, controls and connections against a tenant without sockets."""

from collections.abc import Callable
from typing import Any

import pytest

from datasphere_glue.datasphere.asset_reader import AssetToRead
from datasphere_glue.datasphere.auxiliary import AuxiliaryReader
from datasphere_glue.datasphere.auxiliary_space import AuxiliaryRead, stamp_of
from datasphere_glue.datasphere.definitions import (
    DefinitionMode,
    DefinitionPolicy,
    DefinitionReader,
    SpaceObjects,
)
from datasphere_glue.datasphere.objects import ROOT, ListedObject
from datasphere_glue.datasphere.transport import RequestLimits
from datasphere_glue.model.asset import Kind
from datasphere_glue.model.auxiliary import AuxiliaryKind
from datasphere_glue.model.wanted import AuxiliaryWanted
from tests.unit.datasphere.fakes import FakeTenant, Reply, Seen, World, client_of

FLOW, CHAIN = AuxiliaryKind.DATA_FLOW, AuxiliaryKind.TASK_CHAIN
CONNECTION = AuxiliaryKind.CONNECTION
STAMP = "2026-05-01T10:00:00.000Z"
LISTS = ("dataflows", "replicationflows", "transformationflows", "taskchains", "dataaccesscontrols")
CONNECTIONS = "/api/v1/datasphere/spaces/S/connections"
TABLE = ListedObject("T", Kind.LOCAL_TABLE)
REMOTE = ListedObject("R", Kind.REMOTE_TABLE)


def flow(source: str = "R", target: str = "T", connection: str = "$DWC") -> dict[str, Any]:
    place = {"hanaConnection": {"connectionID": connection}}
    ends = {"in": ("consumer", source, place), "out": ("producer", target, {})}
    processes = {
        name: {"component": f"x.{end}", "metadata": {"config": {"dwcEntity": entity, **more}}}
        for name, (end, entity, more) in ends.items()
    }
    return {"contents": {"processes": processes}}


def paged(*rows: Any) -> Callable[[Seen], Reply]:
    """Answer with the rows on the first page, and with an empty one after it."""
    return lambda seen: Reply(list(rows) if seen.query.get("skip", "0") == "0" else [])


def row(name: str, **fields: str) -> dict[str, Any]:
    return {"technicalName": name, "status": "Deployed", "changedOn": STAMP, **fields}


def with_flow(tenant: FakeTenant, name: str = "DF", body: Any = None, **fields: str) -> None:
    """Let the tenant have one data flow and empty lists of all other kinds."""
    for segment in LISTS:
        tenant.on(f"{ROOT}/S/{segment}", Reply([]))
    tenant.on(CONNECTIONS, paged({"name": "ERP", "typeId": "ABAP"}))
    tenant.on(f"{ROOT}/S/dataflows", paged(row(name, **fields)))
    tenant.on(f"{ROOT}/S/dataflows/{name}", Reply({"dataflows": {name: body or flow()}}))


def read(
    tenant: FakeTenant,
    wanted: AuxiliaryWanted | None = None,
    *listed: ListedObject,
    allowed: bool = True,
    policy: DefinitionPolicy | None = None,
    until: float = float("inf"),
) -> AuxiliaryRead:
    """Return what is read of a space in which these objects are read, too."""
    client = client_of(tenant, limits=RequestLimits(attempts=1), until=until)
    reader = AuxiliaryReader(client, DefinitionReader(client, policy or DefinitionPolicy()))
    names = {one.name: one for one in (TABLE, REMOTE, *listed)}
    objects = SpaceObjects(names, allowed=allowed)
    items = [AssetToRead("S", one.name, listed=one, read_definition=True) for one in listed]
    return reader.read(objects, wanted or AuxiliaryWanted(), items, ("S", frozenset({"S", "X"})))


def unchanged(*names: str) -> AuxiliaryWanted:
    return AuxiliaryWanted(
        frozenset(AuxiliaryKind), lambda _kind, name, _stamp: name in names, held={"T", "R"}
    )


def test_a_space_in_which_nothing_is_read_is_not_asked(tenant: FakeTenant) -> None:
    assert not read(tenant).objects.listed
    assert not read(tenant, None, TABLE, allowed=False).objects.listed
    off = DefinitionPolicy(DefinitionMode.OFF)
    assert read(tenant, None, TABLE, policy=off).objects.off == set(AuxiliaryKind)
    none = DefinitionPolicy(auxiliary=frozenset())
    assert read(tenant, None, TABLE, policy=none).objects.off == set(AuxiliaryKind)
    assert tenant.paths() == []


def test_an_asset_that_is_read_asks_for_every_list(tenant: FakeTenant) -> None:
    with_flow(tenant)
    result = read(tenant, None, TABLE)
    assert result.objects.listed == set(AuxiliaryKind) - {CONNECTION}
    assert [one.asset for one in result.objects.writings] == ["T"]
    assert result.objects.writings[0].load.changed_on == STAMP
    assert result.refused == result.failed == result.notes == ()
    assert CONNECTIONS not in tenant.paths()


def test_only_wanted_kinds_are_listed(tenant: FakeTenant) -> None:
    with_flow(tenant)
    assert read(tenant, AuxiliaryWanted(frozenset({CHAIN}))).objects.listed == {CHAIN}
    assert set(tenant.paths()) == {f"{ROOT}/S/taskchains"}


def test_an_unchanged_document_is_not_read(tenant: FakeTenant) -> None:
    with_flow(tenant)
    objects = read(tenant, unchanged("DF")).objects
    assert objects.kept == {(FLOW, "DF")}
    assert objects.writings == ()
    assert not any(path.endswith("/DF") for path in tenant.paths())


@pytest.mark.parametrize(("listed", "is_read"), [(TABLE, False), (REMOTE, False)])
def test_an_asset_with_a_table_reads_no_unchanged_document(
    tenant: FakeTenant,
    listed: ListedObject,
    is_read: bool,  # noqa: FBT001
) -> None:
    with_flow(tenant)
    assert bool(read(tenant, unchanged("DF"), listed).objects.writings) is is_read


@pytest.mark.parametrize(
    ("new", "is_read"),
    [
        (ListedObject("NEW", Kind.LOCAL_TABLE), True),
        (ListedObject("NEW", Kind.VIEW), False),
        (ListedObject("NEW", Kind.REMOTE_TABLE), False),
    ],
)
def test_a_new_local_table_reads_every_flow(
    tenant: FakeTenant,
    new: ListedObject,
    is_read: bool,  # noqa: FBT001
) -> None:
    with_flow(tenant)
    assert bool(read(tenant, unchanged("DF"), new).objects.writings) is is_read


def test_chains_are_read_together_once_a_flow_changed(tenant: FakeTenant) -> None:
    with_flow(tenant)
    tenant.on(f"{ROOT}/S/taskchains", paged(row("TC")))
    chain: dict[str, Any] = {"taskchains": {"TC": {"nodes": []}}}
    tenant.on(f"{ROOT}/S/taskchains/TC", Reply(chain))
    assert read(tenant, unchanged("DF", "TC")).objects.chains == ()
    assert read(tenant, unchanged("TC")).objects.chains == (("TC", STAMP),)


def test_chains_are_read_once_a_flow_is_gone(tenant: FakeTenant) -> None:
    with_flow(tenant)
    tenant.on(f"{ROOT}/S/taskchains", paged(row("TC")))
    tenant.on(f"{ROOT}/S/taskchains/TC", Reply({"taskchains": {"TC": {"nodes": []}}}))
    wanted = unchanged("DF", "TC")
    gone = AuxiliaryWanted(
        wanted.kinds, wanted.unchanged, frozenset({(FLOW, "DF"), (FLOW, "GONE")}), wanted.held
    )
    assert read(tenant, gone).objects.chains == (("TC", STAMP),)


def test_connections_are_listed_once_something_names_one(tenant: FakeTenant) -> None:
    with_flow(tenant, body=flow("X", connection="ERP"))
    assert read(tenant, None, TABLE).objects.systems == (("ERP", "ABAP"),)
    with_flow(tenant)
    assert read(tenant, None, REMOTE).objects.systems == (("ERP", "ABAP"),)
    assert read(tenant, None, TABLE).objects.systems is None


def test_connections_are_paged_and_a_tenant_without_paging_is_asked_plainly(
    tenant: FakeTenant,
) -> None:
    with_flow(tenant)
    first, second = [{"name": "A", "typeId": "S3"}], [{"name": "B", "typeId": "GCS"}]
    pages = {"0": first, "1": second, "2": []}
    tenant.on(CONNECTIONS, lambda seen: Reply(pages[seen.query["skip"]]))
    assert read(tenant, None, REMOTE).objects.systems == (("A", "S3"), ("B", "GCS"))
    tenant.on(CONNECTIONS, lambda seen: Reply(first, 400 if seen.query else 200))
    assert read(tenant, None, REMOTE).objects.systems == (("A", "S3"),)
    tenant.on(CONNECTIONS, Reply(first))
    assert read(tenant, None, REMOTE).objects.systems == (("A", "S3"),)


@pytest.mark.parametrize("status", [400, 401, 403, 404, 406])
def test_a_refused_list_is_no_failure(tenant: FakeTenant, status: int) -> None:
    with_flow(tenant)
    tenant.on(f"{ROOT}/S/dataflows", Reply({"message": "no"}, status))
    result = read(tenant, None, TABLE)
    assert [one.code for one in result.refused] == ["OBJECTS_REFUSED"]
    assert result.failed == ()
    assert FLOW not in result.objects.listed
    assert CHAIN in result.objects.listed


@pytest.mark.parametrize(
    "reply", [Reply({}, 503), Reply({"value": 1}), Reply([{"name": "DF"}]), Reply(b"[")]
)
def test_a_list_that_fails_is_said(tenant: FakeTenant, reply: Reply) -> None:
    with_flow(tenant)
    tenant.on(f"{ROOT}/S/dataflows", reply)
    result = read(tenant, None, TABLE)
    assert [one.code for one in result.failed] == ["OBJECTS_UNREAD"]
    assert FLOW not in result.objects.listed


def test_a_list_without_an_end_is_used_but_proves_nothing(tenant: FakeTenant) -> None:
    with_flow(tenant)
    tenant.on(f"{ROOT}/S/dataflows", Reply([row("DF")]))
    result = read(tenant, None, TABLE)
    assert FLOW not in result.objects.listed
    assert result.objects.read == {(FLOW, "DF")}
    assert [one.code for one in result.failed] == ["OBJECTS_UNREAD"]


@pytest.mark.parametrize(("status", "code"), [(403, "REFUSED"), (404, "REFUSED"), (503, "UNREAD")])
def test_a_document_that_cannot_be_read_is_kept(tenant: FakeTenant, status: int, code: str) -> None:
    with_flow(tenant)
    tenant.on(f"{ROOT}/S/dataflows/DF", Reply({"message": "no"}, status))
    result = read(tenant, None, TABLE)
    assert result.objects.kept == {(FLOW, "DF")}
    (issue,) = (*result.refused, *result.failed)
    assert issue.code == f"OBJECTS_{code}"
    assert "DF" in issue.message


def test_after_the_time_is_over_everything_is_kept(tenant: FakeTenant, world: World) -> None:
    with_flow(tenant)
    result = read(tenant, None, TABLE, until=world.clock())
    assert result.objects.listed == set()
    assert {one.code for one in result.failed} == {"OUT_OF_TIME"}


@pytest.mark.parametrize(
    ("status", "first"),
    [("Deployed", "content+json"), ("ChangesToDeploy", "content.run-time+json")],
)
def test_the_deployed_version_is_read(tenant: FakeTenant, status: str, first: str) -> None:
    with_flow(tenant, status=status)
    read(tenant, None, TABLE)
    asked = [seen for seen in tenant.seen if seen.path.endswith("/DF")]
    assert [seen.request.headers["Accept"] for seen in asked] == [
        f"application/vnd.sap.datasphere.object.{first}"
    ]


def test_an_empty_version_gives_way_to_the_next(tenant: FakeTenant) -> None:
    with_flow(tenant)
    path = f"{ROOT}/S/dataflows/DF"
    whole = Reply({"dataflows": {"DF": flow()}, "definitions": {}})
    tenant.on(path, Reply({"dataflows": {}}), Reply({"message": "no"}, 406), whole)
    assert read(tenant, None, TABLE).objects.writings


def test_a_draft_is_left_out(tenant: FakeTenant) -> None:
    with_flow(tenant, status="NotDeployed")
    assert read(tenant, None, TABLE).objects.writings == ()


DELTA = {"@DataWarehouse.delta": {"type": {"#": "UPSERT"}}}


@pytest.mark.parametrize(
    ("target", "definition", "asset"),
    [
        ("T_Delta", DELTA, "T"),
        ("T_Delta", {}, "T_Delta"),
        ("T_Changes", DELTA, "T_Changes"),
        ("U_Delta", DELTA, "U_Delta"),
        ("_Delta", DELTA, "_Delta"),
        ("T", DELTA, "T"),
    ],
)
def test_the_definition_proves_a_table_of_changes(
    tenant: FakeTenant, target: str, definition: Any, asset: str
) -> None:
    with_flow(tenant, body=flow(target=target))
    entity = {"kind": "entity", "elements": {"A": {"type": "cds.String"}}, **definition}
    tenant.on(f"{ROOT}/S/localtables/T", Reply({"definitions": {"T": entity}}))
    assert [one.asset for one in read(tenant, None, TABLE).objects.writings] == [asset]


@pytest.mark.parametrize(("enclosing", "asset"), [("T", "T"), (None, "T_Delta")])
def test_a_table_of_changes_that_is_listed_is_its_table(
    tenant: FakeTenant, enclosing: str | None, asset: str
) -> None:
    with_flow(tenant, body=flow(target="T_Delta"))
    entity: dict[str, Any] = {"kind": "entity", "elements": {}}
    entity["@DataWarehouse.enclosingObject"] = enclosing
    tenant.on(f"{ROOT}/S/localtables/T_Delta", Reply({"definitions": {"T_Delta": entity}}))
    listed = ListedObject("T_Delta", Kind.LOCAL_TABLE)
    assert [one.asset for one in read(tenant, None, TABLE, listed).objects.writings] == [asset]


def test_sources_in_other_spaces_are_resolved_where_they_may_be_read(tenant: FakeTenant) -> None:
    with_flow(tenant, body=flow("X.SRC_Delta"))
    assert read(tenant, None, TABLE).objects.writings[0].load.sources == ("X.SRC_Delta",)
    entity = {"kind": "entity", "elements": {"A": {"type": "cds.String"}}, **DELTA}
    tenant.on(f"{ROOT}/X/localtables/SRC", Reply({"definitions": {"SRC": entity}}))
    assert read(tenant, None, TABLE).objects.writings[0].load.sources == ("X.SRC",)


@pytest.mark.parametrize(
    ("fields", "stamp"),
    [
        ({}, None),
        ({"changedOn": "2026-01-02", "deployedOn": "2026-01-01"}, "2026-01-02"),
        ({"changedOn": "2026-01-02", "deployedOn": "2026-01-03"}, "2026-01-03"),
        ({"deployedOn": "2026-01-03", "changedOn": None}, "2026-01-03"),
        ({"changedOn": 1}, None),
    ],
)
def test_a_stamp_is_the_later_of_change_and_deployment(fields: Any, stamp: str | None) -> None:
    assert stamp_of(fields) == stamp


def test_access_names_each_space_that_refuses(tenant: FakeTenant) -> None:
    with_flow(tenant)
    client = client_of(tenant, limits=RequestLimits(attempts=1))
    policy = DefinitionPolicy(auxiliary=frozenset(AuxiliaryKind) - {CHAIN})
    reader = AuxiliaryReader(client, DefinitionReader(client, policy))
    found = reader.access(FLOW, ["S", "X"])
    assert (found.spaces, [space for space, _ in found.refused]) == (2, ["X"])
    assert reader.access(CONNECTION, ["S"]).refused == ()
    assert reader.access(CHAIN, ["S"]).off
