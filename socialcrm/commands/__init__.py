"""The `socialcrm` command line. Each command lies in a module of its own and is imported only when called."""

from __future__ import annotations

from importlib import import_module

import click

#: command → module:attribute; help texts come from the modules.
COMMANDS = {
    "serve": "serve:serve",
    "worker": "serve:worker",
    "beat": "serve:beat",
    "db": "database:db_group",
    "prepare": "prepare:prepare",
    "seed": "seed:seed",
    "import": "importing:import_group",
    "reindex": "reindex:reindex",
    "recount": "recount:recount",
    "doctor": "doctor:doctor",
    "create-admin": "people:create_admin",
    "backup": "backup:backup",
    "restore": "backup:restore",
    "sentiment": "sentiment:sentiment",
}


class LazyGroup(click.Group):
    """Imports a command's module when it is asked for, so that `--help` and `serve` start fast."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, name: str) -> click.Command | None:
        if name not in COMMANDS:
            return None
        module, attribute = COMMANDS[name].split(":")
        command: click.Command = getattr(import_module(f"{__name__}.{module}"), attribute)
        return command


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="socialcrm")
def main() -> None:
    """SocialCRM: a community and CRM for consumer brands that work in Chinese.

    \b
    Example:
      socialcrm db upgrade && socialcrm seed && socialcrm serve --port 8000
    """
