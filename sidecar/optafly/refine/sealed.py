"""The last look for secrets: names, codes and paths of a workspace may hold one as well as its texts."""

from collections.abc import Iterator

import msgspec

from optafly.context.secrets import SecretScanner
from optafly.protocol import RefinedPrompt
from optafly.refine.changes import redaction


def sealed(result: RefinedPrompt, scanner: SecretScanner) -> RefinedPrompt:
    """The result with no secret in anything that is shown beside the original."""
    found = scanner.redact(result.refined).count
    if not found:
        return result
    count = result.context.redactions + found
    changes = (*(item for item in result.changes if item.kind != "redaction"), redaction(count))
    context = msgspec.structs.replace(result.context, redactions=count)
    plain = msgspec.to_builtins(msgspec.structs.replace(result, original="", changes=changes, context=context))
    # Together, so that what is known from one text is hidden in all of them.
    clean = iter([item.text for item in scanner.redact_all(list(_texts(plain)))])
    shown = msgspec.convert(_with_texts(plain, clean), RefinedPrompt)
    return msgspec.structs.replace(shown, original=result.original)


def _texts(value: object) -> Iterator[str]:
    """Every text of a nested value, keys apart, in order."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict | list | tuple):
        for item in value.values() if isinstance(value, dict) else value:
            yield from _texts(item)


def _with_texts(value: object, texts: Iterator[str]) -> object:
    """A nested value with its texts replaced by the next ones, in the same order."""
    if isinstance(value, str):
        return next(texts)
    if isinstance(value, dict):
        return {key: _with_texts(item, texts) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_with_texts(item, texts) for item in value]
    return value
