"""Each field of the configuration changes exactly its own value of the job."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from datasphere_glue.config import NONE, MappingConfig, parse
from datasphere_glue.config.loading import load
from datasphere_glue.config.sections import Section
from datasphere_glue.config.settings import Settings
from datasphere_glue.events.request import Request
from datasphere_glue.mapping.bindings import Binding, Files
from datasphere_glue.mapping.governance import Governance, Overlay
from datasphere_glue.mapping.requirements import Requirement
from datasphere_glue.model.asset import Kind
from datasphere_glue.model.run_action import RunAction
from datasphere_glue.plan.fields import is_watched
from datasphere_glue.plan.policy import (
    FieldPolicy,
    RenamePolicy,
    SchemaChange,
    SchemaPolicy,
    UpgradePolicy,
)
from datasphere_glue.runs.job import job_of, rules_of
from datasphere_glue.runs.ports import Job

SETTINGS = load(
    {
        "DATASPHERE_URL": "https://acme.eu10.hcs.cloud.sap",
        "DATASPHERE_TOKEN_URL": "https://acme.authentication.eu10.hana.ondemand.com/oauth/token",
        "DATASPHERE_SECRET_ID": "user",
        "SYNC_SPACES": "SALES,FIN*",
        "SYNC_EXCLUDE": "*.ZZ_*",
        "ORPHAN_POLICY": "delete",
        "ORPHAN_GRACE_DAYS": "7",
        "MAX_REMOVAL_PERCENT": "20",
        "SYNC_ENVIRONMENT": "prod",
    }
)
FILES = Files(
    location="s3://lake/{asset}/",
    format="csv",
    partitions=(("ID", None), ("d", "date")),
    replicated=True,
    delimiter=";",
    header=False,
)


def job(text: str = "", request: Request | None = None, settings: Settings = SETTINGS) -> Job:
    mapping = parse(f"version: 1\n{text}".encode()).mapping if text else NONE.mapping
    return job_of(request or Request(), settings, mapping, 60.0)


def facts(of: Job) -> dict[str, Any]:
    """Return all values of a job by path, except the date."""
    parts = {"scope": of.scope, "rules": of.rules, "policy": of.policy, "limits": of.limits}
    return {
        f"{part}.{field}": getattr(value, field)
        for part, value in parts.items()
        for field in vars(type(value))["__slots__"]
        if field != "today"
    } | {"action": of.action, "until": of.until, "meaning": of.meaning}


FIELDS: Mapping[str, tuple[str, str, Any]] = {
    "naming.database_template": (
        "naming: {database_template: 'x_{space}'}",
        "rules.database_template",
        "x_{space}",
    ),
    "naming.databases": (
        "naming: {databases: {B: b, A: a}}",
        "rules.databases",
        (("A", "a"), ("B", "b")),
    ),
    "naming.table_prefix": (
        "naming: {table_prefix: {view: v_}}",
        "rules.prefixes",
        ((Kind.VIEW, "v_"),),
    ),
    "naming.table_suffix": (
        "naming: {table_suffix: {view: _v}}",
        "rules.suffixes",
        ((Kind.VIEW, "_v"),),
    ),
    "selection.include": ("selection: {include: [SALES]}", "scope.within", ("SALES",)),
    "selection.exclude": ("selection: {exclude: [HR]}", "scope.exclude", ("*.ZZ_*", "HR")),
    "types": ("types: {cds.UUID: string}", "rules.types", (("cds.UUID", "string"),)),
    "columns": (
        "columns: {'b.*': int, 'a.*': string}",
        "rules.columns",
        (("b.*", "int"), ("a.*", "string")),
    ),
    "fields.description": ("fields: {description: [name]}", "rules.description", ("name",)),
    "fields.comment": ("fields: {comment: [name]}", "rules.comment", ("name",)),
    "annotations": (
        "annotations: {'@a.b': owner, '@a.*': tags}",
        "rules.governance",
        Governance((("@a.b", "owner"), ("@a.*", "tags"))),
    ),
    "context": (
        (
            "context: [{asset: a, column: c, description: d, owner: o, steward: s,"
            " certification: e, tags: [t], terms: [m], custom: {z: '1', y: '2'}}]"
        ),
        "rules.governance",
        Governance(
            overlays=(
                Overlay("a", "c", "d", "o", "s", "e", ("t",), ("m",), (("y", "2"), ("z", "1"))),
            )
        ),
    ),
    "priorities": ("priorities: [view]", "policy.priorities", (Kind.VIEW,)),
    "schema_changes": (
        "schema_changes: {removal: halt}",
        "policy.schema",
        ((SchemaChange.REMOVAL, SchemaPolicy.HALT),),
    ),
    "renames": ("renames: 'off'", "policy.renames", RenamePolicy.OFF),
    "adopt": ("adopt: ['SALES.*']", "policy.adopt", ("SALES.*",)),
    "gone_spaces": ("gone_spaces: [OLD]", "policy.gone_spaces", frozenset({"OLD"})),
    "requirements": (
        "requirements: [{asset: a, require: [owner], require_columns: [label], otherwise: halt}]",
        "rules.requirements",
        (Requirement("a", ("owner",), ("label",), halts=True),),
    ),
    "bindings": (
        (
            "bindings: [{asset: a, connection: c, s3: {location: 's3://lake/{asset}/', format: csv,"
            " partitions: [{name: ID}, {name: d, type: date}], replication_flow: true,"
            " delimiter: ';', header: false}}]"
        ),
        "rules.bindings",
        (Binding("a", FILES, "c"),),
    ),
    "upgrades.meaning": ("upgrades: {meaning: hold}", "meaning", UpgradePolicy.HOLD),
    "upgrades.form": ("upgrades: {form: apply}", "policy.form", UpgradePolicy.APPLY),
    "limits.unreadable_percent": (
        "limits: {unreadable_percent: 5}",
        "limits.max_unreadable_percent",
        5,
    ),
}
ELSEWHERE = {
    "version": "it is the version of the format",
    "context_uri": "it is resolved earlier; its entries are in `context`",
    "selection.unexposed": "it is an option of the source",
    "definitions.sql": "it is an option of the source",
    "languages": "the source picks the labels",
    "objects": "it is an option of the source",
    "limits.reread_days": "the read cursor is stored with the reports",
    "limits.reread_assets": "the read cursor is stored with the reports",
    "former_tenants": "rules and policy hold it, see the test below",
    "conflicts": "rules and policy hold it, see the test below",
}


def fields(model: type[Section], prefix: str = "") -> set[str]:
    paths: set[str] = set()
    for name, field in model.model_fields.items():
        kind = field.annotation
        if isinstance(kind, type) and issubclass(kind, Section):
            paths |= fields(kind, f"{prefix}{name}.")
        else:
            paths.add(prefix + name)
    return paths


def test_every_field_of_the_document_is_tested_here_or_used_elsewhere() -> None:
    assert fields(MappingConfig) == set(FIELDS) | set(ELSEWHERE)


@pytest.mark.parametrize("field", sorted(FIELDS))
def test_a_field_of_the_document_changes_only_its_value_of_the_job(field: str) -> None:
    text, place, expected = FIELDS[field]
    without, configured = facts(job()), facts(job(text))

    assert configured[place] == expected
    assert {key for key in configured if configured[key] != without[key]} == {place}


def test_mapping_and_plan_share_the_former_tenants() -> None:
    configured = job("former_tenants: [old.hcs.cloud.sap]")

    expected = {"acme.eu10.hcs.cloud.sap", "old.hcs.cloud.sap"}
    assert configured.rules.hosts == configured.policy.hosts == expected


def test_mapping_and_plan_share_the_fields_that_people_may_edit() -> None:
    """The mapping counts the digests that the plan stores for them."""
    configured = job("conflicts: {'columns.id.*': source, 'columns.*': catalog, '*': source}")

    assert configured.policy.fields == (
        ("columns.id.*", FieldPolicy.SOURCE),
        ("columns.*", FieldPolicy.CATALOG),
        ("*", FieldPolicy.SOURCE),
    )
    for path in ("columns.id.parameters.k", "columns.net.parameters.k", "description"):
        watched = is_watched(path, configured.policy.fields)
        assert configured.rules.watches(path) is watched is (path == "columns.net.parameters.k")


def test_new_facts_are_held_back_unless_a_plan_is_made_or_approved() -> None:
    held = job("upgrades: {meaning: hold}")

    assert held.holds_new_facts
    assert replace(held, action=RunAction.VERIFY).holds_new_facts
    assert not replace(held, action=RunAction.PLAN).holds_new_facts
    assert not replace(held, approved="c0ffee").holds_new_facts
    assert not job().holds_new_facts


def test_without_a_document_the_settings_apply() -> None:
    actual = job()

    assert actual.scope.include == ("SALES", "FIN*")
    assert actual.scope.exclude == ("*.ZZ_*",)
    assert (actual.policy.orphans, actual.policy.grace) == ("delete", 7)
    assert actual.limits.max_removal_percent == 20
    assert (actual.rules.tenant, actual.rules.environment) == ("acme.eu10.hcs.cloud.sap", "prod")
    assert actual.rules == rules_of(SETTINGS, NONE.mapping)
    assert actual.policy.tenant == actual.rules.tenant
    assert actual.until == 60.0


def test_an_event_narrows_the_scope() -> None:
    request = Request(
        action=RunAction.PLAN, spaces=frozenset({"SALES"}), assets=frozenset({("SALES", "V")})
    )

    actual = job(request=request)

    assert actual.action == "plan"
    assert (actual.scope.spaces, actual.scope.assets) == (request.spaces, request.assets)


def test_an_empty_document_equals_no_document() -> None:
    assert facts(job("renames: follow")) == facts(job())
