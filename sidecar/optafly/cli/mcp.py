"""``optafly mcp``."""

import click


@click.command(epilog="Agent panels start it; see docs/agent-panel.md.")
def mcp() -> int:
    """Serve an agent panel over standard input and output (Model Context Protocol).

    Its prompts are `refine` and `ask` (in Zed: /refine and /ask); its tools read, and change and send nothing.

    \b
    Example (what an agent panel does, in the folder of the project):
      optafly mcp
    """
    from optafly.mcp_stdio.main import serve  # noqa: PLC0415

    return serve()
