"""The issues that reading a tenant can yield, one function for each message."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from datasphere_glue.errors import (
    ListingIncomplete,
    OutOfTime,
    SpaceForbidden,
    SyncError,
    first_few,
)
from datasphere_glue.model.asset import Kind
from datasphere_glue.model.auxiliary import AuxiliaryKind
from datasphere_glue.model.issue_codes import IssueCode
from datasphere_glue.model.issues import Issue
from datasphere_glue.model.near_names import near_name

_SHOWN: Final = 20
"""Names that a message lists at most."""


def space_forbidden(space: str, error: SpaceForbidden) -> Issue:
    """Return the issue of a space that the technical user may not read."""
    return Issue(
        error.code,
        f"space {space} may not be read: {error.message}",
        f"make the technical user a member of space {space} with a scoped DW Viewer role",
        space=space,
    )


def space_incomplete(space: str, cause: ListingIncomplete | OutOfTime) -> Issue:
    """Return the issue of a space whose list of assets has no proven end."""
    message = f"the assets of space {space} were not read to the end: {cause.message}"
    return Issue(cause.code, message, cause.remedy, space=space)


def space_not_listed(space: str, listed: Iterable[str]) -> Issue:
    """Return the issue of a requested space that is not among the listed ones."""
    near = near_name(space.partition(".")[0], listed)  # a space holds no dot, but an asset may
    hint = f"; did you mean {near}?" if near else ""
    return Issue(
        IssueCode.SPACE_NOT_LISTED,
        f"space {space} was requested, but the tenant does not list it{hint}",
        space=space,
    )


def not_deployed(space: str, names: list[str]) -> Issue:
    """Return the issue of objects that are left out until they are deployed."""
    message = f"not deployed in space {space}, so left out: {first_few(names, _SHOWN)}"
    return Issue(IssueCode.NOT_DEPLOYED, message, space=space)


def export_unreadable(name: str, error: SyncError) -> Issue:
    """Return the issue of an exported file, or of their place, that cannot be used."""
    message = f"the exported file {name} was left out: {error.message}"
    return Issue(IssueCode.EXPORT_UNREADABLE, message)


def export_unplaced(names: list[str]) -> Issue:
    """Return the issue of exported files that name no space of the tenant."""
    message = f"exported files that name no space were left out: {first_few(names, _SHOWN)}"
    return Issue(IssueCode.EXPORT_UNPLACED, message)


def annotations_kept(space: str, counts: Mapping[str, int]) -> Issue:
    """Return the issue of annotations without an interpretation, counted by term."""
    terms = [f"{term} ({count})" for term, count in sorted(counts.items())]
    return Issue(
        IssueCode.ANNOTATIONS_KEPT,
        f"annotations of space {space} without an interpretation, kept under datasphere.custom:"
        f" {first_few(terms, _SHOWN)}",
        space=space,
    )


def object_list_incomplete(space: str, kind: Kind, error: SyncError) -> Issue:
    """Return the issue of a list of the object API that was not read to its end."""
    return Issue(
        error.code,
        f"the list of {kind.replace('_', ' ')}s of space {space} was not read to its end:"
        f" {error.message}",
        error.remedy,
        space=space,
    )


def definitions_unavailable(space: str, reason: str) -> Issue:
    """Return the issue of a space in which the object API refuses the technical user."""
    return Issue(
        IssueCode.DEFINITIONS_UNAVAILABLE,
        f"definitions of space {space} are not available, so only OData is used: {reason}",
        space=space,
    )


def definitions_forbidden(space: str, names: list[str], reason: str) -> Issue:
    """Return the issue of single objects whose definition the tenant refuses."""
    return definitions_unavailable(space, f"{reason} (so for {first_few(names, _SHOWN)})")


def definitions_missing(space: str, names: list[str]) -> Issue:
    """Return the issue of objects for which the tenant has no definition."""
    return Issue(
        IssueCode.DEFINITION_MISSING,
        f"the tenant has no definition of these objects of space {space}:"
        f" {first_few(names, _SHOWN)}",
        space=space,
    )


def definition_unreadable(space: str, name: str, error: SyncError) -> Issue:
    """Return the issue of an asset whose definition failed, so that only OData was used."""
    return Issue(
        IssueCode.DEFINITION_UNREADABLE,
        f"{space}.{name}: its definition could not be read, only OData was: {error.message}",
        error.remedy,
        space=space,
        asset=name,
    )


def definition_in_part(space: str, name: str, notes: Iterable[str]) -> Issue:
    """Return the issue of an asset whose definition was not read in full."""
    return _in_part(IssueCode.DEFINITION_IN_PART, space, name, notes)


def metadata_in_part(space: str, name: str, notes: Iterable[str]) -> Issue:
    """Return the issue of an asset whose `$metadata` was not read in full."""
    return _in_part(IssueCode.METADATA_IN_PART, space, name, notes)


def metadata_unreadable(space: str, name: str, error: SyncError) -> Issue:
    """Return the issue of an asset that was read without its `$metadata`, or a form of it."""
    return Issue(
        IssueCode.METADATA_UNREADABLE,
        f"{space}.{name}: its $metadata is broken, the rest was read without it: {error.message}",
        space=space,
        asset=name,
    )


def auxiliary_refused(
    space: str, kind: AuxiliaryKind, error: SyncError, names: Sequence[str] = ()
) -> Issue:
    """Return the issue of a list, or of the documents of objects, that the tenant refuses."""
    what = _auxiliary(kind, names)
    return Issue(
        IssueCode.OBJECTS_REFUSED,
        f"{what} of space {space} are not available: {error.message}",
        space=space,
    )


def auxiliary_unread(
    space: str, kind: AuxiliaryKind, error: SyncError, names: Sequence[str] = ()
) -> Issue:
    """Return the issue of a list, or of the documents of objects, that could not be read."""
    what = _auxiliary(kind, names)
    return Issue(
        error.code if isinstance(error, OutOfTime) else IssueCode.OBJECTS_UNREAD,
        f"{what} of space {space} were not read to their end, tables keep what they hold of"
        f" them: {error.message}",
        space=space,
    )


def auxiliary_in_part(space: str, kind: AuxiliaryKind, name: str, notes: Iterable[str]) -> Issue:
    """Return the issue of a flow, chain or access control that was not understood in full."""
    text = "; ".join(dict.fromkeys(notes))
    word = kind.replace("_", " ")
    return Issue(IssueCode.OBJECT_IN_PART, f"{word} {space}.{name}: {text}", space=space)


def _auxiliary(kind: AuxiliaryKind, names: Sequence[str]) -> str:
    """Return the objects of a kind as words, all of them or those with a name."""
    words = f"{kind.replace('_', ' ')}s"
    return f"{words} {first_few(names, _SHOWN)}" if names else words


def asset_unread(space: str, name: str, error: SyncError) -> Issue:
    """Return the issue of an asset that could not be read."""
    message = f"{space}.{name}: {error.message}"
    return Issue(error.code, message, error.remedy, space=space, asset=name)


def _in_part(code: IssueCode, space: str, name: str, notes: Iterable[str]) -> Issue:
    text = "; ".join(dict.fromkeys(notes))
    return Issue(code, f"{space}.{name}: {text}", space=space, asset=name)
