"""Asking by a form: the refined prompt in a field to be edited, and a field for each question."""

from collections.abc import Mapping
from typing import Any, Final

from optafly.acp.choice import Choice
from optafly.acp.ports import ClientPort
from optafly.acp.words import form_message, question_title
from optafly.protocol import Question, RefinedPrompt

METHOD: Final = "elicitation/create"
# Clients may order fields by their names: these are in the order in which they are read.
PROMPT: Final = "prompt"
QUESTION: Final = "question_"
REMARK: Final = "remark"


def has_forms(client: ClientPort) -> bool:
    """Whether the client can show forms."""
    elicitation = client.capabilities.get("elicitation")
    return isinstance(elicitation, Mapping) and elicitation.get("form") is not None


async def ask_by_form(result: RefinedPrompt, session: str, client: ClientPort) -> Choice:
    """What the person made of a refinement; raises `ClientRefused` and `ClientGone`."""
    answer = await client.request(METHOD, form(result, session))
    action = answer.get("action") if isinstance(answer, Mapping) else None
    if action == "accept":
        content = answer.get("content")
        return _submitted(result, content if isinstance(content, Mapping) else {})
    return Choice("original") if action == "decline" else Choice("nothing")


def form(result: RefinedPrompt, session: str) -> dict[str, Any]:
    """The params of the request."""
    fields: dict[str, Any] = {
        PROMPT: {
            "type": "string",
            "title": "Prompt",
            "description": "What is sent. Change it as you like.",
            "default": result.refined,
        }
    }
    for number, question in enumerate(result.questions, start=1):
        fields[f"{QUESTION}{number}"] = _question(question)
    # Some clients show a text of several lines on one, where it cannot well be changed.
    fields[REMARK] = {"type": "string", "title": "Anything to add", "description": "Goes to the end of the task."}
    return {
        "sessionId": session,
        "mode": "form",
        "message": form_message(result),
        "requestedSchema": {"type": "object", "properties": fields, "required": [PROMPT]},
    }


def _question(question: Question) -> dict[str, Any]:
    field: dict[str, Any] = {"type": "string", "title": question_title(question)}
    if question.candidates:
        field["oneOf"] = [{"const": candidate, "title": candidate} for candidate in question.candidates]
    return field


def _submitted(result: RefinedPrompt, content: Mapping[str, Any]) -> Choice:
    text = content.get(PROMPT)
    changed = text if isinstance(text, str) and not _is_same(text, result.refined) else None
    answers, said = [], []
    for number, question in enumerate(result.questions, start=1):
        answer = _text(content.get(f"{QUESTION}{number}"))
        if answer in question.candidates:
            answers.append((question.text, answer))
        elif answer:
            said.append((question.text, answer))
    if remark := _text(content.get(REMARK)):
        said.append(("", remark))
    return Choice("send", changed, tuple(answers), tuple(said))


def _text(value: Any) -> str:
    return value.strip() if isinstance(value, str) else ""


def _is_same(text: str, refined: str) -> bool:
    """Whether it is the refined text, as far as a client keeps it that has one line for it."""
    lines, refined_lines = text.splitlines(), refined.splitlines()
    if len(lines) > 1 or len(refined_lines) <= 1:
        return [line.rstrip() for line in lines] == [line.rstrip() for line in refined_lines]
    if "".join(text.split()) == "".join(refined.split()):
        return True
    first = refined_lines[0]
    return first.startswith("<") and text.strip() == first.strip()
