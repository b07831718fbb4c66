"""Tokenizes texts of ours with Hugging Face's transformers.

usage: tokenizer_golden.py MODEL_FOLDER > GOLDEN

Made with transformers 5.23.0 for datasets/quickstart/model; the golden file is
../resources/io/qwark/engine/text/tokenizer_golden.jsonl. Each line holds
either a text with its ids, or ids that need not be anyone's text; and always
what the ids decode to, with special tokens and without.
"""

import json
import random
import sys

from transformers import PreTrainedTokenizerFast

WORDS = """
hello Hello HELLO world it's IT'S don't we'll they'd I'm you're could've 'tis
naïve café CAFÉ Ångström œuvre straße İstanbul ﬁancé Ωμέγα λόγος привет Ёлка мир
שלום עולם مرحبا بالعالم سلام دنیا नमस्ते दुनिया বাংলা ਪੰਜਾਬੀ தமிழ் తెలుగు ಕನ್ನಡ മലയാളം
සිංහල ไทยภาษา ລາວ မြန်မာ ខ្មែរ བོད་ ქართული հայերեն አማርኛ 中文 漢字 日本語 カタカナ ひらがな ﾊﾝｶｸ
한국어 ㄱㄴㄷ 조합 Việt ᏣᎳᎩ ᐃᓄᒃᑎᑐᑦ ⵜⵉⴼⵉⵏⴰⵖ 𐌰𐌱𐌲 𝔘𝔫𝔦 𝟘𝟙𝟚 ａｂｃ １２３ Ⅻ ½ ² ₃ ٣٤ ३४ 四
""".split()

EMOJI = ["😀", "👍🏽", "👩‍👩‍👧‍👦", "🇫🇷", "🏴󠁧󠁢󠁳󠁣󠁴󠁿", "❤️", "☺", "1️⃣", "🧑‍🚀", "🫠"]
COMBINING = ["e\u0301", "a\u0323\u0302", "\u0301", "q\u0307\u0323", "\u1100\u1161\u11a8",
             "\u0344", "\u212b", "\u0958", "\ufb2c", "Z" + "\u0351\u036b\u0343" * 8]
SPACES = [" ", "  ", "   ", " " * 17, "\t", "\t\t", "\n", "\n\n", "\r\n", "\r", " \n", "\n ",
          "\u00a0", "\u2003", "\u3000", "\u2028", "\u2029", "\u200b", "\u200d", "\ufeff", "\u0085",
          "\v", "\f", "\x1c", "\u180e"]
CONTROL = ["\x00", "\x01\x02", "\x7f", "\x1b[31m", "\x08", "\ufffd", "\ufffe", "\uffff",
           "\U0010ffff", "\U000e0001", "\ue000", "\u202e", "\u0600"]
SPECIAL = ["<|im_start|>", "<|im_end|>", "<|endoftext|>", "<think>", "</think>", "<tool_call>",
           "</tool_call>", "<tool_response>", "<|fim_prefix|>", "<|image_pad|>", "<|unknown|>",
           "<|im_start", "|im_end|>", "< think>", "<think", "</ think>", "<|im_end|><|im_end|>",
           "<THINK>", "<think/>", "x<think>y", " <think> ", "\n</think>\n\n", "<<think>>"]
CODE = ["def f(x):\n    return x ** 2\n", "for (int i = 0; i < n; i++) {\n\t\ta[i] += 1;\n}",
        "\\boxed{\\frac{1}{2}}", "$$\\sum_{i=1}^{n} i^2$$", "https://example.org/?q=a%20b#c",
        "a@b.example", "{\"k\": [1, null]}", "</p>\n<p>", "C:\\temp\\x", "#!/bin/sh\n", "....",
        "!!!???", "--- --- ---", "'''", "\"\"\"", "’s", "it’s", "`x`", "a/b-c_d+e=f~g"]
DIGITS = ["0", "12", "123", "1234567890", "3.14159", "-1,000,000.00", "1e-10", "0x7F", "12:34:56",
          "1 2  3   4", "7a8b9c", "99%", "№5"]


def texts():
    yield ""
    yield from WORDS + EMOJI + COMBINING + SPACES + CONTROL + SPECIAL + CODE + DIGITS
    everything = WORDS + EMOJI + COMBINING + SPACES * 3 + CONTROL + SPECIAL + CODE + DIGITS
    pick = random.Random(20251122)
    for length in [2, 3, 5, 8, 13] * 14:
        yield "".join(pick.choice(everything) for _ in range(length))
    yield "<|im_start|>user\nWhat is 2 + 2?<|im_end|>\n<|im_start|>assistant\n<think>\n"
    yield "a" * 300
    yield " " * 300 + "x"
    yield "ab" * 100 + "\n" * 50


def main():
    folder = sys.argv[1]
    tokenizer = PreTrainedTokenizerFast(
        tokenizer_file=folder + "/tokenizer.json", clean_up_tokenization_spaces=False
    )
    size = len(tokenizer)

    def case(ids, text=None):
        line = {
            "text": text,
            "ids": ids,
            "decoded": tokenizer.decode(ids, skip_special_tokens=False),
            "plain": tokenizer.decode(ids, skip_special_tokens=True),
        }
        print(json.dumps(line, ensure_ascii=True, separators=(",", ":")))

    for text in texts():
        case(tokenizer.encode(text, add_special_tokens=False), text)
    pick = random.Random(20251123)
    for length in [1, 2, 3, 4, 6, 9, 30] * 20:
        case([pick.randrange(size) for _ in range(length)])
    single_bytes = [i for i in range(size) if len(tokenizer.convert_ids_to_tokens(i)) == 1]
    for length in [1, 2, 3, 4, 5, 8, 40] * 20:
        case([pick.choice(single_bytes) for _ in range(length)])


main()
