"""Weights that MLX quantized."""

import math

import numpy as np
import torch

from quantized.maker import Maker, same


def mlx(name, seed, bits, own=None):
    """Weights that MLX itself quantized; the embedding is the output layer as well."""
    import mlx.core as mx

    quantization = dict(group_size=32, bits=bits, mode="affine")
    for module, packing in (own or {}).items():
        quantization[module] = packing
    # Groups have 32 inputs at the least.
    maker = Maker(name, seed, quantization, key="quantization", intermediate_size=64)
    for module, out, width in [("model.embed_tokens", 48, 32), *maker.linears()]:
        packing = (own or {}).get(module, quantization)
        weight = (maker.normal((out, width)) / math.sqrt(width)).astype(np.float16)
        if packing is False:
            maker.add(module, weight.astype(np.float32), weight=weight)
            continue
        size, width_of_code = packing["group_size"], packing["bits"]
        codes, scales, biases = mx.quantize(mx.array(weight), size, width_of_code)
        numbers = stream(np.array(codes), width_of_code, width)
        index = np.arange(width) // size
        scale = np.array(scales).astype(np.float32)[:, index]
        expected = numbers.astype(np.float32) * scale
        expected = expected + np.array(biases).astype(np.float32)[:, index]
        same(
            mx.dequantize(
                codes, scales.astype(mx.float32), biases.astype(mx.float32), size, width_of_code
            ),
            expected,
            name,
        )
        maker.add(
            module,
            expected,
            weight=torch.from_numpy(np.array(codes)),
            scales=np.array(scales),
            biases=np.array(biases),
        )
    maker.write()


def stream(packed, bits, width):
    """Numbers that follow each other without gaps, low bits first, in little-endian words."""
    rows = np.unpackbits(packed.astype("<u4").view(np.uint8), axis=1, bitorder="little")
    fields = rows[:, : width * bits].reshape(len(rows), width, bits)
    return (fields << np.arange(bits, dtype=np.uint8)).sum(-1)
