"""Problem families: each draws a problem with its worked solution from a random generator."""

from dataclasses import dataclass

import scratchpad
import wording

INSTRUCTION = "Please reason step by step, and put your final answer within \\boxed{}."


@dataclass(frozen=True)
class Problem:
    family: str
    text: str
    reasoning: str
    conclusion: str
    answer: int
    # Every operation the solution performs, in one canonical order of operands. Two problems that
    # share a fact could help each other, so held-out facts never occur in training.
    facts: frozenset

    def user_message(self):
        return f"{self.text}\n{INSTRUCTION}"

    def completion(self):
        """What the model writes after `<think>\\n`, without the end-of-turn token."""
        return f"{self.reasoning}\n</think>\n\n{self.conclusion} \\boxed{{{self.answer}}}."


def _fact(operation, a, b):
    commutes = operation in ("+", "×")
    return (operation, min(a, b), max(a, b)) if commutes else (operation, a, b)


_STEPS = {
    "+": scratchpad.add,
    "-": scratchpad.subtract,
    "×": scratchpad.multiply,
    "mod": scratchpad.remainder,
}


def _work(steps):
    """Runs steps (operation, operand, operand); an operand None is the value found just before."""
    blocks, facts, value = [], set(), None
    for operation, a, b in steps:
        a = value if a is None else a
        block, value = _STEPS[operation](a, b)
        blocks.append(block)
        facts.add(_fact(operation, a, b))
    return blocks, value, frozenset(facts)


def _number(random):
    """Two or three digits, equally often."""
    return random.randint(10, 99) if random.random() < 0.5 else random.randint(100, 999)


def _sum_operands(random):
    while True:
        a, b = _number(random), _number(random)
        if random.random() < 0.1:
            b = random.randint(1, 9)
        if a + b <= 999:
            return (b, a) if random.random() < 0.5 and b > 9 else (a, b)


def _difference_operands(random):
    while True:
        a, b = _number(random), _number(random)
        if random.random() < 0.1:
            b = random.randint(1, 9)
        if a >= b:
            return a, b


def _product_operands(random):
    return random.randint(10, 99), random.randint(2, 9)


def _plain(random, family, templates, steps, opening, **fields):
    blocks, value, facts = _work(steps)
    reasoning = "\n".join(opening + blocks)
    conclusion = random.choice(("The answer is", "So the answer is", "Therefore the answer is"))
    text = random.choice(templates).format(**fields)
    return Problem(family, text, reasoning, conclusion, value, facts)


def addition(random):
    a, b = _sum_operands(random)
    opening = random.choice(([], ["We need a sum."], ["Let me add these numbers."]))
    return _plain(random, "addition", wording.ADD, [("+", a, b)], opening, a=a, b=b)


def subtraction(random):
    a, b = _difference_operands(random)
    opening = random.choice(([], ["We need a difference."], ["Let me subtract these numbers."]))
    return _plain(random, "subtraction", wording.SUBTRACT, [("-", a, b)], opening, a=a, b=b)


def multiplication(random):
    a, b = _product_operands(random)
    opening = random.choice(([], ["We need a product."], ["Let me multiply these numbers."]))
    first, second = (a, b) if random.random() < 0.5 else (b, a)
    return _plain(
        random, "multiplication", wording.MULTIPLY, [("×", a, b)], opening, a=first, b=second
    )


def chain(random):
    """Three terms: a sum of three numbers, or a sum and a difference."""
    while True:
        a, b, c = (random.randint(10, 99) for _ in range(3))
        first, second = random.choice(("++", "+-", "-+", "--"))
        middle = a + b if first == "+" else a - b
        last = middle + c if second == "+" else middle - c
        if middle >= 0 and last >= 0:
            break
    expression = f"{a} {first} {b} {second} {c}"
    opening = random.choice(([], ["We go from left to right."], ["There are three numbers."]))
    steps = [(first, a, b), (second, None, c)]
    return _plain(random, "chain", wording.CHAIN, steps, opening, e=expression)


def remainder(random):
    divisor = random.randint(3, 9)
    number = random.randint(divisor, 10 * divisor - 1)
    names = _story_words(random)
    templates = wording.REMAINDER if random.random() < 0.6 else wording.REMAINDER_STORY
    opening = random.choice(([], ["We need a remainder."], ["Let me divide with a remainder."]))
    steps = [("mod", number, divisor)]
    return _plain(random, "remainder", templates, steps, opening, a=number, b=divisor, **names)


