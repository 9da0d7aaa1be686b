"""Builds the job of a run from its request, the settings and the mapping configuration."""

from collections.abc import Iterator
from datetime import UTC, datetime

from datasphere_glue.config import MappingConfig
from datasphere_glue.config.settings import Settings
from datasphere_glue.errors import ConfigError
from datasphere_glue.events.request import Request
from datasphere_glue.mapping.bindings import Binding, Files
from datasphere_glue.mapping.governance import Governance, Overlay
from datasphere_glue.mapping.requirements import Requirement
from datasphere_glue.mapping.rules import Rules
from datasphere_glue.model.scope import Scope, patterns
from datasphere_glue.plan.guard import GuardLimits
from datasphere_glue.plan.policy import FieldPolicy, OrphanPolicy, Policy
from datasphere_glue.runs.entries import entries_of
from datasphere_glue.runs.ports import Job, RereadLimits


def job_of(request: Request, settings: Settings, mapping: MappingConfig, until: float) -> Job:
    """Return the job of a run that ends at the monotonic time `until`.

    Raises:
        ConfigError: as `rules_of`.

    """
    return Job(
        action=request.action,
        scope=Scope(
            include=patterns(settings.spaces),
            exclude=(*patterns(settings.exclude), *mapping.selection.exclude),
            within=mapping.selection.include,
            spaces=request.spaces,
            assets=request.assets,
        ),
        rules=rules_of(settings, mapping),
        policy=_policy(settings, mapping),
        limits=GuardLimits(
            settings.max_removal_percent,
            max_unreadable_percent=mapping.limits.unreadable_percent,
        ),
        reread=RereadLimits(mapping.limits.reread_days, mapping.limits.reread_assets),
        entries=entries_of(request, settings, mapping),
        until=until,
        full=request.full or request.action.traits.reads_all,
        meaning=mapping.upgrades.meaning,
    )


def rules_of(settings: Settings, mapping: MappingConfig) -> Rules:
    """Return the rules that map names, types and texts of SAP to Glue.

    Raises:
        ConfigError: database names need SYNC_ENVIRONMENT, which is not set.

    """
    naming = mapping.naming
    template = naming.database_template or settings.database_template
    if "{environment}" in template and not settings.environment:
        raise ConfigError(
            "naming.database_template holds {environment}, and SYNC_ENVIRONMENT is not set"
        )
    return Rules(
        settings.tenant,
        template,
        settings.environment,
        databases=tuple(sorted(naming.databases.items())),
        types=tuple(sorted(mapping.types.items())),
        columns=tuple(mapping.columns.items()),
        prefixes=tuple(naming.table_prefix.items()),
        suffixes=tuple(naming.table_suffix.items()),
        description=mapping.fields.description,
        comment=mapping.fields.comment,
        governance=_governance(mapping),
        requirements=tuple(
            Requirement(
                rule.asset, rule.require, rule.require_columns, halts=rule.otherwise == "halt"
            )
            for rule in mapping.requirements
        ),
        bindings=tuple(_bindings(mapping)),
        former_tenants=frozenset(mapping.former_tenants),
        watched=tuple(
            (glob, policy is not FieldPolicy.SOURCE) for glob, policy in mapping.conflicts.items()
        ),
    )


def _governance(mapping: MappingConfig) -> Governance:
    overlays = (
        Overlay(
            asset=entry.asset,
            column=entry.column,
            description=entry.description,
            owner=entry.owner,
            steward=entry.steward,
            certification=entry.certification,
            tags=entry.tags,
            terms=entry.terms,
            custom=tuple(sorted(entry.custom.items())),
        )
        for entry in mapping.context
    )
    annotations = tuple(mapping.annotations.items())
    return Governance(annotations, tuple(overlays), mapping.languages)


def _bindings(mapping: MappingConfig) -> Iterator[Binding]:
    for entry in mapping.bindings:
        files = None
        if entry.s3 is not None:
            files = Files(
                location=entry.s3.location,
                format=entry.s3.format,
                partitions=tuple((key.name, key.type) for key in entry.s3.partitions),
                replicated=entry.s3.replication_flow,
                delimiter=entry.s3.delimiter,
                header=entry.s3.header,
            )
        yield Binding(entry.asset, files, entry.connection)


def _policy(settings: Settings, mapping: MappingConfig) -> Policy:
    return Policy(
        tenant=settings.tenant,
        today=datetime.now(UTC).date(),
        orphans=OrphanPolicy(settings.orphan_policy),
        grace=settings.orphan_grace_days,
        fields=tuple(mapping.conflicts.items()),
        schema=tuple(mapping.schema_changes.items()),
        renames=mapping.renames,
        adopt=mapping.adopt,
        gone_spaces=frozenset(mapping.gone_spaces),
        priorities=mapping.priorities,
        former_tenants=frozenset(mapping.former_tenants),
        form=mapping.upgrades.form,
    )
