"""The network of the anchors' boundaries with its committed weights: where free text may be cut."""

import re
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

import optafly
from optafly.errors import ModelCorrupt, ModelMissing
from optafly.neural.encoder import Encoder
from optafly.neural.weights import read_weights, weights_file, write_weights
from optafly.routing.anchors import Boundary
from optafly.routing.boundaries import FILE, LEAST, TokenBoundaries

ORDERS = "You are a careful assistant. Answer from the document only, and say where it stands."
DOCUMENT = """The harbour office opens at six. Ships over forty metres take a pilot on board at the outer buoy.
Fees are paid before a ship leaves; a ship that stays for less than two hours pays half.
Fuel is sold at the eastern quay until eight in the evening, water at every berth."""
TASK = "Question: does a ship of thirty metres need a pilot?"
LAYOUTS = {
    "paragraphs": ("", ""),
    "tags": ("<document>\n", "\n</document>"),
    "fences": ("```text\n", "\n```"),
    "headings": ("## Document\n\n", "\n\n## Task"),
}
GERMAN = (
    "Du bist ein sorgfältiger Assistent. Antworte nur mit dem, was im Text steht.",
    "Das Hafenamt öffnet um sechs. Schiffe über vierzig Meter nehmen einen Lotsen an Bord.\n"
    "Gebühren werden bezahlt, bevor ein Schiff ablegt; wer kürzer als zwei Stunden bleibt, zahlt die Hälfte.",
    "Frage: Braucht ein Schiff von dreißig Metern einen Lotsen?",
)
_SENTENCE_END = re.compile(r"[.!?:][\"')\]]?[ \t]+\Z")
fragments = st.sampled_from(
    [ORDERS, DOCUMENT, TASK, *GERMAN, "\n", "\n\n", "\r\n", " ", "\t", ". ", "```\n", "# A\n", "- b\n", "\x00",
     "\ud800", "e\u0301", "İ", "🎉 ", "\u2028", "\u202e", "質問：", "a" * 120]
)  # fmt: skip
texts = st.lists(fragments, max_size=20).map("".join) | st.text(st.characters(), max_size=80)


@pytest.fixture(scope="module")
def encoder() -> Encoder:
    return Encoder()


@pytest.fixture(scope="module")
def network(encoder: Encoder) -> TokenBoundaries:
    return TokenBoundaries(encoder)


def likely(found: list[Boundary]) -> list[int]:
    return [boundary.offset for boundary in found if boundary.p >= 0.5]


def long_text(size: int) -> str:
    """Instructions, so many letters of code, and a question."""
    code = "".join(
        f"def total_{number}(prices, counts): return prices[{number}] * counts[{number}]\n" for number in range(2000)
    )
    return f"{ORDERS}\n\n<document>\n{code[:size]}\n</document>\n\n{TASK}"


@pytest.mark.parametrize("layout", LAYOUTS)
def test_material_and_question_are_found(network: TokenBoundaries, layout: str) -> None:
    opening, closing = LAYOUTS[layout]
    text = f"{ORDERS}\n\n{opening}{DOCUMENT}{closing}\n\n{TASK}"
    found = likely(network.boundaries(text))
    assert text.index("## Task" if layout == "headings" else TASK) in found
    if opening:
        assert text.index(opening) in found
    assert len(found) <= 3


def test_another_language(network: TokenBoundaries) -> None:
    text = "\n\n".join(GERMAN)
    assert text.index("Frage:") in likely(network.boundaries(text))


def test_a_boundary_does_not_depend_on_what_is_asked(network: TokenBoundaries) -> None:
    stable = f"{ORDERS}\n\n<document>\n{DOCUMENT}\n</document>\n\n"
    for task in (TASK, "Question: when does the office open?", "Summarise the fees in one sentence."):
        assert len(stable) in likely(network.boundaries(stable + task))


@pytest.mark.parametrize(
    "text", ["", " ", "\n\n\n", "fix this", "How do I reverse a list in Python?", "\x00", "\ufffd\n\ufffd"]
)
def test_where_nothing_begins_there_is_none(network: TokenBoundaries, text: str) -> None:
    assert network.boundaries(text) == []


@settings(max_examples=60, deadline=None)
@given(texts)
@example(f"{ORDERS}\udcff\n\n{DOCUMENT}\n\n{TASK}")
def test_in_any_text_a_line_or_a_sentence_begins_there(network: TokenBoundaries, text: str) -> None:
    found = network.boundaries(text)
    offsets = [boundary.offset for boundary in found]
    assert offsets == sorted(set(offsets))
    for boundary in found:
        assert LEAST <= boundary.p <= 1
        assert 0 < boundary.offset < len(text)
        assert not text[boundary.offset].isspace()
        line = text[: boundary.offset].rpartition("\n")[2]
        assert not line.strip() or _SENTENCE_END.search(line)
        assert text[: boundary.offset].strip()
    assert network.boundaries(text) == found


