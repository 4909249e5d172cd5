"""What is found in pasted tracebacks and compiler output; the files in data/traces are what the real tools printed."""

from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st

from optafly.context.trace_text import ESCAPE
from optafly.context.traces import Frame, FrameResolver, Trace, find_traces

DATA = Path(__file__).parent / "data" / "traces"
NULL_POINTER = 'java.lang.NullPointerException: Cannot invoke "java.util.Map.get(Object)" because "this.prices" is null'


class Printed(NamedTuple):
    """What one file holds: its first trace and that one's innermost frame, how many frames, how many traces."""

    name: str
    kind: str
    message: str
    place: tuple[str, int, int | None, str | None] | None
    frames: int
    traces: int = 1
    around: bool = False  # the tool printed lines that are no part of any trace


# fmt: off
PRINTED = [
    Printed("eslint", "gcc", "error    'unused' is assigned a value but never used  no-unused-vars",
            ("/home/dev/shop/src/a.js", 1, 7, None), 3),
    Printed("gcc", "gcc", "error: unknown type name ‘pricee’", ("include/cart.h", 3, 29, None), 14),
    Printed("gcc-color", "gcc", "error: unknown type name ‘pricee’", ("include/cart.h", 3, 29, None), 14),
    Printed("gcc-fatal", "gcc", "fatal error: nowhere.h: No such file or directory", ("src/fatal.c", 1, 10, None), 1),
    Printed("gcc-link", "gcc", "undefined reference to `nowhere'", ("/home/dev/shop/src/link.c", 2, None, None), 1),
    Printed("gcc-make", "gcc", "error: unknown type name ‘pricee’", ("include/cart.h", 3, 29, None), 14),
    Printed("gcc-no-caret", "gcc", "error: unknown type name ‘pricee’", ("include/cart.h", 3, 29, None), 14),
    Printed("go-build", "go", '"os" imported and not used', ("./main.go", 5, 2, None), 5),
    Printed("go-build-missing", "go", "no required module provides package example.com/shop/nowhere; to add it:",
            ("main.go", 6, 2, None), 1),
    Printed("go-build-syntax", "go", "syntax error: unexpected {, expected name or (", ("cart/cart.go", 4, 6, None), 1),
    Printed("go-concurrent", "go", "fatal error: concurrent map writes",
            ("/usr/local/go/src/runtime/panic.go", 1181, None, "internal/runtime/maps.fatal"), 3),
    Printed("go-deadlock", "go", "fatal error: all goroutines are asleep - deadlock!",
            ("/home/dev/shop/main.go", 33, None, "main.main"), 1),
    Printed("go-goroutine", "go", "panic: runtime error: index out of range [1] with length 0",
            ("/home/dev/shop/cart/cart.go", 15, None, "example.com/shop/cart.At"), 3),
    Printed("go-index", "go", "panic: runtime error: index out of range [5] with length 1",
            ("/home/dev/shop/cart/cart.go", 15, None, "example.com/shop/cart.At"), 2),
    Printed("go-multiline", "go", "panic: bad cart: 3\n\tsecond line",
            ("/home/dev/shop/main.go", 20, None, "main.main"), 1),
    Printed("go-nil", "go", "panic: runtime error: invalid memory address or nil pointer dereference",
            ("/home/dev/shop/cart/cart.go", 10, None, "example.com/shop/cart.(*Cart).Total"), 2),
    Printed("go-recovered", "go", "panic: runtime error: index out of range [2] with length 0 [recovered]\n"
            "\tpanic: wrapped: runtime error: index out of range [2] with length 0",
            ("/home/dev/shop/cart/cart.go", 15, None, "example.com/shop/cart.At"), 4),
    Printed("go-run", "go", "panic: runtime error: index out of range [5] with length 1",
            ("/home/dev/shop/cart/cart.go", 15, None, "example.com/shop/cart.At"), 2),
    Printed("go-test", "go", "At = 1, want 2", ("cart_test.go", 5, None, "TestAt"), 1, 2, around=True),
    Printed("go-vet", "go", "fmt.Printf format %s has arg cart.Total(3) of wrong type int",
            ("main.go", 11, 17, None), 1),
    Printed("java-cause", "java", NULL_POINTER, ("Shop.java", 10, None, "com.acme.Shop$Cart.priceOf"), 14),
    Printed("java-init", "java", 'java.lang.NumberFormatException: For input string: "x"',
            ("NumberFormatException.java", 67, None, "java.base/java.lang.NumberFormatException.forInputString"), 5),
    Printed("java-multiline", "java", "java.lang.IllegalArgumentException: first\nsecond\n\tthird",
            ("Shop.java", 36, None, "com.acme.Shop.main"), 1),
    Printed("java-no-message", "java", "java.lang.UnsupportedOperationException",
            ("Shop.java", 41, None, "com.acme.Shop.main"), 1),
    Printed("java-print", "java", NULL_POINTER, ("Shop.java", 10, None, "com.acme.Shop$Cart.priceOf"), 14),
    Printed("java-suppressed", "java", "java.lang.Exception: outer", ("Shop.java", 35, None, "com.acme.Shop.main"), 14),
    Printed("javac", "java", "error: incompatible types: int cannot be converted to String",
            ("bad/com/acme/Shop.java", 7, None, None), 6),
    Printed("javac-plain", "java", "error: incompatible types: int cannot be converted to String",
            ("Shop.java", 7, None, None), 3),
    Printed("mypy", "gcc", 'error: Incompatible return value type (got "int", expected "str")  [return-value]',
            ("shop.py", 3, None, None), 2),
    Printed("mypy-pretty", "gcc", 'error: Incompatible return value type (got "int", expected "str")',
            ("shop.py", 3, 12, None), 2),
    Printed("node-aggregate", "node", "Error: a", ("/home/dev/shop/src/main.js", 6, 70, "main"), 16),
    Printed("node-assert", "node", "AssertionError [ERR_ASSERTION]: Expected values to be strictly equal:\n\n1 !== 2",
            ("/home/dev/shop/src/main.js", 16, 42, "Object.<anonymous>"), 7),
    Printed("node-async", "node", "RangeError: closed", ("/home/dev/shop/run.mjs", 1, 54, "Shop.open"), 3, 2),
    Printed("node-cause", "node", "TypeError: Cannot read properties of undefined (reading 'amount')",
            ("/home/dev/shop/src/prices.js", 2, 21, "priceOf"), 15),
    Printed("node-color", "node", "TypeError: Cannot read properties of undefined (reading 'amount')",
            ("/home/dev/shop/src/prices.js", 2, 21, "priceOf"), 15),
    Printed("node-enoent", "node", "Error: ENOENT: no such file or directory, open '/no/cart.json'",
            ("node:internal/fs/promises", 637, 25, "open"), 4),
    Printed("node-esm", "node", "Error: ENOENT: no such file or directory, open '/no/such'",
            ("node:fs", 573, 18, "Object.openSync"), 7),
    Printed("node-eval", "node", "TypeError: Cannot read properties of null (reading 'x')",
            ("/home/dev/shop/src/main.js", 19, 48, "eval"), 9),
    Printed("node-jest", "node", "expect(received).toBe(expected) // Object.is equality",
            ("cart.test.js", 2, 82, "Object.toBe"), 1, 2, around=True),
    Printed("node-json", "node", "SyntaxError: Expected property name or '}' in JSON at position 1",
            ("/home/dev/shop/src/main.js", 8, 29, "main"), 8),
    Printed("node-missing", "node",
            "Error: Cannot find module './nowhere'\nRequire stack:\n- /home/dev/shop/src/main.js",
            ("node:internal/modules/cjs/loader", 1207, 15, "Module._resolveFilename"), 10),
    Printed("node-multiline", "node", "Error: first\nsecond\n  third",
            ("/home/dev/shop/src/main.js", 10, 37, "main"), 8),
    Printed("node-sync", "node", "TypeError: Cannot read properties of undefined (reading 'amount')",
            ("/home/dev/shop/src/prices.js", 2, 21, "priceOf"), 9),
    Printed("node-syntax", "node", "SyntaxError: Unexpected token ';'",
            ("/home/dev/shop/src/bad.js", 2, None, None), 8),
    Printed("node-throw-string", "node", "a string", ("/home/dev/shop/src/main.js", 14, None, None), 1),
    Printed("pytest-auto", "pytest", "OSError: no database at /var/lib/shop",
            ("tests/test_cart.py", 8, None, "broken_db"), 1, 6),
    Printed("pytest-collect", "pytest", "ModuleNotFoundError: No module named 'shop.nowhere'",
            ("t2/test_import.py", 1, None, "<module>"), 2),
    Printed("pytest-collect-syntax", "pytest", "SyntaxError: invalid syntax",
            ("/home/dev/shop/t2/test_import.py", 1, None, None), 11),
    Printed("pytest-color", "pytest", "AssertionError: assert 6 == 7",
            ("tests/test_cart.py", 12, None, "test_total"), 1),
    Printed("pytest-line", "pytest", "OSError: no database at /var/lib/shop", None, 0, 6),
    Printed("pytest-locals", "pytest", "KeyError: 'count'", ("shop/prices.py", 5, None, "price_of"), 4),
    Printed("pytest-short", "pytest", "OSError: no database at /var/lib/shop",
            ("tests/test_cart.py", 8, None, "broken_db"), 1, 6),
    Printed("pytest-summary", "pytest", "AssertionError: assert 6 == 7",
            ("tests/test_cart.py", 1, None, "test_total"), 6),
    Printed("python-27", "python", "ImportError: No module named foo", ("<string>", 1, None, "<module>"), 1),
    Printed("python-313-color", "python", "KeyError: 'count'",
            ("/home/dev/shop/shop/prices.py", 5, None, "price_of"), 7),
    Printed("python-313-recursion", "python", "RecursionError: maximum recursion depth exceeded",
            ("/home/dev/shop/shop/cart.py", 9, None, "retry"), 5),
    Printed("python-38-syntax", "python", "SyntaxError: invalid syntax", ("shop/broken.py", 1, None, None), 1),
    Printed("python-cause", "python", "KeyError: 'count'", ("/home/dev/shop/shop/prices.py", 5, None, "price_of"), 7),
    Printed("python-dash-c", "python", "KeyError: 'price'", ("/home/dev/shop/shop/prices.py", 5, None, "price_of"), 4),
    Printed("python-during", "python", "TypeError: list indices must be integers or slices, not str",
            ("/home/dev/shop/shop/cart.py", 23, None, "refund"), 7),
    Printed("python-group", "python", "KeyError: 'count'", ("/home/dev/shop/shop/prices.py", 5, None, "price_of"), 10),
    Printed("python-indent", "python", "IndentationError: unexpected indent",
            ("/home/dev/shop/shop/indent.py", 3, None, None), 1),
    Printed("python-interrupt", "python", "KeyboardInterrupt", ("/home/dev/shop/main.py", 41, None, "main"), 2),
    Printed("python-json", "python",
            "json.decoder.JSONDecodeError: Expecting property name enclosed in double quotes: line 1 column 2 (char 1)",
            ("/usr/local/lib/python3.11/json/decoder.py", 353, None, "raw_decode"), 6),
    Printed("python-multiline", "python", "ValueError: first line",
            ("/home/dev/shop/main.py", 27, None, "main"), 2, around=True),
    Printed("python-nested-groups", "python", "ValueError: never raised",
            ("/home/dev/shop/grp.py", 2, None, "inner"), 6),
    Printed("python-recursion", "python", "RecursionError: maximum recursion depth exceeded",
            ("/home/dev/shop/shop/cart.py", 9, None, "retry"), 5),
    Printed("python-syntax", "python", "SyntaxError: expected ':'",
            ("/home/dev/shop/shop/broken.py", 1, None, None), 3),
    Printed("python-syntax-direct", "python", "SyntaxError: expected ':'",
            ("/home/dev/shop/shop/broken.py", 1, None, None), 1),
    Printed("python-taskgroup", "python", "ConnectionResetError: peer went away",
            ("/home/dev/shop/main.py", 36, None, "fail"), 8),
    Printed("python-thread", "python", "KeyError: 'count'", ("/home/dev/shop/shop/prices.py", 5, None, "price_of"), 5),
    Printed("ruff", "gcc", "I001 [*] Import block is un-sorted or un-formatted", ("shop.py", 1, 1, None), 2),
    Printed("ruff-full", "gcc", "I001 [*] Import block is un-sorted or un-formatted", ("shop.py", 1, 1, None), 2),
    Printed("rust-170", "rust", "index out of bounds: the len is 2 but the index is 2",
            ("src/prices.rs", 2, 5, None), 1),
    Printed("rust-170-assert-eq", "rust",
            "assertion failed: `(left == right)`\n  left: `2`,\n right: `3`: sums", ("src/main.rs", 11, 23, None), 1),
    Printed("rust-170-backtrace", "rust",
            'cart file: Os { code: 2, kind: NotFound, message: "No such file or directory" }',
            ("src/main.rs", 8, 59, "shop::main"), 2),
    Printed("rust-assert-eq", "rust", "assertion `left == right` failed: sums\n  left: 2\n right: 3",
            ("src/main.rs", 11, 23, None), 1),
    Printed("rust-backtrace", "rust", "index out of bounds: the len is 2 but the index is 2",
            ("src/prices.rs", 2, 5, "shop::prices::price_of"), 10),
    Printed("rust-backtrace-full", "rust", "index out of bounds: the len is 2 but the index is 2",
            ("src/prices.rs", 2, 5, "shop::prices::price_of"), 24),
    Printed("rust-index", "rust", "index out of bounds: the len is 2 but the index is 2",
            ("src/prices.rs", 2, 5, None), 1),
    Printed("rust-multiline", "rust", "first line\nsecond line\n\nfourth", ("src/main.rs", 9, 20, None), 1),
    Printed("rust-test", "rust", "assertion failed: 1 == 2", ("src/main.rs", 22, 17, None), 1, 2, around=True),
    Printed("rust-threads", "rust", "in thread", ("src/main.rs", 10, 84, None), 1, 2),
    Printed("rustc", "rust", "error[E0425]: cannot find value `totall` in this scope", ("src/main.rs", 8, 32, None), 4),
    Printed("rustc-borrow", "rust",
            "error[E0502]: cannot borrow `*orders` as mutable because it is also borrowed as immutable",
            ("src/orders.rs", 3, 5, None), 5),
    Printed("rustc-color", "rust", "error[E0425]: cannot find value `totall` in this scope",
            ("src/main.rs", 8, 32, None), 4),
    Printed("rustc-short", "rust", "error[E0425]: cannot find value `totall` in this scope",
            ("src/main.rs", 8, 32, None), 4),
    Printed("tsc", "tsc", "error TS2307: Cannot find module './nowhere' or its corresponding type declarations.",
            ("src/close.ts", 2, 25, None), 9),
    Printed("tsc-color", "tsc", "error TS2307: Cannot find module './nowhere' or its corresponding type declarations.",
            ("src/close.ts", 2, 25, None), 8),
    Printed("tsc-pretty", "tsc", "error TS2307: Cannot find module './nowhere' or its corresponding type declarations.",
            ("src/close.ts", 2, 25, None), 11),
]
# fmt: on

