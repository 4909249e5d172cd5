"""``python -m tests.standin --port N``: the stand-in alone, for benchmarks and soak tests."""

import argparse
import asyncio
import signal

from tests.standin.chance import Chance
from tests.standin.server import Delay, Standin


def main() -> None:
    """Serve until interrupted; the first line on standard output is the address."""
    options = _parser().parse_args()
    standin = Standin(
        keep=options.keep,
        compress=options.compress,
        sentences=options.sentences,
        delay=Delay(options.first_byte_ms / 1000, options.event_ms / 1000),
        chance=Chance(options.fail_rate, options.seed) if options.fail_rate else None,
    )
    asyncio.run(_serve(standin, options.port))


async def _serve(standin: Standin, port: int) -> None:
    stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    await standin.serve(lambda: print(standin.url, flush=True), stop, port)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m tests.standin", description="A stand-in for the Anthropic API.")
    parser.add_argument("--port", type=int, default=0, help="0: any free port (default)")
    parser.add_argument("--fail-rate", type=float, default=0.0, help="share of the messages that fail, 0 to 1")
    parser.add_argument("--seed", type=int, default=0, help="of the failures")
    parser.add_argument("--keep", type=int, default=0, help="how many requests are remembered")
    parser.add_argument("--sentences", type=int, default=4, help="length of an answer")
    parser.add_argument("--first-byte-ms", type=float, default=0.0, help="wait before an answer")
    parser.add_argument("--event-ms", type=float, default=0.0, help="wait before each event")
    parser.add_argument("--compress", action="store_true", help="gzip where the client takes it")
    return parser


if __name__ == "__main__":
    main()
