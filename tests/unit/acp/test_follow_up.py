"""Which follow-ups say by themselves what they are about."""

import pytest

from optafly.acp.follow_up import stands_for_itself


@pytest.mark.parametrize(
    "text",
    [
        "add a timeout to fetchUser() in client.ts",
        "fix split_evenly in shop/bill.py",
        "why does `parse` return None for empty input",
        "In shop/bill.py rename tip to gratuity and add a test",
        "the class InvoiceTotal rounds each row",
        "füge einen Test für split_evenly in tests/test_bill.py hinzu",
    ],
)
def test_what_names_its_subject(text: str) -> None:
    assert stands_for_itself(text)


@pytest.mark.parametrize(
    "text",
    [
        "now do the same for the other file",
        "do the same in `shop/tip.py` please",
        "yes, rename split_evenly in shop/bill.py",
        "no",
        "go on",
        "make it faster",
        "and a test for split_evenly in bill.py",
        "the second one, in shop/bill.py please",
        "why did you change shop/bill.py at all",
        "use asyncio.Lock instead of a flag here",
        "shop/bill.py",
        "undo your change of shop/bill.py, keep the test",
        "add a test",
        "und jetzt dasselbe für shop/bill.py und den Test",
        "fais la même chose pour shop/bill.py",
        "haz lo mismo con shop/bill.py por favor",
        "теперь сделай то же самое для shop/bill.py",
        "对 shop/bill.py 做同样的修改",
        "",
        "fix split_evenly in shop/bill.py " * 1000,
    ],
)
def test_what_means_something_only_in_its_conversation(text: str) -> None:
    assert not stands_for_itself(text)
