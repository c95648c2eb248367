"""A small real server that speaks as much of the hub's protocol as a fetch needs, and misbehaves when told to.

Model listing (`/api/models/<id>?blobs=true`), files (`/<id>/resolve/<revision>/<file>`, large ones redirected to a CDN under another
host name as the hub does), Range requests, and the hub's error headers. Every request is kept in `requests`.
"""

from __future__ import annotations

import hashlib
import json
import threading
import time
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

LARGE_BYTES = 100_000
REVISION = "0123456789abcdef0123456789abcdef01234567"


@dataclass
class Request:
    path: str
    range: str | None
    authorization: str | None
    host: str
    sent: int = 0


@dataclass
class Behaviour:
    """`cut`: file -> bytes after which its connection breaks, once each. `busy`: file -> times it answers 503 first."""

    cut: dict[str, list[int]] = field(default_factory=dict)
    busy: dict[str, int] = field(default_factory=dict)
    gated: bool = False
    token: str = ""
    no_ranges: bool = False
    bytes_per_second: int = 0
    wrong_bytes: set[str] = field(default_factory=set)
    claimed_bytes: dict[str, int] = field(default_factory=dict)
    more_files: dict[str, bytes] = field(default_factory=dict)
    html: bool = False


class HubServer:
    """Serves the files of a folder as the model `org/practice`. Use as a context manager."""

    def __init__(self, folder: Path, behaviour: Behaviour | None = None):
        self.behaviour = behaviour or Behaviour()
        self.files = {path.name: path.read_bytes() for path in sorted(folder.iterdir())} | self.behaviour.more_files
        self.requests: list[Request] = []
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
        self._server.hub = self  # type: ignore[attr-defined]
        self.port = self._server.server_address[1]
        self.endpoint = f"http://127.0.0.1:{self.port}"

    def __enter__(self) -> HubServer:
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()

    def asked_for(self, name: str) -> list[Request]:
        """Requests that were answered with bytes of this file."""
        return [
            request
            for request in self.requests
            if request.path.endswith(f"/{name}") and not request.path.startswith("/api") and request.sent
        ]

    def listing(self) -> dict:
        siblings = []
        for name, content in self.files.items():
            size = self.behaviour.claimed_bytes.get(name, len(content))
            entry: dict = {"rfilename": name, "size": size, "blobId": hashlib.sha1(f"blob {len(content)}\0".encode() + content).hexdigest()}
            if size >= LARGE_BYTES:
                entry["lfs"] = {"sha256": hashlib.sha256(content).hexdigest(), "size": size, "pointerSize": 134}
            siblings.append(entry)
        return {
            "id": "org/practice",
            "modelId": "org/practice",
            "sha": REVISION,
            "private": False,
            "gated": False,
            "siblings": siblings,
            "tags": [],
        }


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        hub: HubServer = self.server.hub  # type: ignore[attr-defined]
        headers = self.headers
        request = Request(self.path.partition("?")[0], headers.get("Range"), headers.get("Authorization"), headers.get("Host", ""))
        hub.requests.append(request)
        how = hub.behaviour
        if how.html:
            return self._answer(200, b"<html>Please log in to the hotel's network</html>", {"Content-Type": "text/html"})
        if how.token and request.authorization not in (f"Bearer {how.token}", None):
            return self._answer(401, b"{}", {"X-Error-Message": "Invalid credentials in Authorization header"})
        if request.path == "/api/models/org/practice":
            return self._answer(200, json.dumps(hub.listing()).encode(), {"Content-Type": "application/json"})
        name = request.path.rsplit("/", 1)[-1]
        at_cdn = request.path.startswith("/cdn/")
        if not (at_cdn or request.path == f"/org/practice/resolve/{REVISION}/{name}") or name not in hub.files:
            return self._answer(404, b"{}", {"X-Error-Code": "RepoNotFound"})
        if how.gated and not at_cdn and request.authorization != f"Bearer {how.token}":
            return self._answer(403, b"{}", {"X-Error-Code": "GatedRepo"})
        if how.busy.get(name, 0) > 0:
            how.busy[name] -= 1
            return self._answer(503, b"busy", {})
        if not at_cdn and len(hub.files[name]) >= LARGE_BYTES:
            return self._answer(302, b"", {"Location": f"http://localhost:{hub.port}/cdn/{name}"})
        self._send_file(hub, request, name)

    def _send_file(self, hub: HubServer, request: Request, name: str) -> None:
        how, content = hub.behaviour, hub.files[name]
        if name in how.wrong_bytes:
            content = content[:-1] + bytes([content[-1] ^ 1])
        first = int(request.range.removeprefix("bytes=").removesuffix("-")) if request.range and not how.no_ranges else 0
        body = content[first:]
        self.send_response(206 if first else 200)
        self.send_header("Content-Length", str(len(body)))
        if first:
            self.send_header("Content-Range", f"bytes {first}-{len(content) - 1}/{len(content)}")
        self.end_headers()
        if how.cut.get(name):
            body = body[: max(0, how.cut[name].pop(0) - first)]
            self.close_connection = True
        for start in range(0, len(body), 8192):
            piece = body[start : start + 8192]
            try:
                self.wfile.write(piece)
                self.wfile.flush()
            except OSError:
                self.close_connection = True
                return
            request.sent += len(piece)
            if how.bytes_per_second:
                time.sleep(len(piece) / how.bytes_per_second)

    def _answer(self, status: int, body: bytes, headers: dict[str, str]) -> None:
        self.send_response(status)
        for name, value in {**headers, "Content-Length": str(len(body))}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        """Quiet: `requests` is the record."""
