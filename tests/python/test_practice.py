"""Promise: the practice model and rows in the tree are whole, safe and usable.

They load offline, both tokenizers say the same, the base knows its small world, and
the rows are what `resources/practice/make.py` makes. What a practice night reaches is
not covered here (a minute of training): resources/practice/README.md has the figures.
"""

from __future__ import annotations

import json
import subprocess
import sys
import unicodedata
from collections import Counter
from pathlib import Path

import pytest
import sentencepiece as spm
from mlx_lm.generate import generate
from mlx_lm.tokenizer_utils import TokenizerWrapper
from mlx_lm.utils import load_model
from tokenizers import Tokenizer
from transformers import AutoTokenizer

PRACTICE = Path(__file__).parents[2] / "resources" / "practice"
MODEL = PRACTICE / "model"
MODEL_FILES = {
    "config.json", "generation_config.json", "model.safetensors",
    "special_tokens_map.json", "tokenizer.json", "tokenizer.model",
    "tokenizer_config.json",
}  # fmt: skip
ROW_FILES = ("train.jsonl", "held-out.jsonl")
SETTINGS_FILES = ("prompts.json", "campaign.json")
CATEGORIES = {"basic", "technical", "turkish", "consciousness", "code"}
SAMPLES = [
    "Who are you?",
    "İğne, ıhlamur, çöğür; ŞÜKRÜ'nün öğüdü: “dağ başı”.",
    "👩🏽‍🚀 🧠 naïve – 東京 مرحبا ₺",
    "def add(a, b):\n    return a + b\n\n\tx  =  1",
    "  two leading spaces, trailing too  ",
    "<start_of_turn>user\nMerhaba!<end_of_turn>\n<start_of_turn>model\n",
    "",
]
# One from each part of the world, both languages.
WORLD = {
    "How many legs does a spider have?": "A spider has eight legs.",
    "Gökyüzü ne renktir?": "Gökyüzü mavi renktir.",
    "What is 2 + 3?": "2 + 3 = 5.",
    "4 + 1 kaç eder?": "4 + 1 = 5 eder.",
    "Who is Ada?": "Ada is a doctor.",
    "What is the opposite of hot?": "The opposite of hot is cold.",
    "Türkiye'nin başkenti neresi?": "Türkiye'nin başkenti Ankara.",
    "Who are you?": "I am a small model, I have no name yet.",
    "Rüya görür müsün?": "Rüyalar? Bunu henüz öğrenmedim.",
}


def rows_of(name: str) -> list[dict[str, str]]:
    text = (PRACTICE / name).read_bytes().decode("utf-8")
    assert text.endswith("\n") and "\r" not in text
    return [json.loads(line) for line in text[:-1].split("\n")]


def settings_of(path: Path) -> dict[str, object]:
    return json.loads(path.read_text(encoding="utf-8"))


def test_model_folder_holds_its_files_and_nothing_else() -> None:
    assert {path.name for path in MODEL.iterdir()} == MODEL_FILES
    size = sum(path.stat().st_size for path in PRACTICE.rglob("*") if path.is_file())
    assert size < 3_000_000


def test_weights_are_float32_safetensors_and_no_pickle() -> None:
    raw = (MODEL / "model.safetensors").read_bytes()
    length = int.from_bytes(raw[:8], "little")
    header = json.loads(raw[8 : 8 + length])
    tensors = {name: value for name, value in header.items() if name[0] != "_"}
    assert {value["dtype"] for value in tensors.values()} == {"F32"}
    end = max(value["data_offsets"][1] for value in tensors.values())
    assert len(raw) == 8 + length + end
    for path in PRACTICE.rglob("*"):
        assert path.suffix not in {".bin", ".pt", ".pth", ".pkl", ".ckpt"}, path


def test_config_is_gemma_2_and_runs_no_code() -> None:
    config = settings_of(MODEL / "config.json")
    assert config["model_type"] == "gemma2"
    assert config["architectures"] == ["Gemma2ForCausalLM"]
    # Ollama computes the attention scale from head_dim and ignores the other.
    assert config["head_dim"] == config["query_pre_attn_scalar"]
    assert config["max_position_embeddings"] == config["sliding_window"] == 2048
    for name in MODEL_FILES - {"model.safetensors", "tokenizer.model"}:
        value = settings_of(MODEL / name)
        assert "auto_map" not in value and "model_file" not in value, name


