"""Front-ends and the core, as processes that come and go."""

import asyncio
import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import AsyncIterator
from pathlib import Path

import msgspec
import pytest

from optafly.core.client import CoreClient
from optafly.core.wire import (
    ApprovalAnswer,
    ApprovalCall,
    ApprovalRequest,
    EditorState,
    Handover,
    ModelState,
    Progress,
    RefineCall,
)
from optafly.core.wire_send import SendCall
from optafly.errors import (
    Cancelled,
    CoreUnavailable,
    InputError,
    KeyMissing,
    ModelUnknown,
    NoApprover,
    NotFound,
    OptaFlyError,
    Superseded,
)
from optafly.paths import Paths
from optafly.protocol import RefinedPrompt
from tests.e2e.core.conftest import BOUND_S, STUCK, StartCore, found, status_of, until

Environment = dict[str, str]


@pytest.fixture
async def client(paths: Paths, environment: Environment) -> AsyncIterator[CoreClient]:
    client = CoreClient(paths, environment)
    yield client
    await client.close()


async def result_of(client: CoreClient, call: RefineCall) -> RefinedPrompt:
    """The result, which must come last."""
    async with asyncio.timeout(BOUND_S):
        events = [event async for event in client.refine(call)]
    name, value = events[-1]
    assert name == "result"
    assert isinstance(value, RefinedPrompt)
    return value


def with_model(call: RefineCall, model: str = "phi-3-mini-q4") -> RefineCall:
    return msgspec.structs.replace(call, model=True, settings={"model": model, "time_limit_s": 600})


async def test_a_refinement(client: CoreClient, call: RefineCall) -> None:
    result = await result_of(client, call)
    assert result.outcome == "refined"
    assert "`load_rows` (app.py:1)" in result.refined
    status = await client.status()
    assert (status.counts.refined, status.working, status.front_ends) == (1, 0, ())


async def test_a_missing_model_is_said_and_not_in_the_way(client: CoreClient, call: RefineCall) -> None:
    events = [event async for event in client.refine(with_model(call))]
    assert [name for name, _ in events] == ["draft", "progress", "result"]
    result = events[-1][1]
    assert isinstance(result, RefinedPrompt)
    assert result.outcome == "fallback"
    assert "optafly models pull phi-3-mini-q4" in result.notes[0]


async def test_texts_that_are_no_unicode_go_there_and_back(client: CoreClient, call: RefineCall) -> None:
    prompt = "fix load_rows \udcff \N{PILE OF POO} \x00"
    request = msgspec.structs.replace(call.request, prompt=prompt)
    assert (await result_of(client, msgspec.structs.replace(call, request=request))).original == prompt


async def test_errors_of_the_core_are_raised_as_what_they_are(client: CoreClient, call: RefineCall) -> None:
    nowhere = msgspec.structs.replace(call.request, workspace="/no/such/folder")
    with pytest.raises(InputError):
        await result_of(client, msgspec.structs.replace(call, request=nowhere))
    with pytest.raises(InputError, match="unknown setting"):
        await result_of(client, msgspec.structs.replace(call, settings={"surprise": 1}))
    with pytest.raises(KeyMissing, match="ANTHROPIC_API_KEY is not set"):
        async for _ in client.send(SendCall("x", call.request.workspace)):
            pass
    with pytest.raises(ModelUnknown):
        await client.model_state("nothing")
    with pytest.raises(NotFound):
        await client.editor_state(call.request.workspace)
    with pytest.raises(NoApprover):
        await client.ask_approval(ApprovalCall(call.request.workspace, await result_of(client, call)))


async def test_fifty_front_ends_at_once(paths: Paths, environment: Environment, call: RefineCall) -> None:
    clients = [CoreClient(paths, environment) for _ in range(50)]
    try:
        await asyncio.gather(*(client.attach("lsp") for client in clients))
        status = await clients[0].status()
        assert status.front_ends == ("lsp",) * 50
        results = await asyncio.gather(*(result_of(client, call) for client in clients))
        assert {result.outcome for result in results} == {"refined"}
        assert len({result.refined for result in results}) == 1
        assert (await clients[0].status()).counts.refined == 50
    finally:
        await asyncio.gather(*(client.close() for client in clients))