WAYS_TO_PASTE: dict[str, Callable[[str], str]] = {
    "between paragraphs": lambda output: f"Why does this fail?\n\n{output}\n\nIt worked yesterday.",
    "between lines": lambda output: f"Why does this fail?\n{output}\nIt worked yesterday.",
    "fenced": lambda output: f"Why does this fail?\n```\n{output}\n```\nIt worked yesterday.",
    "windows": lambda output: f"Why?\n\n{output}\n\nIt worked yesterday.".replace("\n", "\r\n"),
    "quoted": lambda output: f"Why?\n\n{_each_line('> ', output)}\n\nIt worked yesterday.",
    "quoted, trimmed": lambda output: f"Why?\n\n{_each_line('>', output, ' ')}\n\nIt worked yesterday.",
    "indented": lambda output: f"Why?\n\n{_each_line('    ', output)}\n\nIt worked yesterday.",
    "from docker compose": lambda output: f"Why?\n\n{_each_line('web-1  | ', output)}\n\nIt worked yesterday.",
}

TRACEBACK = """Traceback (most recent call last):
  File "/home/dev/shop/main.py", line 45, in <module>
    main()
  File "/home/dev/shop/shop/cart.py", line 5, in total
    return item["count"]
           ~~~~^^^^^^^^^
KeyError: 'count'"""

