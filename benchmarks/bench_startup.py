"""How long the command line takes to say what it can do."""

from collections.abc import Iterator

from timing import median_of_command


def measure() -> Iterator[str]:
    """`stepwell --help` beside an import of click; `import stepwell` beside Python alone."""
    bare = median_of_command("-c", "pass")
    click = median_of_command("-c", "import click")
    shown = median_of_command("-m", "stepwell", "--help")
    imported = median_of_command("-c", "import stepwell")
    yield f"stepwell --help {shown * 1000:.0f} ms, import click {click * 1000:.0f} ms"
    yield f"ratio {shown / click:.2f}"
    yield f"import stepwell {imported * 1000:.0f} ms, python alone {bare * 1000:.0f} ms"
