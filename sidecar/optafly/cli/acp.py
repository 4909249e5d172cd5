"""``optafly acp``."""

import click


@click.command(
    # What follows the command is its own.
    context_settings={"allow_interspersed_args": False},
    epilog="Agent panels start it; see docs/agent-panel.md.",
)
@click.argument("command", nargs=-1, type=click.UNPROCESSED, metavar="[-- COMMAND …]")
def acp(command: tuple[str, ...]) -> int:
    """Serve an agent panel over standard input and output (Agent Client Protocol).

    With a command, in front of the agent that it starts: prompts are refined and approved before that agent gets them,
    all else passes as it is. Without one, as an agent of its own that asks Claude and uses no tools.

    \b
    Examples (what an agent panel does, in the folder of the project):
      optafly acp
      optafly acp -- npx -y @agentclientprotocol/claude-agent-acp
    """
    from optafly.acp.main import serve  # noqa: PLC0415

    return serve(command)
