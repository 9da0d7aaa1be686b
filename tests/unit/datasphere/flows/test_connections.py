"""The list of connections: names and sorts, and what is refused as a list."""

from typing import Any

import pytest

from datasphere_glue.datasphere.flows.connections import read_connections
from datasphere_glue.errors import DocumentError

ROW = {"name": "ERP", "businessName": "Core", "typeId": "ABAP", "creator": "AA"}


@pytest.mark.parametrize("page", [[ROW], {"value": [ROW]}])
def test_a_page_gives_name_and_sort(page: Any) -> None:
    assert read_connections(page) == {"ERP": "ABAP"}


def test_a_row_without_a_sort_still_proves_the_connection() -> None:
    assert read_connections([{"name": "A"}, {"name": "B", "typeId": 1}]) == {"A": None, "B": None}


@pytest.mark.parametrize("page", [None, {}, "x", {"value": {}}, [1], [{}], [{"name": ""}]])
def test_anything_else_is_no_list(page: Any) -> None:
    with pytest.raises(DocumentError):
        read_connections(page)
