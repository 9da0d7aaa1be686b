"""What a catalog tells about lineage, as OpenLineage events in the official client's own model.

For each asset two events: a view or a model is a job that makes itself out of what it reads, a
table is a dataset; and its Glue table is a dataset whose columns are those of the asset. The same
tables and moment give the same bytes. This module alone needs the optional `openlineage-python`.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Final

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
from datasphere_glue.model.asset import Asset, Element, Kind
from datasphere_glue.model.glue_keys import column_key
from datasphere_glue.model.table import Column, sap_name

PRODUCER: Final = f"urn:datasphere-glue:{__version__}"
"""Who says so, as every event and facet of OpenLineage must name it by a URI."""

_COMPUTED: Final = frozenset({Kind.VIEW, Kind.ANALYTIC_MODEL})
_TYPES: Final = {Kind.VIEW: "VIEW", Kind.ANALYTIC_MODEL: "MODEL"}
_SOURCE: Final = "SAP Datasphere"
_TYPE: Final = column_key("type")

_Transformation = column_lineage_dataset.Transformation
_IDENTITY: Final = _Transformation(type="DIRECT", subtype="IDENTITY")
_COMPUTATION: Final = _Transformation(type="DIRECT", subtype="TRANSFORMATION")
_AGGREGATION: Final = _Transformation(type="DIRECT", subtype="AGGREGATION")


@dataclass(frozen=True, slots=True)
class LineageNaming:
    """The two sides of the lineage; `catalog` is the path of a catalog inside that of the account.

    `tenant` is a host name, `account` has twelve digits.
    """

    tenant: str
    region: str
    account: str
    catalog: str = ""

    @property
    def namespace(self) -> str:
        """Return the namespace of everything that SAP holds: its objects and its jobs."""
        return f"sapdatasphere://{self.tenant}"

    def glue(self, database: str, table: str) -> AWSGlue:
        """Return the name of a Glue table as OpenLineage has it for AWS Glue."""
        inside = f"{self.catalog}/{database}" if self.catalog else database
        return AWSGlue(self.region, self.account, inside, table)


WrittenTable = tuple[str, str, str]
"""An asset as `SPACE.asset`, with database and name of the Glue table that was written from it."""


Span = tuple[datetime, datetime]
"""Start and end of a run, both with a time zone."""


@dataclass(frozen=True, slots=True)
class Events:
    """Makes the events of one estate, as JSON Lines."""

    estate: LineageNaming

    def of_assets(self, entries: Iterable[Entry], moment: datetime) -> Iterator[bytes]:
        """Yield what SAP and then what Glue holds of each asset, in the order of the entries."""
        for entry in entries:
            yield _line(_source_event(entry, self.estate, moment))
            yield _line(_table_event(entry, self.estate, moment))

    def of_run(
        self, run_id: str, span: Span, carried: tuple[WrittenTable, ...], failed: str | None = None
    ) -> Iterator[bytes]:
        """Yield start and end of a run; `failed` is the error of one that did not end well."""
        name = str(generate_static_uuid(span[0], run_id.encode()))
        facets: dict[str, RunFacet] | None = None
        if failed is not None:
            error = error_message_run.ErrorMessageRunFacet(failed, "PYTHON", producer=PRODUCER)
            facets = {"errorMessage": error}
        runs = Run(name, facets=None), Run(name, facets=facets)
        return map(_line, _run_events(runs, span, carried, self.estate))


def _run_events(
    runs: tuple[Run, Run], span: Span, carried: tuple[WrittenTable, ...], estate: LineageNaming
) -> tuple[RunEvent, RunEvent]:
    (begun, done), (started, ended) = runs, span
    purpose = documentation_job.DocumentationJobFacet(
        "Carries SAP Datasphere metadata into the AWS Glue Data Catalog", producer=PRODUCER
    )
    facets: dict[str, JobFacet] = {
        "jobType": _job_type("DATASPHERE_GLUE", "SYNC"),
        "documentation": purpose,
    }
    job = Job(estate.namespace, "datasphere-glue.sync", facets=facets)
    start = RunEvent(
        eventTime=started.isoformat(),
        producer=PRODUCER,
        eventType=RunState.START,
        run=begun,
        job=job,
    )
    end = RunEvent(
        eventTime=ended.isoformat(),
        producer=PRODUCER,
        eventType=RunState.FAIL if done.facets else RunState.COMPLETE,
        run=done,
        job=job,
        inputs=[_input(estate, source) for source, _, _ in carried],
        outputs=[_output(estate, database, table) for _, database, table in carried],
    )
    return start, end


def _line(event: BaseEvent) -> bytes:
    text = Serde.to_json(event, ensure_ascii=False, separators=(",", ":"))
    return f"{text}\n".encode("utf-8", "replace")


def _input(estate: LineageNaming, name: str) -> InputDataset:
    return InputDataset(estate.namespace, name, inputFacets=None, facets=None)


def _output(estate: LineageNaming, database: str, table: str) -> OutputDataset:
    named = estate.glue(database, table)
    return OutputDataset(named.get_namespace(), named.get_name(), outputFacets=None, facets=None)


def _source_event(entry: Entry, estate: LineageNaming, moment: datetime) -> BaseEvent:
    asset, facets = entry.asset, _source_facets(entry, estate)
    if asset.kind not in _COMPUTED:
        dataset = StaticDataset(estate.namespace, entry.source, facets=facets)
        return DatasetEvent(eventTime=moment.isoformat(), producer=PRODUCER, dataset=dataset)
    job_facets: dict[str, JobFacet] = {
        "jobType": _job_type("SAP_DATASPHERE", str(asset.kind).upper())
    }
    if told := asset.description or asset.label:
        job_facets["documentation"] = documentation_job.DocumentationJobFacet(
            told, producer=PRODUCER
        )
    if computed := _computed_columns(asset, estate):
        facets["columnLineage"] = computed
    return JobEvent(
        eventTime=moment.isoformat(),
        producer=PRODUCER,
        job=Job(estate.namespace, entry.source, facets=job_facets),
        inputs=[_input(estate, name) for name in _upstream(asset)],
        outputs=[OutputDataset(estate.namespace, entry.source, outputFacets=None, facets=facets)],
    )


def _table_event(entry: Entry, estate: LineageNaming, moment: datetime) -> DatasetEvent:
    table, named = entry.table, estate.glue(entry.table.database, entry.table.name)
    identity = symlinks_dataset.Identifier(
        estate.namespace, entry.source, _TYPES.get(entry.asset.kind, "TABLE")
    )
    fields = [
        _field(place, column.name, column.type, column.comment)
        for place, column in enumerate(all_columns(table), start=1)
    ]
    facets: dict[str, DatasetFacet] = {
        "schema": schema_dataset.SchemaDatasetFacet(fields, producer=PRODUCER),
        "datasetType": _dataset_type("TABLE", "EXTERNAL"),
        "dataSource": _data_source(named.get_namespace(), named.get_namespace()),
        "symlinks": symlinks_dataset.SymlinksDatasetFacet([identity], producer=PRODUCER),
        "columnLineage": _carried_columns(entry, estate),
    }
    _say(facets, entry.asset, table.description)
    dataset = StaticDataset(named.get_namespace(), named.get_name(), facets=facets)
    return DatasetEvent(eventTime=moment.isoformat(), producer=PRODUCER, dataset=dataset)


def _source_facets(entry: Entry, estate: LineageNaming) -> dict[str, DatasetFacet]:
    asset = entry.asset
    fields = [
        _field(place, element.name, _said_type(column), element.description or element.label)
        for place, (element, column) in enumerate(entry.columns, start=1)
    ]
    facets: dict[str, DatasetFacet] = {
        "schema": schema_dataset.SchemaDatasetFacet(fields, producer=PRODUCER),
        "datasetType": _dataset_type(
            _TYPES.get(asset.kind, "TABLE"), str(asset.usage or asset.kind).upper()
        ),
        "dataSource": _data_source(estate.tenant, f"https://{estate.tenant}"),
    }
    _say(facets, asset, asset.description or asset.label)
    if asset.tags:
        tags = [tags_dataset.TagsDatasetFacetFields(tag, "true", _SOURCE) for tag in asset.tags]
        facets["tags"] = tags_dataset.TagsDatasetFacet(tags, producer=PRODUCER)
    return facets


def _say(facets: dict[str, DatasetFacet], asset: Asset, description: str | None) -> None:
    if description:
        facets["documentation"] = documentation_dataset.DocumentationDatasetFacet(
            description, "text/plain", producer=PRODUCER
        )
    people = (("OWNER", asset.owner), ("STEWARD", asset.steward))
    owners = [ownership_dataset.Owner(name, role) for role, name in people if name]
    if owners:
        facets["ownership"] = ownership_dataset.OwnershipDatasetFacet(owners, producer=PRODUCER)


def _upstream(asset: Asset) -> list[str]:
    """Return the objects that an asset reads, each once, in the order in which SAP names them."""
    models = (f"{source.target_space}.{source.target}" for source in asset.model_sources)
    return list(dict.fromkeys((*asset.lineage, *models)))


def _carried_columns(
    entry: Entry, estate: LineageNaming
) -> column_lineage_dataset.ColumnLineageDatasetFacet:
    """Return that each Glue column is one column of the asset, unchanged."""
    pairs = ((column.name, sap_name(column)) for column in all_columns(entry.table))
    return _lineage_of(
        {
            glue: [_from(estate, entry.source, sap, _IDENTITY)]
            for glue, sap in pairs
            if sap is not None
        }
    )


def _computed_columns(
    asset: Asset, estate: LineageNaming
) -> column_lineage_dataset.ColumnLineageDatasetFacet | None:
    """Return where the columns of a model come from, None where it does not say."""
    fields = {
        element.name: [
            _from(estate, f"{space}.{name}", column, _transformation(element))
            for space, name, column in element.sources
        ]
        for element in asset.elements
        if element.sources
    }
    return _lineage_of(fields) if fields else None


def _transformation(element: Element) -> column_lineage_dataset.Transformation:
    if element.formula:
        return _COMPUTATION
    return _AGGREGATION if element.aggregation else _IDENTITY


def _lineage_of(
    fields: dict[str, list[column_lineage_dataset.InputField]],
) -> column_lineage_dataset.ColumnLineageDatasetFacet:
    return column_lineage_dataset.ColumnLineageDatasetFacet(
        {name: column_lineage_dataset.Fields(inputs) for name, inputs in fields.items()},
        dataset=None,
        producer=PRODUCER,
    )


def _from(
    estate: LineageNaming, name: str, column: str, how: column_lineage_dataset.Transformation
) -> column_lineage_dataset.InputField:
    return column_lineage_dataset.InputField(estate.namespace, name, column, [how])


def _field(
    place: int, name: str, kind: str | None, description: str | None
) -> schema_dataset.SchemaDatasetFacetFields:
    return schema_dataset.SchemaDatasetFacetFields(
        name, kind, description, ordinal_position=place, fields=None
    )


def _said_type(column: Column) -> str | None:
    return dict(column.parameters).get(_TYPE)


def _dataset_type(kind: str, detail: str) -> dataset_type_dataset.DatasetTypeDatasetFacet:
    return dataset_type_dataset.DatasetTypeDatasetFacet(kind, detail, producer=PRODUCER)


def _data_source(name: str, uri: str) -> datasource_dataset.DatasourceDatasetFacet:
    return datasource_dataset.DatasourceDatasetFacet(name, uri, producer=PRODUCER)


def _job_type(integration: str, kind: str) -> job_type_job.JobTypeJobFacet:
    return job_type_job.JobTypeJobFacet("BATCH", integration, kind, producer=PRODUCER)
