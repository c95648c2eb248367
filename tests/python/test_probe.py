"""Promise: a model folder that could run code, leads out of itself or is not whole is refused before any loader (faults 38, 40, 42)."""

from __future__ import annotations

import json
import re
import shutil
import struct
import sys
from pathlib import Path

import mlx.core as mx
import pytest
from bare_run import ask
from conftest import PRACTICE, REPOSITORY

from trainer.model.families import FORMATS
from trainer.model.model_folder import check_model_folder
from trainer.model.probe import require_python
from trainer.model.safetensors_header import read_header
from trainer.run.faults import Fault

MODEL = PRACTICE / "model"
WEIGHTS = "model.safetensors"
BARE = (sys.executable, "-S")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return shutil.copytree(MODEL, tmp_path / "model")


def refusal(folder: Path) -> Fault:
    with pytest.raises(Fault) as caught:
        check_model_folder(folder)
    assert caught.value.message and caught.value.next
    return caught.value


def change(path: Path, **values: object) -> None:
    path.write_text(json.dumps({**json.loads(path.read_text()), **values}))


def write_weights(path: Path, tensors: dict[str, tuple[str, list[int]]], data: dict[str, bytes] | None = None) -> None:
    sizes = {"F32": 4, "F16": 2, "BF16": 2, "U32": 4}
    header, position, body = {}, 0, b""
    for name, (dtype, shape) in tensors.items():
        size = sizes[dtype]
        for side in shape:
            size *= side
        header[name] = {"dtype": dtype, "shape": shape, "data_offsets": [position, position + size]}
        position += size
        body += (data or {}).get(name, bytes(size))
    raw = json.dumps(header).encode()
    path.write_bytes(struct.pack("<Q", len(raw)) + raw + body)


def test_knows_the_practice_model() -> None:
    code, answer = ask("probe", "--model", str(MODEL), "--json")
    assert code == 0 and answer["missing"] == []
    model = answer["model"]
    weights = mx.load(str(MODEL / WEIGHTS))
    assert isinstance(weights, dict)
    assert (model["family"], model["dtype"], model["tensors"]) == ("gemma2", "F32", len(weights))
    assert model["parameters"] == sum(value.size for value in weights.values())
    assert (model["quantized"], model["kQuantizable"]) == (False, False)
    assert model["files"][WEIGHTS] == (MODEL / WEIGHTS).stat().st_size


def test_answers_on_a_bare_python_and_names_what_is_missing() -> None:
    code, answer = ask("probe", "--model", str(MODEL), "--json", python=BARE)
    assert code == 0 and answer["packages"]["mlx"] is None and "mlx" in answer["missing"]
    assert answer["model"]["family"] == "gemma2"


@pytest.mark.parametrize(("version", "fine"), [((3, 9), False), ((3, 10), True), ((3, 13), True), ((3, 14), False)])
def test_refuses_pythons_the_trainer_cannot_run_on(version: tuple[int, int], fine: bool) -> None:
    if fine:
        require_python(version)
    else:
        with pytest.raises(Fault) as caught:
            require_python(version)
        assert caught.value.kind == "environment.python" and f"Python 3.{version[1]}" in caught.value.message


@pytest.mark.parametrize("name", ["pytorch_model.bin", "model.pt", "x.PTH", "last.ckpt", "sub/weights.pkl"])
def test_refuses_pickles_even_beside_good_weights(folder: Path, name: str) -> None:
    (folder / name).parent.mkdir(exist_ok=True)
    (folder / name).write_bytes(b"x")
    assert refusal(folder).kind == "model.pickle"


@pytest.mark.parametrize("name", ["modeling_gemma.py", "sub/tokenizer.py", "fast.so"])
def test_refuses_program_code(folder: Path, name: str) -> None:
    (folder / name).parent.mkdir(exist_ok=True)
    (folder / name).write_bytes(b"boom()")
    assert refusal(folder).kind == "model.code"


@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("config.json", {"model_file": "evil.py"}),
        ("config.json", {"auto_map": {"AutoModel": "evil.Model"}}),
        ("config.json", {"text_config": {"auto_map": {"AutoModel": "evil.Model"}}}),
        ("config.json", {"trust_remote_code": True}),
        ("tokenizer_config.json", {"auto_map": {"AutoTokenizer": ["a.B", None]}}),
        ("generation_config.json", {"custom_generate": "org/repo"}),
    ],
)
def test_refuses_a_request_for_own_code_at_any_depth(folder: Path, name: str, values: dict) -> None:
    change(folder / name, **values)
    assert refusal(folder).kind == "model.code"