REQUESTS = [
    "Fix this bug",
    "Why does `total` in src/cart.py return None when the list is empty?",
    "see notes.txt:3: it says that prices are in cents, please follow that",
    "In src/app.ts:12:3 the button is not disabled, change it",
    "at 10:30:15 the job stopped and nobody knows why\nat 11:00 it started again",
    "The server at localhost:8080: error: it refuses connections from other hosts",
    "error: what should this word mean in our messages?",
    "warning: this is a long request\n\nPlease rename Foo to Bar everywhere.",
    "panic: we ship tomorrow\n\nCan you write the release notes?",
    "I get a KeyError in the cart, look at line 12 of cart.py",
    "Raise a ValueError('no price') when the price is missing",
    'Open the file with open("data.csv", "r") and print line 3, in order',
    "Explain Traceback (most recent call last): what does it mean?",
    "Add a test for `FAILED` jobs in tests/test_jobs.py",
    "FAILED jobs should be retried three times",
    "ERROR handling in main.go is poor - improve it",
    "> make the tests pass\n\nas my colleague wrote, please do",
    ">     quoted code\n\nWhat does it do?",
    "E    stands for the error in this formula, doesn't it?",
    "=== Plan ===\n\n1. rename\n2. test\n\n=== Notes ===\n\nnothing",
    "____ fill in ____",
    "| id | name |\n|----|------|\n| 1  | tea  |\nsort this table by name",
    "Go through main.go:7:2: and tell me why it is there",
    "main.go:7:2: this is where I want the new call",
    "goroutine leaks: how do I find them?",
    "thread 'main' should not do this work, move it to a worker",
    'Use:\n\n  File "a.txt", line 3\n\nas the format of our messages',
    "TypeError: when do we throw it, and why not RangeError?",
    "Convert this:\n\n```js\nthrow new Error(`at ${file}:${line}:${column}`)\n```\n\nto TypeScript",
    "Exception in the rule: orders over 100 are free of charge",
    "C:\\temp\\notes.txt:10: buy milk",
    "ratio 16:9: error margins are 2%, 3:1: warning signs are red",
]


