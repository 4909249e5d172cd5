from pathlib import Path

from tests.bench.document import with_part, write_part


def test_a_command_replaces_its_own_part_and_no_other() -> None:
    document = with_part(with_part("# Benchmarks\n\nWords.\n", "make one", "old one"), "make two", "the other")
    changed = with_part(document, "make one", "new one\nwith \\1 in it")
    assert "old one" not in changed
    assert changed == document.replace("old one", "new one\nwith \\1 in it")


def test_a_command_whose_name_begins_like_another_has_a_part_of_its_own() -> None:
    document = with_part("# Benchmarks\n", "make bench-cache", "answers")
    document = with_part(document, "make bench", "refining")
    assert document.count("answers") == document.count("refining") == 1
    assert with_part(document, "make bench", "refining") == document


def test_the_document_is_begun_where_there_is_none(tmp_path: Path) -> None:
    file = tmp_path / "benchmarks.md"
    write_part("make bench", "figures", file)
    text = file.read_text("utf-8")
    assert text.startswith("# Benchmarks\n")
    assert "figures" in text
