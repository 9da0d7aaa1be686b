"""Business rules: what an asset must say before it is fit for a catalog."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from fnmatch import fnmatchcase

from datasphere_glue.model.asset import Asset
from datasphere_glue.model.issue_codes import IssueCode
from datasphere_glue.model.issues import Issue


@dataclass(frozen=True, slots=True)
class Requirement:
    """Which fields the assets of a glob over `SPACE.asset` must have, and their columns.

    With `halts` a run that meets an asset without them writes nothing.
    """

    asset: str
    fields: tuple[str, ...] = ()
    columns: tuple[str, ...] = ()
    halts: bool = False


def check_requirements(
    assets: Iterable[Asset], requirements: tuple[Requirement, ...]
) -> tuple[tuple[Issue, ...], tuple[Issue, ...]]:
    """Return what is missing: what is only told, and what stops the run."""
    warned: list[Issue] = []
    halting: list[Issue] = []
    for asset in assets if requirements else ():
        subject = f"{asset.space}.{asset.name}"
        for rule in requirements:
            if fnmatchcase(subject, rule.asset) and (missing := list(_missing(asset, rule))):
                code = IssueCode.RULE_REFUSED if rule.halts else IssueCode.REQUIREMENT_UNMET
                issue = Issue(
                    code,
                    f"{subject} lacks {'; '.join(missing)}",
                    "complete it in Datasphere, or in `context` of the mapping configuration",
                    space=asset.space,
                    asset=asset.name,
                )
                (halting if rule.halts else warned).append(issue)
    return tuple(warned), tuple(halting)


def _missing(asset: Asset, rule: Requirement) -> Iterator[str]:
    absent = [field for field in rule.fields if not getattr(asset, field)]
    if absent:
        yield ", ".join(absent)
    for field in rule.columns:
        columns = [element.name for element in asset.elements if not getattr(element, field)]
        if columns:
            yield f"{field} of {', '.join(columns)}"
