"""The Hugging Face hub: which files a model has, and what its refusals mean. HF_ENDPOINT and HF_TOKEN are read by huggingface_hub."""

from __future__ import annotations

import re
import time
from dataclasses import dataclass

import httpx
from huggingface_hub import HfApi, ModelInfo, constants
from huggingface_hub.errors import HfHubHTTPError, OfflineModeIsEnabled

from trainer.run.faults import Fault

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,200}")
_HEX = re.compile(r"[0-9a-f]{40}|[0-9a-f]{64}")
_MAX_FILES = 1_000
TIMEOUT_SECONDS = 30.0
_WAITS = (0.5, 2.0)
TRY_AGAIN = {408, 429, 500, 502, 503, 504}


@dataclass(frozen=True)
class RemoteFile:
    """`blob` names its content: SHA-256 of a large file, else git's SHA-1 of it."""

    name: str
    bytes: int
    blob: str


@dataclass(frozen=True)
class Snapshot:
    source: str
    revision: str
    files: tuple[RemoteFile, ...]


def list_snapshot(source: str) -> Snapshot:
    """The newest revision's files in the model's top folder. Raises Fault model.not-found, .gated, .offline, .broken."""
    info = _ask(source)
    files = []
    for sibling in (info.siblings or [])[:_MAX_FILES]:
        blob = sibling.lfs.sha256 if sibling.lfs else sibling.blob_id
        # Names with a folder, or anything that could leave ours, are never asked for.
        if (
            _NAME.fullmatch(sibling.rfilename)
            and isinstance(blob, str)
            and _HEX.fullmatch(blob)
            and isinstance(sibling.size, int)
            and sibling.size >= 0
        ):
            files.append(RemoteFile(sibling.rfilename, sibling.size, blob))
    if not info.sha or not _HEX.fullmatch(info.sha):
        raise Fault("model.broken", f"The hub names no revision of {source}.", "Try again later, or choose another model.")
    return Snapshot(source, info.sha, tuple(files))


def _ask(source: str) -> ModelInfo:
    for wait in (*_WAITS, None):
        try:
            return HfApi().model_info(source, files_metadata=True, timeout=TIMEOUT_SECONDS)
        except HfHubHTTPError as error:
            if error.response.status_code not in TRY_AGAIN or wait is None:
                raise refusal(source, error.response.status_code, error.response.headers) from None
        except OfflineModeIsEnabled:
            raise offline(source) from None
        except (httpx.TransportError, OSError):
            if wait is None:
                raise offline(source) from None
        except (ValueError, KeyError, TypeError):
            next_step = "Check HF_ENDPOINT and your network, then try again."
            raise Fault("model.offline", f"{constants.ENDPOINT} does not answer like a model hub.", next_step) from None
        time.sleep(wait)
    raise AssertionError("unreachable: the last try returns or raises")


def refusal(source: str, status: int, headers: httpx.Headers) -> Fault:
    """Never the library's own text: it may carry addresses and request ids."""
    code = headers.get("X-Error-Code", "")
    if code == "GatedRepo" or status == 403:
        next_step = (
            f"Accept its terms at {constants.ENDPOINT}/{source} and set HF_TOKEN, or use a copy without a gate such as unsloth/gemma-2-2b."
        )
        return Fault("model.gated", f"{source} is gated: the hub gives it only to accounts that accepted its terms.", next_step)
    if status == 401 and "Invalid" in headers.get("X-Error-Message", ""):
        return Fault(
            "model.gated",
            "The hub refused the access token (HF_TOKEN).",
            "Make a new read token in your hub account and set HF_TOKEN, or unset it.",
        )
    if status in (401, 404) or code in ("RepoNotFound", "EntryNotFound", "RevisionNotFound"):
        return Fault("model.not-found", f"The hub has no public model {source}.", "Check the name; for a private model set HF_TOKEN.")
    return Fault("model.offline", f"The hub answered {status} for {source}.", "Try again later, or name a model folder on this machine.")


def offline(source: str) -> Fault:
    next_step = "Check the network, then continue with: thortime resume; what has arrived is kept."
    return Fault("model.offline", f"The hub cannot be reached, so {source} could not be fetched.", next_step)
