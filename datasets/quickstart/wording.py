"""The words problems are put in. `{a}`, `{b}`, `{c}` are numbers, `{n}`, `{m}` names, `{o}` objects."""

NAMES = (
    "Anna Ben Clara David Emma Felix Grace Hugo Ines Jack Kira Leo Maya Noah Olga Paul Rosa Sam "
    "Tara Umar Vera Will Yusuf Zoe"
).split()

OBJECTS = (
    "apples books buttons cards coins cookies eggs flowers keys lemons marbles nuts oranges pears "
    "pencils photos plums rings shells stamps stickers stones tickets toys"
).split()

CONTAINERS = "bags boxes baskets jars".split()

ADD = (
    "What is {a} + {b}?",
    "Compute {a} + {b}.",
    "Add {a} and {b}.",
    "Find the sum of {a} and {b}.",
    "Calculate {a} plus {b}.",
    "How much is {a} plus {b}?",
    "{a} + {b} = ?",
)

SUBTRACT = (
    "What is {a} - {b}?",
    "Compute {a} - {b}.",
    "Subtract {b} from {a}.",
    "Find the difference between {a} and {b}.",
    "Calculate {a} minus {b}.",
    "How much is {a} minus {b}?",
    "Take {b} away from {a}.",
)

MULTIPLY = (
    "What is {a} × {b}?",
    "Compute {a} × {b}.",
    "Multiply {a} by {b}.",
    "Find the product of {a} and {b}.",
    "Calculate {a} times {b}.",
    "How much is {a} times {b}?",
)

REMAINDER = (
    "What is the remainder when {a} is divided by {b}?",
    "Divide {a} by {b}. What is the remainder?",
    "Find the remainder of {a} divided by {b}.",
    "What is {a} mod {b}?",
)

REMAINDER_STORY = (
    "{n} packs {a} {o} into {k} of {b}. How many {o} are left over?",
    "{n} shares {a} {o} equally among {b} friends. How many {o} are left over?",
)

SEQUENCE = (
    "What number comes next: {s}, ...?",
    "Find the next number in the sequence {s}.",
    "The numbers {s} follow a pattern. What is the next number?",
    "Continue the sequence {s}. What comes next?",
)

CHAIN = (
    "What is {e}?",
    "Compute {e}.",
    "Calculate {e}.",
    "Find the value of {e}.",
    "{e} = ?",
)

STORY_ADD = (
    "{n} has {a} {o} and buys {b} more. How many {o} does {n} have now?",
    "One box holds {a} {o} and another box holds {b} {o}. How many {o} are there in all?",
    "{n} found {a} {o} on Monday and {b} {o} on Tuesday. How many {o} did {n} find?",
    "{n} has {a} {o} and {m} has {b} {o}. How many {o} do they have together?",
    "A shop sold {a} {o} in the morning and {b} in the afternoon. How many {o} did it sell?",
)

STORY_SUBTRACT = (
    "{n} had {a} {o} and gave {b} to {m}. How many {o} are left?",
    "A shop had {a} {o} and sold {b} of them. How many {o} are left?",
    "{n} has {a} {o} and {m} has {b} {o}. How many more {o} does {n} have than {m}?",
    "{n} wants {a} {o} and has {b} so far. How many {o} are missing?",
    "There were {a} {o} in a box. {n} took {b} out. How many {o} are left in the box?",
)

STORY_MULTIPLY = (
    "{n} has {b} {k} with {a} {o} each. How many {o} does {n} have?",
    "Each of {b} {k} holds {a} {o}. How many {o} are there in all?",
    "{n} finds {a} {o} every day. How many {o} does {n} find in {b} days?",
    "A shop sells {a} {o} a day. How many {o} does it sell in {b} days?",
)

STORY_ADD_SUBTRACT = (
    "{n} had {a} {o}, bought {b} more and then lost {c}. How many {o} does {n} have now?",
    "A shop had {a} {o}, got {b} more and sold {c}. How many {o} are left?",
    "{n} has {a} {o} and {m} has {b}. Together they sell {c}. How many {o} are left?",
)

STORY_MULTIPLY_ADD = (
    "{n} has {b} {k} with {a} {o} each and {c} more {o}. How many {o} does {n} have?",
    "A shop has {b} {k} with {a} {o} each and then gets {c} more. How many {o} does it have?",
)

STORY_MULTIPLY_SUBTRACT = (
    "{n} had {b} {k} with {a} {o} each and gave {c} {o} to {m}. How many {o} are left?",
    "Each of {b} {k} holds {a} {o}. {n} takes {c} {o} out. How many {o} are left?",
)