def _each_line(prefix: str, output: str, between: str = "") -> str:
    lines = output.split("\n")
    return "\n".join((prefix + between + line).rstrip() if between else prefix + line for line in lines)


def _output(name: str) -> str:
    return (DATA / f"{name}.txt").read_bytes().decode().strip("\n")


def _only(text: str) -> Trace:
    (trace,) = find_traces(text)
    return trace


def _places(trace: Trace) -> list[tuple[str, int, str | None]]:
    return [(frame.path, frame.line, frame.function) for frame in trace.frames]


@pytest.mark.parametrize("printed", PRINTED, ids=lambda printed: printed.name)
def test_real_output(printed: Printed) -> None:
    text = _output(printed.name)
    traces = find_traces(text)
    first = traces[0]
    innermost = first.frames[0] if first.frames else None
    place = (innermost.path, innermost.line, innermost.column, innermost.function) if innermost else None
    assert (first.kind, first.message, place) == (printed.kind, printed.message, printed.place)
    assert (len(first.frames), len(traces)) == (printed.frames, printed.traces)
    ends = [0, *(trace.end for trace in traces)]
    outside = [text[end:start] for end, start in zip(ends, [*(t.start for t in traces), len(text)], strict=True)]
    assert any(words.strip() for words in outside) == printed.around