def test_a_byte_that_is_no_text_moves_nothing(network: TokenBoundaries) -> None:
    text = f"{ORDERS}\udcff\n\n{DOCUMENT}\n\n{TASK}"
    assert text.index(TASK) in likely(network.boundaries(text))
    assert network.boundaries(text) == network.boundaries(text.replace("\udcff", "\ufffd"))


@pytest.mark.parametrize("size", [500, 3900, 5000, 7000, 7800, 8200, 100_000])
def test_of_a_text_of_any_length_the_beginning_and_the_end_are_read(network: TokenBoundaries, size: int) -> None:
    text = long_text(size)
    found = likely(network.boundaries(text))
    assert len(ORDERS) + 2 in found
    assert text.index(TASK) in found


def test_of_a_very_long_text_the_middle_is_not_read(network: TokenBoundaries) -> None:
    text = "\n\n".join([ORDERS, DOCUMENT, TASK] * 400)
    found = network.boundaries(text)
    assert found
    assert not [boundary for boundary in found if 4000 <= boundary.offset < len(text) - 4000]


@pytest.mark.parametrize("text", ["a" * 100_000, "a. " * 33_000, "\n " * 50_000, "- x\n" * 25_000, ". \t" * 33_000])
def test_a_text_that_is_all_the_same_ends_soon(network: TokenBoundaries, text: str) -> None:
    assert all(0 < boundary.offset < len(text) for boundary in network.boundaries(text))


def test_missing_weights_are_named(encoder: Encoder, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(optafly, "__file__", str(tmp_path / "sidecar" / "optafly" / "__init__.py"))
    with pytest.raises(ModelMissing, match=r"boundaries\.safetensors"):
        TokenBoundaries(encoder).boundaries(DOCUMENT)


@pytest.mark.parametrize("content", [b"", b"no weights", weights_file(FILE).read_bytes()[:100_000]])
def test_damaged_weights_are_named(encoder: Encoder, tmp_path: Path, content: bytes) -> None:
    damaged = tmp_path / FILE
    damaged.write_bytes(content)
    with pytest.raises(ModelCorrupt, match=r"boundaries\.safetensors"):
        TokenBoundaries(encoder, damaged).boundaries(DOCUMENT)


@pytest.mark.parametrize("about", ["encoder", "calibration"])
def test_weights_that_do_not_say_what_they_are_for_are_refused(encoder: Encoder, tmp_path: Path, about: str) -> None:
    tensors, said = read_weights(weights_file(FILE))
    for number, changed in enumerate((said | {about: "something else"}, {k: v for k, v in said.items() if k != about})):
        other = tmp_path / f"{number}.safetensors"
        write_weights(other, tensors, changed)
        with pytest.raises(ModelCorrupt, match="of another version"):
            TokenBoundaries(encoder, other).boundaries(DOCUMENT)


def test_the_weights_of_another_network_are_refused(encoder: Encoder) -> None:
    with pytest.raises(ModelCorrupt, match=r"router\.safetensors"):
        TokenBoundaries(encoder, weights_file("router.safetensors")).boundaries(DOCUMENT)


def test_weights_without_a_number_are_refused(encoder: Encoder, tmp_path: Path) -> None:
    tensors, about = read_weights(weights_file(FILE))
    write_weights(tmp_path / FILE, tensors | {"say.bias": tensors["say.bias"] * float("nan")}, about)
    with pytest.raises(ModelCorrupt, match="give no probabilities"):
        TokenBoundaries(encoder, tmp_path / FILE).boundaries(DOCUMENT)


@settings(max_examples=40, deadline=None)
@given(at=st.integers(0, 384_000) | st.integers(0, 1500), written=st.binary(min_size=1, max_size=64))
def test_wherever_the_file_is_damaged_there_are_probabilities_or_an_error(
    encoder: Encoder, tmp_path_factory: pytest.TempPathFactory, at: int, written: bytes
) -> None:
    content = bytearray(weights_file(FILE).read_bytes())
    content[at : at + len(written)] = written
    damaged = tmp_path_factory.mktemp("damaged") / FILE
    damaged.write_bytes(content)
    try:
        found = TokenBoundaries(encoder, damaged).boundaries(DOCUMENT)
    except ModelCorrupt as error:
        assert FILE in str(error)
    else:
        assert all(LEAST <= boundary.p <= 1 for boundary in found)
