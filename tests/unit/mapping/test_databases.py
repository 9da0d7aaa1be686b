"""The rule that identifies the databases of a tenant."""

from dataclasses import replace

import pytest

from datasphere_glue.mapping.databases import OurDatabases, database_candidates, database_names
from datasphere_glue.mapping.rules import Rules
from datasphere_glue.model.table import MANAGED_BY, Catalog, Database, parameters
from tests.unit.samples import TENANT


def marked(name: str, tenant: str = TENANT) -> Database:
    marks = {"datasphere.managed_by": MANAGED_BY, "datasphere.tenant": tenant}
    return Database(name, parameters=parameters(marks))


@pytest.mark.parametrize(
    ("template", "name", "ours"),
    [
        ("datasphere_{space}", "datasphere_sales", True),
        ("datasphere_{space}", "lake", False),
        ("{space}_raw", "sales_raw", True),
        ("{space}_raw", "sales_raw_0a1b2c3d", True),
        ("{space}_raw", "sales_rawer", False),
        ("{tenant}-{space}", "acme_sales", True),
        ("{tenant}-{space}", "other_sales", False),
        ("{environment}_{space}", "prod_sales", True),
        ("{space}", "lake", True),
        ("{space}_{space}", "a_a", True),
        ("{space}_{space}", "a_b", False),
        ("{space}_" + "x" * 300, "lake", False),
    ],
)
def test_a_database_without_a_marker_is_identified_by_its_name(
    template: str, name: str, *, ours: bool
) -> None:
    assert (Database(name) in OurDatabases(Rules(TENANT, template, "prod"))) is ours


def test_a_marker_takes_precedence_over_the_name() -> None:
    ours = OurDatabases(Rules(TENANT))

    assert marked("lake") in ours
    assert marked("datasphere_sales", "other.eu10.hcs.cloud.sap") not in ours


def test_databases_listed_in_the_configuration_belong_to_the_tenant() -> None:
    rules = Rules(TENANT, databases=(("SALES", "Retail Lake"),))

    ours = OurDatabases(rules)

    assert ours.listed == database_candidates("SALES", rules)
    assert Database("retail_lake") in ours
    assert Database("retail") not in ours


@pytest.mark.parametrize("space", ["SALES", "A-B", "1st", "Größe", "x" * 20])
def test_every_candidate_name_of_a_space_is_identified(space: str) -> None:
    rules = Rules(TENANT, "raw {space} v1")

    for each in (rules, replace(rules, databases=((space, "mine"),))):
        ours = OurDatabases(each)
        assert all(Database(name) in ours for name in database_candidates(space, each))


def test_only_a_template_with_literal_text_is_distinct() -> None:
    assert OurDatabases(Rules(TENANT)).distinct
    assert not OurDatabases(Rules(TENANT, "{space}")).distinct


@pytest.mark.parametrize(
    ("template", "name"),
    [
        ("datasphere_{space}", "datasphere_sales"),
        ("{tenant}_{space}", "former_sales"),
        ("{space}_of_{tenant}", "sales_of_former"),
    ],
)
def test_a_database_of_a_former_host_keeps_its_name_and_no_other_hosts_does(
    template: str, name: str
) -> None:
    host = "former.eu10.hcs.cloud.sap"
    rules = Rules(TENANT, template, former_tenants=frozenset({host}))
    former = replace(
        marked(name, host),
        parameters=parameters({**dict(marked(name, host).parameters), "datasphere.space": "SALES"}),
    )

    assert database_names(["SALES"], rules, Catalog((former,))) == {"SALES": name}
    assert former in OurDatabases(rules)
    assert Database(name) in OurDatabases(rules)
    assert former not in OurDatabases(replace(rules, former_tenants=frozenset()))