def sequence(random):
    """Four terms with a constant difference of one digit; asks for the fifth."""
    step = random.randint(2, 9)
    start = random.randint(1, 90)
    terms = [start + i * step for i in range(5)]
    operation, change = ("+", "grow") if random.random() < 0.5 else ("-", "fall")
    if operation == "-":
        terms.reverse()
    opening = [f"The numbers {terms[0]}, {terms[1]} {change} by {step}."]
    text = ", ".join(map(str, terms[:4]))
    steps = [(operation, terms[3], step)]
    return _plain(random, "sequence", wording.SEQUENCE, steps, opening, s=text)


def _story_words(random):
    n, m = random.sample(wording.NAMES, 2)
    return {
        "n": n, "m": m, "o": random.choice(wording.OBJECTS), "k": random.choice(wording.CONTAINERS)
    }


def _story(random, templates, steps, why, **numbers):
    words = _story_words(random)
    blocks, value, facts = _work(steps)
    opening = [why.format(**words)]
    reasoning = "\n".join(opening + blocks)
    text = random.choice(templates).format(**words, **numbers)
    conclusion = f"The number of {words['o']} is"
    return Problem("story", text, reasoning, conclusion, value, facts)


def story(random):
    kind = random.randrange(6)
    if kind == 0:
        a, b = _sum_operands(random)
        why = "The {o} come together, so we add."
        return _story(random, wording.STORY_ADD, [("+", a, b)], why, a=a, b=b)
    if kind == 1:
        a, b = _difference_operands(random)
        why = "We want the rest of the {o}, so we subtract."
        return _story(random, wording.STORY_SUBTRACT, [("-", a, b)], why, a=a, b=b)
    if kind == 2:
        a, b = _product_operands(random)
        why = "These are equal groups of {o}, so we multiply."
        return _story(random, wording.STORY_MULTIPLY, [("×", a, b)], why, a=a, b=b)
    return _two_step_story(random, kind)


def _two_step_story(random, kind):
    c = random.randint(10, 99)
    if kind == 3:
        a, b = random.randint(10, 99), random.randint(10, 99)
        c = min(c, a + b)
        why = "Some {o} come and some go: add, then subtract."
        steps = [("+", a, b), ("-", None, c)]
        return _story(random, wording.STORY_ADD_SUBTRACT, steps, why, a=a, b=b, c=c)
    a, b = _product_operands(random)
    if kind == 4:
        why = "Equal groups of {o} and some more: multiply, then add."
        steps = [("×", a, b), ("+", None, c)]
        return _story(random, wording.STORY_MULTIPLY_ADD, steps, why, a=a, b=b, c=c)
    c = min(c, a * b)
    why = "Equal groups of {o} and some go: multiply, then subtract."
    steps = [("×", a, b), ("-", None, c)]
    return _story(random, wording.STORY_MULTIPLY_SUBTRACT, steps, why, a=a, b=b, c=c)


# How often each family is drawn in training, and how many held-out problems it gives.
TRAINING_SHARE = {
    addition: 4, subtraction: 5, multiplication: 5, chain: 5, remainder: 5, sequence: 4, story: 8
}
HELD_OUT_COUNT = {
    addition: 36, subtraction: 36, multiplication: 36, chain: 36, remainder: 24, sequence: 24,
    story: 48,
}
# A model of this size solves about half of these; a few show what wrong answers look like.
HARD_FAMILIES = {"remainder": 12, "sequence": 12}


def held_out(random):
    """The problems of the benchmark, pairwise different in text."""
    problems = {}
    for family, count in HELD_OUT_COUNT.items():
        goal = len(problems) + count
        while len(problems) < goal:
            problem = family(random)
            problems.setdefault(problem.text, problem)
    return list(problems.values())


def benchmark(problems):
    """What is published of the held-out problems: fewer of the families that are hard to learn."""
    kept, counts = [], {}
    for problem in problems:
        counts[problem.family] = counts.get(problem.family, 0) + 1
        if counts[problem.family] <= HARD_FAMILIES.get(problem.family, len(problems)):
            kept.append(problem)
    return kept


def training_stream(random, excluded):
    """Endless problems that share neither text nor any fact with the excluded ones."""
    texts = {problem.text for problem in excluded}
    facts = frozenset().union(*(problem.facts for problem in excluded))
    families, weights = list(TRAINING_SHARE), list(TRAINING_SHARE.values())
    while True:
        problem = random.choices(families, weights)[0](random)
        if problem.text not in texts and facts.isdisjoint(problem.facts):
            yield problem
