"""Where a prompt stands: paragraphs of prose, comments of code, and what is none.

In the documents ``‸`` is the cursor; two of them are the ends of a selection.
"""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from optafly.lsp.documents import TextDocument
from optafly.lsp.prompts import FoundPrompt, find_prompt, is_prose
from optafly.protocol import Position, Range, Selection


def find(language: str, marked: str, marker: str = "AI:") -> tuple[FoundPrompt | None, TextDocument]:
    parts = marked.split("‸")
    document = TextDocument("file:///a", language, 1, "".join(parts))
    start = len(parts[0])
    end = start + (len(parts[1]) if len(parts) == 3 else 0)
    return find_prompt(document, document.range_of(start, end), marker), document


def found(language: str, marked: str, marker: str = "AI:") -> FoundPrompt:
    prompt, document = find(language, marked, marker)
    assert prompt is not None
    if prompt.replaceable:
        assert prompt.text == document.text[prompt.start : prompt.end]
    return prompt


PROSE = [
    ("markdown", "Fix ‸the bug\nin login\n\nOther", "Fix the bug\nin login"),
    ("markdown", "One\n\n  Two it‸ \n", "Two it"),
    ("Markdown", "# Title\nFix ‸it", "Fix it"),
    ("plain text", "Fix‸ it\r\nnow\r\n\r\nmore", "Fix it\r\nnow"),
    ("Git Commit", "Fix‸ the login\n\nbody\n# comment", "Fix the login"),
    ("git_commit", "subject\n\nthe bo‸dy\n# comment", "the body"),
    ("git_commit", "#123: fix‸ the bug\n", "#123: fix the bug"),
    ("markdown", "<task>Fix this.</task>\n\nAlso‸ that", "Also that"),
    ("markdown", "<task>never closed\n\nAlso‸ that", "Also that"),
    ("plaintext", "Use <task> here‸ please", "Use <task> here please"),
    ("markdown", "- one\n- fix‸ this\n  and that\n- three", "fix this\n  and that"),
    ("markdown", "1. one\n2. [ ] fix this\n   and‸ that\n", "fix this\n   and that"),
    ("markdown", "* item\n\n    further‸ text\n", "further text"),
    ("markdown", "> Fix‸ this", "Fix this"),
    ("markdown", "```py\nx\n```\nFix ‸this", "Fix this"),
    ("markdown", "a ``` inline ``` b\nFix ‸this", "a ``` inline ``` b\nFix this"),
    ("markdown", "Use ```x``` h‸ere", "Use ```x``` here"),
    ("markdown", "---\ntitle: x\n---\nFix‸ this", "Fix this"),
    ("asciidoc", "= Title\n\nFix‸ this", "Fix this"),
    ("latex", "\\section{A}\nFix‸ this % now", "Fix this % now"),
    ("org", "* Heading\nFix‸ this", "Fix this"),
    ("typst", "= Heading\nFix‸ this", "Fix this"),
    ("gfm", "# Title\nFix‸ this", "Fix this"),
    ("vc-git-log-edit", "Fix‸ this\n\n# Please enter", "Fix this"),
    ("markdown", "修复登录‸错误", "修复登录错误"),
    ("markdown", "Look at https://a.b/c#d ‸and fix", "Look at https://a.b/c#d and fix"),
]


@pytest.mark.parametrize(("language", "marked", "text"), PROSE)
def test_paragraphs_are_prompts(language: str, marked: str, text: str) -> None:
    prompt = found(language, marked)
    assert (prompt.kind, prompt.text, prompt.replaceable, prompt.target) == ("prose", text, True, None)


def test_the_leaders_of_a_quote_are_no_part_of_the_prompt() -> None:
    prompt, document = find("markdown", "> Fix this\n> and‸ that\n\nOther")
    assert prompt is not None
    assert (prompt.text, prompt.replaceable) == ("Fix this\nand that", False)
    assert document.text[prompt.start : prompt.end] == "Fix this\n> and that"