def test_every_file_of_output_is_tested() -> None:
    assert {file.stem for file in DATA.iterdir()} == {printed.name for printed in PRINTED}


@pytest.mark.parametrize("way", WAYS_TO_PASTE)
@pytest.mark.parametrize("printed", PRINTED, ids=lambda printed: printed.name)
def test_pasted_among_words(printed: Printed, way: str) -> None:
    output = _output(printed.name)
    text = WAYS_TO_PASTE[way](output)
    verbatim = way in ("between paragraphs", "between lines", "fenced", "windows")
    expected, found = find_traces(output), find_traces(text)

    def said(trace: Trace) -> str:  # quote marks between its lines would be part of a longer message
        return trace.message.replace("\r", "") if verbatim else trace.message.split("\n")[0]

    assert [(t.kind, said(t), t.frames) for t in found] == [(t.kind, said(t), t.frames) for t in expected]
    blocks = [text[trace.start : trace.end].replace("\r", "") for trace in found]
    assert not any(word in block for block in blocks for word in ("Why", "yesterday", "```"))
    if verbatim:
        assert blocks == [output[trace.start : trace.end] for trace in expected]


@pytest.mark.parametrize("request_text", REQUESTS)
def test_ordinary_requests_hold_no_trace(request_text: str) -> None:
    assert find_traces(request_text) == ()


def test_thirty_requests() -> None:
    assert len(REQUESTS) >= 30


# What a chain says first


def test_a_cause_comes_before_what_it_caused() -> None:
    assert _places(_only(_output("python-cause")))[3:] == [
        ("/home/dev/shop/shop/cart.py", 14, "checkout"),
        ("/home/dev/shop/shop/cart.py", 16, "checkout"),
        ("/home/dev/shop/main.py", 7, "main"),
        ("/home/dev/shop/main.py", 45, "<module>"),
    ]
    java = _only(_output("java-cause"))
    assert [frame.function for frame in java.frames[-3:]] == [
        "com.acme.Shop.checkout",
        "com.acme.Shop.checkout",
        "com.acme.Shop.main",
    ]
    assert _places(_only(_output("node-cause")))[9][:2] == ("/home/dev/shop/src/cart.js", 18)


def test_what_failed_in_a_handler_comes_before_what_it_handled() -> None:
    frames = _places(_only(_output("python-during")))
    assert frames[0] == ("/home/dev/shop/shop/cart.py", 23, "refund")
    assert frames[3] == ("/home/dev/shop/shop/prices.py", 5, "price_of")


def test_members_of_a_group_come_before_the_group() -> None:
    frames = _places(_only(_output("python-group")))
    assert frames[0] == frames[4] == ("/home/dev/shop/shop/prices.py", 5, "price_of")
    assert frames[-2:] == [("/home/dev/shop/main.py", 19, "main"), ("/home/dev/shop/main.py", 45, "<module>")]


def test_deferred_go_functions_come_after_the_panic() -> None:
    frames = [frame.function for frame in _only(_output("go-recovered")).frames]
    assert frames == ["example.com/shop/cart.At", "main.main", "main.main.func3", "panic"]


def test_errors_come_before_warnings_and_notes() -> None:
    frames = [(frame.path, frame.line, frame.column) for frame in _only(_output("gcc")).frames]
    errors = [("include/cart.h", 3, 29), ("src/cart.c", 7, 16), ("include/cart.h", 5, 26), ("src/cart.c", 9, 59)]
    assert frames[:4] == errors
    assert frames[4:6] == [("src/cart.c", 6, 18), ("src/cart.c", 6, 11)]
    assert frames[-1] == ("src/cart.c", 2, None)  # In file included from src/cart.c:2


def test_each_pytest_failure_is_a_trace_of_its_own() -> None:
    messages = [trace.message for trace in find_traces(_output("pytest-auto"))]
    assert messages == [
        "OSError: no database at /var/lib/shop",
        "AssertionError: assert 6 == 7",
        "KeyError: 'count'",
        "KeyError: 'count'",
        "json.decoder.JSONDecodeError: Expecting property name enclosed in double quotes: line 1 column 2 (char 1)",
        "AssertionError: depth is one",
    ]
    assert _places(find_traces(_output("pytest-auto"))[2]) == [
        ("shop/prices.py", 5, "price_of"),
        ("shop/cart.py", 5, "<genexpr>"),
        ("shop/cart.py", 5, "total"),
        ("tests/test_cart.py", 16, "test_missing_count"),
    ]


def test_the_short_summary_names_tests_but_no_lines() -> None:
    trace = _only("FAILED tests/test_x.py::TestRetry::test_y[2] - AssertionError: assert 1 == 2\nplease fix it")
    assert trace.message == "AssertionError: assert 1 == 2"
    assert trace.frames == (Frame("tests/test_x.py", 1, None, "TestRetry.test_y", line_known=False),)


def test_native_style_of_pytest() -> None:
    output = f"___ test_total ___\n{TRACEBACK}\n=== 1 failed in 0.69s ==="
    trace = _only(output)
    assert (trace.kind, trace.message, trace.end) == ("pytest", "KeyError: 'count'", len(output))


