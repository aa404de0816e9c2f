"""What can be done with this repository; `nox -l` lists it.

Everything runs in fresh environments made by uv, on the Python that runs nox.
"""

import os
from pathlib import Path

import nox

nox.needs_version = ">=2026.4"
nox.options.default_venv_backend = "uv"
nox.options.sessions = ["lint", "types", "tests"]

PACKAGES = sorted(str(path.parent) for path in Path("packages").glob("*/pyproject.toml"))
EDITABLE = [argument for package in PACKAGES for argument in ("-e", package)]

QUESTIONS = ["lowest", "candidate", "newest"]

# Imports are several times slower without byte code on disk, which some machines switch off.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)


@nox.session
def demo(session: nox.Session) -> None:
    """Play the acts of examples/credit, with the packages as users have them."""
    session.install("--compile-bytecode", *PACKAGES)
    session.run("python", "examples/credit/demo.py", *session.posargs)


@nox.session
def tests(session: nox.Session) -> None:
    """Run all tests, or those of some folders: nox -s tests -- packages/stepwell-train."""
    session.install("--compile-bytecode", *EDITABLE, "--group", "test")
    session.run("pytest", "-n", "auto", "--dist", "worksteal", *session.posargs)


@nox.session
def index(session: nox.Session) -> None:
    """Start a package index on this machine: nox -s index -- FOLDER."""
    session.install("--group", "index")
    session.run("python", "tools/package_index.py", *session.posargs)


@nox.session
def soak(session: nox.Session) -> None:
    """Run the tests that repeat the same for minutes or hours."""
    session.install("--compile-bytecode", *EDITABLE, "--group", "test")
    session.run("pytest", "-m", "soak", *session.posargs)


@nox.session
def benchmarks(session: nox.Session) -> None:
    """Measure speed and memory beside peers; with `-- --write`, keep the table in RESULTS.md."""
    session.install("--compile-bytecode", *PACKAGES, "--group", "benchmarks")
    session.run("python", "benchmarks/run.py", *session.posargs)


@nox.session
def lint(session: nox.Session) -> None:
    """Check the style of the code and the rules of the repository."""
    session.install("--group", "lint")
    session.run("ruff", "check")
    session.run("ruff", "format", "--check")
    session.run("python", "tools/check_repository.py")
    session.run("zizmor", "--offline", "--quiet", "--persona", "pedantic", ".github")


@nox.session
def types(session: nox.Session) -> None:
    """Check types with mypy, strictly."""
    session.install(*EDITABLE, "--group", "types")
    sources = [f"{package}/src" for package in PACKAGES]
    benchmarks = sorted(map(str, Path("benchmarks").glob("*.py")))
    session.run("mypy", "noxfile.py", "tools", "examples", *benchmarks, *sources)


@nox.session
def build(session: nox.Session) -> None:
    """Build the wheel and the source distribution of every package into dist/."""
    session.install("--group", "build")
    for package in PACKAGES:
        session.run("uv", "build", "--no-build-isolation", "--out-dir", "dist", package)


@nox.session
def release(session: nox.Session) -> None:
    """Release packages: nox -s release -- [status|prepare|withdraw|build|publish] --help."""
    _release_tool(session, *session.posargs)


@nox.session
@nox.parametrize("question", QUESTIONS, ids=QUESTIONS)
def compatibility(session: nox.Session, question: str) -> None:
    """Ask an index whether what was released apart works together: -- --repository URL."""
    words = ["constraints"] if question == "newest" else ["compatibility", question]
    _release_tool(session, *words, *session.posargs)


@nox.session
def docs(session: nox.Session) -> None:
    """Build the documentation into site/; with `-- serve`, show it on this machine."""
    session.install("--group", "docs")
    without_advertising = {"NO_MKDOCS_2_WARNING": "1"}
    session.run("mkdocs", *(session.posargs or ["build", "--strict"]), env=without_advertising)


def _release_tool(session: nox.Session, *words: str) -> None:
    session.install("-e", "packages/stepwell[packages]", "--group", "release")
    session.run("python", "-m", "release", *words, env={"PYTHONPATH": "tools"})
