"""One view that says all that SAP can say, for the golden table `orders.json`."""

from datasphere_glue.model.asset import Asset, Kind, Usage
from datasphere_glue.model.asset_parts import Association, Hierarchy, Variable
from datasphere_glue.model.element import Element
from datasphere_glue.model.listing import SpaceListing
from datasphere_glue.model.sap_type import SapType

ORDERS = Asset(
    space="SALES",
    name="V_ORDERS",
    kind=Kind.VIEW,
    label="Sales orders",
    description="Orders, net of returns.\nOne row for each order item.",
    usage=Usage.FACT,
    elements=(
        Element(
            "Order No",
            SapType("Edm.String", length=10),
            label="Order",
            key=True,
            nullable=False,
            dimension=True,
            text="Order Text",
        ),
        Element("Order Text", SapType("cds.LargeString"), is_text=True),
        Element(
            "NetAmount",
            SapType("cds.Decimal", precision=17, scale=2),
            label="Net amount",
            description="Without tax",
            nullable=True,
            measure=True,
            aggregation="SUM",
            currency="Währung",
        ),
        Element("Währung", SapType("cds.String", length=5), label="Währung", is_currency=True),
        Element(
            "/BIC/MENGE",
            SapType("Edm.Decimal", scale="variable"),
            measure=True,
            aggregation="SUM",
            unit="Unit,Of",
        ),
        Element("Unit,Of", SapType("cds.String", length=3), is_unit=True),
        Element(
            "2ndCustomer",
            SapType("Edm.Guid"),
            dimension=True,
            association="_Customer",
            custom=(("pii", "yes"),),
        ),
        Element("Day", SapType("Edm.Date"), attribute=True, semantics=("IsCalendarDate",)),
        Element("At", SapType("cds.Timestamp")),
    ),
    hierarchies=(
        Hierarchy("H_Region", "level", "Region", levels=("Country, Region", "City")),
        Hierarchy("H_Org", "parent_child", parent=("Parent",), child=("Node",)),
    ),
    associations=(
        Association(
            "_Customer",
            "D_Customer",
            target_space="MASTER",
            label="Customer",
            pairs=(("2ndCustomer", "ID"),),
            cardinality="0..1",
        ),
    ),
    variables=(
        Variable("P_Day", SapType("cds.Date"), "Key date", mandatory=False, default="2026-01-01"),
    ),
    owner="Jane Doe",
    steward="John Roe",
    certification="certified",
    tags=("finance", "a, b"),
    terms=("Umsatz/Netto",),
    custom=(("criticality", "high"),),
    lineage=("SALES.T_ORDERS", "MASTER.D_Customer"),
    changed_on="2026-11-01T10:00:00Z",
    deployed_on="2026-11-02T10:00:00Z",
    changed_by="JDOE",
    provenance=(("elements", "odata"), ("owner", "overlay")),
)
LISTING = SpaceListing("SALES", "Sales & more", (ORDERS,), frozenset({"V_ORDERS"}))
