"""Writes small quantized models and adapters, and what they mean, for the engine's format tests.

Needs torch, transformers, safetensors, compressed-tensors, mlx (with its CPU backend) and peft; the
build does not. Run from the project's root:

    python engine/src/test/python/quantized_goldens.py

Each folder of src/test/resources/goldens/quantized is a random Qwen3 of one layer in one format.
`expected.json` has the SHA-256 of each weight after dequantization (float32, little-endian) and a
prompt; `logits` has what Transformers computes for that prompt with the dequantized weights.

Layouts are derived here from the formats' own descriptions, with plain numpy: a weight begins as
random codes, zeros and scales, of which the meaning is plain arithmetic, and is then packed. Where
the library that defines a format can be had, what is packed goes through it and must come out the
same (compressed-tensors, MLX, transformers' FP8). GPTQ's and AWQ's need CUDA to be installed.
"""

import torch

from quantized.adapters import lora
from quantized.affine import mlx
from quantized.compressed import fp8_compressed, int8_rows, packed
from quantized.fp8 import codes_of_fp8, fp8
from quantized.gptq_awq import awq, gptq
from quantized.maker import plain

GROUP = 16


def main():
    torch.set_num_threads(1)
    codes_of_fp8()
    fp8("fp8-blocks", 1, [16, 16])
    fp8("fp8-ragged", 2, [24, 20])
    gptq("gptq-4-sym", 3, 4, GROUP, True, False, "gptq")
    gptq("gptq-4-act-order", 4, 4, GROUP, False, True, "gptq")
    gptq("gptq-8-rows-v2", 5, 8, -1, True, False, "gptq_v2")
    gptq("gptq-2-v2", 6, 2, GROUP, False, False, "gptq_v2")
    awq("awq", 7, GROUP)
    packed("ct-w4-groups", 8, 4, GROUP, True)
    packed("ct-w4-asym-reordered", 9, 4, GROUP, False, True)
    packed("ct-w4-rows", 10, 4, None, True)
    packed("ct-w8-groups", 11, 8, GROUP, False)
    int8_rows("ct-int8", 12)
    fp8_compressed("ct-fp8", 13)
    mlx("mlx-4", 16, 4)
    own = {
        "model.layers.0.self_attn.o_proj": False,
        "model.layers.0.mlp.down_proj": dict(group_size=64, bits=8),
        "model.layers.0.mlp.up_proj": dict(group_size=32, bits=6),
        "model.layers.0.mlp.gate_proj": dict(group_size=32, bits=2),
        "model.layers.0.self_attn.q_proj": dict(group_size=32, bits=5),
    }
    mlx("mlx-3-own", 17, 3, own)
    base = plain("plain", 18)
    lora("lora", 19, base, r=4, lora_alpha=8, target_modules=["q_proj", "v_proj", "down_proj"])
    lora(
        "lora-patterns",
        20,
        base,
        r=4,
        lora_alpha=6,
        use_rslora=True,
        target_modules=".*_proj",
        rank_pattern={"o_proj": 2, "mlp.up_proj": 3},
        alpha_pattern={"k_proj": 5},
    )


if __name__ == "__main__":
    main()
