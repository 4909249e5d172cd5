"""A stand-in for the Anthropic Messages API, for tests, benchmarks and the soak.

::

    with running_standin() as standin:
        standin.script(Failure(529), Answer("fine", gate=gate))
        client = anthropic.Anthropic(base_url=standin.url, api_key="any", max_retries=0)
        ...
        assert standin.requests[0].headers["x-api-key"] == "any"
"""

from tests.standin.chance import Chance
from tests.standin.gate import Gate
from tests.standin.messages import answer_text
from tests.standin.prompt import prompt_digest
from tests.standin.recorded import Recorded
from tests.standin.replies import Answer, Break, Event, Failure, Raw, Reply, text, thinking, tool_use
from tests.standin.running import running_standin, standin_process
from tests.standin.server import Counts, Delay, Standin

__all__ = [
    "Answer",
    "Break",
    "Chance",
    "Counts",
    "Delay",
    "Event",
    "Failure",
    "Gate",
    "Raw",
    "Recorded",
    "Reply",
    "Standin",
    "answer_text",
    "prompt_digest",
    "running_standin",
    "standin_process",
    "text",
    "thinking",
    "tool_use",
]
