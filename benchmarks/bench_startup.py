"""How long the command line takes to say what it can do."""

from collections.abc import Iterator

from table import Row
from timing import in_turns, python


def measure() -> Iterator[Row]:
    """`stepwell --help` beside an import of click; `import stepwell` beside Python alone."""
    took = in_turns(
        {
            "bare": lambda: python("-c", "pass"),
            "click": lambda: python("-c", "import click"),
            "help": lambda: python("-m", "stepwell", "--help"),
            "import": lambda: python("-c", "import stepwell"),
        },
        times=9,
    )
    ratio = took["help"] / took["click"]
    yield Row(
        "`stepwell --help`",
        "≤ 2 × `python -c 'import click'`",
        f"{ratio:.1f} × ({took['help'] * 1000:.0f} ms to {took['click'] * 1000:.0f} ms)",
        ratio <= 2,
    )
    yield Row(
        "`import stepwell`",
        "",
        f"{took['import'] * 1000:.0f} ms; Python alone {took['bare'] * 1000:.0f} ms",
    )
