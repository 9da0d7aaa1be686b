"""Names: readable, unique and reversible."""

from hashlib import sha256

import pytest

from datasphere_glue.mapping.names import (
    MAX_LENGTH,
    fold_name,
    glue_name,
    glue_names,
    sap_names,
    with_suffix,
)


def suffix(sap_name: str, length: int = 8) -> str:
    return "_" + sha256(sap_name.encode()).hexdigest()[:length]


@pytest.mark.parametrize(
    ("sap_name", "expected"),
    [
        ("V_ORDERS", "v_orders"),
        ("Sold to party", "sold_to_party"),
        ("Größe", "groesse"),
        ("ÄÖÜ", "aeoeue"),
        ("STRAẞE", "strasse"),
        ("Gro\u0308ße", "groesse"),  # the same letters, decomposed
        ("Café crème", "cafe_creme"),
        ("Ångström", "angstroem"),
        ("/BIC/AZSALES2", "_bic_azsales2"),
        ("SAP.TIME.VIEW_DIMENSION_DAY", "sap_time_view_dimension_day"),
        ("a -/- b", "a_b"),
        ("Double__Line", "double__line"),
        ("  trimmed ", "trimmed"),
        ("2ndCustomer", "t_2ndcustomer"),
        ("_id", "_id"),
        ("price€", "price_"),
        ("İstanbul", "istanbul"),
    ],
)
def test_a_name_is_as_close_to_sap_as_athena_allows(sap_name: str, expected: str) -> None:
    assert glue_name(sap_name, "t_") == expected


@pytest.mark.parametrize("sap_name", ["", "   ", "日本語", "___", "//", "€"])
def test_a_name_without_letters_or_digits_becomes_its_hash(sap_name: str) -> None:
    assert glue_name(sap_name, "c_") == "c" + suffix(sap_name)


def test_a_name_of_255_is_unchanged_and_a_longer_one_is_truncated_with_its_hash() -> None:
    fits, long = "x" * MAX_LENGTH, "x" * (MAX_LENGTH + 1)

    assert glue_name(fits, "t_") == fits
    assert glue_name(long, "t_") == "x" * (MAX_LENGTH - 9) + suffix(long)
    assert len(glue_name("9" * MAX_LENGTH, "t_")) == MAX_LENGTH
    assert len(fold_name(long)) == 256


def test_long_names_with_a_common_prefix_are_distinct() -> None:
    names = glue_names(["x" * 300, "x" * 301], "t_")

    assert len(set(names.values())) == 2


def test_every_member_of_a_colliding_group_gets_the_hash_of_its_exact_name() -> None:
    names = glue_names(["Sales", "SALES", "sales ", "HR"], "t_")

    assert names == {
        "Sales": "sales" + suffix("Sales"),
        "SALES": "sales" + suffix("SALES"),
        "sales ": "sales" + suffix("sales "),
        "HR": "hr",
    }


def test_a_name_that_looks_like_a_suffixed_name_does_not_collide() -> None:
    mimic = "sales" + suffix("Sales")

    names = glue_names(["Sales", "SALES", mimic], "t_")

    assert len(set(names.values())) == 3


def test_an_existing_name_is_retained_and_only_the_new_name_has_a_suffix() -> None:
    names = glue_names(["Sales", "SALES"], "t_", held={"Sales": "sales", "gone": "sales_old"})

    assert names == {"Sales": "sales", "SALES": "sales" + suffix("SALES")}


def test_an_existing_name_is_retained_even_if_the_rule_gives_another() -> None:
    assert glue_names(["Sales"], "t_", held={"Sales": "verkauf"}) == {"Sales": "verkauf"}


def test_a_reserved_name_is_not_assigned() -> None:
    assert glue_names(["Sales"], "t_", taken=["sales"]) == {"Sales": "sales" + suffix("Sales")}
    assert glue_names(["Sales"], "t_", taken=["sales", "sales" + suffix("Sales")]) == {
        "Sales": "sales" + suffix("Sales", 16)
    }


def test_the_exact_name_is_recoverable() -> None:
    names = glue_names(["Größe", "GROESSE", "/BIC/X"], "c_")

    assert {sap_names(names)[glue] for glue in names.values()} == set(names)


def test_a_long_name_is_truncated_before_its_suffix() -> None:
    assert with_suffix("y" * 400, "Y").endswith(suffix("Y"))
    assert len(with_suffix("y" * 400, "Y")) == MAX_LENGTH


def test_a_later_member_of_a_colliding_group_has_the_name_of_a_simultaneous_one() -> None:
    at_once = glue_names(["V-A", "V_A"], "t_")

    later = glue_names(["V-A", "V_A"], "t_", {"V-A": at_once["V-A"]})

    assert later == at_once
    assert at_once["V_A"] != "v_a"
