"""The roles for a catalog in another account: what the functions may do there, and who they are."""

from collections.abc import Callable, Mapping
from typing import Any

import pytest

from deploy.stack import PSEUDO, TEMPLATE, Stack, transformed
from tests.template.test_access import granted

MakeStack = Callable[..., Stack]
FUNCTION = "arn:aws:iam::999988887777:role/sync"
REVIEWER = "arn:aws:iam::999988887777:role/review"
PARAMETERS = {"FunctionRoleArn": FUNCTION, "ExternalId": "acme-42"}
HERE = {"CatalogAccountId": PSEUDO["AWS::AccountId"]}


@pytest.fixture(scope="module")
def roles() -> dict[str, Any]:
    return transformed(TEMPLATE.with_name("catalog-role.yaml"))


def glue(stack: Stack, role: str) -> Mapping[str, set[str]]:
    allowed = granted(stack, role)
    return {action: allowed[action] for action in allowed if action.startswith("glue:")}


@pytest.mark.parametrize(("delete", "policy"), [("false", "deprecate"), ("true", "delete")])
def test_the_catalog_roles_grant_the_same_as_the_function_roles(
    roles: dict[str, Any], stack_with: MakeStack, delete: str, policy: str
) -> None:
    away = Stack(roles, PARAMETERS | {"ReviewFunctionRoleArn": REVIEWER, "DeleteTables": delete})
    home = stack_with(**HERE, Review="true", OrphanPolicy=policy)

    assert glue(away, "CatalogRole") == glue(home, "SyncRole")
    assert glue(away, "CatalogReviewRole") == glue(home, "ReviewRole")
    for role in ("CatalogRole", "CatalogReviewRole"):
        assert granted(away, role) == glue(away, role)


def test_only_the_function_with_the_external_id_may_take_its_role(roles: dict[str, Any]) -> None:
    stack = Stack(roles, PARAMETERS | {"ReviewFunctionRoleArn": REVIEWER})
    for name, who in (("CatalogRole", FUNCTION), ("CatalogReviewRole", REVIEWER)):
        properties = stack.resources[name]["Properties"]
        (trust,) = properties["AssumeRolePolicyDocument"]["Statement"]
        assert trust["Principal"] == {"AWS": who}
        assert trust["Action"] == "sts:AssumeRole"
        assert trust["Condition"] == {"StringEquals": {"sts:ExternalId": "acme-42"}}


def test_by_default_there_is_one_catalog_role(
    roles: dict[str, Any],
) -> None:
    assert set(Stack(roles, PARAMETERS).resources) == {"CatalogRole"}


def test_lake_formation_lets_the_role_create_databases_on_request(roles: dict[str, Any]) -> None:
    grant = Stack(roles, PARAMETERS | {"LakeFormation": "true"}).resources["CreateDatabases"]

    assert grant["Properties"]["Permissions"] == ["CREATE_DATABASE"]
    assert grant["Properties"]["PermissionsWithGrantOption"] == []
    assert grant["Properties"]["Principal"] == {"DataLakePrincipalIdentifier": "<CatalogRole.Arn>"}


def test_another_region_is_reached_on_request(roles: dict[str, Any]) -> None:
    reached = glue(Stack(roles, PARAMETERS | {"CatalogRegion": "us-east-1"}), "CatalogRole")

    assert all(":us-east-1:" in arn for arns in reached.values() for arn in arns)
