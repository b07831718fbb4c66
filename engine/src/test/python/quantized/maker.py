"""Folders of models that were quantized, and what their weights mean."""

import hashlib
import json
import math
import pathlib
import shutil

import numpy as np
import torch
import transformers
from safetensors.torch import save_file

ROOT = pathlib.Path(__file__).resolve().parents[5]
OUT = ROOT / "engine/src/test/resources/goldens/quantized"
PROMPT = [5, 17, 40, 3, 22, 8]

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
KEPT = set(CONFIG) | {"model_type", "hidden_act", "rope_parameters", "tie_word_embeddings"}


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


def words(fields, bits):
    """Packs the last dimension: each 32 / bits numbers become a word, the first in its low bits."""
    each = 32 // bits
    fields = fields.astype(np.uint64).reshape(*fields.shape[:-1], -1, each)
    shifts = np.arange(each, dtype=np.uint64) * np.uint64(bits)
    packed = np.bitwise_or.reduce((fields & np.uint64(2**bits - 1)) << shifts, axis=-1)
    return packed.astype(np.uint32).view(np.int32)


def spread(blocks, rows, columns, shape):
    """A number of each block, at each of its places."""
    return np.repeat(np.repeat(blocks, rows, 0), columns, 1)[: shape[0], : shape[1]]


def plain(name, seed):
    maker = Maker(name, seed, None)
    for module, out, width in maker.linears():
        weight = (maker.normal((out, width)) / math.sqrt(width)).astype(np.float32)
        weight = torch.from_numpy(weight).bfloat16()
        maker.add(module, weight.float().numpy(), weight=weight)
    maker.write()
    return maker.folder