def test_a_selection_of_prose_is_the_prompt_whatever_it_is() -> None:
    prompt = found("markdown", "One ‸ two\n\n# three ‸ four")
    assert (prompt.kind, prompt.text, prompt.start) == ("selection", "two\n\n# three", 5)


@pytest.mark.parametrize(
    ("marked", "text"),
    [
        ("Fix ‸this‸ now", "Fix this now"),
        ("Fix it ‸(the parser)‸ now", "Fix it (the parser) now"),
        ('Name it ‸"two words"‸ here', 'Name it "two words" here'),
        ("# Heading ‸only‸\n\nFix this", "only"),
        ("先看。‸修复登录错误‸。", "修复登录错误"),
    ],
)
def test_the_word_or_the_brackets_at_the_cursor_are_a_cursor(marked: str, text: str) -> None:
    assert found("markdown", marked).text == text


def test_a_selection_of_space_is_a_cursor() -> None:
    assert found("markdown", "Fix‸ ‸this").kind == "prose"


@pytest.mark.parametrize(
    ("language", "marked"),
    [
        ("markdown", "One\n‸\nTwo"),
        ("markdown", "# Head‸ing"),
        ("markdown", "Heading‸\n======="),
        ("markdown", "Heading‸\n-------\ntext"),
        ("markdown", "```\nfix ‸this\n```"),
        ("markdown", "‸```py\nfix this\n```"),
        ("markdown", "  ```‸py\nfix this\n```"),
        ("markdown", "~~~\nfix\n\n‸this"),
        ("markdown", "- item\n  ```\n  fix ‸this\n  ```"),
        ("markdown", "a\n\n* * ‸*\n"),
        ("markdown", "| a | ‸b |\n|---|---|\n"),
        ("markdown", "---\ntitle:‸ x\n---\n"),
        ("markdown", "<!-- fix\nthis‸ -->\n"),
        ("markdown", "[a]: http‸://b.c"),
        ("markdown", "text\n\n    indented‸ code\n"),
        ("markdown", "- ‸\n"),
        ("markdown", "...‸"),
        ("markdown", "o‸k\n"),
        ("markdown", "- o‸k\n"),
        ("git-commit", "subject\n# Please‸ enter"),
        ("git-commit", "s\n# ------------------------ >8 ------------------------\ndiff‸ --git a b"),
        ("git-commit", "s\n\nSigned-off-by: ‸A"),
        ("asciidoc", "a\n\n----\nfix‸ this\n----\n"),
        ("latex", "\\begin{verbatim}\nfix‸ this\n\\end{verbatim}"),
        ("latex", "% a com‸ment"),
        ("org", "#+BEGIN_SRC py\nfix‸ this\n#+END_SRC"),
        ("rst", "Title‸\n====="),
        ("markdown", "‸" + "word " * 5000),
        ("markdown", "‸" + ("word " * 20 + "\n") * 300),
        ("markdown", ""),
    ],
)
def test_what_is_no_running_text_is_no_prompt(language: str, marked: str) -> None:
    assert find(language, marked)[0] is None


REFINED = """<context>
shop/bill.py:1-3, func‸tion `split_evenly`
```python
def split_evenly():
    return 1

```
Call‸ed in `total` (shop/bill.py:9).
</context>
<task>Fix this bug.
The place meant is ‸`split_evenly`.</task>
<con‸straints>Smallest change that is right.</constraints>
<done_when>`pytest` pas‸ses (pyproject.toml).‸</done_when>
<open_questions>
Which one is me‸ant: a or b?
</open_questions>"""


@pytest.mark.parametrize("place", range(REFINED.count("‸")))
@pytest.mark.parametrize(
    "language", ["markdown", "plaintext", "git-commit", "rst", "org", "latex", "asciidoc", "typst"]
)
def test_a_refined_prompt_is_no_prompt(language: str, place: int) -> None:
    parts = REFINED.split("‸")
    marked = "".join(parts[: place + 1]) + "‸" + "".join(parts[place + 1 :])
    for text in (marked, f"Before.\n{marked}\nAfter it.", marked.replace("\n", "\r\n")):
        assert find(language, text)[0] is None
    prompt, _ = find(language, f"{REFINED.replace('‸', '')}\n\nFix ‸another bug")
    assert prompt is not None
    assert prompt.text == "Fix another bug"


