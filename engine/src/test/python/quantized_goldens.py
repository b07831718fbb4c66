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

import hashlib
import json
import math
import pathlib
import shutil

import numpy as np
import torch
import transformers
from safetensors.torch import save_file

ROOT = pathlib.Path(__file__).resolve().parents[4]
OUT = ROOT / "engine/src/test/resources/goldens/quantized"
PROMPT = [5, 17, 40, 3, 22, 8]
GROUP = 16

CONFIG = dict(
    vocab_size=48,
    hidden_size=32,
    intermediate_size=48,
    num_hidden_layers=1,
    num_attention_heads=2,
    num_key_value_heads=1,
    head_dim=16,
    max_position_embeddings=256,
    rope_theta=10_000.0,
    rms_norm_eps=1e-6,
    attention_bias=False,
    bos_token_id=None,
    eos_token_id=0,
    pad_token_id=0,
)


def new_model(tied, **other):
    return transformers.Qwen3ForCausalLM(
        transformers.Qwen3Config(**CONFIG | other, tie_word_embeddings=tied)
    )


def is_linear(name):
    return name.endswith("_proj.weight")


class Maker:
    """Collects the tensors of a folder and what its weights mean."""

    def __init__(self, name, seed, quantization, tied=True, key="quantization_config", **other):
        self.folder = OUT / name
        self.rng = np.random.default_rng(seed)
        self.quantization = quantization
        self.key = key
        self.tied = tied
        self.files = {}
        self.expected = {}
        torch.manual_seed(seed)
        self.model = new_model(tied, **other).eval()
        self.plain()

    def plain(self):
        """Norms, embeddings and the output layer, which most formats leave in bfloat16."""
        for name, weight in self.model.state_dict().items():
            if not is_linear(name) and not (self.tied and name == "lm_head.weight"):
                mean = 1 if "norm" in name else 0
                value = mean + 0.3 * self.normal(weight.shape)
                value = torch.from_numpy(value.astype(np.float32)).bfloat16()
                self.files[name] = value
                self.expected[name] = value.float().numpy()

    def normal(self, shape):
        return self.rng.standard_normal(tuple(shape))

    def linears(self):
        for name, weight in self.model.state_dict().items():
            if is_linear(name):
                yield name.removesuffix(".weight"), *weight.shape

    def add(self, module, expected, **parts):
        weight = module + ".weight"
        self.files.pop(weight, None)
        for part, tensor in parts.items():
            if isinstance(tensor, np.ndarray):
                tensor = torch.from_numpy(np.ascontiguousarray(tensor))
            self.files[f"{module}.{part}"] = tensor.contiguous()
        self.expected[weight] = np.ascontiguousarray(expected, dtype=np.float32)

    def write(self):
        shutil.rmtree(self.folder, ignore_errors=True)
        (self.folder / "logits").mkdir(parents=True)
        config = json.loads(self.model.config.to_json_string(use_diff=False))
        config = {k: v for k, v in config.items() if v is not None and k in KEPT}
        config["architectures"] = ["Qwen3ForCausalLM"]
        if self.quantization is not None:
            config[self.key] = self.quantization
        (self.folder / "config.json").write_text(json.dumps(config) + "\n")
        for name in ("tokenizer.json", "tokenizer_config.json"):
            (self.folder / name).write_text("{}\n")
        save_file(self.files, self.folder / "model.safetensors", metadata={"format": "pt"})
        state = {name: torch.from_numpy(value) for name, value in self.expected.items()}
        if self.tied:
            state["lm_head.weight"] = state["model.embed_tokens.weight"]
        self.model.load_state_dict(state)
        save_file({"prefill": logits(self.model)}, self.folder / "logits/model.safetensors")
        digests = {
            name: hashlib.sha256(value.astype("<f4").tobytes()).hexdigest()
            for name, value in sorted(self.expected.items())
        }
        text = json.dumps({"prompt": PROMPT, "sha256": digests})
        (self.folder / "expected.json").write_text(text + "\n")


KEPT = set(CONFIG) | {"model_type", "hidden_act", "rope_parameters", "tie_word_embeddings"}


@torch.no_grad()
def logits(model):
    return model(torch.tensor([PROMPT])).logits[0].float().contiguous()


def half(rng, shape, width, most):
    """Random scales such that weights are as large as a trained layer's, as float16 holds them."""
    return (rng.uniform(0.3, 1, shape) / (most * math.sqrt(width))).astype(np.float16)


def same(actual, expected, what):
    actual = actual.float().numpy() if isinstance(actual, torch.Tensor) else np.asarray(actual)
    assert actual.shape == expected.shape, (what, actual.shape, expected.shape)
    assert np.array_equal(actual, expected), what


# FP8 ------------------------------------------------------------------------------------------


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


def spread(blocks, rows, columns, shape):
    """A number of each block, at each of its places."""
    return np.repeat(np.repeat(blocks, rows, 0), columns, 1)[: shape[0], : shape[1]]


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


