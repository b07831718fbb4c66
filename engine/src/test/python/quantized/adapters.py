"""Adapters that PEFT made and merged."""

import shutil

import torch
import transformers
from safetensors.torch import save_file

from quantized.maker import OUT, logits


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
    config = adapted.peft_config["default"]
    config.base_model_name_or_path = "somebody/plain"
    # PEFT makes a set of it, whose order is another one in each process.
    config.target_modules = options["target_modules"]
    adapted.save_pretrained(folder)
    (folder / "README.md").unlink(missing_ok=True)
    merged = adapted.merge_and_unload().eval()
    shown = ("k_proj.weight", "o_proj.weight", "down_proj.weight")
    tensors = {k: v.contiguous() for k, v in merged.state_dict().items() if k.endswith(shown)}
    (folder / "merged").mkdir()
    save_file(tensors, folder / "merged/model.safetensors")
    (folder / "logits").mkdir()
    save_file({"prefill": logits(merged)}, folder / "logits/model.safetensors")