BEHIND_QUOTES = r"""
python     | raise ValueError("can't be")  # make‸ it
python     | x = f'a "b' + rb"c'" # make‸ it
python     | ''' it's '''.strip()  # make‸ it
python     | x = 'it\'s'  # make‸ it
typescript | const s = "don't"; // make‸ it
typescript | f("it's", 'a "b', `c'"`) // make‸ it
tsx        | <p>it's</p> {/* make‸ it */}
tsx        | <p>I'm let's</p> {/* make‸ it */}
go         | s := "it's" // make‸ it
java       | char c = '"'; // make‸ it
java       | char c = '\''; // make‸ it
cpp        | int x = 1'000'000; char c = L'"'; // make‸ it
rust       | let c = '"'; // make‸ it
rust       | fn f<'a>(x: &'a str) -> char { '\"' } // make‸ it
haskell    | f x' = '"' -- make‸ it
ocaml      | let f : 'a -> 'b = '"' (* make‸ it *)
bash       | echo "don't"  # make‸ it
bash       | echo don\'t '\'  # make‸ it
sql        | SELECT 'it''s', 'C:\' -- make‸ it
yaml       | a: it's 5" wide  # make‸ it
yaml       | a: ["it's", 'x']  # make‸ it
ruby       | x = "don't" # make‸ it
vue        | <p>it's 5" wide</p> <!-- make‸ it -->
html       | <p class="a">don't</p><!-- make‸ it -->
powershell | $x = "C:\" # make‸ it
clojure    | (f \") ; make‸ it
"""
IN_QUOTES = r"""
python     | x = "it's # make‸ it"
python     | x = 'a\' # make‸ it'
python     | x = r'a" # make‸ it'
python     | x = '''it's ' # make‸ it'''
typescript | const s = "don't // make‸ it";
typescript | const s = `it's // make‸ it`;
rust       | let s = "'a // make‸ it";
yaml       | a: "it's # make‸ it"
yaml       | a: 'it # make‸ it'
bash       | echo "it's # make‸ it"
sql        | SELECT 'it''s -- make‸ it'
vue        | <a title="it's // make‸ it">
"""


def rows(table: str) -> list[tuple[str, str]]:
    parts = (line.partition("| ") for line in table.strip().split("\n"))
    return [(language.strip(), marked) for language, _, marked in parts]


@pytest.mark.parametrize(("language", "marked"), rows(BEHIND_QUOTES))
def test_a_comment_behind_quotes(language: str, marked: str) -> None:
    assert found(language, marked).text == "make it"


@pytest.mark.parametrize(("language", "marked"), rows(IN_QUOTES))
def test_what_looks_like_a_comment_in_quotes(language: str, marked: str) -> None:
    assert find(language, marked)[0] is None


@pytest.mark.parametrize(
    ("language", "marked"),
    [
        ("shell-script", "cat <<EOF\n# make‸ it fast\nEOF\n"),
        ("shell-script", "cat <<-'EOF' > x\n\t# make‸ it fast\n\tEOF\n"),
        ("python", 'x = """\n# make‸ it fast\n"""\n'),
        ("python", "x = f'''\n\n  # make‸ it fast\n'''\n"),
        ("go", "var s = `\n// make‸ it fast\n`\n"),
        ("yaml", "run: |\n  # make‸ it fast\n  echo\n"),
        ("yaml", "- name: x\n  run: >-\n\n    if a\n      # make‸ it fast\n"),
        ("yaml", "- run: |\n    echo x # make‸ it fast\n"),
        ("yaml", "- |\n  # make‸ it fast\n"),
        ("vue", "<template>\n  <p>{{ a }} // make‸ it fast</p>\n</template>\n"),
        ("vue", "<script>\nf()\n</script>\n<p>see // make‸ it fast</p>\n"),
        ("cpp", "namespace foo {\n} // namespace‸ foo\n"),
        ("cpp", "} // end of class‸ Foo"),
        ("python", "# %% a cell‸ of it\n"),
    ],
)
def test_what_is_no_request_inside_of_texts_and_behind_ends(language: str, marked: str) -> None:
    assert find(language, marked)[0] is None