async def test_a_core_killed_in_the_middle_is_started_again_and_the_call_repeated(
    client: CoreClient, call: RefineCall, start_core: StartCore, paths: Paths
) -> None:
    stuck = start_core(STUCK)
    folder = call.request.workspace
    await client.attach("lsp", approves=True)
    await client.publish(EditorState((folder,), folder, "app.py"))
    events = []
    async for name, value in client.refine(with_model(call)):
        events.append((name, value))
        if name == "progress" and stuck.poll() is None:
            assert status_of(found(paths)).working == 1
            stuck.kill()
            stuck.wait(BOUND_S)
    assert [name for name, _ in events] == ["draft", "progress", "draft", "progress", "result"]
    result = events[-1][1]
    assert isinstance(result, RefinedPrompt)
    assert result.outcome == "fallback"  # of the new core, which has no such model
    status = await client.status()
    assert status.pid != stuck.pid
    assert status.front_ends == ("lsp",)
    assert (await client.editor_state(folder)).file == "app.py"


async def test_a_second_failure_is_an_error(
    paths: Paths, environment: Environment, call: RefineCall, start_core: StartCore, home: Path
) -> None:
    stuck = start_core(STUCK)
    client = CoreClient(paths, environment | {"OPTAFLY_CORE_PORT": str(found(paths).port)})
    with pytest.raises(CoreUnavailable):
        async for name, _ in client.refine(with_model(call)):
            if name == "progress":
                stuck.kill()
                stuck.wait(BOUND_S)
                paths.runtime_dir.chmod(0o777)
    await client.close()


async def test_a_crash_while_nothing_is_asked_is_noticed_and_the_attachment_renewed(
    client: CoreClient, call: RefineCall, paths: Paths, environment: Environment
) -> None:
    folder = call.request.workspace
    await client.attach("lsp")
    await client.publish(EditorState((folder,), folder, "app.py"))
    first = found(paths)
    async with asyncio.timeout(BOUND_S):
        while time.time() - first.started < 1.5:  # one that crashes at once is left alone
            await client.status()
        os.kill(first.pid, signal.SIGKILL)
        other = CoreClient(paths, environment)
        try:
            while True:
                with contextlib.suppress(NotFound):
                    assert (await other.editor_state(folder)).file == "app.py"
                    break
        finally:
            await other.close()
    assert found(paths).pid != first.pid


@pytest.fixture
def in_the_way(paths: Paths, home: Path) -> Path:
    """A file where the runtime folder should be."""
    home.mkdir()
    paths.runtime_dir.write_text("")
    return paths.runtime_dir


async def test_attaching_is_tried_again_and_done_once(client: CoreClient, call: RefineCall, in_the_way: Path) -> None:
    with pytest.raises(CoreUnavailable):
        await client.attach("lsp", approves=True)
    await asyncio.to_thread(in_the_way.unlink)
    await result_of(client, call)
    assert (await client.status()).front_ends == ("lsp",)
    requests = await client.attach("lsp", approves=True)
    assert (await client.status()).front_ends == ("lsp",)

    folder = call.request.workspace
    await client.publish(EditorState((folder,), folder))
    asked = asyncio.create_task(client.ask_approval(ApprovalCall(folder, await result_of(client, call))))
    request = await asyncio.wait_for(anext(requests), BOUND_S)
    assert isinstance(request, ApprovalRequest)
    await client.answer_approval(request.id, ApprovalAnswer("rejected"))
    assert (await asyncio.wait_for(asked, BOUND_S)).decision == "rejected"


