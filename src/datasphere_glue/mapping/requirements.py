"""Business rules: fields that assets and columns must have."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from fnmatch import fnmatchcase

from datasphere_glue.model.asset import Asset
from datasphere_glue.model.issue_codes import IssueCode
from datasphere_glue.model.issues import Issue


@dataclass(frozen=True, slots=True)
class Requirement:
    """Fields that assets, and their columns, must have.

    `asset`: glob over `SPACE.asset`.
    `fields`: fields of the asset that must not be empty.
    `columns`: fields that must not be empty in any column.
    `halts`: True when a run writes nothing while an asset lacks one.
    """

    asset: str
    fields: tuple[str, ...] = ()
    columns: tuple[str, ...] = ()
    halts: bool = False


def check_requirements(
    assets: Iterable[Asset], requirements: tuple[Requirement, ...]
) -> tuple[tuple[Issue, ...], tuple[Issue, ...]]:
    """Return the issues of unmet requirements: warnings, and those that stop the run."""
    warnings: list[Issue] = []
    halting: list[Issue] = []
    for asset in assets if requirements else ():
        subject = f"{asset.space}.{asset.name}"
        for rule in requirements:
            if fnmatchcase(subject, rule.asset) and (missing := list(_missing(asset, rule))):
                code = IssueCode.RULE_REFUSED if rule.halts else IssueCode.REQUIREMENT_UNMET
                issue = Issue(
                    code,
                    f"{subject} lacks {'; '.join(missing)}",
                    space=asset.space,
                    asset=asset.name,
                )
                (halting if rule.halts else warnings).append(issue)
    return tuple(warnings), tuple(halting)


def _missing(asset: Asset, rule: Requirement) -> Iterator[str]:
    absent = [field for field in rule.fields if not getattr(asset, field)]
    if absent:
        yield ", ".join(absent)
    for field in rule.columns:
        columns = [element.name for element in asset.elements if not getattr(element, field)]
        if columns:
            yield f"{field} of {', '.join(columns)}"
