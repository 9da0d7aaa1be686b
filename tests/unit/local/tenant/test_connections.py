"""The list of connections: a bare array, ten rows at a time."""

from collections.abc import Callable
from dataclasses import replace

import requests

from local.tenant.embedded import EmbeddedTenant

Ask = Callable[..., requests.Response]

SPACES = "/api/v1/datasphere/spaces"


def test_rows_have_name_and_sort(company: EmbeddedTenant, ask: Ask) -> None:
    rows = ask(company, f"{SPACES}/LOGISTICS/connections").json()
    assert [(row["name"], row["typeId"]) for row in rows] == [("ECC_WEST", "ABAP"), ("LAKE", "S3")]


def test_the_list_is_paged(company: EmbeddedTenant, ask: Ask) -> None:
    space = company.spaces.space("SALES")
    assert space is not None
    many = tuple({"name": f"C_{at}"} for at in range(25))
    company.spaces.add_space(replace(space, connections=many))
    path = f"{SPACES}/SALES/connections"
    assert len(ask(company, path).json()) == 10
    assert len(ask(company, f"{path}?top=20&skip=10").json()) == 15
    assert ask(company, f"{path}?top=20&skip=25").json() == []
    assert ask(company, f"{path}?top=x").status_code == 400


def test_other_spaces_and_paths_have_none(company: EmbeddedTenant, ask: Ask) -> None:
    assert ask(company, f"{SPACES}/HR/connections").status_code == 403
    assert ask(company, f"{SPACES}/NOWHERE/connections").status_code == 404
    assert ask(company, f"{SPACES}/SALES/others").status_code == 404
