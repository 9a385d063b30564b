"""Taking turns, and the table that comes of it."""

import dataclasses
import statistics
import sys


@dataclasses.dataclass
class Figure:
    """What one subject did in one round."""

    value: float
    # Milliseconds, where the value is a rate of requests.
    p50: float | None = None
    p99: float | None = None
    # How many there were.
    requests: int | None = None


@dataclasses.dataclass(frozen=True)
class Scale:
    """How long and how often to measure."""

    rounds: int = 3
    seconds: float = 4
    # The part of large numbers (jobs, streams, bytes) that is made.
    part: float = 1

    def of(self, number):
        return max(1, round(number * self.part))


SMOKE = Scale(rounds=1, seconds=0.2, part=0.001)


def median(figures):
    def of(name):
        values = [getattr(figure, name) for figure in figures]
        return None if None in values else statistics.median(values)

    return Figure(of("value"), of("p50"), of("p99"))


def take_turns(subjects, scale):
    """Measures every subject once a round, one after the other; answers each one's figures, in order."""
    figures = {name: [] for name in subjects}
    for number in range(scale.rounds):
        for name, measure in subjects.items():
            figures[name].append(measure())
            print(f"  round {number + 1}, {name}: {text(figures[name][-1].value)}", file=sys.stderr, flush=True)
    return figures


@dataclasses.dataclass
class Row:
    """jobd beside one peer: a line of the table."""

    what: str
    unit: str
    ours: list
    beside: str
    theirs: list
    # As the table shows it: "≥ 0.9", a ratio of the values of one round; or a bound on our value alone.
    reach: str = ""

    @property
    def ratio(self):
        """The median of the rounds' own ratios: what disturbs a round disturbs both."""
        return statistics.median(our.value / their.value for our, their in zip(self.ours, self.theirs) if their.value)

    @property
    def cells(self):
        ours, theirs = median(self.ours), median(self.theirs) if self.theirs else None
        return [
            self.what, f"{text(ours.value)} {self.unit}", latencies(ours), self.beside,
            f"{text(theirs.value)} {self.unit}" if theirs else "", latencies(theirs),
            f"{self.ratio:.2f}" if theirs else "", self.reach]


    HEAD = ["what", "jobd", "p50 / p99 ms", "beside", "its figure", "p50 / p99 ms", "ratio", "to reach"]


@dataclasses.dataclass
class Counts:
    """What each request costs: a line of the other table."""

    what: str
    instructions: float
    system_calls: float
    allocations: float

    HEAD = ["for each request", "instructions", "system calls", "allocations"]

    @property
    def cells(self):
        return [self.what, text(self.instructions), text(self.system_calls), text(self.allocations)]


@dataclasses.dataclass
class Facts:
    """What is not a ratio: a line of a table with a head of its own."""

    HEAD: list
    cells: list


def table(rows):
    head = rows[0].HEAD
    lines = [head, ["---"] * len(head), *(row.cells for row in rows)]
    return "\n".join("| " + " | ".join(cells) + " |" for cells in lines)


def text(value):
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"


def latencies(figure):
    return "" if figure is None or figure.p50 is None else f"{figure.p50:.2f} / {figure.p99:.2f}"
