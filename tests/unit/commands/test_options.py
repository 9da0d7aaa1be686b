"""The flags of the command line are generated from the settings."""

import click
import pytest

from datasphere_glue.commands.options import settings_flags
from datasphere_glue.config.settings import SETTINGS, Setting


def flag_of(setting: Setting) -> click.Parameter | None:
    @click.command()
    @settings_flags
    def command(**_: object) -> int:
        return 0

    return next((one for one in command.params if one.name == setting.name), None)


@pytest.mark.parametrize("setting", SETTINGS, ids=lambda setting: setting.name)
def test_every_setting_that_is_no_secret_has_a_flag_with_its_description(setting: Setting) -> None:
    flag = flag_of(setting)
    if setting.sensitive:
        assert flag is None
    else:
        assert isinstance(flag, click.Option)
        assert flag.opts == [setting.flag]
        assert flag.help == setting.description.replace("`", "")
