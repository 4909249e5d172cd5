"""What the language server asks of the core, and when it asks nothing."""

from typing import Any

import pytest

from optafly.lsp.link import CoreLink


class Client:
    """A core's client that notes what is asked of it."""

    def __init__(self, front_end: str) -> None:
        self.front_end = front_end
        self.counted: list[str] = []

    async def decision(self, state: str, *, by_setting: bool) -> None:
        self.counted.append(f"{state} by setting" if by_setting else state)


@pytest.mark.parametrize(("front_end", "counted"), [("a", ["accepted"]), ("", [])])
async def test_no_core_is_started_only_to_count_a_decision(front_end: str, counted: list[str]) -> None:
    client: Any = Client(front_end)
    await CoreLink(client, lambda: None).decided("accepted")
    assert client.counted == counted
    await CoreLink(client, lambda: None).decided("accepted", by_setting=True)
    assert client.counted == [*counted, *(f"{state} by setting" for state in counted)]
