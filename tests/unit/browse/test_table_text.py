"""The text of a table: all content for analysts, no control characters."""

from dataclasses import replace
from pathlib import Path

import pytest

from datasphere_glue.browse.table_text import table_text
from datasphere_glue.mapping.from_table import asset_from_table
from datasphere_glue.model.asset import Asset, Kind
from datasphere_glue.model.asset_parts import Association
from datasphere_glue.model.element import Element
from datasphere_glue.model.sap_type import SapType
from datasphere_glue.model.table import Column, Table
from datasphere_glue.text_layout import align_columns, cell_width, one_line, wrap_text
from tests.golden.everything import EVERYTHING
from tests.golden.orders import ORDERS
from tests.unit.samples import asset, listing, synced, table_in

INDENT = 17 * " "
COPIED = "copies it to LAKE:/acme/sales/ORDERS through LAKE S3"
GOLDEN = Path(__file__).parents[2] / "golden" / "orders.txt"


def shown(source: Asset, name: str) -> str:
    table = table_in(synced(listing(source)), name)
    return table_text(table, asset_from_table(table).asset)


def test_a_view_is_shown_with_its_context_first_and_its_columns_last() -> None:
    assert shown(ORDERS, "v_orders") + "\n" == GOLDEN.read_text(encoding="utf-8")


@pytest.mark.parametrize(
    "line",
    [
        "  analytic model, cube, active, hidden",
        '  Texts          "Net, Amount" -> Text or _Text',
        "                 P_Any mandatory",
        '  Built on       fact SALES.V_ORDERS with IP_DAY = P_Day, IP_NONE = "" PREFIX of',
        '                 default "" from "L_DAY.LAST, day" hidden',
        "  Calculations   LAST (Last year) RestrictedCrossCalculation = YEAR = '2025'",
        "                 dimension MASTER.D_Customer",
        "  Remote source  S4; ZORDERS",
        '  Access         SALES.DAC on "Net, Amount", Day operators',
        "  Loaded by      replication flow SALES.RF_ORDERS from S4:/ERP/ORDERS through S4 ABAP",
        f"{INDENT}replication flow SALES.RF_LAKE {COPIED}",
        "                 task chain SALES.NIGHT",
        "  Delta capture  type UPSERT; mode_column Change_Type",
        '  Values         "Net, Amount" default "0"; OPEN = "1" (Open), NONE = "", ANY',
        "                 not all sources could be determined",
        '  Columns from   SALES.T_ORDERS: "Net, Amount" from NET',
        "  Rows from      filter SALES.T_ORDERS: STATE",
        "  Conditions     \"STATE\" = 'DONE'",
        '                 "Net, Amount": isPotentiallyPersonal true; fieldSemantics USER_ID',
        "                 _Day -> SALES.T_DAY",
    ],
)
def test_fields_of_models_and_tables_are_shown(line: str) -> None:
    assert line in shown(EVERYTHING, "am_orders").splitlines()


def test_a_deprecated_table_is_shown_with_date_and_reason() -> None:
    table = table_in(synced(listing(asset("V"))), "v").with_parameters(
        status="deprecated", deprecated_on="2026-11-23", deprecated_reason="no longer listed"
    )

    text = table_text(table, asset("V"), ("table: tags cannot be used: '[half'",))

    assert "  view, deprecated, 2026-11-23, no longer listed" in text
    assert "  Unreadable     table: tags cannot be used: '[half'" in text


def test_a_foreign_table_has_no_context() -> None:
    table = Table("lake", "clicks", (Column("at", "date", "when"),), description="Raw clicks")

    assert table_text(table, None).splitlines() == [
        "lake.clicks",
        "  not managed by datasphere-glue: nothing is known about it from Datasphere",
        "  Raw clicks",
        "",
        "  1 columns",
        "    SAP name  Glue name  Glue type  SAP type  role  label",
        "    -         at         date       -         -     when",
    ]


def test_long_lists_are_shortened_with_a_reference_to_the_rest() -> None:
    wide = replace(
        asset("V"),
        associations=tuple(Association(f"_A{n}", "T") for n in range(30)),
        elements=tuple(Element(f"C{n}", SapType("cds.Date"), dimension=True) for n in range(90)),
        description="one line\n" * 40,
    )

    text = shown(wide, "v")

    assert "... and 18 more (all of them in --json)" in text
    assert "... and 28 more lines (all of them in --json)" in text
    assert "... and 50 more\n" in text
    assert "  90 columns" in text


@pytest.mark.parametrize("control", ["\x1b[2J", "\x07", "\x9b31m", "\r", "\u202e", "\n\n\n"])
def test_no_text_can_control_the_terminal(control: str) -> None:
    hostile = f"a{control}b"
    column = Element(
        hostile, SapType(hostile), label=hostile, measure=True, formula=hostile, currency=hostile
    )
    source = Asset(
        "SALES",
        hostile,
        Kind.VIEW,
        label=hostile,
        elements=(column,),
        owner=hostile,
        tags=(hostile,),
        custom=((hostile, hostile),),
        associations=(Association(hostile, hostile, hostile, hostile, ((hostile, hostile),)),),
    )
    (table,) = (c.table for c in synced(listing(source)).tables)

    text = table_text(replace(table, description=hostile), source)

    assert not set(control.strip("\n")[:1]) & set(text)
    assert [line for line in text.splitlines() if line.startswith("b")] == []


def test_the_width_of_a_text_is_its_width_in_the_terminal() -> None:
    assert [cell_width("abc"), cell_width("日本"), cell_width("e\u0301")] == [3, 4, 1]
    assert one_line("日本語テキスト", 8) == "日本語…"
    assert one_line("a  b\n c", 8) == "a b c"
    assert one_line("x" * 5_000, 80) == "x" * 79 + "…"


def test_columns_are_aligned_by_terminal_width() -> None:
    rows = [("日本", "x"), ("  ab", "y"), ("", "z")]

    assert list(align_columns(rows, "|")) == ["|日本  x", "|  ab  y", "|      z"]
    assert list(align_columns([], "|")) == []


def test_long_texts_are_wrapped_and_their_line_breaks_remain() -> None:
    lines = list(wrap_text("word " * 40 + "\n\nend", "  "))

    assert max(map(len, lines)) <= 100
    assert lines[-2:] == ["", "  end"]
