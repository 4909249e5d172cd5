"""Commands that the project really has, for the file that is meant."""

import shutil
import subprocess
from pathlib import Path

import pytest

from optafly.context.project import Project, project_facts
from tests.unit.context.folders import commit, workspace, write


def project(folder: Path) -> Project:
    return project_facts(workspace(folder))


def command(folder: Path, purpose: str = "test", path: str | None = None) -> str | None:
    """``command @ source`` for a file, or None."""
    found = project(folder).command(purpose, path)
    return f"{found.text} @ {found.source}" if found is not None else None


PACKAGE = (
    '{\n  "name": "x",\n  "scripts": {\n    "build": "tsc",\n    "test": "vitest",\n    "lint": "eslint ."\n  }\n}\n'
)


@pytest.mark.parametrize(
    ("files", "path", "expected"),
    [
        ({"package.json": PACKAGE}, "src/a.ts", "npm test @ package.json:5"),
        ({"package.json": '{"scripts": {"test:unit": "jest"}}'}, "a.js", "npm run test:unit @ package.json:1"),
        ({"pyproject.toml": "[project]\n\n[tool.pytest.ini_options]\n"}, "a.py", "pytest @ pyproject.toml:3"),
        ({"pyproject.toml": '[dependency-groups]\ndev = ["pytest>=8"]\n'}, "a.py", "pytest @ pyproject.toml:2"),
        ({"pyproject.toml": '[tool.poetry.dependencies]\npytest = "^8"\n'}, "a.py", "pytest @ pyproject.toml:2"),
        ({"pytest.ini": "[pytest]\n"}, "a.py", "pytest @ pytest.ini:1"),
        ({".pytest.ini": "[pytest]\n"}, "a.py", "pytest @ .pytest.ini:1"),
        ({"conftest.py": ""}, "a.py", "pytest @ conftest.py:1"),
        ({"tests/conftest.py": ""}, "src/a.py", "pytest @ tests/conftest.py:1"),
        ({"tox.ini": "[tox]\n[pytest]\n"}, "a.py", "pytest @ tox.ini:2"),
        ({"setup.cfg": "[metadata]\n[tool:pytest]\n"}, "a.py", "pytest @ setup.cfg:2"),
        ({"requirements.txt": "flask\npytest==8.0\n"}, "a.py", "pytest @ requirements.txt:2"),
        ({"requirements-dev.txt": "pytest\n"}, "a.py", "pytest @ requirements-dev.txt:1"),
        ({"dev-requirements.txt": "pytest\n"}, "a.py", "pytest @ dev-requirements.txt:1"),
        ({"test-requirements.txt": "pytest\n"}, "a.py", "pytest @ test-requirements.txt:1"),
        ({"test_a.py": "import unittest\n"}, "a.py", "python -m unittest @ test_a.py:1"),
        ({"tests/test_a.py": "\ndef test_it(): pass\n"}, "a.py", "pytest @ tests/test_a.py:2"),
        ({"a_test.py": "import pytest\n"}, "a.py", "pytest @ a_test.py:1"),
        ({"Makefile": "all:\n\ttrue\n\ntest: all\n\ttrue\n"}, "a.c", "make test @ Makefile:4"),
        ({"makefile": "check:\n\ttrue\n"}, "a.c", "make check @ makefile:1"),
        ({"GNUmakefile": "test:\n\ttrue\n"}, "a.go", "make test @ GNUmakefile:1"),
        ({"justfile": "build:\n  true\n\ntest filter='':\n  true\n"}, "a.rs", "just test @ justfile:4"),
        ({"Justfile": "@test:\n  true\n"}, "a.rs", "just test @ Justfile:1"),
        ({"Cargo.toml": "[package]\n"}, "src/a.rs", "cargo test @ Cargo.toml:1"),
        ({"go.mod": "module x\n", "a_test.go": ""}, "a.go", "go test ./... @ go.mod:1"),
        ({"CMakeLists.txt": "project(x)\nenable_testing()\n"}, "a.cpp", "ctest @ CMakeLists.txt:2"),
        ({"CMakeLists.txt": "add_test(NAME a COMMAND a)\n"}, "a.c", "ctest @ CMakeLists.txt:1"),
        ({"pom.xml": "<project/>\n"}, "A.java", "mvn test @ pom.xml:1"),
        ({"pom.xml": "<project/>\n", "mvnw": ""}, "A.java", "./mvnw test @ pom.xml:1"),
        ({"build.gradle": ""}, "A.java", "gradle test @ build.gradle:1"),
        ({"build.gradle.kts": "", "gradlew": ""}, "A.java", "./gradlew test @ build.gradle.kts:1"),
    ],
)  # fmt: skip
def test_every_kind_of_manifest_gives_its_command_and_the_line_that_says_so(
    tmp_path: Path, files: dict[str, str], path: str, expected: str
) -> None:
    write(tmp_path, files)
    assert command(tmp_path, path=path) == expected


