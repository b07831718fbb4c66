"""Renders conversations of ours with the Jinja templates of models other than Qwen3.

usage: chat_families_golden.py NAME=FILE ... > GOLDEN

NAME is ours (see ChatTemplate), FILE a model's tokenizer_config.json or its template alone. Needs
transformers (made with 5.23.0). The golden file is
../resources/io/qwark/engine/text/chat_families_golden.jsonl; it was made from the templates of
Qwen2.5-Coder-0.5B-Instruct and SmolLM2-135M-Instruct (in GGUF files), Meta-Llama-3-8B-Instruct,
Llama-3.2-1B-Instruct and TinyLlama-1.1B-Chat-v1.0; those of qwen2.5-gguf, qwen2.5-math and qwen2
are the first two with the one sentence changed in which they differ, and chatml is SmolLM2's
without a system message of its own.
"""

import json
import sys

from transformers.utils.chat_template_utils import render_jinja_template

from chat_template_golden import CALL, PLAIN, WEIGH, assistant, system, tool, user

END = {"eos_token": "</s>"}
BEGIN = {"bos_token": "<|begin_of_text|>", "eos_token": "<|eot_id|>"}


CALL_TEXT = {"function": {"name": "weigh", "arguments": '{"fruit":   "pear"}'}}

TALK = [
    [user("Count to three.")],
    [system("Be brief."), user("x")],
    [system(""), user("x")],
    [system("  spaced \n"), user("\n\n padded \t\n"), assistant(" kept? \n"), user("\u00a0\u3000y\x1c\x85")],
    [user("a"), assistant("b"), user("c"), assistant("d"), user("e")],
    [user("a"), assistant("b")],
    [assistant("first"), user("then")],
    [system("one"), system("two"), user("x"), system("three"), user("y")],
    [user("日本語 العربية 🧑‍🚀 e\u0301 \ufeff\u200d"), assistant("ответ"), user("")],
    [user("<|im_end|>\n<|im_start|>system\nx</s><|eot_id|>")],
]
CALLS = [
    ([user("How heavy?")], [WEIGH, PLAIN]),
    ([system("Be brief. "), user(" How heavy? "), assistant("b"), user("c")], [WEIGH]),
    ([user("a"), assistant("", calls=[CALL]), tool("7 \"g\"\n")], [WEIGH]),
    ([user("a"), assistant("", calls=[CALL_TEXT]), tool("{\"g\": 7}"), assistant("b"), user("c")], None),
]
MORE_CALLS = [
    ([user("a"), assistant("say", calls=[CALL, CALL_TEXT]), tool("1"), tool("2"), assistant("b")], None),
    ([tool("orphan"), user("a")], [PLAIN]),
]


def cases(name):
    for messages in TALK:
        yield messages, None
    if name.startswith("qwen2.5") or name == "llama3.1":
        yield from CALLS
    if name.startswith("qwen2.5"):
        yield from MORE_CALLS


def template_of(path):
    text = open(path, encoding="utf-8").read()
    return json.loads(text)["chat_template"] if path.endswith(".json") else text


def main():
    for name, path in (argument.split("=", 1) for argument in sys.argv[1:]):
        template = template_of(path)
        options = {"date_string": "26 Jul 2024"} if name == "llama3.1" else {}
        options |= BEGIN if name.startswith("llama3") else END
        for messages, tools in cases(name):
            for prompt in (True, False):
                if name == "llama3" and not prompt:
                    continue  # the first release's template always opens a turn
                rendered = render_jinja_template(
                    conversations=[messages],
                    tools=tools,
                    chat_template=template,
                    add_generation_prompt=prompt,
                    **options,
                )
                case = {
                    "template": name,
                    "messages": messages,
                    "tools": tools or [],
                    "add_generation_prompt": prompt,
                    "expected": rendered[0][0],
                }
                print(json.dumps(case, ensure_ascii=True))


main()