@pytest.mark.parametrize(
    ("language", "marked"),
    [
        ("shell-script", "cat <<EOF\nx\nEOF\n# make‸ it fast\n"),
        ("shell-script", "x=$((1 << n))\n# make‸ it fast\n"),
        ("python", 'x = """\n# a b\n"""\n# make‸ it fast\n'),
        ("python", '# don\'t say """ here\nx\n# make‸ it fast\n'),
        ("go", "// a ` there\nx\n// make‸ it fast\n"),
        ("yaml", "run: |\n  echo\n# make‸ it fast\n"),
        ("yaml", "- run: |\n    echo\n  # make‸ it fast\n"),
        ("yaml", "jobs:\n  # make‸ it fast\n"),
        ("vue", "<template>\n</template>\n<script>\n// make‸ it fast\n"),
        ("vue", "<p></p>\n<style>\n// make‸ it fast\n"),
        ("astro", "---\nconst a = <b/>\n// make‸ it fast\n---\n<p>"),
        ("python", "# %% a cell of it\n# make‸ it fast\n"),
    ],
)
def test_what_stands_beside_a_text_is_a_request(language: str, marked: str) -> None:
    assert found(language, marked).text == "make it fast"


def test_a_marked_comment_inside_of_a_text_is_a_request() -> None:
    assert found("yaml", "run: |\n  # AI: make‸ it fast\n").text == "make it fast"


@pytest.mark.parametrize(
    "text",
    ["use functools.lru_cache(maxsize=None)", "if the list is empty, return None;", "replace `a = b` with c"],
)
def test_a_request_may_name_code(text: str) -> None:
    assert found("python", f"# ‸{text}\n").text == text


@pytest.mark.parametrize("text", ["use std::io;", "if a is not None:", "use = 5", "static const int a = b;"])
def test_code_that_begins_like_a_request(text: str) -> None:
    assert find("python", f"# ‸{text}\n")[0] is None


def test_a_single_word_is_a_request_where_it_is_selected() -> None:
    assert found("markdown", "# Heading\n\n‸refactor‸\n").text == "refactor"


