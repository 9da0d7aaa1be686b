"""The environments of samconfig.toml fit the template."""

import re
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from deploy.stack import Stack

MakeStack = Callable[..., Stack]
SAMCONFIG = Path(__file__).parents[2] / "samconfig.toml"


@pytest.fixture(scope="module")
def config() -> dict[str, Any]:
    return tomllib.loads(SAMCONFIG.read_text(encoding="utf-8"))


def overrides(config: dict[str, Any], environment: str) -> dict[str, str]:
    values = config[environment]["deploy"]["parameters"]["parameter_overrides"]
    return dict(override.split("=", 1) for override in values)


@pytest.mark.parametrize("environment", ["dev", "prod"])
def test_an_environment_gives_only_parameters_with_values_that_the_template_allows(
    config: dict[str, Any], template: dict[str, Any], environment: str, stack_with: MakeStack
) -> None:
    values = overrides(config, environment)
    assert stack_with(**values).resources
    for name, value in values.items():
        parameter = template["Parameters"][name]
        assert re.search(parameter.get("AllowedPattern", ""), value)
        assert value in map(str, parameter.get("AllowedValues", [value]))


@pytest.mark.parametrize("environment", ["default", "dev", "prod", "emulator"])
def test_a_build_never_prompts_about_the_beta_builder(
    config: dict[str, Any], environment: str
) -> None:
    assert config[environment]["build"]["parameters"]["beta_features"] is True


def test_dev_and_prod_are_separate_in_one_account(
    config: dict[str, Any], template: dict[str, Any]
) -> None:
    names = {config[e]["deploy"]["parameters"]["stack_name"] for e in ("dev", "prod")}
    default = template["Parameters"]["DatabasePrefix"]["Default"]
    dev, prod = (overrides(config, e).get("DatabasePrefix", default) for e in ("dev", "prod"))
    assert len(names) == 2
    assert not dev.startswith(prod)
    assert not prod.startswith(dev)


def test_no_account_is_named(config: dict[str, Any]) -> None:
    assert not re.search(r"\d{12}", str(config))
