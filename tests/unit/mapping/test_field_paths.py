"""The paths of fields that a policy can name are those that sync writes."""

import pytest

from datasphere_glue.mapping.entries import matches_any
from datasphere_glue.mapping.field_paths import field_paths
from datasphere_glue.mapping.tables import to_tables
from datasphere_glue.model.applied import APPLIED
from datasphere_glue.model.listing import SpaceListing
from datasphere_glue.model.table import Catalog
from datasphere_glue.plan.fields import FINGERPRINT, owned_digests
from tests.golden.everything import EVERYTHING
from tests.unit.samples import RULES


@pytest.mark.parametrize(
    ("pattern", "exists"),
    [
        ("description", True),
        ("*", True),
        ("columns.*.comment", True),
        ("columns.*", True),
        ("columns.net_amount.parameters.datasphere.label", True),
        ("partition_keys.?.type", True),
        ("parameters.datasphere.*", True),
        ("rest.StorageDescriptor.Location", True),
        ("rest.StorageDescriptor.SerdeInfo.Parameters.*", True),
        ("descripton", False),
        ("column.*.comment", False),
        ("columns.*.coment", False),
        ("parameters.datasphere.onwer", False),
        ("Description", False),
    ],
)
def test_whether_a_pattern_names_a_field(pattern: str, *, exists: bool) -> None:
    assert matches_any(pattern, field_paths(pattern)) is exists


def test_every_field_that_sync_writes_can_be_named() -> None:
    listing = SpaceListing(EVERYTHING.space, assets=(EVERYTHING,))
    (table,) = to_tables((listing,), RULES, Catalog())[0].tables
    derived = {f"parameters.{APPLIED}", f"parameters.{FINGERPRINT}"}

    for path in set(owned_digests(table, ())) - derived:
        assert matches_any(path, field_paths(path)), path
