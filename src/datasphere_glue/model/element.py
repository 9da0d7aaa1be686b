"""One column of an asset with its semantics."""

from dataclasses import dataclass

from datasphere_glue.model.sap_type import SapType


@dataclass(frozen=True, slots=True)
class Origin:
    """A column that another column or a condition is made from.

    `object`: the object that holds it, as `SPACE.object`.
    `how`: `direct`, `renamed`, `computed` or `aggregated`; for a condition `filter`, `join`,
        `group` or `sort`.
    """

    object: str
    column: str
    how: str


@dataclass(frozen=True, slots=True)
class EnumValue:
    """One value that a column may have, with the name and the texts that its type gives."""

    name: str
    value: str | None = None
    label: str | None = None
    description: str | None = None


@dataclass(frozen=True, slots=True)
class Element:
    """One column of an asset.

    `name`: exact technical name.
    `type`: type that consumers read.
    `key`, `dimension`, `measure`, `attribute`: roles of the column.
    `nullable`: True when the column can be empty.
    `is_text`, `is_currency`, `is_unit`: True when the column itself holds such content.
    `aggregation`: aggregation of a measure.
    `currency`, `unit`, `text`: name of the column that holds the currency, unit or text.
    `association`: association of this asset that the column is a foreign key of.
    `semantics`: SAP terms, such as `IsCalendarDate`.
    `custom`: (term, value) of annotations that no other field holds.
    `text_association`: association that leads to texts.
    `measure_type`: SAP's word: `BASE`, `RESTRICTION` or `CALCULATION`.
    `formula`: expression of a calculated or restricted measure.
    `hidden`: True when Datasphere hides the column from consumers.
    `sources`: source columns in an analytic model, as (space, object, column).
    `modelled_type`: type that the modeller chose, where it differs from `type`.
    `owner`, `steward`, `certification`, `tags`, `terms`: governance of the column.
    `currency_value`, `unit_value`: a currency or unit that is the same in all rows.
    `default`: default value, or the expression that gives it.
    `values`: values of an enumeration.
    `value_range`: (word, value) of the bounds of a number, such as `minimum`.
    `value_help`: (word, value) of the object or association that lists the values.
    `heading`: text for the head of a column in a report.
    `hint`: advice for programs that read the column on behalf of people.
    `further_texts`: text columns after the one that `text` names.
    `spatial`: (word, value) of how coordinates are handled.
    `integration`: (word, value) of the part that a column has in data integration.
    `native_type`: type in the remote source.
    `lineage`: columns that it is made from, one entry for each.
    `measure_kind`: SAP's word of the business layer, such as `CountDistinctMeasure`.
    `exception_aggregation`, `exception_columns`: aggregation along these columns.
    `distinct_columns`: columns whose distinct values a measure counts.
    `conversion`: (word, value) of a currency or unit conversion.
    `non_additive`: True when the values of a measure cannot be added up.
    `personal_data`: (term, value) of SAP's vocabulary of personal data.
    `release`: (word, value) with the words `state`, `successor` and `decommissioning`.
    `relationship`: (term, value) of SAP's vocabulary of entity relationships.
    `unread`: what of the column could not be read, in words; None when nothing was left out.
    """

    name: str
    type: SapType
    label: str | None = None
    description: str | None = None
    key: bool = False
    nullable: bool | None = None
    dimension: bool = False
    measure: bool = False
    attribute: bool = False
    is_text: bool = False
    is_currency: bool = False
    is_unit: bool = False
    aggregation: str | None = None
    currency: str | None = None
    unit: str | None = None
    text: str | None = None
    association: str | None = None
    semantics: tuple[str, ...] = ()
    custom: tuple[tuple[str, str], ...] = ()
    text_association: str | None = None
    measure_type: str | None = None
    formula: str | None = None
    hidden: bool = False
    sources: tuple[tuple[str, str, str], ...] = ()
    modelled_type: SapType | None = None
    owner: str | None = None
    steward: str | None = None
    certification: str | None = None
    tags: tuple[str, ...] = ()
    terms: tuple[str, ...] = ()
    currency_value: str | None = None
    unit_value: str | None = None
    default: str | None = None
    values: tuple[EnumValue, ...] = ()
    native_type: str | None = None
    lineage: tuple[Origin, ...] = ()
    measure_kind: str | None = None
    exception_aggregation: str | None = None
    exception_columns: tuple[str, ...] = ()
    distinct_columns: tuple[str, ...] = ()
    conversion: tuple[tuple[str, str], ...] = ()
    non_additive: bool = False
    personal_data: tuple[tuple[str, str], ...] = ()
    release: tuple[tuple[str, str], ...] = ()
    relationship: tuple[tuple[str, str], ...] = ()
    value_range: tuple[tuple[str, str], ...] = ()
    value_help: tuple[tuple[str, str], ...] = ()
    heading: str | None = None
    hint: str | None = None
    further_texts: tuple[str, ...] = ()
    spatial: tuple[tuple[str, str], ...] = ()
    integration: tuple[tuple[str, str], ...] = ()
    unread: str | None = None