@pytest.mark.parametrize("family", ["llama", "gemma3_text", "qwen2", 7, None])
def test_refuses_other_families_and_names_the_known(folder: Path, family: object) -> None:
    change(folder / "config.json", model_type=family)
    found = refusal(folder)
    assert found.kind == "model.family" and "Gemma 2" in found.next


def test_refuses_a_quantisation_mlx_cannot_read(folder: Path) -> None:
    change(folder / "config.json", quantization_config={"quant_method": "bitsandbytes"})
    assert refusal(folder).kind == "model.family"


@pytest.mark.parametrize(
    ("remove", "kind"),
    [
        ("config.json", "model.missing"),
        (WEIGHTS, "model.no-weights"),
        ("tokenizer.json", "model.broken"),
        ("tokenizer.model", "model.broken"),
    ],
)
def test_refuses_a_folder_with_a_part_missing(folder: Path, remove: str, kind: str) -> None:
    (folder / remove).unlink()
    assert refusal(folder).kind == kind


def test_names_an_adapter_that_is_taken_for_a_model(folder: Path) -> None:
    (folder / WEIGHTS).rename(folder / "adapters.safetensors")
    (folder / "adapter_config.json").write_text("{}")
    assert "LoRA adapter" in refusal(folder).message


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b"\xff\xfe", b"[" * 100_000])
def test_refuses_a_damaged_configuration(folder: Path, content: bytes) -> None:
    (folder / "config.json").write_bytes(content)
    assert refusal(folder).kind == "model.broken"


