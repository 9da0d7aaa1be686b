"""Maps the assets of a space to the database and tables that Glue shall hold.

The mapping is total: every asset becomes a table or a note.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from fnmatch import fnmatchcase
from hashlib import sha256
from types import MappingProxyType
from typing import Final, assert_never

from datasphere_glue.mapping import text
from datasphere_glue.mapping.auxiliary import auxiliary_facts
from datasphere_glue.mapping.bindings import LOSS, apply_bindings
from datasphere_glue.mapping.column_claims import MAPPING, column_claims
from datasphere_glue.mapping.column_claims import PREFIX as PREFIX_OF_COLUMNS
from datasphere_glue.mapping.consumption import unconsumed_assets
from datasphere_glue.mapping.context import column_context, table_context
from datasphere_glue.mapping.databases import database_names
from datasphere_glue.mapping.governance import apply_governance
from datasphere_glue.mapping.json_texts import UNTYPED, canonical
from datasphere_glue.mapping.names import (
    GlueName,
    distinct_label,
    glue_names,
)
from datasphere_glue.mapping.ownership import Record, claims_of, no_record
from datasphere_glue.mapping.raw_types import raw_type
from datasphere_glue.mapping.requirements import check_requirements
from datasphere_glue.mapping.rules import Rules
from datasphere_glue.mapping.size_limit import fit_to_limit
from datasphere_glue.mapping.types import GlueType, glue_type
from datasphere_glue.model.asset import Asset, Kind
from datasphere_glue.model.element import Element
from datasphere_glue.model.glue_keys import table_key
from datasphere_glue.model.issue_codes import IssueCode
from datasphere_glue.model.issues import Issue
from datasphere_glue.model.key import PREFIX
from datasphere_glue.model.listing import SpaceListing
from datasphere_glue.model.odata_name import callable_by, renamed
from datasphere_glue.model.spelling import respelled
from datasphere_glue.model.table import (
    MANAGED_BY,
    Catalog,
    Column,
    Database,
    Desired,
    Parameters,
    Table,
    parameters,
)

CLASSIFICATION: Final = "sap-datasphere"
DEFINED: Final = "csn"
LISTED: Final = "listing"
"""Words of `datasphere.provenance` for definitions and for the list of objects."""

_KIND: Final = table_key("kind")
GOVERNED: Final = "governed_by"
"""Key of the digest of the rules that gave an asset its business context."""


def to_tables(
    listings: Iterable[SpaceListing], rules: Rules, catalog: Catalog
) -> tuple[Desired, ...]:
    """Return what Glue shall hold, one value per space, in the order of the listings.

    `catalog` is the current content of Glue: existing tables and columns keep their names.
    """
    spaces = tuple(listings)
    databases = database_names([listing.space for listing in spaces], rules, catalog)
    return tuple(
        space_tables(listing, databases[listing.space], rules, catalog) for listing in spaces
    )


def space_tables(  # noqa: PLR0913 - both sides of a space, and what is on record
    listing: SpaceListing,
    database: str,
    rules: Rules,
    catalog: Catalog,
    record: Record = no_record,
    *,
    former: Mapping[str, Table] = MappingProxyType({}),
) -> Desired:
    """Return the content of one space for the given database.

    `record` shows which tables we wrote, where the catalog alone leaves that open. `former` are
    the tables in another database that the space moves from, by their assets: their columns keep
    their names, and what an earlier run read from a definition is not lost.
    """
    hosts = rules.hosts
    current = {
        entry.table.name: entry.table
        for entry in catalog.tables
        if entry.table.database == database and entry.table.written_from(hosts)
    }
    assets = [apply_governance(asset, rules.governance) for asset in listing.assets]
    listed = listing.listed | {asset.name for asset in assets}
    claims = claims_of(replace(listing, listed=listed), database, catalog.tables, rules, record)
    names = _table_names(listed, current, claims.holders, _affixes(assets, rules))
    own_tables = [table for name, table in current.items() if name not in claims.copies]
    own_tables += former.values()
    warnings, halting = check_requirements(assets, rules.requirements)
    held_back = _assets_held_back(listing, own_tables)
    unconsumed = unconsumed_assets(listing, own_tables)
    losing = unconsumed.held | {one.name for one in assets if unconsumed.loses(one)}
    auxiliary = auxiliary_facts(listing, own_tables)
    built = [
        _table(
            asset
            if asset.name in listing.held_back
            else auxiliary.completed(unconsumed.completed(asset)),
            database,
            names[asset.name],
            rules,
            current.get(names[asset.name]) or former.get(asset.name),
        )
        for asset in assets
        if asset.name not in held_back | unconsumed.held
    ]
    return Desired(
        space=listing.space,
        database=_database(listing, database, rules),
        tables=tuple(sorted((table for table, _ in built), key=lambda table: table.name)),
        present=listed,
        complete=listing.complete,
        notes=(*listing.notes, *warnings, *(note for _, notes in built for note in notes)),
        objections=halting,
        unproven=frozenset(map(str, listing.unproven)),
        held=(
            *(_definition_lost(listing.space, name) for name in sorted(held_back)),
            *(
                issue
                for name, issue in sorted(unconsumed.issues.items())
                if name in losing - held_back
            ),
            *claims.issues,
        ),
        copies=claims.copies,
        respelled=claims.respelled,
    )


def _assets_held_back(listing: SpaceListing, current: Iterable[Table]) -> frozenset[str]:
    """Return the assets whose tables would lose content that an earlier run read."""
    read = {asset.name for asset in listing.assets}
    unread = {issue.asset for issue in listing.unread}
    held_back = set()
    for table in current:
        space, name = table.asset
        if space != listing.space or table.deprecated or name in unread:
            continue
        undefined = name in listing.undefined and DEFINED in table.sources
        unlisted = name in listing.unlisted and LISTED in table.sources
        withheld = table.parameter(_KIND) in listing.withheld and not table.exposed
        if undefined or unlisted or (withheld and name not in read):
            held_back.add(name)
    return frozenset(held_back)


def _definition_lost(space: str, name: str) -> Issue:
    return Issue(
        IssueCode.DEFINITION_LOST,
        f"{space}.{name}: its definition, or its entry in the list of objects, was read before and"
        " cannot be read now; the table was left as it is",
        space=space,
        asset=name,
    )


def _affixes(assets: Iterable[Asset], rules: Rules) -> dict[str, tuple[str, str]]:
    """Return (prefix, suffix) of the table of each asset, by the kind of the asset."""
    prefixes, suffixes = dict(rules.prefixes), dict(rules.suffixes)
    return {a.name: (prefixes.get(a.kind, ""), suffixes.get(a.kind, "")) for a in assets}


def _table_names(
    listed: Iterable[str],
    current: Iterable[str],
    holders: Mapping[str, str],
    affixes: Mapping[str, tuple[str, str]],
) -> dict[str, GlueName]:
    labels = _table_labels(frozenset(listed), affixes)
    name_by_label = {labels[asset]: name for asset, name in holders.items() if asset in labels}
    taken = set(current) - set(name_by_label.values())
    names = glue_names(labels.values(), "t_", name_by_label, taken)
    return {asset: names[label] for asset, label in labels.items()}


def _table_labels(listed: frozenset[str], affixes: Mapping[str, tuple[str, str]]) -> dict[str, str]:
    """Return the label that each table is named after, different for each asset."""
    labels = {asset: asset.join(affixes.get(asset, ("", ""))) for asset in listed}
    uses = Counter(labels.values())
    return {
        asset: label if uses[label] == 1 else distinct_label(label, asset)
        for asset, label in labels.items()
    }


def _database(listing: SpaceListing, name: str, rules: Rules) -> Database:
    pairs = {
        "managed_by": MANAGED_BY,
        "tenant": rules.tenant,
        "space": listing.space,
        "label": text.storable(listing.label) if listing.label else None,
    }
    return Database(
        name=name,
        description=text.description(listing.label, None),
        parameters=_with_prefix({key: value for key, value in pairs.items() if value}),
    )


def _table(
    asset: Asset, database: str, name: GlueName, rules: Rules, current: Table | None
) -> tuple[Table, tuple[Issue, ...]]:
    """Return the table of an asset, and its notes; columns keep their names in the current one."""
    claims = column_claims(current, {element.name for element in asset.elements})
    columns = _column_names(asset, claims.held)
    contexts = [column_context(element) for element in asset.elements]
    places = dict(_places(asset)) if rules.columns else {}
    built = [
        _column(element, columns[element.name], rules, column_pairs, places.get(element.name, ()))
        for element, column_pairs in zip(asset.elements, contexts, strict=True)
    ]
    mapping, unmapped = _column_mapping(columns)
    context = table_context(asset)
    source = {
        "managed_by": MANAGED_BY,
        "tenant": rules.tenant,
        "space": asset.space,
        "name": asset.name,
        "kind": str(asset.kind),
        "status": "active",
        "fingerprint": _digest(asset, context, contexts),
        **(
            {GOVERNED: digest}
            if (digest := rules.governance.digest(asset.space, asset.name))
            else {}
        ),
        **context,
    }
    own = {
        "classification": CLASSIFICATION,
        "typeOfData": _type_of_data(asset.kind),
        "sourceTable": text.storable(asset.name),
        **({MAPPING: mapping} if mapping else {}),
    }
    full = Table(
        database=database,
        name=name,
        columns=tuple(built),
        description=text.description(*_texts(asset, rules.description)),
        parameters=parameters({**own, **dict(_with_prefix(source))}),
    )
    cut = [
        element.name
        for element, column in zip(asset.elements, full.columns, strict=True)
        if text.is_cut(_last(_texts(element, rules.comment)), column.comment)
    ]
    bound = apply_bindings(full, rules.bindings)
    table, shortened = fit_to_limit(bound, current, rules.watches)
    forged = _forged(table, claims.forged)
    return table, (*forged, *_notes(bound, cut, unmapped, shortened))


def _forged(table: Table, columns: tuple[str, ...]) -> tuple[Issue, ...]:
    """Return the issue of columns whose marker names another column, or none of the asset."""
    if not columns:
        return ()
    space, asset = table.asset
    message = (
        f"{table.database}.{table.name}: datasphere.name of {', '.join(columns)} is not what"
        " datasphere-glue wrote; it was not believed, and the columns keep their names"
    )
    return (Issue(IssueCode.MARKER_FORGED, message, space=space, asset=asset),)


def _texts(thing: Asset | Element, names: Iterable[str]) -> list[str | None]:
    """Return the texts of the named fields."""
    return [getattr(thing, name) for name in names]


def fingerprint(asset: Asset) -> str:
    """Return the SHA-256 of the source content of an asset, independent of its form in Glue."""
    return _digest(asset, table_context(asset), [column_context(e) for e in asset.elements])


def _digest(asset: Asset, context: Mapping[str, str], columns: list[dict[str, str]]) -> str:
    content = [asset.space, asset.name, asset.kind, context, columns]
    return sha256(canonical(content).encode()).hexdigest()


def _column_names(asset: Asset, held: Mapping[str, str]) -> dict[str, GlueName]:
    current_names = dict(held)
    names = [element.name for element in asset.elements]
    gone, new = current_names.keys() - names, set(names) - current_names.keys()
    renames = respelled(gone, new)
    links = (link.name for link in asset.associations)
    renames |= renamed(gone - renames.keys(), new - {*renames.values()}, {*names, *links})
    for before, after in renames.items():
        current_names[after] = current_names.pop(before)
    return glue_names(names, PREFIX_OF_COLUMNS, current_names)


def _column(
    element: Element, name: str, rules: Rules, pairs: Mapping[str, str], places: Iterable[str]
) -> Column:
    override = _type_override(element, rules, places)
    kind = GlueType(override) if override else glue_type(element.type)
    loss = _loss(element, kind)
    return Column(
        name=name,
        type=kind.name,
        comment=text.comment(*_texts(element, rules.comment)),
        parameters=_with_prefix({**pairs, "loss": loss} if loss else pairs),
    )


def _loss(element: Element, kind: GlueType) -> str | None:
    """Return what a column lacks: what could not be read, then what its type cannot express."""
    if element.unread is None or element.type == UNTYPED:
        return text.storable(element.unread) if element.unread else kind.loss
    return text.storable("; ".join(filter(None, (element.unread, kind.loss))))


def _places(asset: Asset) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Yield each column with the texts by which a rule can name it, as `SPACE.asset.column`."""
    names = {element.name for element in asset.elements}
    for name in names:
        yield name, tuple(f"{asset.space}.{asset.name}.{n}" for n in callable_by(name, names))