def test_a_quiet_pytest_run_begins_with_its_dots() -> None:
    failure = "____ test_x ____\n>   1 / 0\nE   ZeroDivisionError: no\n\nt.py:3: ZeroDivisionError"
    output = f"..F.     [100%]\n=== FAILURES ===\n{failure}"
    text = f"Why?\n{output}\nbye"
    trace = _only(text)
    assert text[trace.start : trace.end] == output


def test_a_panic_that_a_server_logged() -> None:
    text = "05/14 10:06:31 http: panic serving 127.0.0.1:52144: no cart\n"
    text += "goroutine 5 [running]:\nmain.f(0x1)\n\t/a/b.go:3 +0x1"
    trace = _only(text)
    assert (trace.start, trace.end, trace.message) == (0, len(text), "no cart")


def test_a_piece_of_a_pytest_failure() -> None:
    piece = (
        "    def price_of(item):\n"
        '>       return item["count"]\n'
        "E       KeyError: 'count'\n"
        "\n"
        "shop/prices.py:5: KeyError"
    )
    text = f"The test fails:\n\n{piece}\nplease fix it"
    trace = _only(text)
    assert text[trace.start : trace.end] == piece
    assert trace.frames == (Frame("shop/prices.py", 5, None, "price_of"),)


# Where a block begins and ends


@pytest.mark.parametrize(
    ("text", "block"),
    [
        (f"I get this: {TRACEBACK}\nand then it stops", TRACEBACK),
        (f"{TRACEBACK}\n[SQL: SELECT 1]\nwhy?", f"{TRACEBACK}\n[SQL: SELECT 1]"),
        ("building gives src/a.c:10:5: error: no ';' here\nwhat now?", "src/a.c:10:5: error: no ';' here"),
        (
            "My app logs TypeError: x is undefined\n    at foo (/app/a.js:1:2)\nplease fix",
            "TypeError: x is undefined\n    at foo (/app/a.js:1:2)",
        ),
        (
            "ERROR Shop - no java.lang.IllegalStateException: x\n\tat a.Shop.total(Shop.java:1) ~[app.jar:?]\nwhy?",
            "java.lang.IllegalStateException: x\n\tat a.Shop.total(Shop.java:1) ~[app.jar:?]",
        ),
        (
            "It says thread 'main' panicked at src/main.rs:4:5:\nindex out of bounds\nwhy?",
            "thread 'main' panicked at src/main.rs:4:5:\nindex out of bounds",
        ),
        (
            "my server says panic: boom\ngoroutine 5 [running]:\nmain.f(0x1)\n\t/a/b.go:3 +0x1\nwhy?",
            "panic: boom\ngoroutine 5 [running]:\nmain.f(0x1)\n\t/a/b.go:3 +0x1",
        ),
        ("x.c:1:1: error: a\n\n\nx.c:2:1: error: b\n\nwhy?", "x.c:1:1: error: a\n\n\nx.c:2:1: error: b"),
    ],
)
def test_words_around_are_left_out(text: str, block: str) -> None:
    trace = _only(text)
    assert text[trace.start : trace.end] == block


def test_colour_codes_do_not_move_offsets() -> None:
    text = (
        'I get: \x1b[31mTraceback (most recent call last):\x1b[0m\n  File \x1b[35m"a.py"\x1b[0m, line 1, in f\n    x\n'
    )
    text += "\x1b[1;35mKeyError\x1b[0m: \x1b[35m'x'\x1b[0m\nhelp"
    trace = _only(text)
    assert (trace.start, text[trace.end :]) == (text.index("\x1b[31m"), "\nhelp")
    assert (trace.message, trace.frames) == ("KeyError: 'x'", (Frame("a.py", 1, None, "f"),))


@pytest.mark.parametrize("lines", range(2, 7))
def test_a_truncated_traceback_ends_where_it_was_cut(lines: int) -> None:
    cut = "\n".join(TRACEBACK.split("\n")[:lines])
    for words in ("and then more of the same", "Note: it only happens on Mondays", ""):
        trace = _only(f"{cut}\n{words}")
        assert (trace.start, trace.end, trace.message) == (0, len(cut), "")


def test_a_traceback_that_lost_its_indentation() -> None:
    flat = "\n".join(line.strip() for line in TRACEBACK.split("\n") if "^" not in line)
    trace = _only(f"{flat}\nand then")
    assert (trace.end, trace.message, len(trace.frames)) == (len(flat), "KeyError: 'count'", 2)


def test_frames_and_messages_alone() -> None:
    assert _only('  File "shop/cart.py", line 5, in total\n    x').frames == (Frame("shop/cart.py", 5, None, "total"),)
    assert _only("    at a (/b/c.js:1:2)\n    at d (/b/e.js:3:4)\nplease").message == ""
    assert _only('Exception in thread "main" java.lang.Error: boom\nwhy?').message == "java.lang.Error: boom"
    assert _only("panic: runtime error: index out of range [5] with length 1\nwhy?").frames == ()
    assert _only("thread 'main' panicked at src/main.rs:4:5:").message == ""


