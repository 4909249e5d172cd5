"""What takes longer than a moment, said on standard error where that is a terminal."""

import contextlib
import sys
from collections.abc import Callable, Iterator


@contextlib.contextmanager
def waiting() -> Iterator[Callable[[str], None]]:
    """What to tell, in words, when something takes a while; shown until the end of the block."""
    if sys.stderr is None or not sys.stderr.isatty():
        yield lambda _: None
        return
    from rich.console import Console  # noqa: PLC0415
    from rich.text import Text  # noqa: PLC0415

    console = Console(stderr=True, highlight=False, markup=False, emoji=False)
    with contextlib.ExitStack() as stack:
        status = console.status("")
        shown = False

        def tell(text: str) -> None:
            nonlocal shown
            status.update(Text(text))
            if not shown:
                shown = True
                stack.enter_context(status)

        yield tell
