"""completion: the script that lets a shell complete commands and options."""

from typing import Final

import click
from click.shell_completion import get_completion_class

from datasphere_glue.commands.options import examples
from datasphere_glue.outcome.run import EXIT_CODES, Status

_NAME: Final = "datasphere-glue"
_SHELLS: Final = ("bash", "zsh", "fish")


@click.command(
    "completion",
    short_help="Print the script for shell completion.",
    epilog=examples("completion bash >> ~/.bashrc", "completion zsh >> ~/.zshrc"),
)
@click.argument("shell", type=click.Choice(_SHELLS))
@click.pass_context
def completion_command(context: click.Context, shell: str) -> int:
    """Print the script that completes commands and options in a shell."""
    kind = get_completion_class(shell)
    if kind is None:
        raise click.ClickException(f"{shell} is not known to this version of click")
    script = kind(context.find_root().command, {}, _NAME, "_DATASPHERE_GLUE_COMPLETE")
    click.echo(script.source())
    return EXIT_CODES[Status.SUCCESS]