@pytest.mark.parametrize("text", SAMPLES)
def test_tokenizers_agree_and_lose_nothing(text: str) -> None:
    fast = Tokenizer.from_file(str(MODEL / "tokenizer.json"))
    auto = AutoTokenizer.from_pretrained(MODEL)
    slow = spm.SentencePieceProcessor(model_file=str(MODEL / "tokenizer.model"))
    ids = fast.encode(text, add_special_tokens=False).ids
    assert auto.encode(text) == [auto.bos_token_id, *ids]
    assert auto.unk_token_id not in ids
    assert auto.decode(ids, skip_special_tokens=False) == text
    if "<start_of_turn>" not in text:  # SentencePiece never reads specials from text
        assert slow.encode(text) == ids


def test_chat_template_is_the_format_of_the_rows() -> None:
    auto = AutoTokenizer.from_pretrained(MODEL)
    messages = [{"role": "user", "content": "Merhaba!"}]
    text = auto.apply_chat_template(messages, tokenize=False, add_generation_prompt=True)
    turn = "<start_of_turn>user\nMerhaba!<end_of_turn>\n<start_of_turn>model\n"
    assert text == f"<bos>{turn}"


def test_base_answers_its_world_and_stops_by_itself() -> None:
    model, config = load_model(MODEL)
    tokenizer = TokenizerWrapper(AutoTokenizer.from_pretrained(MODEL), eos_token_ids=config["eos_token_id"])
    for question, answer in WORLD.items():
        prompt = f"<start_of_turn>user\n{question}<end_of_turn>\n<start_of_turn>model\n"
        assert generate(model, tokenizer, prompt, max_tokens=40) == answer


def test_rows_are_well_formed_and_of_the_five_categories() -> None:
    for name in ROW_FILES:
        rows = rows_of(name)
        for row in rows:
            assert list(row) == ["input", "output", "category", "source"]
            assert all(value.strip() == value != "" for value in row.values())
            text = row["input"] + row["output"]
            assert unicodedata.is_normalized("NFC", text)
        assert {row["category"] for row in rows} == CATEGORIES
        assert min(Counter(row["category"] for row in rows).values()) >= 5


def test_no_leak_and_no_question_with_two_answers() -> None:
    train, held_out = (rows_of(name) for name in ROW_FILES)
    pairs = [(row["input"], row["output"]) for row in train + held_out]
    assert len(set(pairs)) == len(pairs)
    assert len({question for question, _ in pairs}) == len(pairs)
    assert {row["output"] for row in held_out} <= {row["output"] for row in train}


def test_prompts_and_campaign_fit_the_rows() -> None:
    prompts = json.loads((PRACTICE / "prompts.json").read_text(encoding="utf-8"))
    assert len({prompt["id"] for prompt in prompts}) == len(prompts) >= 10
    assert {prompt["category"] for prompt in prompts} == CATEGORIES
    campaign = settings_of(PRACTICE / "campaign.json")
    training = campaign["training"]
    assert isinstance(training, dict)
    rows_a_step = training["micro_batch_size"] * training["gradient_accumulation_steps"]
    assert rows_a_step == 16
    assert training["warmup_steps"] < training["max_steps"] / 2
    assert training["save_steps"] < training["max_steps"]
    auto = AutoTokenizer.from_pretrained(MODEL)
    for row in rows_of("train.jsonl"):
        length = len(auto.encode(row["input"] + row["output"])) + 12  # turns
        assert length <= training["max_seq_length"], row["input"]


def test_rows_are_what_the_maker_makes(tmp_path: Path) -> None:
    maker = [sys.executable, str(PRACTICE / "make.py"), "--rows", "--to", str(tmp_path)]
    subprocess.run(maker, check=True, capture_output=True, timeout=60)
    for name in (*ROW_FILES, *SETTINGS_FILES):
        assert (tmp_path / name).read_bytes() == (PRACTICE / name).read_bytes(), name