def test_refuses_a_cut_tokenizer(folder: Path) -> None:
    whole = (folder / "tokenizer.json").read_bytes()
    (folder / "tokenizer.json").write_bytes(whole[: len(whole) // 2])
    assert refusal(folder).kind == "model.broken"


@pytest.mark.parametrize("length", [0, 4, 7, 8, 100, -1])
def test_refuses_truncated_weights(folder: Path, length: int) -> None:
    whole = (folder / WEIGHTS).read_bytes()
    (folder / WEIGHTS).write_bytes(whole[:length])
    assert refusal(folder).kind == "model.broken"


@pytest.mark.parametrize(
    "header",
    [
        b"not json",
        b"[]",
        b'{"a": 5}',
        b'{"a": {"dtype": "F32", "shape": [1], "data_offsets": [0, 8]}}',
        b'{"a": {"dtype": "F32", "shape": [2], "data_offsets": [8, 0]}}',
        b'{"a": {"dtype": "F99", "shape": [2], "data_offsets": [0, 8]}}',
        b'{"a": {"dtype": "F32", "shape": [-2], "data_offsets": [0, 8]}}',
        b'{"a": {"dtype": "F32", "shape": [true, 2], "data_offsets": [0, 8]}}',
        b'{"a": {"dtype": "F32", "shape": [2], "data_offsets": [0]}}',
        b'{"a": {"dtype": "F32", "shape": [1], "data_offsets": [4, 8]}}',
        b'{"a": {"dtype": "F32", "shape": [1], "data_offsets": [0, 4]}, "b": {"dtype": "F32", "shape": [1], "data_offsets": [0, 4]}}',
        b'{"a": {"dtype": "F32", "shape": [100000000000], "data_offsets": [0, 400000000000]}}',
    ],
)
def test_refuses_headers_that_lie(tmp_path: Path, header: bytes) -> None:
    path = tmp_path / WEIGHTS
    path.write_bytes(struct.pack("<Q", len(header)) + header + bytes(8))
    with pytest.raises(Fault) as caught:
        read_header(path)
    assert caught.value.kind == "model.broken"


def test_reads_a_good_header_as_it_is(tmp_path: Path) -> None:
    write_weights(tmp_path / WEIGHTS, {"a": ("F32", [2, 3]), "b": ("BF16", [4])})
    tensors, _ = read_header(tmp_path / WEIGHTS)
    assert [(t.name, t.dtype, t.shape, t.end - t.begin) for t in tensors] == [("a", "F32", (2, 3), 24), ("b", "BF16", (4,), 8)]


def test_refuses_a_header_length_beyond_the_file(folder: Path) -> None:
    (folder / WEIGHTS).write_bytes(struct.pack("<Q", 2**63) + b"{}")
    assert refusal(folder).kind == "model.broken"


def test_refuses_weights_that_do_not_fit_the_configuration(folder: Path) -> None:
    change(folder / "config.json", num_hidden_layers=3)
    assert "2 layers" in refusal(folder).message
    change(folder / "config.json", num_hidden_layers=2, vocab_size=5)
    assert refusal(folder).kind == "model.broken"


def test_refuses_an_index_that_names_what_is_not_there(folder: Path) -> None:
    index = folder / "model.safetensors.index.json"
    index.write_text(json.dumps({"weight_map": {"model.norm.weight": "model-00002-of-00002.safetensors"}}))
    assert refusal(folder).kind == "model.no-weights"
    index.write_text(json.dumps({"weight_map": {"model.norm.weight": "../../etc/passwd"}}))
    assert refusal(folder).kind == "model.no-weights"
    index.write_text(json.dumps({"weight_map": {"model.lost.weight": WEIGHTS}}))
    assert refusal(folder).kind == "model.broken"


@pytest.mark.parametrize("target", ["/etc/passwd", "../outside.safetensors"])
def test_refuses_links_that_lead_out(folder: Path, target: str) -> None:
    shutil.copy(folder / WEIGHTS, folder.parent / "outside.safetensors")
    (folder / WEIGHTS).unlink()
    (folder / WEIGHTS).symlink_to(target)
    found = refusal(folder)
    assert found.kind == "model.broken" and "leads out" in found.message


def test_refuses_linked_folders_loops_and_links_to_nothing(folder: Path) -> None:
    (folder / "sub").symlink_to("/etc")
    assert "leads out" in refusal(folder).message
    (folder / "sub").unlink()
    (folder / "loop").symlink_to("loop")
    assert refusal(folder).kind == "model.broken"
    (folder / "loop").unlink()
    (folder / "nothing").symlink_to("gone")
    assert refusal(folder).kind == "model.broken"


def cached(tmp_path: Path) -> Path:
    repository = tmp_path / "models--org--name"
    snapshot = repository / "snapshots" / ("a" * 40)
    snapshot.mkdir(parents=True)
    (repository / "blobs").mkdir()
    for path in MODEL.iterdir():
        shutil.copy(path, repository / "blobs" / path.name)
        (snapshot / path.name).symlink_to(Path("..", "..", "blobs", path.name))
    return snapshot


def test_accepts_the_hub_caches_layout_and_only_its_own_blobs(tmp_path: Path) -> None:
    snapshot = cached(tmp_path)
    assert check_model_folder(snapshot).family == "gemma2"
    (snapshot / "config.json").unlink()
    (tmp_path / "config.json").write_bytes((MODEL / "config.json").read_bytes())
    (snapshot / "config.json").symlink_to(Path("..", "..", "..", "config.json"))
    assert "leads out" in refusal(snapshot).message


def test_tells_whether_k_quantisation_fits(tmp_path: Path) -> None:
    folder = shutil.copytree(MODEL, tmp_path / "wide")
    change(folder / "config.json", hidden_size=512, vocab_size=10, num_hidden_layers=1)
    tensors = {"model.embed_tokens.weight": ("BF16", [10, 512]), "model.layers.0.mlp.down_proj.weight": ("BF16", [512, 256])}
    write_weights(folder / WEIGHTS, tensors)
    found = check_model_folder(folder)
    assert (found.kQuantizable, found.dtype, found.parameters) == (True, "BF16", 10 * 512 + 512 * 256)
    write_weights(folder / WEIGHTS, {**tensors, "model.layers.0.mlp.down_proj.weight": ("BF16", [512, 192])})
    assert not check_model_folder(folder).kQuantizable


def test_the_format_is_the_engines() -> None:
    source = (REPOSITORY / "electron" / "core" / "plan.ts").read_text()
    block = source[source.index("export const GEMMA2") :]
    block = block[: block.index("};")]
    known = {key: json.loads(value) for key, value in re.findall(r'(\w+): ("[^"]*"|\["[^"]*"\])', block)}
    form = FORMATS["gemma2"]
    assert known == {key: getattr(form, key) for key in ("family", "bos", "userPrefix", "modelPrefix", "turnEnd", "stops")}
