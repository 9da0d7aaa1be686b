"""The content of the embedded tenant can change while it serves."""

from collections.abc import Callable
from datetime import UTC, datetime

import pytest
import requests

from local.tenant.embedded import Clockwork, EmbeddedTenant
from local.tenant.store import Space, SpaceStore

Ask = Callable[..., requests.Response]

CATALOG = "/api/v1/datasphere/consumption/catalog"
METADATA = "/api/v1/dwc/consumption/relational/SALES/V_ORDERS/$metadata"
LISTING = "/dwaas-core/api/v1/spaces/SALES/views"


def listed(company: EmbeddedTenant, ask: Ask, name: str) -> dict[str, str]:
    options = {"select": "technicalName,changedOn,deployedOn", "top": "200"}
    rows = ask(company, LISTING, params=options).json()
    return next(row for row in rows if row["technicalName"] == name)


def test_a_new_label_is_served_in_every_document(company: EmbeddedTenant, ask: Ask) -> None:
    ask(company, METADATA)
    before = listed(company, ask, "V_ORDERS")
    company.spaces.set_label("SALES", "V_ORDERS", "Umbenannt & <neu>")

    row = ask(company, f"{CATALOG}/spaces('SALES')/assets('V_ORDERS')").json()
    assert row["label"] == "Umbenannt & <neu>"
    assert "Umbenannt &amp; &lt;neu&gt;" in ask(company, METADATA).text
    document = ask(company, f"{LISTING}/V_ORDERS").json()
    assert document["definitions"]["V_ORDERS"]["@EndUserText.label"] == "Umbenannt & <neu>"
    after = listed(company, ask, "V_ORDERS")
    assert after["changedOn"] > before["changedOn"]
    assert after["deployedOn"] > before["deployedOn"]


def test_a_new_column_label_is_served_in_both_sources(company: EmbeddedTenant, ask: Ask) -> None:
    ask(company, METADATA)
    untouched = listed(company, ask, "DIM_PRODUKT")
    company.spaces.set_column_label("SALES", "V_ORDERS", "NETTOWERT", "Wert, netto")

    assert 'String="Wert, netto"' in ask(company, METADATA).text
    elements = ask(company, f"{LISTING}/V_ORDERS").json()["definitions"]["V_ORDERS"]["elements"]
    assert elements["NETTOWERT"]["@EndUserText.label"] == "Wert, netto"
    assert listed(company, ask, "DIM_PRODUKT") == untouched


def test_a_restored_label_gives_the_same_document(company: EmbeddedTenant, ask: Ask) -> None:
    before = ask(company, METADATA).text
    company.spaces.set_label("SALES", "V_ORDERS", "x")
    company.spaces.set_label("SALES", "V_ORDERS", "Auftragspositionen")

    assert ask(company, METADATA).text == before


def test_a_removed_object_is_absent_until_restored(company: EmbeddedTenant, ask: Ask) -> None:
    before = ask(company, METADATA).text
    company.spaces.remove("SALES", "V_ORDERS")
    assert ask(company, METADATA).status_code == 404
    assert ask(company, f"{LISTING}/V_ORDERS").status_code == 404

    company.spaces.restore("SALES", "V_ORDERS")
    assert ask(company, METADATA).text == before


def test_an_object_can_be_added_and_replaced(company: EmbeddedTenant, ask: Ask) -> None:
    path = "/api/v1/dwc/consumption/relational/SALES/V_NEU/$metadata"
    view = {"kind": "entity", "query": {}, "elements": {"A": {"type": "cds.Date"}}}
    company.spaces.add("SALES", "V_NEU", view)
    assert 'Name="A" Type="Edm.Date"' in ask(company, path).text

    company.spaces.add("SALES", "V_NEU", {**view, "elements": {"B": {"type": "cds.Time"}}})
    assert 'Name="B" Type="Edm.TimeOfDay"' in ask(company, path).text


def test_a_model_follows_its_source(company: EmbeddedTenant, ask: Ask) -> None:
    path = "/api/v1/datasphere/consumption/analytical/SALES/SALES_AM/$metadata"
    assert 'Name="Produkt" Type="Edm.String" MaxLength="18"' in ask(company, path).text
    columns = {"PRODUKT": {"type": "cds.Integer"}}
    company.spaces.add("SALES", "V_ORDERS", {"kind": "entity", "query": {}, "elements": columns})

    assert 'Name="Produkt" Type="Edm.Int32"' in ask(company, path).text


def test_exposure_can_be_disabled_and_enabled(company: EmbeddedTenant, ask: Ask) -> None:
    company.spaces.expose("SALES", "V_ORDERS", exposed=False)
    assert ask(company, METADATA).status_code == 404
    company.spaces.expose("SALES", "V_ORDERS", exposed=True)
    assert ask(company, METADATA).status_code == 200


def test_spaces_can_be_added_and_removed(company: EmbeddedTenant, ask: Ask) -> None:
    company.spaces.remove_space("SALES")
    assert ask(company, f"{CATALOG}/spaces('SALES')").status_code == 404
    assert ask(company, METADATA).status_code == 404
    company.spaces.restore_space("SALES")
    assert ask(company, METADATA).status_code == 200

    company.spaces.add_space(Space("NEW", "Neu"))
    assert ask(company, f"{CATALOG}/spaces('NEW')/assets").json()["value"] == []


def test_a_role_can_be_revoked_and_granted(company: EmbeddedTenant, ask: Ask) -> None:
    company.spaces.forbid("SALES")
    assert ask(company, METADATA).status_code == 403
    company.spaces.forbid("SALES", forbidden=False)
    assert ask(company, METADATA).status_code == 200


def test_changed_on_increases_even_if_the_clock_does_not() -> None:
    noon = datetime(2026, 1, 2, 12, tzinfo=UTC)
    store = SpaceStore([Space("S", "S")], lambda: noon)
    moments = []
    for label in "abc":
        store.add("S", "V", {"kind": "entity", "@EndUserText.label": label})
        entry = store.entry("S", "V")
        assert entry is not None
        moments.append(entry.listing["changedOn"])

    assert moments == [f"2026-01-02T12:00:00.{number:03d}Z" for number in range(3)]


def test_the_clock_of_the_tenant_is_used() -> None:
    year = datetime(2031, 1, 1, tzinfo=UTC)
    tenant = EmbeddedTenant([Space("S", "S")], clockwork=Clockwork(now=lambda: year))
    tenant.spaces.add("S", "V", {"kind": "entity"})

    entry = tenant.spaces.entry("S", "V")
    assert entry is not None
    assert entry.listing["deployedOn"] == "2031-01-01T00:00:00.000Z"


def test_a_change_of_a_missing_object_is_an_error(company: EmbeddedTenant) -> None:
    with pytest.raises(KeyError):
        company.spaces.set_label("SALES", "NONE", "x")
    with pytest.raises(KeyError):
        company.spaces.set_column_label("SALES", "V_ORDERS", "NONE", "x")
    with pytest.raises(KeyError):
        company.spaces.remove("SALES", "NONE")
