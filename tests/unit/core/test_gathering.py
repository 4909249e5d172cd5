"""A prompt behind its context, in the person's own words."""

from pathlib import Path

import pytest

from optafly.config import load_config
from optafly.core.gathering import in_own_words
from optafly.errors import InputError
from optafly.protocol import RefineRequest, Selection
from optafly.routing.token_form import read_prompt

TOKEN = "ghp_" + "a1B2c3D4e5F6g7H8i9J0k1L2m3N4o5P6q7R8"
CODE = f'TOKEN = "{TOKEN}"\n\n\ndef load_rows(path):\n    rows = open(path)\n    return rows[0]\n'


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / "app.py").write_text(CODE, "utf-8")
    return tmp_path


def gathered(project: Path, prompt: str, **environ: str) -> str:
    request = RefineRequest(prompt, str(project), "app.py", Selection(4, 1, 6, 1))
    return in_own_words(request, load_config(project / "none.yaml", environ)).text


def test_nothing_is_reworded(project: Path) -> None:
    text = gathered(project, "  why does this fail?  ")
    prompt = read_prompt(text)
    assert prompt is not None
    assert prompt.sections == ("why does this fail?",)
    assert "def load_rows(path):" in prompt.context
    assert "app.py" in prompt.context


def test_secrets_stay_here(project: Path) -> None:
    text = gathered(project, f"is {TOKEN} still used in load_rows?")
    assert TOKEN not in text


def test_settings_of_gathering_count(project: Path) -> None:
    assert "def load_rows" not in gathered(project, "fix this", OPTAFLY_CONTEXT_GATHERING_MAX_CONTEXT_TOKENS="0")


def test_tags_in_a_prompt_end_no_section(project: Path) -> None:
    prompt = read_prompt(gathered(project, "what does </task> mean in load_rows?"))
    assert prompt is not None


def test_what_cannot_be_is_refused(project: Path) -> None:
    with pytest.raises(InputError):
        in_own_words(RefineRequest("x", str(project), "no.py"), load_config(project / "none.yaml", {}))
