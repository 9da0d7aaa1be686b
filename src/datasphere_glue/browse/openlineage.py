"""Exports lineage as OpenLineage events, in the model of the official client.

Each asset yields two events. The first describes the asset: a view or model is a job with its
sources as inputs and itself as output. So is a table that flows load; any other table is a
dataset. The second describes the Glue table, a dataset with the columns of the asset. Equal tables
and times give equal bytes. Only this module needs the optional `openlineage-python`.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Final, assert_never

from openlineage.client.event_v2 import (
    BaseEvent,
    DatasetEvent,
    InputDataset,
    Job,
    JobEvent,
    OutputDataset,
    Run,
    RunEvent,
    RunState,
    StaticDataset,
)
from openlineage.client.facet_v2 import (
    DatasetFacet,
    JobFacet,
    RunFacet,
    column_lineage_dataset,
    dataset_type_dataset,
    datasource_dataset,
    documentation_dataset,
    documentation_job,
    error_message_run,
    job_type_job,
    ownership_dataset,
    schema_dataset,
    symlinks_dataset,
    tags_dataset,
)
from openlineage.client.naming.dataset import AWSGlue
from openlineage.client.serde import Serde
from openlineage.client.uuid import generate_static_uuid

from datasphere_glue import __version__
from datasphere_glue.browse.describe import Entry, all_columns
from datasphere_glue.browse.trace import origins_of
from datasphere_glue.model.asset import Asset, Kind
from datasphere_glue.model.asset_parts import Load
from datasphere_glue.model.element import Element
from datasphere_glue.model.glue_keys import column_key
from datasphere_glue.model.table import Column, sap_name

PRODUCER: Final = f"urn:datasphere-glue:{__version__}"
"""URI of the producer, which OpenLineage requires in every event and facet."""

_SOURCE: Final = "SAP Datasphere"
_TYPE: Final = column_key("type")

_Transformation = column_lineage_dataset.Transformation
_IDENTITY: Final = _Transformation(type="DIRECT", subtype="IDENTITY")
_COMPUTATION: Final = _Transformation(type="DIRECT", subtype="TRANSFORMATION")
_AGGREGATION: Final = _Transformation(type="DIRECT", subtype="AGGREGATION")
_DIRECT: Final = {
    "direct": _IDENTITY,
    "renamed": _IDENTITY,
    "computed": _COMPUTATION,
    "aggregated": _AGGREGATION,
}
_INDIRECT: Final = {
    how: _Transformation(type="INDIRECT", subtype=subtype)
    for how, subtype in (
        ("filter", "FILTER"),
        ("join", "JOIN"),
        ("group", "GROUP_BY"),
        ("sort", "SORT"),
    )
}
"""The transformation of each `how`, in the words of the column lineage facet 1.2."""


@dataclass(frozen=True, slots=True)
class LineageNaming:
    """The OpenLineage names of objects in one tenant and one Glue catalog.

    `tenant`: host name of the tenant.
    `region`: AWS region of the catalog.
    `account`: AWS account ID, twelve digits.
    `catalog`: path of a catalog inside the catalog of the account; empty for the latter.
    """

    tenant: str
    region: str
    account: str
    catalog: str = ""

    @property
    def namespace(self) -> str:
        """Return the namespace of all datasets and jobs of the tenant."""
        return f"sapdatasphere://{self.tenant}"

    def glue(self, database: str, table: str) -> AWSGlue:
        """Return the name of a Glue table by the OpenLineage convention for AWS Glue."""
        inside = f"{self.catalog}/{database}" if self.catalog else database
        return AWSGlue(self.region, self.account, inside, table)


WrittenTable = tuple[str, str, str]
"""An asset as `SPACE.asset`, and database and name of its Glue table."""

Span = tuple[datetime, datetime]
"""Start and end of a run, both with a time zone."""


@dataclass(frozen=True, slots=True)
class Events:
    """Creates the events of one tenant and catalog, one line of JSON each (UTF-8)."""

    naming: LineageNaming

    def of_assets(self, entries: Iterable[Entry], moment: datetime) -> Iterator[bytes]:
        """Yield two events for each entry: that of the asset, then that of the Glue table."""
        for entry in entries:
            yield _line(_source_event(entry, self.naming, moment))
            yield _line(_table_event(entry, self.naming, moment))

    def of_run(
        self, run_id: str, span: Span, written: tuple[WrittenTable, ...], error: str | None = None
    ) -> Iterator[bytes]:
        """Return start and end event of a run.

        `written`: assets and tables of the run, the inputs and outputs of the job.
        `error`: message of the error of a failed run, None for a run without one.
        """
        name = str(generate_static_uuid(span[0], run_id.encode()))
        facets: dict[str, RunFacet] | None = None
        if error is not None:
            facet = error_message_run.ErrorMessageRunFacet(error, "PYTHON", producer=PRODUCER)
            facets = {"errorMessage": facet}
        runs = Run(name, facets=None), Run(name, facets=facets)
        return map(_line, _run_events(runs, span, written, self.naming))


def _run_events(
    runs: tuple[Run, Run], span: Span, written: tuple[WrittenTable, ...], naming: LineageNaming
) -> tuple[RunEvent, RunEvent]:
    (start_run, end_run), (started, ended) = runs, span
    purpose = documentation_job.DocumentationJobFacet(
        "Carries SAP Datasphere metadata into the AWS Glue Data Catalog", producer=PRODUCER
    )
    facets: dict[str, JobFacet] = {
        "jobType": _job_type("DATASPHERE_GLUE", "SYNC"),
        "documentation": purpose,
    }
    job = Job(naming.namespace, "datasphere-glue.sync", facets=facets)
    start = RunEvent(
        eventTime=started.isoformat(),
        producer=PRODUCER,
        eventType=RunState.START,
        run=start_run,
        job=job,
    )
    end = RunEvent(
        eventTime=ended.isoformat(),
        producer=PRODUCER,
        eventType=RunState.FAIL if end_run.facets else RunState.COMPLETE,
        run=end_run,
        job=job,
        inputs=[_input(naming, source) for source, _, _ in written],
        outputs=[_output(naming, database, table) for _, database, table in written],
    )
    return start, end


def _line(event: BaseEvent) -> bytes:
    text = Serde.to_json(event, ensure_ascii=False, separators=(",", ":"))
    return f"{text}\n".encode("utf-8", "replace")


def _input(naming: LineageNaming, name: str) -> InputDataset:
    return InputDataset(naming.namespace, name, inputFacets=None, facets=None)


def _output(naming: LineageNaming, database: str, table: str) -> OutputDataset:
    glue_name = naming.glue(database, table)
    return OutputDataset(
        glue_name.get_namespace(), glue_name.get_name(), outputFacets=None, facets=None
    )


def _source_event(entry: Entry, naming: LineageNaming, moment: datetime) -> BaseEvent:
    asset, facets = entry.asset, _source_facets(entry, naming)
    is_table, flows = _type_name(asset.kind) == "TABLE", _flows(asset)
    if is_table and not flows:
        dataset = StaticDataset(naming.namespace, entry.source, facets=facets)
        return DatasetEvent(eventTime=moment.isoformat(), producer=PRODUCER, dataset=dataset)
    kinds = {load.kind for load in flows} if is_table else {str(asset.kind)}
    job_facets: dict[str, JobFacet] = {
        "jobType": _job_type("SAP_DATASPHERE", "_AND_".join(sorted(kinds)).upper())
    }
    names = ", ".join(f"{load.kind.replace('_', ' ')} {load.name}" for load in flows)
    text = f"Loaded by {names}" if is_table else asset.description or asset.label
    if text:
        job_facets["documentation"] = documentation_job.DocumentationJobFacet(
            text, producer=PRODUCER
        )
    if computed := _computed_columns(asset, naming):
        facets["columnLineage"] = computed
    return JobEvent(
        eventTime=moment.isoformat(),
        producer=PRODUCER,
        job=Job(naming.namespace, entry.source, facets=job_facets),
        inputs=[_input(naming, name) for name in _upstream(asset)],
        outputs=[OutputDataset(naming.namespace, entry.source, outputFacets=None, facets=facets)],
    )


def _table_event(entry: Entry, naming: LineageNaming, moment: datetime) -> DatasetEvent:
    table, glue_name = entry.table, naming.glue(entry.table.database, entry.table.name)
    identity = symlinks_dataset.Identifier(
        naming.namespace, entry.source, _type_name(entry.asset.kind)
    )
    fields = [
        _field(place, column.name, column.type, column.comment)
        for place, column in enumerate(all_columns(table), start=1)
    ]
    facets: dict[str, DatasetFacet] = {
        "schema": schema_dataset.SchemaDatasetFacet(fields, producer=PRODUCER),
        "datasetType": _dataset_type("TABLE", "EXTERNAL"),
        "dataSource": _data_source(glue_name.get_namespace(), glue_name.get_namespace()),
        "symlinks": symlinks_dataset.SymlinksDatasetFacet([identity], producer=PRODUCER),
        "columnLineage": _copied_columns(entry, naming),
    }
    _add_documentation(facets, entry.asset, table.description)
    dataset = StaticDataset(glue_name.get_namespace(), glue_name.get_name(), facets=facets)
    return DatasetEvent(eventTime=moment.isoformat(), producer=PRODUCER, dataset=dataset)


def _source_facets(entry: Entry, naming: LineageNaming) -> dict[str, DatasetFacet]:
    asset = entry.asset
    fields = [
        _field(place, element.name, _sap_type(column), element.description or element.label)
        for place, (element, column) in enumerate(entry.columns, start=1)
    ]
    facets: dict[str, DatasetFacet] = {
        "schema": schema_dataset.SchemaDatasetFacet(fields, producer=PRODUCER),
        "datasetType": _dataset_type(
            _type_name(asset.kind), str(asset.usage or asset.kind).upper()
        ),
        "dataSource": _data_source(naming.tenant, f"https://{naming.tenant}"),
    }
    _add_documentation(facets, asset, asset.description or asset.label)
    if asset.tags:
        tags = [tags_dataset.TagsDatasetFacetFields(tag, "true", _SOURCE) for tag in asset.tags]
        facets["tags"] = tags_dataset.TagsDatasetFacet(tags, producer=PRODUCER)
    return facets


def _add_documentation(
    facets: dict[str, DatasetFacet], asset: Asset, description: str | None
) -> None:
    if description:
        facets["documentation"] = documentation_dataset.DocumentationDatasetFacet(
            description, "text/plain", producer=PRODUCER
        )
    people = (("OWNER", asset.owner), ("STEWARD", asset.steward))
    owners = [ownership_dataset.Owner(name, role) for role, name in people if name]
    if owners:
        facets["ownership"] = ownership_dataset.OwnershipDatasetFacet(owners, producer=PRODUCER)


def _flows(asset: Asset) -> list[Load]:
    """Return the flows that fill an asset from known sources."""
    return [load for load in asset.loads if load.sources]


def _upstream(asset: Asset) -> list[str]:
    """Return the objects that an asset reads, each once, in the order of SAP.

    A source in another system is `connection:object`, under the namespace of the tenant.
    """
    models = (f"{source.target_space}.{source.target}" for source in asset.model_sources)
    outside = (name for load in _flows(asset) for name in load.sources)
    return list(dict.fromkeys((*asset.lineage, *models, *outside)))


def _copied_columns(
    entry: Entry, naming: LineageNaming
) -> column_lineage_dataset.ColumnLineageDatasetFacet:
    """Return the column lineage of a Glue table: each column copies one of the asset."""
    pairs = ((column.name, sap_name(column)) for column in all_columns(entry.table))
    return _lineage_of(
        {
            glue: [_input_field(naming, entry.source, sap, _IDENTITY)]
            for glue, sap in pairs
            if sap is not None
        }
    )


def _computed_columns(
    asset: Asset, naming: LineageNaming
) -> column_lineage_dataset.ColumnLineageDatasetFacet | None:
    """Return the column lineage of a view or model, None when no column has a source.

    Columns of conditions decide about the whole row, so they are the lineage of the dataset.
    """
    fields = {
        element.name: [
            _input_field(naming, source, column, _DIRECT.get(how or "", _transformation(element)))
            for source, column, how in origins_of(element)
        ]
        for element in asset.elements
        if element.sources or element.lineage
    }
    conditions = [
        _input_field(naming, one.object, one.column, _INDIRECT[one.how])
        for one in asset.indirect_lineage
        if one.how in _INDIRECT
    ]
    return _lineage_of(fields, conditions or None) if fields or conditions else None


def _transformation(element: Element) -> column_lineage_dataset.Transformation:
    if element.formula:
        return _COMPUTATION
    return _AGGREGATION if element.aggregation else _IDENTITY


def _lineage_of(
    fields: dict[str, list[column_lineage_dataset.InputField]],
    conditions: list[column_lineage_dataset.InputField] | None = None,
) -> column_lineage_dataset.ColumnLineageDatasetFacet:
    return column_lineage_dataset.ColumnLineageDatasetFacet(
        {name: column_lineage_dataset.Fields(inputs) for name, inputs in fields.items()},
        dataset=conditions,
        producer=PRODUCER,
    )


def _input_field(
    naming: LineageNaming, name: str, column: str, how: column_lineage_dataset.Transformation
) -> column_lineage_dataset.InputField:
    return column_lineage_dataset.InputField(naming.namespace, name, column, [how])


def _field(
    place: int, name: str, kind: str | None, description: str | None
) -> schema_dataset.SchemaDatasetFacetFields:
    return schema_dataset.SchemaDatasetFacetFields(
        name, kind, description, ordinal_position=place, fields=None
    )


def _sap_type(column: Column) -> str | None:
    return dict(column.parameters).get(_TYPE)


def _dataset_type(kind: str, detail: str) -> dataset_type_dataset.DatasetTypeDatasetFacet:
    return dataset_type_dataset.DatasetTypeDatasetFacet(kind, detail, producer=PRODUCER)


def _data_source(name: str, uri: str) -> datasource_dataset.DatasourceDatasetFacet:
    return datasource_dataset.DatasourceDatasetFacet(name, uri, producer=PRODUCER)


def _job_type(integration: str, kind: str) -> job_type_job.JobTypeJobFacet:
    return job_type_job.JobTypeJobFacet("BATCH", integration, kind, producer=PRODUCER)


def _type_name(kind: Kind) -> str:
    """Return the dataset type of OpenLineage; anything but a table is computed from others."""
    match kind:
        case Kind.VIEW:
            return "VIEW"
        case Kind.ANALYTIC_MODEL:
            return "MODEL"
        case Kind.LOCAL_TABLE | Kind.REMOTE_TABLE:
            return "TABLE"
        case _:
            assert_never(kind)
