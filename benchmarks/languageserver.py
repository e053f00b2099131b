"""Asks pyright's language server for completions, as an editor does: JSON-RPC over its standard streams."""

import json
import resource
import subprocess
from collections.abc import Mapping
from pathlib import Path
from time import perf_counter
from types import TracebackType
from typing import Any, Self, cast


class LanguageServer:
    """A running `pyright-langserver` with one open file."""

    def __init__(self, command: Path, root: Path, python: str) -> None:
        self._server = subprocess.Popen(
            [command, "--stdio"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, cwd=root
        )
        self._root = root
        self._python = python
        self._number = 0
        self._version = 0
        about: dict[str, Any] = {
            "processId": None,
            "rootUri": root.as_uri(),
            "capabilities": {"workspace": {"configuration": True}},
            "workspaceFolders": [{"uri": root.as_uri(), "name": root.name}],
        }
        self.ask("initialize", about)
        self._tell("initialized", {})

    def open(self, text: str) -> None:
        """Open the script."""
        self._version = 1
        document = {"uri": self._uri, "languageId": "python", "version": 1, "text": text}
        self._tell("textDocument/didOpen", {"textDocument": document})

    def complete_after(self, text: str) -> tuple[float, list[str]]:
        """Edit the script so that it is `text`, and complete at its end: seconds, and what was offered."""
        self._version += 1
        document = {"uri": self._uri, "version": self._version}
        self._tell("textDocument/didChange", {"textDocument": document, "contentChanges": [{"text": text}]})
        lines = text.split("\n")
        place = {"line": len(lines) - 1, "character": len(lines[-1])}
        began = perf_counter()
        answer = self.ask("textDocument/completion", {"textDocument": {"uri": self._uri}, "position": place})
        seconds = perf_counter() - began
        items: list[dict[str, Any]] = (
            cast("dict[str, Any]", answer).get("items", []) if isinstance(answer, dict) else answer or []
        )
        return seconds, [item["label"] for item in items]

    @property
    def mebibytes(self) -> float:
        """Memory that the server holds now, without the small program that may have started it; 0 where the system does not say."""
        return max(map(_resident_pages, _family(self._server.pid))) * resource.getpagesize() / 2**20

    def ask(self, method: str, parameters: Mapping[str, Any]) -> Any:
        """Send a request and wait for its answer; what the server asks meanwhile is answered, too."""
        self._number += 1
        mine = self._number
        self._send({"id": mine, "method": method, "params": parameters})
        while True:
            message = self._receive()
            if "method" in message:
                if "id" in message:
                    self._send({"id": message["id"], "result": self._answer(message)})
            elif message.get("id") == mine:
                return message.get("result")

    @property
    def _uri(self) -> str:
        return (self._root / "script.py").as_uri()

    def _answer(self, message: Mapping[str, Any]) -> Any:
        if message["method"] != "workspace/configuration":
            return None
        sections = {"python": {"pythonPath": self._python}}
        return [sections.get(item.get("section"), {}) for item in message["params"]["items"]]

    def _tell(self, method: str, parameters: Mapping[str, Any]) -> None:
        self._send({"method": method, "params": parameters})

    def _send(self, message: Mapping[str, Any]) -> None:
        body = json.dumps({"jsonrpc": "2.0", **message}).encode()
        if self._server.stdin is None:
            raise RuntimeError("the server has no standard input")
        self._server.stdin.write(b"Content-Length: %d\r\n\r\n%s" % (len(body), body))
        self._server.stdin.flush()

    def _receive(self) -> dict[str, Any]:
        stream = self._server.stdout
        if stream is None:
            raise RuntimeError("the server has no standard output")
        length = 0
        while line := stream.readline().strip():
            name, _, value = line.partition(b":")
            if name.lower() == b"content-length":
                length = int(value)
        if not length:
            raise RuntimeError("the language server ended")
        message: dict[str, Any] = json.loads(stream.read(length))
        return message

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.kill()
        self._server.wait()
        for stream in (self._server.stdin, self._server.stdout):
            if stream is not None:
                stream.close()


def _family(pid: int) -> list[int]:
    """A process and its descendants: the command may be a small program that starts the real one."""
    try:
        told = Path(f"/proc/{pid}/task/{pid}/children").read_text("utf-8")
    except OSError:
        return [pid]
    return [pid, *(member for child in map(int, told.split()) for member in _family(child))]


def _resident_pages(pid: int) -> int:
    try:
        return int(Path(f"/proc/{pid}/statm").read_text("utf-8").split()[1])
    except OSError:
        return 0
