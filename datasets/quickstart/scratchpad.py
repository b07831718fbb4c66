"""The steps the model learns to write: column arithmetic, one digit at a time.

Every function returns (text, value). A step only ever combines a few single digits that stand
close by, which is what lets a model of a million parameters learn it reliably.
"""

COLUMNS = ("Ones", "Tens", "Hundreds")


def _digits(number, width):
    """The digits of `number` padded to `width`, ones first."""
    return [int(c) for c in reversed(str(number).zfill(width))]


def _aligned(a, b):
    """The common width and both numbers padded to it."""
    width = max(len(str(a)), len(str(b)))
    return width, str(a).zfill(width), str(b).zfill(width)


def add(a, b):
    width, left, right = _aligned(a, b)
    lines = [f"Add the columns of {left}+{right}."]
    carry = 0
    for column, (x, y) in enumerate(zip(_digits(a, width), _digits(b, width))):
        total = x + y + carry
        carried = f"+{carry}" if column else ""
        carry = total // 10
        passed_on = f", carry {carry}" if column < width - 1 else ""
        lines.append(f"{COLUMNS[column]}: {x}+{y}{carried}={total}{passed_on}.")
    lines.append(f"So {a}+{b}={a + b}.")
    return "\n".join(lines), a + b


def subtract(a, b):
    if b > a:
        raise ValueError(f"{a}-{b} is negative")
    width, left, right = _aligned(a, b)
    lines = [f"Subtract the columns of {left}-{right}."]
    borrow = 0
    for column, (x, y) in enumerate(zip(_digits(a, width), _digits(b, width))):
        borrowed = f"-{borrow}" if column else ""
        taken = y + borrow
        borrow = int(x < taken)
        top = x + 10 * borrow
        passed_on = f", borrow {borrow}" if column < width - 1 else ""
        lines.append(f"{COLUMNS[column]}: {top}-{y}{borrowed}={top - taken}{passed_on}.")
    lines.append(f"So {a}-{b}={a - b}.")
    return "\n".join(lines), a - b


def multiply(a, b):
    """A number of two digits times a number of one."""
    if not (10 <= a <= 99 and 2 <= b <= 9):
        raise ValueError(f"{a}×{b} is not two digits times one")
    tens, ones = divmod(a, 10)
    low = ones * b
    high = tens * b
    carry = low // 10
    lines = [
        f"Multiply the digits of {a}×{b}.",
        f"Ones: {ones}×{b}={low}, carry {carry}.",
        f"Tens: {tens}×{b}={high}, {high}+{carry}={high + carry}.",
        f"So {a}×{b}={a * b}.",
    ]
    return "\n".join(lines), a * b


def remainder(number, divisor):
    """Counts up in steps of the divisor until the number is passed."""
    multiples = [divisor]
    while multiples[-1] <= number:
        multiples.append(multiples[-1] + divisor)
    passed, below = multiples[-1], multiples[-1] - divisor
    if below == 0:
        raise ValueError(f"{number} is less than {divisor}")
    lines = [
        f"Count by {divisor} to {number}: {', '.join(map(str, multiples))}.",
        f"{passed} is more than {number}, so take {below}.",
        f"So {number}-{below}={number - below}.",
    ]
    return "\n".join(lines), number - below
