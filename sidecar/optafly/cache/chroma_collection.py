"""Vectors in Chroma, embedded in this process; the only module that imports it.

Its HTTP server is never started, it is told to send nothing, and it gets no text: an id, a vector and a scope each.
"""

import os
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from optafly.errors import NotSetUp
from optafly.private_files import make_private_file, make_private_folder, tighten

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_NAME: Final = "vectors"
# Neighbours asked for without a filter. Reading those that a filter lets through takes Chroma 1.5.9 5 to 40 ms with
# 10,000 vectors, a search without one below 1 ms.
_WIDE: Final = 16


class ChromaFailed(Exception):
    """Chroma could not be loaded, or could not do something; the message is the reason."""


class ChromaCollection:
    """A collection in a folder of its own, cosine space. One thread owns it; every method raises `ChromaFailed`."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._client: Any = None
        self._tidied = False
        try:
            make_private_folder(folder)
            # SQLite gives its journals the mode of the database, whatever the umask.
            make_private_file(folder / "chroma.sqlite3")
            self.version, self._client = _connect(folder)
            self._collection = self._client.get_or_create_collection(
                _NAME, embedding_function=None, configuration={"hnsw": {"space": "cosine"}}
            )
        except BaseException as error:
            self.close()
            raise _failure(error) from error

    def count(self) -> int:
        """How many vectors there are."""
        try:
            return int(self._collection.count())
        except BaseException as error:
            raise _failure(error) from error

    def write(self, ids: Sequence[str], scopes: Sequence[str], vectors: "NDArray[np.float32]") -> None:
        """Add vectors (one row each), in place of those with the same ids."""
        try:
            metadatas = [{"scope": scope} for scope in scopes]
            self._collection.upsert(ids=list(ids), embeddings=vectors, metadatas=metadatas)
            self._tidy()
        except BaseException as error:
            raise _failure(error) from error

    def delete(self, ids: Sequence[str]) -> None:
        """Remove vectors, unknown ids are passed over; the bytes stay in the files until Chroma writes them anew."""
        try:
            self._collection.delete(ids=list(ids))
            self._tidy()
        except BaseException as error:
            raise _failure(error) from error

    def nearest(self, scope: str, vector: "NDArray[np.float32]", at_least: float, most: int) -> list[tuple[str, float]]:
        """Ids in this scope and their similarities, the most similar first; a few more than ``most``, some lower."""
        try:
            found = self._query(vector, most, None)
            if not self._tidied:
                self._tidy()
            inside = [(entry_id, similarity) for entry_id, similarity, other in found if other == scope]
            # Neighbours come in order: what was not among them is below the last one.
            if len(found) < max(_WIDE, most) or found[-1][1] < at_least or len(inside) >= most:
                return inside
            filtered = self._query(vector, most, {"scope": scope})
            return [(entry_id, similarity) for entry_id, similarity, _ in filtered]
        except BaseException as error:
            raise _failure(error) from error

    def close(self) -> None:
        """Let go of all files; Chroma has written everything by then."""
        client, self._client = self._client, None
        if client is not None:
            try:
                client.close()
                self._tidy()
            except BaseException as error:
                raise _failure(error) from error

    def _tidy(self) -> None:
        """Close files that Chroma made to others, and take out of them what is none of its own.

        Until a graph is written for the first time (some 1,000 vectors), its files are memory that was never set, with
        whatever the process had there before: an earlier index, for example. Chroma does not read them again.
        """
        self._tidied = True
        tighten(self._folder)
        for path in (*self._folder.glob("*/data_level0.bin"), *self._folder.glob("*/length.bin")):
            if not path.with_name("index_metadata.pickle").exists():
                size = path.stat().st_size
                with path.open("r+b") as file:
                    file.write(bytes(size))

    def _query(
        self, vector: "NDArray[np.float32]", most: int, where: dict[str, str] | None
    ) -> list[tuple[str, float, str]]:
        """Id, similarity and scope of the nearest."""
        found = self._collection.query(
            query_embeddings=vector[None, :],
            n_results=max(_WIDE, most),
            where=where,
            include=["distances", "metadatas"],
        )
        rows = zip(found["ids"][0], found["distances"][0], found["metadatas"][0], strict=True)
        return [(entry_id, 1.0 - distance, str((metadata or {}).get("scope"))) for entry_id, distance, metadata in rows]


def _connect(folder: Path) -> tuple[str, Any]:
    try:
        import chromadb  # noqa: PLC0415
        from chromadb.config import Settings  # noqa: PLC0415
    except ImportError:
        raise NotSetUp("chromadb is not installed") from None
    # Everything that an environment variable or a file .env in the current folder might set otherwise.
    settings = Settings(
        _env_file=None,
        chroma_api_impl="chromadb.api.rust.RustBindingsAPI",
        chroma_product_telemetry_impl="chromadb.telemetry.product.posthog.Posthog",
        anonymized_telemetry=False,
        chroma_otel_collection_endpoint="",
        allow_reset=False,
        migrations="apply",
        migrations_hash_algorithm="md5",
    )
    return str(chromadb.__version__), chromadb.PersistentClient(path=os.fspath(folder), settings=settings)


def _failure(error: BaseException) -> BaseException:
    """What to raise: a reason for everything that Chroma may raise, an interruption as it is.

    A panic of its Rust part is no Exception, and its class cannot be imported.
    """
    if isinstance(error, Exception) or type(error).__name__ == "PanicException":
        reason = str(error) if isinstance(error, NotSetUp) else f"Chroma failed ({type(error).__name__})"
        return ChromaFailed(reason)
    return error