@pytest.mark.parametrize(
    ("files", "path"),
    [
        ({}, "a.py"),
        ({"package.json": '{"scripts": {"test": "echo \\"Error: no test specified\\" && exit 1"}}'}, "a.js"),
        ({"package.json": '{"scripts": {"test": " "}}'}, "a.js"),
        ({"package.json": '{"scripts": {"build": "tsc"}}'}, "a.js"),
        ({"package.json": '{"scripts": ["test"]}'}, "a.js"),
        ({"package.json": '{"scripts": {"test": 3}}'}, "a.js"),
        ({"package.json": "[]"}, "a.js"),
        ({"package.json": "{"}, "a.js"),
        ({"package.json": ""}, "a.js"),
        ({"pyproject.toml": "[project]\nname = 'x'\n# pytest\n"}, "a.py"),
        ({"requirements.txt": "pytest-cov\n# pytest\n"}, "a.py"),
        ({"setup.cfg": "[metadata]\n"}, "a.py"),
        ({"Makefile": "test := 3\nall:\n\techo test:\n.PHONY: test\ntest-all:\n"}, "a.c"),
        ({"justfile": "test := 'x'\ntest-unit:\n  true\n"}, "a.rs"),
        ({"go.mod": "module x\n", "a.go": ""}, "a.go"),
        ({"go.mod": "module x\n", "a.go": "", "other/go.mod": "", "other/b_test.go": ""}, "other2/a.py"),
        ({"CMakeLists.txt": "project(x)\n# enable_testing()\n"}, "a.c"),
        ({"test_a.py": "x = 1\n", "latest.py": "import pytest\n"}, "a.py"),
    ],
)
def test_where_there_are_no_tests_there_is_no_command(tmp_path: Path, files: dict[str, str], path: str) -> None:
    write(tmp_path, files)
    assert command(tmp_path, path=path) is None


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        ({"pnpm-lock.yaml": ""}, "pnpm test"),
        ({"yarn.lock": ""}, "yarn test"),
        ({"bun.lockb": b"\0"}, "bun run test"),
        ({"bun.lock": ""}, "bun run test"),
        ({"package-lock.json": "{}"}, "npm test"),
        ({}, "npm test"),
    ],
)
def test_the_lock_file_tells_what_runs_scripts(tmp_path: Path, files: dict[str, str | bytes], expected: str) -> None:
    write(tmp_path, {"package.json": PACKAGE} | files)
    assert command(tmp_path, path="a.ts") == f"{expected} @ package.json:5"


def test_the_nearest_lock_file_counts(tmp_path: Path) -> None:
    write(tmp_path, {
        "yarn.lock": "", "package.json": PACKAGE, "apps/web/package.json": PACKAGE,
        "apps/api/package.json": PACKAGE, "apps/api/package-lock.json": "{}",
    })  # fmt: skip
    assert command(tmp_path, path="apps/web/a.ts") == "yarn test @ apps/web/package.json:5"
    assert command(tmp_path, path="apps/api/a.ts") == "npm test @ apps/api/package.json:5"
    assert command(tmp_path, path="apps/other/a.ts") == "yarn test @ package.json:5"


def test_what_the_manifest_says_runs_scripts_counts_most(tmp_path: Path) -> None:
    named = PACKAGE.replace('"name": "x"', '"packageManager": "pnpm@9.1.0"')
    write(tmp_path, {"package.json": named, "package-lock.json": "{}"})
    assert command(tmp_path, path="a.ts") == "pnpm test @ package.json:5"
    write(tmp_path, {"package.json": named.replace("pnpm@9.1.0", "rm -rf")})
    assert command(tmp_path, path="a.ts") == "npm test @ package.json:5"


def test_the_line_is_that_of_the_script(tmp_path: Path) -> None:
    write(tmp_path, {"package.json": '{\n"jest": {\n"test": 1\n},\n"scripts": {\n"test": "jest"\n}\n}\n'})
    assert command(tmp_path, path="a.js") == "npm test @ package.json:6"


def test_the_nearest_manifest_wins(tmp_path: Path) -> None:
    write(tmp_path, {
        "package.json": PACKAGE, "packages/a/package.json": PACKAGE, "packages/ab/x.ts": "", "Cargo.toml": "",
        "crates/x/Cargo.toml": "",
    })  # fmt: skip
    assert command(tmp_path, path="packages/a/src/x.ts") == "npm test @ packages/a/package.json:5"
    assert command(tmp_path, path="packages/ab/x.ts") == "npm test @ package.json:5"
    assert command(tmp_path, path="crates/x/src/lib.rs") == "cargo test @ crates/x/Cargo.toml:1"
    assert command(tmp_path, path="src/lib.rs") == "cargo test @ Cargo.toml:1"


