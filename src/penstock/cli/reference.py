"""Writes the reference page of the command line from the command tree itself."""

from __future__ import annotations

from collections.abc import Iterator

import click

from penstock.cli.app import EXIT_CODES, TABLE, cli


def reference_page() -> str:
    """Return the page of every command, argument and flag, in Markdown."""
    ctx = click.Context(cli, info_name="penstock")
    parts = [_head(ctx)]
    for heading, verbs in TABLE.items():
        parts.append(f"## {heading}\n")
        for verb in verbs:
            command = cli.get_command(ctx, verb.name)
            if command is not None:
                parts.extend(_sections(command, ctx, verb.name))
    return "\n".join(parts).rstrip() + "\n"


def _head(ctx: click.Context) -> str:
    codes = "".join(f"| {code} | {meaning} |\n" for code, meaning in EXIT_CODES)
    return (
        "# Command line\n\n"
        "Data goes to standard output, talk to standard error. Colour is used on a terminal only, and never where\n"
        "`NO_COLOR` is set. Flags before the command hold for every command:\n\n"
        f"{_flags(cli, ctx)}\n"
        "The parameters of a pipeline are flags of `run`, `plan`, `why` and `reset`: `penstock run PIPELINE --help`\n"
        "tells them.\n\n"
        "| exit code | meaning |\n| --: | --- |\n"
        f"{codes}\n"
        "More on these: [exit codes](exit-codes.md).\n"
    )


def _sections(command: click.Command, parent: click.Context, name: str) -> Iterator[str]:
    ctx = click.Context(command, info_name=name, parent=parent)
    if isinstance(command, click.Group):
        for inner in command.list_commands(ctx):
            found = command.get_command(ctx, inner)
            if found is not None:
                yield from _sections(found, ctx, inner)
        return
    usage = " ".join([ctx.command_path, *command.collect_usage_pieces(ctx)])
    yield f"### {ctx.command_path}\n\n```text\n{usage}\n```\n\n{_prose(command)}"
    flags = _flags(command, ctx)
    if flags:
        yield flags


def _prose(command: click.Command) -> str:
    paragraphs = (command.help or "").strip().split("\n\n")
    return "\n\n".join(" ".join(paragraph.split()) for paragraph in paragraphs) + "\n"


def _flags(command: click.Command, ctx: click.Context) -> str:
    records = [param.get_help_record(ctx) for param in command.params if isinstance(param, click.Option)]
    told = [record for record in records if record]
    return "".join(f"- `{spelling}`: {_plain(text)}\n" for spelling, text in told)


def _plain(text: str) -> str:
    return " ".join(text.split())
