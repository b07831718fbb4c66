"""Weights in eight bits of floating point, with scales of blocks."""

import numpy as np
import torch
from safetensors.torch import save_file

from quantized.maker import OUT, Maker, half, same, spread


def e4m3(codes):
    """OCP 8-bit floating point, E4M3: bias 7, no infinities, all ones is NaN."""
    codes = codes.astype(np.int32)
    sign = np.where(codes & 0x80, -1.0, 1.0)
    exponent, fraction = codes >> 3 & 15, codes & 7
    value = np.where(
        exponent == 0, fraction / 8 * 2.0**-6, (1 + fraction / 8) * 2.0 ** (exponent - 7.0)
    )
    value = np.where((codes & 0x7F) == 0x7F, np.nan, value)
    return (sign * value).astype(np.float32)


def fp8_codes(rng, shape):
    """Any code but NaN."""
    codes = rng.integers(0, 254, shape)
    return np.where(codes >= 127, codes + 1, codes).astype(np.uint8)


def as_fp8(codes):
    return torch.from_numpy(codes).view(torch.float8_e4m3fn)


def codes_of_fp8():
    """Every code of E4M3, as torch reads it."""
    codes = np.arange(256, dtype=np.uint8)
    numbers = as_fp8(codes).float()
    assert np.array_equal(numbers.numpy(), e4m3(codes), equal_nan=True)
    folder = OUT / "e4m3"
    folder.mkdir(parents=True, exist_ok=True)
    save_file({"numbers": numbers}, folder / "model.safetensors")


def fp8(name, seed, block):
    from transformers.integrations.finegrained_fp8 import Fp8Dequantize

    maker = Maker(
        name,
        seed,
        dict(
            activation_scheme="dynamic",
            fmt="e4m3",
            quant_method="fp8",
            weight_block_size=block,
            modules_to_not_convert=["lm_head"],
        ),
        tied=False,
    )
    for module, out, width in maker.linears():
        codes = fp8_codes(maker.rng, (out, width))
        grid = (-(-out // block[0]), -(-width // block[1]))
        scale = torch.from_numpy(half(maker.rng, grid, width, 100).astype(np.float32)).bfloat16()
        expected = e4m3(codes) * spread(scale.float().numpy(), *block, (out, width))
        if out % block[0] == 0 and width % block[1] == 0:
            op = Fp8Dequantize(None)
            same(op._dequantize_one(as_fp8(codes), scale, torch.float32), expected, name)
        maker.add(module, expected, weight=as_fp8(codes), weight_scale_inv=scale)
    maker.write()
