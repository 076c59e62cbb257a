"""The command line. Each command's module is imported only when it is called, so that all start fast."""

from __future__ import annotations

import importlib
import io
import sys
import traceback
from pathlib import Path

import click

from console.wanted import Wanted

COMMANDS = {
    "demo": "Try it: a broken service on an embedded Azure, on this machine alone.",
    "init": "Ask Azure what exists, and write a rollback.toml.",
    "doctor": "What works here, what is missing, and how to mend it.",
    "status": "What serves now, and what a rollback would choose.",
    "changes": "What changed since the service was last good.",
    "decide": "Walk the decision tree to the right way out.",
    "calls": "Which requests used which version of a prompt.",
    "plan": "What a rollback would do. Writes nothing.",
    "rollback": "Roll a layer back, or all that changed, and prove it.",
    "unpin": "Give the traffic to the latest revision again.",
    "record": "Observe once and keep it, for cron.",
    "history": "Runs: who, from, to, when, and how they ended.",
    "simulator": "Serve the embedded Azure alone.",
}


class LazyGroup(click.Group):
    """Knows its commands by name and imports one when it is asked for."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        command: click.Command = importlib.import_module(f"console.commands.{cmd_name}").command
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))


@click.group(cls=LazyGroup, invoke_without_command=True, context_settings={"help_option_names": ["-h", "--help"]})
@click.option("--config", type=click.Path(path_type=Path), help="The rollback.toml to use.")
@click.option("--target", help="The target, where the configuration has several.")
@click.option("-n", "--app", metavar="APP", help="Without a configuration: this container app.")
@click.option("-g", "--group", metavar="GROUP", help="Without a configuration: the app's resource group.")
@click.option(
    "--subscription", metavar="S", help="Without a configuration: by default AZURE_SUBSCRIPTION_ID, or az's own."
)
@click.option("--plain", is_flag=True, help="Lines and numbered questions instead of a screen (or ACCESSIBLE=1).")
@click.option(
    "--theme",
    type=click.Choice(["dark", "light", "ansi"]),
    default="dark",
    show_default=True,
    envvar="ROLLBACK_THEME",
    help="The screen's colours; NO_COLOR wins.",
)
@click.option("--read-only", is_flag=True, help="Nothing can be written: what writes is not even built.")
@click.version_option(package_name="rollback-console")
@click.pass_context
def cli(
    ctx: click.Context,
    config: Path | None,
    target: str | None,
    app: str | None,
    group: str | None,
    subscription: str | None,
    plain: bool,
    theme: str,
    read_only: bool,
) -> None:
    """Roll a broken LLM service on Azure back, and prove it. Without a command: the console itself."""
    wanted = Wanted(config, target, read_only, app, group, subscription)
    if config is not None and wanted.without_file:
        raise click.UsageError("--config names a file, -n, -g and --subscription do without one: give either.")
    ctx.obj = {"wanted": wanted, "plain": plain, "theme": theme}
    if ctx.invoked_subcommand is None:
        from console.commands.app import Front, open_app

        ctx.exit(open_app(wanted, Front(plain, theme)))


def main(arguments: list[str] | None = None) -> int:
    """Runs the command line; its exit code."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
    try:
        result = cli.main(args=arguments, prog_name="rollback-console", standalone_mode=False)
    except click.exceptions.Exit as ended:
        return ended.exit_code
    except click.ClickException as error:
        error.show()
        return 2
    except click.Abort:
        return 130
    except Exception as error:
        where = traceback.extract_tb(error.__traceback__)[-1]
        told = f"rollback-console stumbled over {type(error).__name__} in {where.name} ({Path(where.filename).name})"
        click.echo(f"{told}. Nothing more was done; `rollback-console history` tells what was.", err=True)
        return 1
    return int(result) if isinstance(result, int) else 0


if __name__ == "__main__":
    sys.exit(main())
