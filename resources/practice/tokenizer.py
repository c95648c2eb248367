"""A Gemma-2-style tokenizer made without a download.

`tokenizer.model` (SentencePiece BPE, byte fallback) is what Ollama reads;
`tokenizer.json` says the same for Hugging Face and MLX. Layout and settings follow
the public Gemma tokenizer: no dummy prefix, identity normalisation, " " -> "▁".
"""

from __future__ import annotations

import io
import json
from pathlib import Path

import sentencepiece as spm
from tokenizers import AddedToken, Tokenizer, decoders, normalizers, pre_tokenizers
from tokenizers.models import BPE
from tokenizers.processors import TemplateProcessing
from transformers.convert_slow_tokenizer import generate_merges

SPECIAL = ("<pad>", "<eos>", "<bos>", "<unk>", "<start_of_turn>", "<end_of_turn>")
PAD, EOS, BOS, UNK, START_OF_TURN, END_OF_TURN = range(6)
# Jinja of the Gemma-2 chat format; a system message is put into the first user turn.
CHAT_TEMPLATE = (
    "{{ bos_token }}{% set ns = namespace(system='') %}{% for m in messages %}"
    "{% if m['role'] == 'system' %}"
    "{% set ns.system = m['content'] | trim + '\n\n' %}{% else %}"
    "{% set role = 'model' if m['role'] == 'assistant' else m['role'] %}"
    "{{ '<start_of_turn>' + role + '\n' + ns.system + m['content'] | trim"
    " + '<end_of_turn>\n' }}{% set ns.system = '' %}{% endif %}{% endfor %}"
    "{% if add_generation_prompt %}{{ '<start_of_turn>model\n' }}{% endif %}"
)


def prompt_text(question: str) -> str:
    """One user turn, ready for the model's turn. `<bos>` is left to the tokenizer."""
    turn = f"<start_of_turn>user\n{question}<end_of_turn>\n"
    return f"{turn}<start_of_turn>model\n"


def train_sentencepiece(lines: list[str], pieces: int) -> bytes:
    """Train the SentencePiece model; `pieces` counts specials and 256 byte pieces.

    One thread: the result must not depend on how many cores the machine has.
    """
    model = io.BytesIO()
    spm.SentencePieceTrainer.train(
        sentence_iterator=iter(lines), model_writer=model, model_type="bpe",
        vocab_size=pieces, byte_fallback=True, add_dummy_prefix=False,
        remove_extra_whitespaces=False, normalization_rule_name="identity",
        split_digits=True, character_coverage=1.0, num_threads=1,
        pad_id=PAD, eos_id=EOS, bos_id=BOS, unk_id=UNK,
        pad_piece="<pad>", eos_piece="<eos>", bos_piece="<bos>", unk_piece="<unk>",
        control_symbols=["<start_of_turn>", "<end_of_turn>"],
        minloglevel=2,
    )  # fmt: skip
    return model.getvalue()


def fast_tokenizer(model: bytes) -> Tokenizer:
    """The same pieces and merges as a `tokenizers` BPE."""
    sp = spm.SentencePieceProcessor(model_proto=model)
    vocab = {sp.id_to_piece(i): i for i in range(sp.get_piece_size())}
    scores = {
        sp.id_to_piece(i): sp.get_score(i)
        for i in range(sp.get_piece_size())
        if not (sp.is_control(i) or sp.is_byte(i) or sp.is_unknown(i))
    }
    merges = generate_merges(vocab, scores)
    bpe = BPE(vocab, merges, fuse_unk=True, byte_fallback=True, unk_token="<unk>")
    tokenizer = Tokenizer(bpe)
    tokenizer.normalizer = normalizers.Replace(" ", "▁")
    tokenizer.pre_tokenizer = pre_tokenizers.Split(" ", "merged_with_previous")
    tokenizer.decoder = decoders.Sequence([decoders.Replace("▁", " "), decoders.ByteFallback(), decoders.Fuse()])
    tokenizer.post_processor = TemplateProcessing(single="<bos> $A", pair="<bos> $A <bos> $B", special_tokens=[("<bos>", BOS)])
    tokenizer.add_special_tokens([AddedToken(token, normalized=False, special=True) for token in SPECIAL])
    return tokenizer


def write_tokenizer(folder: Path, model: bytes, context: int) -> Tokenizer:
    """Write the four tokenizer files of a Gemma-2 model folder."""
    tokenizer = fast_tokenizer(model)
    (folder / "tokenizer.model").write_bytes(model)
    tokenizer.save(str(folder / "tokenizer.json"))
    names = {f"{name}_token": f"<{name}>" for name in ("bos", "eos", "pad", "unk")}
    turns = ["<start_of_turn>", "<end_of_turn>"]
    write_json(
        folder / "special_tokens_map.json",
        {**names, "additional_special_tokens": turns},
    )
    config = {
        **names,
        "add_bos_token": True,
        "add_eos_token": False,
        "added_tokens_decoder": {
            str(i): {
                "content": token, "lstrip": False, "normalized": False,
                "rstrip": False, "single_word": False, "special": True,
            }
            for i, token in enumerate(SPECIAL)
        },
        "additional_special_tokens": turns,
        "chat_template": CHAT_TEMPLATE,
        "clean_up_tokenization_spaces": False,
        "model_max_length": context,
        "tokenizer_class": "GemmaTokenizer",
    }  # fmt: skip
    write_json(folder / "tokenizer_config.json", config)
    return tokenizer


def write_json(path: Path, value: object) -> None:
    """Readable JSON with a final newline."""
    text = json.dumps(value, ensure_ascii=False, indent=2)
    path.write_text(text + "\n", encoding="utf-8", newline="\n")
