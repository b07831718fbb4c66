"""Weights as compressed-tensors packs them."""

import numpy as np
import torch

from quantized.fp8 import as_fp8, e4m3, fp8_codes
from quantized.maker import Maker, half, same, spread, words


def scheme(layout, weights, targets=("Linear",)):
    return dict(
        quant_method="compressed-tensors",
        format=layout,
        quantization_status="compressed",
        config_groups=dict(
            group_0=dict(
                targets=list(targets),
                weights=dict(dynamic=False, **weights),
                input_activations=None,
                output_activations=None,
            )
        ),
        ignore=["lm_head"],
        kv_cache_scheme=None,
    )


def checked(parts, config, expected, what):
    """What the library makes of packed tensors, with scales as float32."""
    from compressed_tensors.compressors import BaseCompressor
    from compressed_tensors.quantization import QuantizationScheme

    given = {
        name: torch.from_numpy(np.ascontiguousarray(part)) if isinstance(part, np.ndarray) else part
        for name, part in parts.items()
    }
    given["weight_scale"] = given["weight_scale"].float()
    group = QuantizationScheme(**config["config_groups"]["group_0"])
    compressor = BaseCompressor.get_value_from_registry(config["format"])
    same(compressor.decompress(given, group)["weight"], expected, what)


def packed(name, seed, bits, group_size, symmetric, reordered=False):
    strategy = "channel" if group_size is None else "group"
    config = scheme(
        "pack-quantized",
        dict(
            num_bits=bits,
            type="int",
            symmetric=symmetric,
            strategy=strategy,
            group_size=group_size,
            actorder=None,
        ),
        ["re:.*self_attn\\.[qkvo]_proj$", "re:.*mlp.*"] if reordered else ["Linear"],
    )
    maker = Maker(name, seed, config)
    middle = 2 ** (bits - 1)
    for module, out, width in maker.linears():
        size = group_size or width
        groups = width // size
        codes = maker.rng.integers(-middle, middle, (out, width))
        scale = half(maker.rng, (out, groups), width, middle)
        scale = torch.from_numpy(scale.astype(np.float32)).bfloat16()
        zeros = maker.rng.integers(-middle, middle, (out, groups))
        zeros = np.zeros_like(zeros) if symmetric else zeros
        index = np.arange(width, dtype=np.int32) // size

        def meaning(index):
            return (codes - zeros[:, index]).astype(np.float32) * scale.float().numpy()[:, index]

        parts = dict(
            weight_packed=words(codes + middle, bits),
            weight_scale=scale,
            weight_shape=np.array([out, width], dtype=np.int64),
        )
        if not symmetric:
            parts["weight_zero_point"] = words((zeros + middle).T, bits).T
        checked(parts, config, meaning(index), name)
        if reordered:
            # The library reads no such index any more: each input has its group's scale.
            maker.rng.shuffle(index)
            parts["weight_g_idx"] = index
        maker.add(module, meaning(index), **parts)
    if reordered:
        weights = config["config_groups"]["group_0"]["weights"]
        weights["actorder"] = "group"
    maker.write()


def int8_rows(name, seed):
    weights = dict(num_bits=8, type="int", symmetric=True, strategy="channel", group_size=None)
    config = scheme("int-quantized", weights)
    maker = Maker(name, seed, config)
    for module, out, width in maker.linears():
        codes = maker.rng.integers(-127, 128, (out, width)).astype(np.int8)
        if module.endswith("down_proj"):
            codes[3, 5] = -128
        scale = torch.from_numpy(half(maker.rng, (out, 1), width, 127).astype(np.float32))
        scale = scale.bfloat16()
        expected = codes.astype(np.float32) * scale.float().numpy()
        parts = dict(weight=codes, weight_scale=scale)
        checked(parts, config, expected, name)
        maker.add(module, expected, **parts)
    maker.write()


def fp8_compressed(name, seed):
    """Layers whose numbers share scales in different ways, each told by its own target."""
    block = [16, 16]
    targets = dict(
        channel=["re:.*self_attn.*"],
        tensor=["Linear"],
        block=["model.layers.0.mlp.down_proj"],
    )
    config = scheme("float-quantized", {})
    config["config_groups"] = {}
    for strategy, names in targets.items():
        weights = dict(num_bits=8, type="float", symmetric=True, strategy=strategy)
        if strategy == "block":
            weights["block_structure"] = block
        group = scheme("float-quantized", weights, names)["config_groups"]["group_0"]
        config["config_groups"]["group_" + strategy] = group
    maker = Maker(name, seed, config)
    for module, out, width in maker.linears():
        strategy = "channel" if "attn" in module else "block" if "down" in module else "tensor"
        codes = fp8_codes(maker.rng, (out, width))
        shape = {"tensor": (1,), "channel": (out, 1), "block": (out // 16, width // 16)}[strategy]
        scale = torch.from_numpy(half(maker.rng, shape, width, 100).astype(np.float32)).bfloat16()
        numbers = scale.float().numpy()
        spread_out = spread(numbers, *block, (out, width)) if strategy == "block" else numbers
        expected = e4m3(codes) * spread_out
        parts = dict(weight=as_fp8(codes), weight_scale=scale)
        own = dict(group_0=config["config_groups"]["group_" + strategy])
        checked(parts, dict(format=config["format"], config_groups=own), expected, name)
        if strategy == "tensor":
            parts["input_scale"] = torch.tensor([0.5])
        maker.add(module, expected, **parts)
    maker.write()
