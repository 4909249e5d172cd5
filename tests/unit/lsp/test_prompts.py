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
    ("markdown", "One\n\n  Two‸ \n", "Two"),
    ("Markdown", "# Title\nFix ‸it", "Fix it"),
    ("plain text", "Fix‸ it\r\nnow\r\n\r\nmore", "Fix it\r\nnow"),
    ("Git Commit", "Fix‸ the login\n\nbody\n# comment", "Fix the login"),
    ("git_commit", "subject\n\nbo‸dy\n# comment", "body"),
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
