"""The command line: the same intake and the same queries as the pages, for programs and operators."""

import sys
from collections.abc import Callable
from typing import Final

import typer

from dashboards.commands.approval import approve, campaigns, send_back
from dashboards.commands.check_and_deposit import check, deposit_command
from dashboards.commands.environment import EXIT_MISUSE
from dashboards.commands.mail import mail_command
from dashboards.commands.maintenance import backup, restore, upgrade, verify_command
from dashboards.commands.members import members
from dashboards.commands.records import erase_command, history, withdraw
from dashboards.commands.serve import demo, serve
from dashboards.commands.template_and_export import export, template
from dashboards.commands.terminal import err
from indicators.errors import PilotageError

COMMANDS: Final[dict[str, Callable[..., None]]] = {
    "demo": demo,
    "serve": serve,
    "check": check,
    "deposit": deposit_command,
    "template": template,
    "history": history,
    "withdraw": withdraw,
    "campaigns": campaigns,
    "approve": approve,
    "send-back": send_back,
    "export": export,
    "mail": mail_command,
    "upgrade": upgrade,
    "verify": verify_command,
    "backup": backup,
    "restore": restore,
    "erase": erase_command,
}
"""Every command by its name, in the order of the help."""

app = typer.Typer(
    no_args_is_help=True,
    add_completion=True,
    pretty_exceptions_enable=False,
    help="Tableau de bord public d’un réseau.",
)
for name, command in COMMANDS.items():
    app.command(name)(command)
app.add_typer(members, name="members")


def main() -> None:
    """Run a command; print a failure as one line, without a traceback."""
    try:
        app()
    except PilotageError as failure:
        err.print(f"pilotage: {failure}", style="red", markup=False, highlight=False, soft_wrap=True)
        sys.exit(EXIT_MISUSE)


if __name__ == "__main__":
    main()