async def test_a_stopped_core_stays_stopped_until_it_is_needed(
    client: CoreClient, call: RefineCall, environment: Environment, paths: Paths
) -> None:
    await client.attach("lsp")
    await client.publish(EditorState((call.request.workspace,), call.request.workspace))
    command = [sys.executable, "-m", "optafly", "core", "stop"]
    process = await asyncio.create_subprocess_exec(*command, env=environment, stdout=subprocess.DEVNULL)
    assert await asyncio.wait_for(process.wait(), BOUND_S) == 0
    assert not (paths.runtime_dir / "core.json").exists()
    await client.publish(EditorState((call.request.workspace,), call.request.workspace, "app.py"))
    assert (await client.status()).front_ends == ("lsp",)
    assert (await client.editor_state(call.request.workspace)).file == "app.py"


async def test_closing_the_iterator_cancels_the_work(
    client: CoreClient, call: RefineCall, start_core: StartCore
) -> None:
    start_core(STUCK)
    events = client.refine(with_model(call))
    assert (await anext(events))[0] == "draft"
    assert (await client.status()).working == 1
    await events.aclose()
    async with asyncio.timeout(BOUND_S):
        while (await client.status()).working:
            pass
    assert (await client.status()).counts.cancelled == 1


async def test_cancelling_the_task_cancels_the_work(
    client: CoreClient, call: RefineCall, start_core: StartCore
) -> None:
    start_core(STUCK)
    task = asyncio.create_task(result_of(client, with_model(call)))
    async with asyncio.timeout(BOUND_S):
        while not (await client.status()).working:
            pass
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        while (await client.status()).working:
            pass


async def test_a_newer_request_supersedes_that_of_the_same_front_end_only(
    paths: Paths, environment: Environment, call: RefineCall, start_core: StartCore
) -> None:
    start_core(STUCK)
    one, other = CoreClient(paths, environment), CoreClient(paths, environment)
    await one.attach("lsp")
    await other.attach("lsp")
    streams = [client.refine(with_model(call)) for client in (one, other, one)]
    for events in streams:
        assert (await anext(events))[0] == "draft"
        assert (await anext(events))[0] == "progress"
    with pytest.raises(Superseded):
        await asyncio.wait_for(anext(streams[0]), BOUND_S)
    assert (await one.status()).working == 2
    await one.close()
    async with asyncio.timeout(BOUND_S):
        while (await other.status()).working != 1:
            pass
    for events in streams:
        await events.aclose()
    await other.close()


REFINES = """
import asyncio, sys
import msgspec
from optafly.core.client import CoreClient
from optafly.core.wire import EditorState, RefineCall
from optafly.paths import resolve_paths

async def main():
    client = CoreClient(resolve_paths())
    call = msgspec.json.decode(sys.argv[1], type=RefineCall)
    requests = await client.attach("lsp", approves=True)
    await client.publish(EditorState((call.request.workspace,), call.request.workspace))
    async for name, _ in client.refine(call):
        print(name, flush=True)

asyncio.run(main())
"""


async def test_a_killed_front_end_leaves_nothing_behind(
    client: CoreClient, call: RefineCall, start_core: StartCore, environment: Environment, paths: Paths
) -> None:
    start_core(STUCK)
    argument = msgspec.json.encode(with_model(call)).decode()
    command = [sys.executable, "-c", REFINES, argument]
    front_end = await asyncio.create_subprocess_exec(*command, env=environment, stdout=subprocess.PIPE)
    assert front_end.stdout is not None
    assert await front_end.stdout.readline() == b"draft\n"
    result = await result_of(client, call)
    asked = asyncio.create_task(client.ask_approval(ApprovalCall(call.request.workspace, result, 600)))
    until(lambda: status_of(found(paths)).working == 1, "the refinement is under way")
    await client.editor_state(call.request.workspace)

    front_end.kill()
    await front_end.wait()
    assert (await asyncio.wait_for(asked, BOUND_S)).decision == "expired"
    until(lambda: status_of(found(paths)).working == 0, "its work is cancelled")
    assert (await client.status()).front_ends == ()
    with pytest.raises(NotFound):
        await client.editor_state(call.request.workspace)


