"""Runs GPTCache on texts whose vectors are given; started by `cache_gptcache` with the Python that GPTCache is in.

Usage: python cache_gptcache_program.py REQUEST.json VECTORS.npy RESULT.json
"""

import json
import sys
import tempfile
import time
from importlib import import_module
from pathlib import Path
from typing import Any


def part(name: str) -> Any:
    """A module of GPTCache."""
    return import_module(f"gptcache.{name}")


def refuse(package: str, warn: bool = False) -> None:
    """In the place of what would install packages while running."""
    raise ModuleNotFoundError(f"GPTCache asks for {package}, and nothing is installed while it runs")


def main(argv: list[str]) -> int:
    """Answer every part of the request: texts to store, texts to ask, at each threshold."""
    import numpy as np

    part("utils").prompt_install = refuse
    part("utils.dependency_control").prompt_install = refuse
    request_file, vectors_file, result_file = map(Path, argv)
    request: dict[str, Any] = json.loads(request_file.read_text("utf-8"))
    vectors = dict(zip(request["texts"], np.load(vectors_file), strict=True))
    result: dict[str, Any] = {"store": {}, "pairs": []}
    for threshold in request["thresholds"]:
        # It writes its files once more when Python ends: they lie where the caller removes them.
        folder = tempfile.mkdtemp(dir=request_file.parent)
        cache = make_cache(folder, vectors, threshold)
        result["store"][str(threshold)] = store_and_ask(cache, request["stored"], request["asked"])
    result["pairs"] = [pair_score(a, b, vectors) for a, b in request["pairs"]]
    result_file.write_text(json.dumps(result), "utf-8")
    return 0


def make_cache(folder: str, vectors: dict[str, Any], threshold: float) -> Any:
    """GPTCache as its documentation shows it: SQLite, Faiss, the distance of the search as the evaluation."""
    gptcache, manager = import_module("gptcache"), part("manager")
    cache = gptcache.Cache()
    width = len(next(iter(vectors.values())))
    cache.init(
        pre_embedding_func=part("processor.pre").get_prompt,
        embedding_func=lambda text, **_: vectors[text],
        data_manager=manager.get_data_manager(
            manager.CacheBase("sqlite", sql_url=f"sqlite:///{folder}/entries.db"),
            manager.VectorBase("faiss", dimension=width, index_path=f"{folder}/vectors.index"),
            max_size=100_000,
        ),
        similarity_evaluation=part("similarity_evaluation").SearchDistanceEvaluation(),
        config=gptcache.Config(similarity_threshold=threshold),
    )
    return cache


def store_and_ask(cache: Any, stored: list[str], asked: list[str]) -> dict[str, Any]:
    """Store every text with its place as the answer, then ask; the places given (null for none), ms for each."""
    api = part("adapter.api")
    for place, text in enumerate(stored):
        api.put(text, str(place), cache_obj=cache)
    given, times = [], []
    for text in asked:
        began = time.perf_counter()
        found = api.get(text, cache_obj=cache)
        times.append((time.perf_counter() - began) * 1000)
        given.append(None if found is None else int(found))
    return {"given": given, "ms": times}


def pair_score(a: str, b: str, vectors: dict[str, Any]) -> float:
    """What its evaluation says of two texts as a share of the most it can say; it compares this with its threshold."""
    with tempfile.TemporaryDirectory(prefix="optafly-gptcache-") as folder:
        base = part("manager").VectorBase("faiss", dimension=len(vectors[a]), index_path=f"{folder}/vectors.index")
        base.mul_add([part("manager.vector_data.base").VectorData(id=1, data=vectors[a])])
        evaluation = part("similarity_evaluation").SearchDistanceEvaluation()
        low, high = evaluation.range()
        found = evaluation.evaluation({"question": b}, {"question": a, "search_result": base.search(vectors[b])[0]})
        return float(found) / float(high - low)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