def _type_override(element: Element, rules: Rules, places: Iterable[str]) -> str | None:
    for glob, kind in rules.columns:
        if any(fnmatchcase(place, glob) for place in places):
            return kind
    if not rules.types:
        return None
    types = dict(rules.types)
    return types.get(raw_type(element.type)) or types.get(element.type.name)


def _column_mapping(columns: Mapping[str, GlueName]) -> tuple[str, list[str]]:
    """Return `glue=SAP` pairs as Athena Federated Query splits them, and the names without one."""
    unmapped = sorted(name for name in columns if set(name) & {",", "="})
    pairs = (f"{glue}={sap}" for sap, glue in columns.items() if sap not in unmapped)
    return text.storable(",".join(sorted(pairs))), unmapped


def _with_prefix(pairs: Mapping[str, str]) -> Parameters:
    return parameters({PREFIX + key: value for key, value in pairs.items()})


def _notes(
    table: Table, cut: list[str], unmapped: list[str], shortened: tuple[str, ...]
) -> tuple[Issue, ...]:
    space, asset = table.asset
    columns = (*table.columns, *table.partition_keys)
    lossy = [column for column in columns if LOSS in dict(column.parameters)]
    notes = (
        (IssueCode.TYPE_LOSS, "types that Glue cannot express in full", [c.name for c in lossy]),
        (IssueCode.COMMENT_CUT, "comments cut at 255 bytes, full text in parameters", cut),
        (IssueCode.COLUMN_UNMAPPED, "names that columnMapping cannot hold", unmapped),
        (IssueCode.SHORTENED, "left out to stay below Glue's request size", list(shortened)),
    )
    return tuple(
        Issue(
            code,
            f"{what}: {', '.join(names)}",
            space=space,
            asset=asset,
        )
        for code, what, names in notes
        if names
    )


def _last(texts: Iterable[str | None]) -> str | None:
    """Return the last text, which is the one that a cut shortens."""
    return next((text for text in reversed(list(texts)) if text), None)


def _type_of_data(kind: Kind) -> str:
    match kind:
        case Kind.LOCAL_TABLE | Kind.REMOTE_TABLE:
            return "table"
        case Kind.VIEW | Kind.ANALYTIC_MODEL:
            return "view"
        case _:
            assert_never(kind)