def test_the_language_of_the_file_decides(tmp_path: Path) -> None:
    write(tmp_path, {"package.json": PACKAGE, "pyproject.toml": "[tool.pytest]\n", "Makefile": "test:\n\ttrue\n"})
    assert command(tmp_path, path="a.py") == "pytest @ pyproject.toml:1"
    assert command(tmp_path, path="a.tsx") == "npm test @ package.json:5"
    assert command(tmp_path, path="a.c") == "make test @ Makefile:1"


@pytest.mark.parametrize("path", ["README.md", "data.json", "Dockerfile"])
def test_prose_and_data_have_no_command(tmp_path: Path, path: str) -> None:
    write(tmp_path, {"Makefile": "test:\n\ttrue\n"})
    assert command(tmp_path, path=path) is None
    assert command(tmp_path, path=None) == "make test @ Makefile:1"


def test_a_wrapper_above_is_used(tmp_path: Path) -> None:
    write(tmp_path, {"gradlew": "", "app/build.gradle": "", "app/src/A.java": ""})
    assert command(tmp_path, path="app/src/A.java") == "./gradlew test @ app/build.gradle:1"


def test_a_module_with_tests_of_its_own(tmp_path: Path) -> None:
    write(tmp_path, {"a/go.mod": "", "a/x_test.go": "", "b/go.mod": "", "b/x.go": ""})
    assert command(tmp_path, path="a/x.go") == "go test ./... @ a/go.mod:1"
    assert command(tmp_path, path="b/x.go") is None


def test_tests_of_a_part_do_not_hide_those_of_the_whole(tmp_path: Path) -> None:
    write(tmp_path, {"tests/slow/conftest.py": "", "tests/test_a.py": "import pytest\n"})
    assert command(tmp_path, path="src/a.py") == "pytest @ tests/test_a.py:1"
    assert command(tmp_path, path="tests/slow/test_b.py") == "pytest @ tests/slow/conftest.py:1"


@pytest.mark.parametrize(
    ("files", "purpose", "path", "expected"),
    [
        ({"pyproject.toml": "[tool.mypy]\n[tool.ruff]\n"}, "typecheck", "a.py", "mypy @ pyproject.toml:1"),
        ({"pyproject.toml": "[tool.mypy]\n[tool.ruff.lint]\n"}, "lint", "a.py", "ruff check @ pyproject.toml:2"),
        ({"package.json": PACKAGE}, "lint", "a.ts", "npm run lint @ package.json:6"),
        ({"package.json": '{"scripts": {"tsc": "tsc"}}'}, "typecheck", "a.ts", "npm run tsc @ package.json:1"),
        ({"Makefile": "lint:\n"}, "lint", "a.c", "make lint @ Makefile:1"),
        ({"Makefile": "typecheck:\n"}, "typecheck", "a.py", "make typecheck @ Makefile:1"),
        ({"package.json": PACKAGE}, "typecheck", "a.ts", None),
    ],
)  # fmt: skip
def test_other_purposes(tmp_path: Path, files: dict[str, str], purpose: str, path: str, expected: str | None) -> None:
    write(tmp_path, files)
    assert command(tmp_path, purpose, path) == expected


def test_ignored_private_and_unreadable_manifests_are_passed_over(tmp_path: Path) -> None:
    commit(
        tmp_path, {".gitignore": "Makefile\n", "Makefile": "test:\n", "pom.xml": b"\0", "Cargo.toml": b"x" * 2_000_001}
    )
    assert project(tmp_path).commands == ()


def test_windows_line_ends_change_no_line(tmp_path: Path) -> None:
    write(tmp_path, {"Makefile": "all:\r\n\ttrue\r\ntest:\r\n\ttrue\r\n"})
    assert command(tmp_path, path="a.c") == "make test @ Makefile:3"


@pytest.mark.skipif(shutil.which("make") is None, reason="make is not installed")
def test_make_has_the_target_it_is_said_to_have(tmp_path: Path) -> None:
    write(tmp_path, {"Makefile": "all:\n\ttrue\ncheck: all\n\ttrue\n"})
    found = project(tmp_path).command("test", "a.c")
    assert found is not None
    assert (
        subprocess.run([*found.text.split(), "--dry-run"], cwd=tmp_path, capture_output=True, check=False).returncode
        == 0
    )
