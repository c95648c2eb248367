"""Model families whose prompt format, training and export are known to work; everything else is refused before the night."""

from __future__ import annotations

from trainer.run.faults import Fault
from trainer.run.run_plan import Format

# electron/core/plan.ts `GEMMA2` is the definition (a test holds the two equal); runs bring their own in run.json.
FORMATS = {
    "gemma2": Format("gemma2", "<bos>", "<start_of_turn>user\n", "<start_of_turn>model\n", "<end_of_turn>\n", ["<end_of_turn>"], ""),
}

# model_type of config.json -> models to name in a refusal.
FAMILIES = {"gemma2": ("unsloth/gemma-2-2b", "unsloth/gemma-2-2b-it")}
_KNOWN = "Gemma 2 (for example {} or {})".format(*FAMILIES["gemma2"])


def require_family(name: str, config: dict) -> str:
    """The family of a model's config.json. Raises Fault model.family."""
    next_step = f"Choose a model of a family that works: {_KNOWN}."
    family = config.get("model_type")
    if not isinstance(family, str):
        raise Fault("model.family", f"{name} does not say of which family it is (no model_type in config.json).", next_step)
    if family not in FAMILIES:
        raise Fault("model.family", f"{name} is of the family {family[:40]}, which Thortime does not know yet.", next_step)
    quantized = config.get("quantization_config")
    method = quantized.get("quant_method") if isinstance(quantized, dict) else None
    if method is not None and method != "mlx":
        raise Fault("model.family", f"{name} is quantised with {str(method)[:40]}, which MLX cannot read.", next_step)
    return family
