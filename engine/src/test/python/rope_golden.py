"""Writes rows of the rotary tables of Transformers' own embedding classes.

Needs torch and transformers (made with 2.15.0 and 5.23.0). Run from the project's root:

    python engine/src/test/python/rope_golden.py

For each config: the frequencies, and the first halves (the second repeat them) of the rows of some
positions, all as the shortest decimals that give the float32 back.
"""

import json
import pathlib

import torch
from transformers import LlamaConfig, Qwen2Config, Qwen3Config
from transformers.models.llama.modeling_llama import LlamaRotaryEmbedding
from transformers.models.qwen2.modeling_qwen2 import Qwen2RotaryEmbedding
from transformers.models.qwen3.modeling_qwen3 import Qwen3RotaryEmbedding

OUT = pathlib.Path(__file__).resolve().parents[4] / "engine/src/test/resources/goldens/rope.jsonl"
POSITIONS = [0, 1, 1023, 1024, 40_000, 131_071, 262_143]
FAMILIES = {
    "qwen3": (Qwen3Config, Qwen3RotaryEmbedding),
    "qwen2": (Qwen2Config, Qwen2RotaryEmbedding),
    "llama": (LlamaConfig, LlamaRotaryEmbedding),
}
LLAMA3 = {"low_freq_factor": 1.0, "high_freq_factor": 4.0, "original_max_position_embeddings": 8192}


def yarn(factor, original, **others):
    return {
        "rope_type": "yarn",
        "factor": factor,
        "original_max_position_embeddings": original,
        **others,
    }


# (family, head_dim, rope_theta, its scaling)
CASES = [
    ("qwen3", 128, 5_000_000.0, {"rope_type": "default"}),
    ("qwen3", 128, 1_000_000.0, yarn(8.0, 32_768)),
    ("qwen2", 64, 1_000_000.0, yarn(4.0, 32_768, beta_fast=24, beta_slow=2, attention_factor=1.25)),
    ("qwen2", 128, 10_000.0, yarn(40, 4096, mscale=0.707, mscale_all_dim=1.0, truncate=False)),
    ("llama", 128, 500_000.0, {"rope_type": "llama3", "factor": 8.0, **LLAMA3}),
    ("llama", 64, 500_000.0, {"rope_type": "llama3", "factor": 32.0, **LLAMA3}),
    ("llama", 64, 10_000.0, {"rope_type": "linear", "factor": 2.5}),
]


def numbers(tensor):
    """float32 has at most nine significant digits."""
    return [float(f"{x:.9g}") for x in tensor.tolist()]


def main():
    lines = []
    for family, head_dim, theta, scaling in CASES:
        make, embedding = FAMILIES[family]
        config = make(
            hidden_size=4 * head_dim,
            num_attention_heads=4,
            head_dim=head_dim,
            max_position_embeddings=262_144,
            rope_parameters={"rope_theta": theta, **scaling},
        )
        rope = embedding(config)
        cos, sin = rope(torch.zeros(1, dtype=torch.float32), torch.tensor([POSITIONS]))
        half = head_dim // 2
        case = {
            "family": family,
            "head_dim": head_dim,
            "rope_parameters": {"rope_theta": theta, **scaling},
            "attention_factor": rope.attention_scaling,
            "inv_freq": numbers(rope.inv_freq),
            "positions": POSITIONS,
            "cos": [numbers(row[:half]) for row in cos[0]],
            "sin": [numbers(row[:half]) for row in sin[0]],
        }
        lines.append(json.dumps(case, separators=(",", ":")) + "\n")
    OUT.write_text("".join(lines))


main()
