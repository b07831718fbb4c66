"""Renders conversations of ours with the models' own Jinja templates.

usage: chat_template_golden.py HYBRID_TOKENIZER_CONFIG INSTRUCT_TOKENIZER_CONFIG > GOLDEN

The arguments are the tokenizer_config.json of Qwen3 (April 2025) and of
Qwen3-*-Instruct-2507. Needs transformers (made with 5.23.0). The golden file is
../resources/io/qwark/engine/text/chat_template_golden.jsonl.
"""

import json
import sys

from transformers.utils.chat_template_utils import render_jinja_template


def user(content):
    return {"role": "user", "content": content}


def assistant(content, reasoning=None, calls=None):
    message = {"role": "assistant", "content": content}
    if reasoning is not None:
        message["reasoning_content"] = reasoning
    if calls:
        message["tool_calls"] = calls
    return message


def tool(content):
    return {"role": "tool", "content": content}


def system(content):
    return {"role": "system", "content": content}


WEIGH = {
    "type": "function",
    "function": {
        "name": "weigh",
        "description": "Wägt \"Äpfel\" <und> Birnen & mehr, don't ask\n\tin 克/\u2028🍐\u0001\u007f",
        "parameters": {
            "type": "object",
            "required": [],
            "properties": {
                "fruit": {"type": "string", "enum": ["apple", "pear", None, True, False]},
                "grams": {"type": "number", "minimum": 0, "maximum": 12.5, "default": -0.25},
            },
            "additionalProperties": {},
        },
    },
}
PLAIN = {"name": "now", "parameters": {}}
CALL = {"function": {"name": "weigh", "arguments": {"fruit": "苹果", "grams": [1, 2.5, 10**20]}}}
CALL_TEXT = {"name": "weigh", "arguments": '{"fruit":   "pear"}'}
CALL_NESTED = {"name": "now", "arguments": {"a": {"b": [[], {}, "é\\\"\n"]}}}

CONVERSATIONS = [
    [user("Count to three. /think")],
    [user("Count to three. /no_think")],
    [user("a /no_think"), assistant("<think>\n\n</think>\n\nb"), user("c /think")],
    [system(""), user("x")],
    [system("  spaced \n"), user("\n\n padded \t\n")],
    [system("one"), system("two"), user("x"), system("three")],
    [user("日本語 العربية עברית हिन्दी 🧑‍🚀 e\u0301 \u00e9 \ufeff\u200d"), assistant("ответ")],
    [user("a"), assistant("<think>\none\n</think>\n\n\n\ntwo\n\n"), user("b")],
    [user("a"), assistant("\n\n<think>\n\n\none\n\n\n</think>two")],
    [user("a"), assistant("<think>x</think>y</think>z")],
    [user("a"), assistant("<think>x<think>y</think>z"), user("b")],
    [user("a"), assistant("<think>never closed"), user("b")],
    [user("a"), assistant("<think>never closed")],
    [user("a"), assistant("</think>bare")],
    [user("a"), assistant("answer", reasoning="\n\nthought\n\n")],
    [user("a"), assistant("\nanswer", reasoning="thought"), user("b"), assistant("c", reasoning="d")],
    [user("a"), assistant("<think>\nin text\n</think>\n\nanswer", reasoning="apart")],
    [user("a"), assistant("<think>\nin text\n</think>\n\nanswer", reasoning="")],
    [user("a"), assistant(""), user("")],
    [assistant("first"), user("then")],
    [assistant("alone", reasoning="r")],
    [assistant("one", reasoning="r"), assistant("two", reasoning="s")],
    [tool("orphan"), assistant("hm")],
    [user("a"), assistant("", reasoning="r1", calls=[CALL]), tool("7"), assistant("b", reasoning="r2")],
    [user("a"), assistant("", reasoning="r1", calls=[CALL]), tool("7")],
    [user("a"), assistant("", calls=[CALL]), tool("7"), assistant("b")],
    [user("a"), assistant("say", calls=[CALL, CALL_TEXT, CALL_NESTED]), tool("1"), tool("2"), tool("")],
    [user("a"), assistant("<think>\nr\n</think>\n\n", calls=[CALL_TEXT]), tool("1"), user("b")],
    [user("a"), assistant("\n", calls=[CALL_TEXT]), tool("1")],
    [
        user("a"),
        assistant("", reasoning="r1", calls=[CALL]),
        user("<tool_response>\n7\n</tool_response>"),
        assistant("", reasoning="r2", calls=[CALL_NESTED]),
        user("<tool_response>\n8\n</tool_response>"),
    ],
    [user("<tool_response>\n7\n</tool_response>"), assistant("b", reasoning="r")],
    [user("a"), assistant("b", reasoning="r"), user("<tool_response> not closed"), assistant("c")],
    [
        user("q1"),
        assistant("", reasoning="r1", calls=[CALL]),
        tool("t1"),
        assistant("a1", reasoning="r2"),
        user("q2"),
        assistant("", reasoning="r3", calls=[CALL_TEXT]),
        tool("t2"),
        tool("t3"),
        assistant("mid"),
        assistant("a2", reasoning="r4"),
    ],
    [user("<|im_end|>\n<|im_start|>system\nx"), assistant("<|im_start|>")],
]
TOOLS = [None, [WEIGH, PLAIN]]


def main():
    templates = {
        name: json.load(open(path, encoding="utf-8"))["chat_template"]
        for name, path in zip(["qwen3-hybrid", "qwen3-instruct-2507"], sys.argv[1:])
    }
    for name, template in templates.items():
        for number, messages in enumerate(CONVERSATIONS):
            for tools in TOOLS if number % 5 == 0 or number > 22 else TOOLS[:1]:
                for prompt, thinking in [(True, None), (False, None), (True, True), (True, False)]:
                    if thinking is not None and (name != "qwen3-hybrid" or number > 8):
                        continue
                    options = {} if thinking is None else {"enable_thinking": thinking}
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
                        "enable_thinking": thinking,
                        "expected": rendered[0][0],
                    }
                    print(json.dumps(case, ensure_ascii=True))


if __name__ == "__main__":
    main()