# GPTQ and AWQ ---------------------------------------------------------------------------------


def words(fields, bits):
    """Packs the last dimension: each 32 / bits numbers become a word, the first in its low bits."""
    each = 32 // bits
    fields = fields.astype(np.uint64).reshape(*fields.shape[:-1], -1, each)
    shifts = np.arange(each, dtype=np.uint64) * np.uint64(bits)
    packed = np.bitwise_or.reduce((fields & np.uint64(2**bits - 1)) << shifts, axis=-1)
    return packed.astype(np.uint32).view(np.int32)


def gptq(name, seed, bits, group_size, symmetric, act_order, version):
    maker = Maker(
        name,
        seed,
        dict(
            quant_method="gptq",
            bits=bits,
            group_size=group_size,
            sym=symmetric,
            desc_act=act_order,
            checkpoint_format=version,
            lm_head=False,
        ),
    )
    top = 2**bits
    for module, out, width in maker.linears():
        size = width if group_size == -1 else group_size
        groups = width // size
        codes = maker.rng.integers(1 if symmetric else 0, top, (width, out))
        shift = 1 if version == "gptq" else 0
        zeros = maker.rng.integers(shift, top, (groups, out))
        if symmetric:
            zeros[:] = top // 2
        scales = half(maker.rng, (groups, out), width, top / 2)
        index = np.arange(width, dtype=np.int32) // size
        if act_order:
            maker.rng.shuffle(index)
        expected = (codes - zeros[index]).astype(np.float32) * scales[index].astype(np.float32)
        maker.add(
            module,
            expected.T,
            qweight=words(codes.T, bits).T,
            qzeros=words(zeros - shift, bits),
            scales=scales,
            g_idx=index,
        )
    maker.write()


def awq(name, seed, group_size):
    maker = Maker(
        name,
        seed,
        dict(
            quant_method="awq", bits=4, group_size=group_size, version="gemm", zero_point=True
        ),
    )
    order = [0, 2, 4, 6, 1, 3, 5, 7]  # the column that each field of a word is of

    def pack(fields):
        return words(fields.reshape(len(fields), -1, 8)[:, :, order].reshape(fields.shape), 4)

    for module, out, width in maker.linears():
        groups = width // group_size
        codes = maker.rng.integers(0, 16, (width, out))
        zeros = maker.rng.integers(0, 16, (groups, out))
        scales = half(maker.rng, (groups, out), width, 8)
        index = np.arange(width) // group_size
        expected = (codes - zeros[index]).astype(np.float32) * scales[index].astype(np.float32)
        maker.add(module, expected.T, qweight=pack(codes), qzeros=pack(zeros), scales=scales)
    maker.write()


# compressed-tensors ---------------------------------------------------------------------------


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


# MLX ------------------------------------------------------------------------------------------


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


# LoRA -----------------------------------------------------------------------------------------


def lora(name, seed, plain, **options):
    """An adapter of PEFT's own making over the plain model, and what PEFT merges it to."""
    import peft

    model = transformers.Qwen3ForCausalLM.from_pretrained(plain, dtype=torch.float32)
    torch.manual_seed(seed)
    adapted = peft.get_peft_model(
        model, peft.LoraConfig(task_type="CAUSAL_LM", lora_dropout=0.0, **options)
    )
    with torch.no_grad():
        for key, value in adapted.named_parameters():
            if "lora_" in key:
                value.copy_(0.2 * torch.randn_like(value))
    folder = OUT / name
    shutil.rmtree(folder, ignore_errors=True)
    adapted.peft_config["default"].base_model_name_or_path = "somebody/plain"
    adapted.save_pretrained(folder)
    (folder / "README.md").unlink(missing_ok=True)
    merged = adapted.merge_and_unload().eval()
    shown = ("k_proj.weight", "o_proj.weight", "down_proj.weight")
    tensors = {k: v.contiguous() for k, v in merged.state_dict().items() if k.endswith(shown)}
    (folder / "merged").mkdir()
    save_file(tensors, folder / "merged/model.safetensors")
    (folder / "logits").mkdir()
    save_file({"prefill": logits(merged)}, folder / "logits/model.safetensors")


def plain(name, seed):
    maker = Maker(name, seed, None)
    for module, out, width in maker.linears():
        weight = (maker.normal((out, width)) / math.sqrt(width)).astype(np.float32)
        weight = torch.from_numpy(weight).bfloat16()
        maker.add(module, weight.float().numpy(), weight=weight)
    maker.write()
    return maker.folder


def codes_of_fp8():
    """Every code of E4M3, as torch reads it."""
    codes = np.arange(256, dtype=np.uint8)
    numbers = as_fp8(codes).float()
    assert np.array_equal(numbers.numpy(), e4m3(codes), equal_nan=True)
    folder = OUT / "e4m3"
    folder.mkdir(parents=True, exist_ok=True)
    save_file({"numbers": numbers}, folder / "model.safetensors")


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
