"""Business rules: missing fields are reported, with the asset and the consequence."""

from dataclasses import replace

from datasphere_glue.mapping.requirements import Requirement, check_requirements
from datasphere_glue.mapping.rules import Rules
from datasphere_glue.mapping.tables import to_tables
from datasphere_glue.model.asset import Asset, Kind, Usage
from datasphere_glue.model.element import Element
from datasphere_glue.model.sap_type import SapType
from datasphere_glue.model.table import Catalog
from tests.unit.samples import TENANT, asset, listing

BARE = Asset(
    "SALES",
    "V",
    Kind.VIEW,
    elements=(Element("A", SapType("cds.Date"), label="Day"), Element("B", SapType("cds.Date"))),
)


def messages(*rules: Requirement) -> tuple[list[str], list[str]]:
    warned, halting = check_requirements([BARE], rules)
    return [one.message for one in warned], [one.message for one in halting]


def test_without_rules_nothing_is_missing() -> None:
    assert check_requirements([BARE], ()) == ((), ())


def test_all_missing_fields_of_an_asset_are_one_message() -> None:
    rule = Requirement("SALES.*", ("label", "owner", "tags"), ("label", "description"))

    warned, halting = messages(rule)

    assert warned == ["SALES.V lacks label, owner, tags; label of B; description of A, B"]
    assert halting == []


def test_halting_rules_are_separate_from_warnings() -> None:
    warned, halting = check_requirements(
        [BARE], (Requirement("*", ("usage",)), Requirement("*", ("owner",), halts=True))
    )

    assert [(one.subject, one.code) for one in warned] == [("SALES.V", "REQUIREMENT_UNMET")]
    assert [(one.subject, one.code) for one in halting] == [("SALES.V", "RULE_REFUSED")]
    assert "context" in halting[0].remedy


def test_present_fields_and_other_assets_are_not_reported() -> None:
    complete = replace(BARE, owner="x", usage=Usage.FACT, tags=("t",))
    rules = (Requirement("SALES.*", ("owner", "usage", "tags")), Requirement("sales.*", ("label",)))

    assert check_requirements([complete], rules) == ((), ())


def test_requirements_apply_to_the_asset_with_its_overlay_and_reach_the_plan() -> None:
    rules = Rules(
        TENANT,
        requirements=(
            Requirement("*.V", ("steward",)),
            Requirement("*.W", ("steward",), halts=True),
        ),
    )

    (desired,) = to_tables([listing(asset("V"), asset("W"))], rules, Catalog())

    assert [note.subject for note in desired.notes] == ["SALES.V"]
    assert [issue.code for issue in desired.objections] == ["RULE_REFUSED"]
    assert [table.asset[1] for table in desired.tables] == ["V", "W"]