COMMENTS = [
    ("python", "# AI: fix‸ this\nx = 1", "marked_comment", "fix this", "2:1-2:6"),
    ("python", "# ai : fix this\n#   and that‸\n\n  x = 1", "marked_comment", "fix this\n  and that", "4:3-4:8"),
    ("python", "# note\n# AI: fix‸ this", "marked_comment", "fix this", None),
    ("python", "# AI: one\n# AI: fix‸ this", "marked_comment", "fix this", None),
    ("python", "#!/bin/sh\n# handle‸ errors\ny", "comment", "handle errors", "3:1-3:2"),
    ("python", "  ‸  # handle errors\n    y()", "comment", "handle errors", "2:5-2:8"),
    ("python", "x = 1  # handle er‸rors", "comment", "handle errors", "1:1-1:6"),
    ("python", "x = '#'  # handle er‸rors", "comment", "handle errors", "1:1-1:8"),
    ("python", "# one two\n#\n# three‸\n", "comment", "one two\n\nthree", None),
    ("python", "########\n# handle‸ errors #\n########\nx", "comment", "handle errors", "4:1-4:2"),
    ("python", "# 修复登录错误‸", "comment", "修复登录错误", None),
    ("javascript", "/// handle‸ errors\nf()", "comment", "handle errors", "2:1-2:4"),
    ("typescript", "/**\n * Handle errors\n * well‸\n */\nfoo()", "comment", "Handle errors\nwell", "5:1-5:6"),
    ("typescript", "f() /* handle‸ errors */", "comment", "handle errors", "1:1-1:4"),
    ("typescript", "/* handle‸ errors */ f()", "comment", "handle errors", "1:21-1:24"),
    ("tsx", "<a>\n  {/* AI: make‸ red */}\n  <b/>", "marked_comment", "make red", "3:3-3:7"),
    ("typescript", "const g = 'src/**/*.ts'\n// handle‸ errors\n", "comment", "handle errors", None),
    ("typescript", "// see /* there\n// fix‸ this\na */", "comment", "see /* there\nfix this", "3:1-3:5"),
    ("rust", "fn f<'a>() {} // handle‸ errors", "comment", "handle errors", "1:1-1:14"),
    ("html", "<!-- make the‸ title red -->\n<h1>", "comment", "make the title red", "2:1-2:5"),
    ("vue", "// make the‸ title red", "comment", "make the title red", None),
    ("lua", "--[[ make\nit‸ fast ]]\nf()", "comment", "make\nit fast", "3:1-3:4"),
    ("haskell", "{- make‸ it fast -}", "comment", "make it fast", None),
    ("ocaml", "(* make‸ it fast *)\nlet x = 1", "comment", "make it fast", "2:1-2:10"),
    ("powershell", "<#\n make‸ it fast\n#>", "comment", "make it fast", None),
    ("ruby", "=begin\nmake‸ it fast\n=end\nx", "comment", "make it fast", "4:1-4:2"),
    ("scheme", "#| make‸ it fast |#", "comment", "make it fast", None),
    ("handlebars", "{{!-- make‸ it fast --}}", "comment", "make it fast", None),
    ("clojure", ";; make‸ it fast\n(f)", "comment", "make it fast", "2:1-2:4"),
    ("sql", "-- make‸ it fast\nselect 1", "comment", "make it fast", "2:1-2:9"),
    ("vb", "' make‸ it fast", "comment", "make it fast", None),
    ("bat", "REM make‸ it fast", "comment", "make it fast", None),
    ("fortran", "! make‸ it fast", "comment", "make it fast", None),
    ("matlab", "x = 1; % make‸ it fast", "comment", "make it fast", "1:1-1:7"),
    ("vim", '" make‸ it fast', "comment", "make it fast", None),
    ("python", "# $HOME is‸ wrong (see #12)", "comment", "$HOME is wrong (see #12)", None),
    ("python", "# if the user‸ is logged out, redirect", "comment", "if the user is logged out, redirect", None),
    ("zzz", "# make‸ it fast", "comment", "make it fast", None),
    ("zzz", "#AI: make‸ it fast", "marked_comment", "make it fast", None),
    ("zzz", "/* make‸ it fast */", "comment", "make it fast", None),
    ("c", "/* make it\r\n * fast‸\r\n */\r\nint x;\r\n", "comment", "make it\nfast", "4:1-4:7"),
    ("c", "{\n  // make it fast‸\n}", "comment", "make it fast", None),
]


@pytest.mark.parametrize(("language", "marked", "kind", "text", "target"), COMMENTS)
def test_comments_are_prompts(language: str, marked: str, kind: str, text: str, target: str | None) -> None:
    prompt = found(language, marked)
    where = str(prompt.target) if prompt.target is not None else None
    assert (prompt.kind, prompt.text, where, prompt.replaceable) == (kind, text, target, False)


def test_the_stretch_of_a_comment_is_all_of_it() -> None:
    prompt, document = find("python", "x\n  # make it\n  # fast‸  \ny\n")
    assert prompt is not None
    assert document.text[prompt.start : prompt.end] == "# make it\n  # fast"
    assert prompt.target == Selection(4, 1, 4, 2)


def test_a_selection_within_a_comment() -> None:
    assert found("python", "# make ‸it\n# fast‸\nx").text == "make it\nfast"
    assert find("python", "# make ‸it\n# fast\nx‸")[0] is None


def test_the_marker_is_a_setting() -> None:
    assert found("python", "# Claude, fix‸ it", "claude,").text == "fix it"
    assert found("python", "# AI: fix‸ it", "").kind == "comment"


