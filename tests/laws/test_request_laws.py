"""No request to Glue exceeds a limit of its API model, for any content of a tenant."""

from hypothesis import given

from datasphere_glue.glue.table_input import database_input, table_from_glue, table_input
from datasphere_glue.model.listing import SpaceListing
from datasphere_glue.model.request_body import MAX_BODY, request_body
from datasphere_glue.model.table import Catalog
from datasphere_glue.plan.change import Plan
from local.catalog.limits import check
from local.catalog.types import column_type_is_valid
from tests.effort import examples
from tests.laws import strategies
from tests.laws.test_plan_laws import planned, synced


def check_requests(plan: Plan) -> None:
    """Check every create and update of a plan against the lengths and patterns of the model."""
    for database in plan.databases:
        check("CreateDatabase", {"DatabaseInput": database_input(database.after)})
    for change in plan.tables:
        assert change.after is not None
        body = table_input(change.after)
        check("CreateTable", {"DatabaseName": change.database, "TableInput": body})
        assert len(request_body(body)) < MAX_BODY
        columns = body["StorageDescriptor"]["Columns"]
        assert all(column_type_is_valid(column["Type"]) for column in columns)
        assert len({column["Name"].lower() for column in columns}) == len(columns)
        assert body["PartitionKeys"] == []


@given(strategies.listings())
@examples(40)
def test_every_creation_is_within_the_limits(listings: tuple[SpaceListing, ...]) -> None:
    """Glue API model: names and comments on one line, comments 255, descriptions 2048, ..."""
    check_requests(planned(listings, Catalog()))


@given(strategies.listings(), strategies.listings())
@examples(25)
def test_every_update_and_deprecation_is_within_the_limits(
    before: tuple[SpaceListing, ...], after: tuple[SpaceListing, ...]
) -> None:
    check_requests(planned(after, synced(before)))


@given(strategies.listings())
@examples(25)
def test_a_table_read_from_glue_equals_the_written_one(listings: tuple[SpaceListing, ...]) -> None:
    for change in planned(listings, Catalog()).tables:
        assert change.after is not None
        body = table_input(change.after) | {"DatabaseName": change.database}

        read = table_from_glue(body).table

        assert table_input(read) == table_input(change.after)
        assert read.parameters == change.after.parameters