def test_two_traces_in_one_request() -> None:
    text = f"{TRACEBACK}\n\nand then\n\n./main.go:7:2: undefined: x\nFix both."
    assert [(trace.kind, trace.message) for trace in find_traces(text)] == [
        ("python", "KeyError: 'count'"),
        ("go", "undefined: x"),
    ]


def test_a_message_under_a_validation_error() -> None:
    message = "pydantic_core.ValidationError: 1 validation error for User\nid\n  Input should be a valid integer"
    assert _only(TRACEBACK.replace("KeyError: 'count'", message) + "\nwhy?").message == message


@pytest.mark.parametrize(
    ("text", "frame"),
    [
        (
            '  File "C:\\work\\shop\\cart.py", line 5, in f\n    x\nKeyError: 1',
            Frame("C:/work/shop/cart.py", 5, None, "f"),
        ),
        ("C:\\src dir\\b.cpp(12): error C2065: 'x': undeclared identifier", Frame("C:/src dir/b.cpp", 12, None, None)),
        ("src\\a.ts(3,5): error TS2345: Argument of type", Frame("src/a.ts", 3, 5, None)),
        ("app/(shop)/[id]/page.tsx(3,5): error TS2339: Property", Frame("app/(shop)/[id]/page.tsx", 3, 5, None)),
        ("Error: x\n    at f (file:///C:/my%20app/a.mjs:1:2)", Frame("C:/my app/a.mjs", 1, 2, "f")),
        ("Error: x\n    at async g (http://localhost:3000/src/App.tsx?t=17:12:5)", Frame("/src/App.tsx", 12, 5, "g")),
        ("Error: x\n    at webpack:///./src/index.js:3:4", Frame("./src/index.js", 3, 4, None)),
        ("thread 'main' panicked at 'no', src\\main.rs:4:5", Frame("src/main.rs", 4, 5, None)),
        ("Makefile:2: *** missing separator.  Stop.", Frame("Makefile", 2, None, None)),
        ("  /home/dev/a.py:3:5 - error: no (reportX)", Frame("/home/dev/a.py", 3, 5, None)),
        (
            "--- FAIL: TestA (0s)\n    --- FAIL: TestA/b (0s)\n        a_test.go:5: got",
            Frame("a_test.go", 5, None, "TestA/b"),
        ),
    ],
)
def test_how_paths_are_printed(text: str, frame: Frame) -> None:
    assert _only(text).frames == (frame,)


# Any text


def _check(text: str) -> None:
    clean = ESCAPE.sub("", text)
    end = 0
    for trace in find_traces(text):
        assert end <= trace.start < trace.end <= len(text)
        end = trace.end
        assert trace.message in clean
        assert all(
            frame.line > 0 and frame.path and (frame.column is None or frame.column > 0) for frame in trace.frames
        )


PIECES = sorted({line for printed in PRINTED for line in _output(printed.name).split("\n")})


@given(st.text())
def test_any_text(text: str) -> None:
    _check(text)


@given(st.text(st.characters(categories=("Cs", "Lu", "Nd", "Po", "Zs", "Cc"))))
def test_any_characters(text: str) -> None:
    _check(text)


@given(st.lists(st.sampled_from([*PIECES, "", "```", "Why?", "> x", "\ud800", "\x1b[31m"]), max_size=30), st.data())
def test_any_lines_of_output(lines: list[str], data: Any) -> None:
    ends = data.draw(st.sampled_from(["\n", "\r\n"]))
    prefix = data.draw(st.sampled_from(["", "> ", "    ", "  | ", "web-1  | ", "\x1b[2m"]))
    _check(ends.join(prefix + line for line in lines))


@given(st.sampled_from(PRINTED), st.integers(0, 4000), st.integers(0, 4000), st.text(max_size=5))
def test_any_cut_of_output(printed: Printed, start: int, length: int, insert: str) -> None:
    output = _output(printed.name)
    _check(output[:start] + insert + output[start + length :])
    _check(output[start : start + length] + insert)


