"""init and profiles: the first minutes of a new user."""

import stat
from collections.abc import Mapping
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from datasphere_glue import config
from datasphere_glue.cli import commands, main
from datasphere_glue.config import MappingConfig
from datasphere_glue.config.settings import SETTING_NAMES
from datasphere_glue.config.starter import STARTER
from tests.functional.conftest import World

URL = "https://acme.eu10.hcs.cloud.sap"
TOKEN_URL = "https://acme.authentication.eu10.hana.ondemand.com/oauth/token"
PROFILE = Path(".datasphere-glue.env")
FLAGS = ("--datasphere-url", URL, "--datasphere-token-url", TOKEN_URL)


@pytest.fixture
def empty(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return an empty working folder in an environment without any setting."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    for name in SETTING_NAMES:
        monkeypatch.delenv(name, raising=False)
    return tmp_path


def answered(*answers: str, flags: tuple[str, ...] = ()) -> Result:
    return CliRunner().invoke(
        commands, ["init", *flags], input="".join(f"{one}\n" for one in answers)
    )


def test_invalid_answers_are_requested_again_immediately(empty: Path) -> None:
    done = answered(f"{URL}/path", URL, "http://acme.com/token", TOKEN_URL, "sap/user", "", "", "")

    assert done.exit_code == 0, done.output
    assert "DATASPHERE_URL: must be the tenant's root" in done.output
    assert "DATASPHERE_TOKEN_URL: must be https://" in done.output
    written = (empty / PROFILE).read_text()
    assert f"DATASPHERE_URL={URL}\n" in written
    assert "DATASPHERE_SECRET_ID=sap/user\n" in written
    assert "REPORT_URI=reports\n" in written
    assert stat.S_IMODE((empty / PROFILE).stat().st_mode) == 0o600
    assert main(["config", "check", "mapping.yaml"]) == 0


def test_the_client_secret_stays_out_of_the_profile_unless_it_is_chosen(empty: Path) -> None:
    local = (URL, TOKEN_URL, "", "sb-client", "", "", "")

    assert answered(*local).exit_code == 0
    assert "SECRET" not in (empty / PROFILE).read_text()

    done = answered(*local, "hush-hush", flags=("--store-secret", "--force"))
    assert done.exit_code == 0
    assert "hush-hush" not in done.output
    assert "DATASPHERE_CLIENT_SECRET=hush-hush\n" in (empty / PROFILE).read_text()


def test_yes_skips_the_questions_and_replaces_nothing(
    empty: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    flags = [*FLAGS, "--datasphere-secret-id", "sap/user", "--yes"]
    assert main(["init", *flags]) == 0
    (empty / PROFILE).write_text("REPORT_URI=mine\n")

    assert main(["init", *flags]) == 0

    assert "stays as it is" in capsys.readouterr().err
    assert (empty / PROFILE).read_text() == "REPORT_URI=mine\n"
    assert main(["init", *flags, "--force"]) == 0
    assert URL in (empty / PROFILE).read_text()


@pytest.mark.parametrize(
    ("flags", "message"),
    [
        (("--yes",), "DATASPHERE_URL"),
        ((*FLAGS, "--yes", "--glue-region", "nowhere"), "GLUE_REGION"),
        ((*FLAGS, "--yes"), "DATASPHERE_SECRET_ID"),
    ],
)
def test_missing_or_invalid_values_write_nothing(
    empty: Path, capsys: pytest.CaptureFixture[str], flags: tuple[str, ...], message: str
) -> None:
    assert main(["init", *flags]) == 1
    assert message in capsys.readouterr().err
    assert not list(empty.glob("*.y*ml"))
    assert not (empty / PROFILE).exists()


def profile_of(world: World, **more: str) -> Mapping[str, str]:
    settings = {name: value for name, value in world.environment.items() if name in SETTING_NAMES}
    return settings | more


def test_every_command_reads_the_profile_and_the_environment_wins(
    empty: Path, shop: World, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    profile = profile_of(shop, GLUE_DATABASE_TEMPLATE="p_{space}")
    (empty / ".datasphere-glue.shop.env").write_text(
        "# mine\n\n" + "".join(f"export {name}='{value}'\n" for name, value in profile.items())
    )

    assert main(["--profile", "shop", "sync"]) == 0
    assert "p_shop.v_00" in capsys.readouterr().out
    assert main(["--profile", "shop", "audit", "verify"]) == 0
    assert main(["--profile", "shop", "show", "SHOP.V_00"]) == 0
    capsys.readouterr()

    monkeypatch.setenv("GLUE_DATABASE_TEMPLATE", "e_{space}")
    assert main(["--profile", "shop", "plan", "--all"]) == 2
    assert "e_shop.v_00" in capsys.readouterr().out


def test_a_profile_that_is_missing_or_wrong_is_an_error(
    empty: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["--profile", "prod", "plan"]) == 1
    err = capsys.readouterr().err
    assert "there is no profile prod" in err
    assert "--profile prod init` writes it" in err

    (empty / PROFILE).write_text("REPORT_URL=hush\n")
    assert main(["plan"]) == 1
    err = capsys.readouterr().err
    assert "line 1: is no setting" in err
    assert "hush" not in err


def test_the_starter_shows_every_section_and_is_valid_uncommented() -> None:
    lines = STARTER.splitlines()
    uncommented = [one.removeprefix("# ") for one in lines if one.removeprefix("# ").strip()]
    keys = tuple(f"{name}:" for name in MappingConfig.model_fields)
    first = next(number for number, one in enumerate(uncommented) if one.startswith("version:"))
    whole = [one for one in uncommented[first:] if one.startswith((*keys, " "))]

    mapping = config.parse("\n".join(whole).encode()).mapping

    assert config.parse(STARTER.encode()).mapping == MappingConfig(version=1)
    assert {one.partition(":")[0] for one in whole if not one.startswith(" ")} == set(
        MappingConfig.model_fields
    )
    assert mapping.bindings
