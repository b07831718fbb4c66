"""Writes the numbers that the engine's parity tests hold the engine to, with Transformers.

Needs torch, transformers and safetensors (see requirements.txt); the build does not. Run from the
project's root:

    python engine/src/test/python/make_goldens.py [NAME ...]

For the quickstart model and for small random models (grouped heads; all families; tied and untied
output layers; scaled rotary embeddings) it saves, in float32:
- logits of a whole prompt, and of 32 greedy steps after it;
- the greedy continuation, 32 tokens, of 32 prompts.

Made with Transformers 5.23.0.
"""

import json
import pathlib
import sys

import torch
import transformers
from safetensors.torch import save_file

ROOT = pathlib.Path(__file__).resolve().parents[4]
OUT = ROOT / "engine/src/test/resources/goldens"
STEPS = 32
PROMPTS = 32


def qwen3(tied, **options):
    return transformers.Qwen3ForCausalLM, transformers.Qwen3Config(
        vocab_size=320,
        intermediate_size=160,
        num_attention_heads=6,
        num_key_value_heads=2,
        head_dim=32,
        max_position_embeddings=2048,
        rms_norm_eps=1e-6,
        tie_word_embeddings=tied,
        attention_bias=False,
        bos_token_id=None,
        eos_token_id=0,
        pad_token_id=0,
        **{"rope_theta": 1_000_000.0, "hidden_size": 96, "num_hidden_layers": 3, **options},
    )


def other(kind, tied, **options):
    """No head_dim: it is 64 / 4."""
    model, config = kind
    return model, config(
        vocab_size=320,
        hidden_size=64,
        intermediate_size=96,
        num_hidden_layers=2,
        num_attention_heads=4,
        num_key_value_heads=2,
        max_position_embeddings=2048,
        rms_norm_eps=1e-5,
        tie_word_embeddings=tied,
        bos_token_id=None,
        eos_token_id=0,
        pad_token_id=0,
        **options,
    )


QWEN2 = transformers.Qwen2ForCausalLM, transformers.Qwen2Config
LLAMA = transformers.LlamaForCausalLM, transformers.LlamaConfig

# The scaled ones are meant to mix frequencies within the lengths of the prompts.
YARN = {"rope_type": "yarn", "rope_theta": 10_000.0, "factor": 4.0, "original_max_position_embeddings": 64}
LLAMA3 = {
    "rope_type": "llama3",
    "rope_theta": 500_000.0,
    "factor": 8.0,
    "low_freq_factor": 1.0,
    "high_freq_factor": 4.0,
    "original_max_position_embeddings": 64,
}

MODELS = {
    "random-tied": lambda: qwen3(True),
    "random-untied": lambda: qwen3(False),
    "random-yarn": lambda: qwen3(True, rope_parameters=YARN, num_hidden_layers=2, hidden_size=64),
    "random-qwen2": lambda: other(QWEN2, False, rope_theta=1_000_000.0),
    "random-llama": lambda: other(LLAMA, False, rope_parameters=LLAMA3),
    "random-llama-tied": lambda: other(LLAMA, True, rope_theta=10_000.0),
}


def random_model(folder, kind, config, seed):
    """A model whose every weight is random, norms and biases included, so that none goes unnoticed."""
    torch.manual_seed(seed)
    model = kind(config)
    with torch.no_grad():
        for name, weight in model.named_parameters():
            if "norm" in name:
                weight.copy_(1 + 0.2 * torch.randn_like(weight))
            elif "bias" in name:
                weight.copy_(torch.randn_like(weight))
            elif "embed" in name or "lm_head" in name:
                weight.copy_(0.5 * torch.randn_like(weight))
            else:
                weight.copy_(torch.randn_like(weight) / weight.shape[1] ** 0.5)
    model.to(torch.bfloat16).save_pretrained(folder)
    (folder / "generation_config.json").unlink(missing_ok=True)
    return kind.from_pretrained(folder, dtype=torch.float32)


def quickstart_prompts():
    folder = ROOT / "datasets/quickstart"
    tokenizer = transformers.PreTrainedTokenizerFast(
        tokenizer_file=str(folder / "model/tokenizer.json")
    )
    prompts = []
    for line in (folder / "problems.jsonl").read_text().splitlines()[:PROMPTS]:
        problem = json.loads(line)["problem"]
        text = (
            f"<|im_start|>user\n{problem}\nPlease reason step by step, and put your final answer"
            " within \\boxed{}.<|im_end|>\n<|im_start|>assistant\n<think>\n"
        )
        prompts.append(tokenizer.encode(text, add_special_tokens=False))
    return prompts


def random_prompts(vocab, seed):
    generator = torch.Generator().manual_seed(seed)
    lengths = torch.randint(1, 120, (PROMPTS,), generator=generator).tolist()
    return [torch.randint(0, vocab, (n,), generator=generator).tolist() for n in lengths]


@torch.no_grad()
def greedy(model, prompt):
    """The continuation and its logits, step by step with a cache, as a server computes it."""
    out = model(torch.tensor([prompt]), use_cache=True)
    prefill = out.logits[0].float().contiguous()
    tokens, steps = [], []
    last = prefill[-1]
    for _ in range(STEPS):
        token = int(last.argmax())
        tokens.append(token)
        out = model(torch.tensor([[token]]), past_key_values=out.past_key_values, use_cache=True)
        last = out.logits[0, -1].float()
        steps.append(last)
    return prefill, tokens, torch.stack(steps)


def write(name, model, prompts):
    model.eval()
    folder = OUT / name
    (folder / "logits").mkdir(parents=True, exist_ok=True)
    prefill, _, steps = greedy(model, prompts[0])
    save_file({"prefill": prefill, "decode": steps}, folder / "logits/model.safetensors")
    cases = [{"prompt": p, "greedy": greedy(model, p)[1]} for p in prompts]
    (folder / "greedy.jsonl").write_text("".join(json.dumps(c) + "\n" for c in cases))


def main(names):
    torch.set_num_threads(1)
    for seed, (name, make) in enumerate(MODELS.items(), 1):
        if not names or name in names:
            kind, config = make()
            model = random_model(OUT / name / "model", kind, config, seed)
            write(name, model, random_prompts(model.config.vocab_size, seed))
    if not names or "quickstart" in names:
        quickstart = ROOT / "datasets/quickstart/model"
        model = transformers.Qwen3ForCausalLM.from_pretrained(quickstart, dtype=torch.float32)
        write("quickstart", model, quickstart_prompts())


if __name__ == "__main__":
    main(sys.argv[1:])