@pytest.mark.timeout(60)  # ample for reading each line a few times; reading on to the end from each one takes hours
@pytest.mark.parametrize(
    "piece",
    [
        *(
            "\n",
            " ",
            "> ",
            "> x\n",
            "a",
            "a.",
            "a(1",
            "1:",
            "9",
            "\x1b[",
            "\x1b]",
            "a.c:1:1: note: x\n",
            "E   foo\n",
            "_ ",
        ),
        *(
            "In file included from a.c:1:\n",
            "a.c: In function 'x':\n",
            "____ a ____\n",
            'File "x", line 3\n',
            "a.js:1\n",
        ),
        *(
            "goroutine 1 [x]:\n",
            "panic: x\n",
            "thread 'a' panicked at 'x\n",
            "    at x\n",
            "  at a (",
            "Caused by: a.B: c\n",
        ),
        *(
            "error: x\n",
            "error: x\n --> a.rs:1:1\n",
            "--- FAIL: x\n",
            "a.go:1:1: x\n",
            "  1:1  error  x\n",
            "web | x\n",
        ),
        *(
            "Error: x {\n    at a (b.js:1:2) {\n  a: 1,\n",
            "Exception Group Traceback (most recent call last):\n  | x\n",
        ),
        *(
            "x.py:1: KeyError\n",
            "  ● x\n",
            "=== FAILURES ===\n",
            "Traceback (most recent call last):",
            "         E   x\n",
        ),
    ],
)
def test_long_texts_take_linear_time(piece: str) -> None:
    for text in (piece * (200_000 // len(piece)), "x " + piece * (200_000 // len(piece)) + "\nerror: y"):
        _check(text)


# Which file a frame means

FILES = [
    "main.py",
    "shop/cart.py",
    "shop/prices.py",
    "api/src/index.ts",
    "web/src/index.ts",
    "web/src/App.tsx",
    "crates/core/src/lib.rs",
    "src/main/java/com/acme/Shop.java",
    "src/main/java/com/acme/Cart.java",
    "src/test/java/com/acme/Cart.java",
    "src/main/java/com/other/Item.java",
    "src/main/java/com/acme/Item.java",
    "cart/cart.go",
    "runtime/panic.go",
    "requests/api.py",
    "src/prices.rs",
]


@pytest.mark.parametrize(
    ("path", "file"),
    [
        ("shop/cart.py", "shop/cart.py"),
        ("./shop/cart.py", "shop/cart.py"),
        ("shop/../shop/./cart.py", "shop/cart.py"),
        ("../shop/shop/cart.py", "shop/cart.py"),
        ("/home/dev/shop/shop/cart.py", "shop/cart.py"),
        ("C:/work/checkout/shop/cart.py", "shop/cart.py"),
        ("/app/main.py", "main.py"),
        ("main.py", "main.py"),
        ("prices.py", "shop/prices.py"),
        ("/src/App.tsx", None),  # from a development server: only the tail of a file's path
        ("src/App.tsx", "web/src/App.tsx"),
        ("src/index.ts", None),
        ("/build/web/src/index.ts", "web/src/index.ts"),
        ("/home/dev/shop/mycart.py", None),
        ("/home/dev/workshop/cart.py", None),
        ("src/lib.rs", "crates/core/src/lib.rs"),
        ("example.com/shop/cart/cart.go", "cart/cart.go"),
        ("./src/prices.rs", "src/prices.rs"),
        ("/go/src/app/cart/cart.go", "cart/cart.go"),
        ("/usr/local/go/src/runtime/panic.go", None),
        ("/root/sdk/go1.21.3/src/runtime/panic.go", None),
        ("/root/go/pkg/mod/example.com/x@v1.0.0/cart/cart.go", None),
        ("/venv/lib/python3.11/site-packages/requests/api.py", None),
        ("/usr/lib/python3.11/shop/cart.py", None),
        ("/app/node_modules/web/src/App.tsx", None),
        ("node:internal/modules/cjs/loader", None),
        ("<frozen importlib._bootstrap>", None),
        ("/rustc/59807616e1fa2540724bfbac14d7976d7e4a3860/library/src/prices.rs", None),
        ("/home/dev/.cargo/registry/src/index.crates.io-6f17d22bba15001f/x-1.0.0/src/prices.rs", None),
        ("[eval]", None),
        ("..", None),
    ],
)
def test_resolving_paths(path: str, file: str | None) -> None:
    assert FrameResolver(FILES).resolve(Frame(path, 1, None, None)) == file


@pytest.mark.parametrize(
    ("path", "function", "file"),
    [
        ("Shop.java", "com.acme.Shop$Cart.priceOf", "src/main/java/com/acme/Shop.java"),
        ("Shop.java", "app//com.acme.Shop.total", "src/main/java/com/acme/Shop.java"),
        ("Shop.java", "Shop.total", "src/main/java/com/acme/Shop.java"),
        ("Shop.java", "org.library.Shop.total", None),
        ("Cart.java", "com.acme.Cart.total", None),
        ("Item.java", "com.other.Item.price", "src/main/java/com/other/Item.java"),
        ("Item.java", None, None),
        ("Shop.java", "java.base/java.util.Shop.total", None),
        ("Shop.java", "java.util.Shop.total", None),
    ],
)
def test_resolving_java_frames(path: str, function: str | None, file: str | None) -> None:
    assert FrameResolver(FILES).resolve(Frame(path, 1, None, function)) == file


def test_resolving_what_was_found() -> None:
    resolver = FrameResolver(FILES)
    frames = _only(_output("python-json")).frames
    assert [resolver.resolve(frame) for frame in frames] == [None, None, None, "shop/prices.py", "main.py", "main.py"]


@given(st.text(), st.lists(st.text()), st.one_of(st.none(), st.text()))
def test_resolving_anything(path: str, files: list[str], function: str | None) -> None:
    found = FrameResolver(files).resolve(Frame(path, 1, None, function))
    assert found is None or found in files