async def test_one_front_end_asks_the_person_of_another(
    client: CoreClient, call: RefineCall, paths: Paths, environment: Environment
) -> None:
    editor = CoreClient(paths, environment)
    requests = await editor.attach("lsp", approves=True)
    folder = call.request.workspace
    await editor.publish(EditorState((folder,), folder))
    result = await result_of(client, call)

    asked = asyncio.create_task(client.ask_approval(ApprovalCall(folder, result)))
    request = await asyncio.wait_for(anext(requests), BOUND_S)
    assert isinstance(request, ApprovalRequest)
    assert (request.workspace, request.result) == (folder, result)
    await editor.answer_approval(request.id, ApprovalAnswer("modified", "another text"))
    assert await asyncio.wait_for(asked, BOUND_S) == ApprovalAnswer("modified", "another text")
    with pytest.raises(NotFound):
        await editor.answer_approval(request.id, ApprovalAnswer("accepted", "too late"))

    assert (await client.ask_approval(ApprovalCall(folder, result, 0.05))).decision == "expired"
    with pytest.raises(InputError):
        await client.ask_approval(ApprovalCall(folder, result, -1))
    await editor.decision("rejected")
    counts = (await client.status()).counts
    assert (counts.modified, counts.rejected, counts.accepted) == (1, 1, 0)
    await editor.close()


async def test_a_model_that_is_here_needs_no_download(client: CoreClient) -> None:
    state = await client.model_state("smollm2-135m")
    assert (state.size_bytes, state.licence) == (98_362_432, "Apache-2.0")
    assert state.present, "the embedded model is not installed: run `make setup`"
    events = [event async for event in client.pull_model("smollm2-135m")]
    assert events[-1] == ("result", state)


async def test_a_download_that_cannot_be_is_an_error(paths: Paths, environment: Environment, home: Path) -> None:
    (home / "data").mkdir(parents=True)
    (home / "data" / "models").write_text("")
    client = CoreClient(paths, environment)
    with pytest.raises(OptaFlyError, match="cannot be written"):
        async for _, value in client.pull_model("qwen3-0.6b-q8"):
            assert isinstance(value, Progress | ModelState)
    await client.close()


async def test_a_closed_client_says_so(paths: Paths, environment: Environment) -> None:
    client = CoreClient(paths, environment)
    await client.close()
    with pytest.raises(CoreUnavailable):
        await client.status()


async def test_proxies_of_the_environment_are_never_asked(
    client: CoreClient, call: RefineCall, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    assert (await result_of(client, call)).outcome == "refined"


async def test_stopping_the_core_cancels_the_work(client: CoreClient, call: RefineCall, start_core: StartCore) -> None:
    stuck = start_core(STUCK)
    with pytest.raises(Cancelled):
        async for name, _ in client.refine(with_model(call)):
            if name == "progress":
                stuck.terminate()
    assert stuck.wait(BOUND_S) == 0


def test_importing_the_client_is_cheap() -> None:
    third = ("httpx", "httpcore", "starlette", "uvicorn", "psutil", "mistralrs", "tree_sitter")
    heavy = (*third, "optafly.refine", "optafly.context")
    script = (
        "import sys, optafly.core.client\n"
        f"loaded = [name for name in sys.modules if name.startswith({heavy!r})]\n"
        "sys.exit(f'loaded: {loaded}' if loaded else 0)"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


async def test_a_decision_reaches_the_process_it_is_for(
    client: CoreClient, paths: Paths, environment: Environment
) -> None:
    editor = CoreClient(paths, environment)
    requests = await editor.attach("lsp")
    decision = Handover(os.getpid(), "0123456789ab", "accept", "the text")
    await client.hand_over(decision)
    assert await asyncio.wait_for(anext(requests), BOUND_S) == decision
    with pytest.raises(NotFound):
        await client.hand_over(Handover(1, "0123456789ab", "reject"))
    await editor.close()