@pytest.mark.parametrize(
    ("language", "marked"),
    [
        ("python", "x =‸ 1"),
        ("python", "x = 1‸  # handle errors"),
        ("python", "‸def f():\n    return 1‸"),
        ("python", "#!/usr/bin/env py‸thon run this"),
        ("python", "# -*- coding: utf-8 -*-‸"),
        ("python", "x  # noqa: E501 for that‸ reason"),
        ("python", "x  # type: ignore[foo] for that‸ reason"),
        ("python", "# SPDX-License-Identifier: Apache-2.0 or‸ so"),
        ("python", "# Copyright 2024 Some One‸\n# All of it"),
        ("python", "# x = compute(a,‸ b)"),
        ("python", "# for item in items:‸\n#     print(item)"),
        ("python", "# import os‸"),
        ("python", "# TODO‸"),
        ("python", "# -----‸ -----"),
        ("python", "# AI: ‸"),
        ("python", "x = 'a # handle er‸rors'"),
        ("python", "x = a#b handle‸ errors"),
        ("javascript", "// eslint-disable-next-line no‸-console"),
        ("javascript", "// @ts-ignore for that‸ reason"),
        ("javascript", "// return foo(bar);‸"),
        ("javascript", "const u = 'http://a.b/c handle‸ errors'"),
        ("javascript", "/* eslint-disable no‸-console, foo */"),
        ("javascript", "const g = ['src/**/*.ts',\n x‸ y, 'a/**/*.js']"),
        ("fortran", "!$omp parallel‸ do"),
        ("csharp", "// #region Some‸ thing"),
        ("c", "#include <some thing‸>"),
        ("c", "#define make it fast‸"),
        ("rust", "#[derive(Debug‸, Clone)]"),
        ("go", "//go:build linux and‸ so"),
        ("go", "// nolint: for that‸ reason"),
        ("zzz", "#include <some thing‸>"),
        ("zzz", "#header main thing‸"),
        ("zzz", "run this --flag now‸ here"),
        ("css", "a { color: red }‸ b"),
        ("typescript", "/* not closed‸ at all"),
        ("typescript", "/* closed well */\nfoo‸ bar"),
    ],
)
def test_code_directives_and_licences_are_no_prompts(language: str, marked: str) -> None:
    assert find(language, marked)[0] is None


@pytest.mark.parametrize(
    "language", ["Markdown", "PLAINTEXT", "Plain Text", "git_commit", "Git Commit", "reStructuredText"]
)
def test_prose_languages(language: str) -> None:
    assert is_prose(language)
    assert not is_prose("python")


PIECES = st.sampled_from(
    "# // /* */ <!-- --> -- --[[ ]] {- -} (* *) ``` ~~~ --- === > - * 1. | \n \r\n \r \n\n AI: fix this 😀 ' \" ` x=1; "
    "\\begin{verbatim} \\item #+BEGIN_SRC ---- [a]: <a> {/* */} =begin =end #| |# % ; ! REM".split(" ")
)
LANGUAGES = st.sampled_from(
    "markdown plaintext git-commit rst latex org asciidoc typst python rust tsx html lua ruby scheme zzz haskell vim "
    "matlab bat php vb ocaml pascal coffeescript".split()
)
PLACES = st.builds(Position, st.integers(0, 12), st.integers(0, 12))


@given(
    LANGUAGES, st.lists(st.tuples(PIECES, st.sampled_from([" ", "", "\n"])), max_size=30), PLACES, PLACES | st.none()
)
def test_any_document(language: str, parts: list[tuple[str, str]], one: Position, other: Position | None) -> None:
    text = "".join(piece + gap for piece, gap in parts)
    document = TextDocument("file:///a", language, 1, text)
    prompt = find_prompt(document, Range(one, other or one))
    if prompt is None:
        return
    assert 0 <= prompt.start < prompt.end <= len(text)
    assert prompt.text == prompt.text.strip() != ""
    if prompt.replaceable:
        assert prompt.text == text[prompt.start : prompt.end]
    if prompt.target is not None:
        target = document.text_in(document.range_of_selection(prompt.target))
        assert target == target.strip() != ""
        assert "\n" not in target
