"""The same facts in another form: no write of its own, but together with another one."""

from dataclasses import replace

import pytest

from datasphere_glue.model.applied import PARAMETERS, applied_digests
from datasphere_glue.model.table import Column, CurrentTable, Table, canonical_json, parameters
from datasphere_glue.plan.merge import initial_table
from datasphere_glue.plan.policy import Policy, UpgradePolicy
from datasphere_glue.plan.tables import plan_table
from datasphere_glue.plan.upgrades import same_facts
from tests.unit.samples import POLICY, plain_table


def wide(label: str = "Label", columns: int = 900) -> Table:
    made = (
        Column(f"column_{n:04}", "string", f"{label} {n}", parameters({"datasphere.name": f"C{n}"}))
        for n in range(columns)
    )
    return replace(plain_table("v_wide"), columns=tuple(made))


def of_earlier_version(desired: Table) -> Table:
    """Return the table as versions before the short form wrote it: digests by path, a few less."""
    digests = applied_digests(initial_table(desired))
    kept = {path: value for path, value in digests.items() if not path.endswith(PARAMETERS)}
    return desired.with_parameters(applied=canonical_json(kept))


@pytest.mark.parametrize("policy", list(UpgradePolicy))
def test_digests_in_another_form_are_written_on_request_only(policy: UpgradePolicy) -> None:
    current = CurrentTable(of_earlier_version(wide()), "7")

    change = plan_table(wide(), current, replace(POLICY, form=policy)).change

    assert (change is None) is (policy is UpgradePolicy.HOLD)


@pytest.mark.parametrize("policy", [POLICY, replace(POLICY, form=UpgradePolicy.APPLY)])
def test_another_change_takes_the_new_form_along(policy: Policy) -> None:
    current = CurrentTable(of_earlier_version(wide()), "7")

    change = plan_table(wide("Other"), current, policy).change

    assert change is not None
    assert change.after == initial_table(wide("Other"))
    again = CurrentTable(change.after, "8")
    assert plan_table(wide("Other"), again, policy).change is None


def test_lost_or_other_digests_are_no_other_form() -> None:
    """Without them, an edit would not be told from a change of the source."""
    table = initial_table(wide(columns=5))
    digests = applied_digests(table)
    fewer = {p: d for p, d in digests.items() if p != "columns.column_0001.comment"}
    other = digests | {"description": "00000000"}

    for stored in (fewer, other, {}):
        current = table.with_parameters(applied=canonical_json(stored))
        assert not same_facts(current, table)
        assert plan_table(wide(columns=5), CurrentTable(current, "7"), POLICY).change


def test_other_facts_are_no_other_form() -> None:
    assert not same_facts(of_earlier_version(wide()), initial_table(wide("Other")))
