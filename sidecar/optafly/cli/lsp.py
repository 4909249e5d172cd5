"""``optafly lsp``."""

import click


@click.command(epilog="Editors start it; see docs/zed.md and docs/editors.md.")
@click.option("--stdio", is_flag=True, help="Accepted for editors that pass it; it is the only way there is.")
def lsp(stdio: bool) -> int:  # noqa: ARG001
    """Serve an editor over standard input and output (Language Server Protocol).

    \b
    Example (what an editor does):
      optafly lsp
    """
    from optafly.lsp.main import serve  # noqa: PLC0415

    return serve()
