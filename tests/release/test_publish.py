"""Publishing small packages to a real index, and what can go wrong on the way."""

from __future__ import annotations

import json
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from package_index import PackageIndex, running_index

if TYPE_CHECKING:
    from small_repositories import Published, SmallRepository

ALL_FILES = sorted(
    f"stepwell_{name}-0.1.0{end}"
    for name in ("alone", "tongue", "word")
    for end in ("-py3-none-any.whl", ".tar.gz")
)
ALL_TAGS = ["stepwell-alone-v0.1.0", "stepwell-tongue-v0.1.0", "stepwell-word-v0.1.0"]


def test_packages_are_published_after_those_that_they_need(published: Published) -> None:
    order = [line.split()[1] for line in published.told.splitlines()[:3]]
    assert sorted(order) == ["stepwell-alone", "stepwell-tongue", "stepwell-word"]
    assert order.index("stepwell-word") < order.index("stepwell-tongue")
    assert (
        sorted(path.name for path in (published.index_folder / "packages").iterdir()) == ALL_FILES
    )


def test_tag_says_which_commit_became_which_bytes(published: Published) -> None:
    assert published.repository.tags() == ALL_TAGS
    head = published.repository.git("rev-parse", "HEAD")
    assert published.repository.git("rev-parse", "stepwell-word-v0.1.0^{commit}") == head
    message = published.repository.git("tag", "--list", "--format=%(contents)", "stepwell-word-*")
    for file in published.dist.glob("stepwell_word-0.1.0*[lz]"):
        digest = subprocess.check_output(["sha256sum", file], text=True).split()[0]
        assert f"sha256:{digest}  {file.name}" in message


def test_bill_of_materials_lies_beside_each_release(published: Published) -> None:
    bill = json.loads((published.dist / "stepwell_tongue-0.1.0.cdx.json").read_text())
    assert bill["bomFormat"] == "CycloneDX"
    assert bill["metadata"]["component"]["name"] == "stepwell-tongue"
    assert {"stepwell-word 0.1.0"} <= {f"{c['name']} {c['version']}" for c in bill["components"]}


def test_newest_of_everything_is_written_as_constraints(published: Published) -> None:
    lines = (published.dist / "constraints.txt").read_text().splitlines()
    assert [line for line in lines if line[0] != "#"] == [
        "stepwell-alone==0.1.0",
        "stepwell-tongue==0.1.0",
        "stepwell-word==0.1.0",
    ]


def test_second_run_publishes_nothing(again: tuple[SmallRepository, PackageIndex]) -> None:
    repository, index = again
    before = [(path.name, path.stat().st_mtime_ns) for path in sorted(index.folder.iterdir())]
    done = repository.release("publish", index=index)
    assert (done.returncode, [line.split()[0] for line in done.stdout.splitlines()]) == (
        0,
        ["there"] * 3,
    )
    assert before == [
        (path.name, path.stat().st_mtime_ns) for path in sorted(index.folder.iterdir())
    ]


def test_failure_keeps_back_only_dependents_and_the_next_run_continues(
    small: SmallRepository, empty_index: PackageIndex
) -> None:
    """A module that is missing in the wheel is there in the source; only the wheel counts."""
    small.write("packages/stepwell-word/src/stepwell_word/part.py", "")
    small.write("packages/stepwell-word/src/stepwell_word/__init__.py", "from . import part\n")
    wheel = "[tool.hatch.build.targets.wheel]\n"
    small.replace("packages/stepwell-word/pyproject.toml", wheel, f'{wheel}exclude = ["part.py"]\n')
    small.commit()
    done = small.release("publish", "--no-demo", index=empty_index)
    assert done.returncode == 1
    assert "failed     stepwell-word 0.1.0: stepwell-word 0.1.0: importing the wheel" in done.stdout
    assert "skipped    stepwell-tongue 0.1.0: it needs stepwell-word" in done.stdout
    assert small.tags() == ["stepwell-alone-v0.1.0"]

    small.replace("packages/stepwell-word/pyproject.toml", 'exclude = ["part.py"]\n', "")
    small.write(
        "packages/stepwell-word/src/stepwell_word/__init__.py", "def say():\n    return 'a'\n"
    )
    small.commit()
    done = small.release("publish", "stepwell-word", "stepwell-alone", index=empty_index)
    assert [line.split()[0] for line in done.stdout.splitlines()[:2]] == ["there", "published"]


def test_tests_that_fail_on_the_wheel_keep_it_back(
    small: SmallRepository, empty_index: PackageIndex
) -> None:
    small.replace("packages/stepwell-alone/tests/test_say.py", "'a'", "'b'")
    small.commit()
    done = small.release("publish", "stepwell-alone", index=empty_index)
    assert done.returncode == 1
    assert "stepwell-alone 0.1.0: its tests failed" in done.stdout
    assert "assert 'a' == 'b'" in done.stdout
    assert empty_index.files() == small.tags() == []


def test_half_finished_upload_is_continued(again: tuple[SmallRepository, PackageIndex]) -> None:
    repository, index = again
    lost = index.folder / "stepwell_alone-0.1.0-py3-none-any.whl"
    content = lost.read_bytes()
    lost.unlink()
    repository.git("tag", "--delete", "stepwell-alone-v0.1.0")
    done = repository.release("publish", "--no-demo", "stepwell-alone", index=index)
    assert done.returncode == 0, done.stdout
    assert lost.read_bytes() == content
    assert repository.tags() == ALL_TAGS


@pytest.mark.soak
def test_release_without_its_tag_is_tagged_and_not_uploaded_again(
    again: tuple[SmallRepository, PackageIndex],
) -> None:
    repository, index = again
    repository.git("tag", "--delete", "stepwell-alone-v0.1.0")
    done = repository.release("publish", "--no-demo", "stepwell-alone", index=index)
    assert done.returncode == 0, done.stdout
    assert repository.tags() == ALL_TAGS


def test_same_version_with_other_bytes_is_refused(
    again: tuple[SmallRepository, PackageIndex],
) -> None:
    """Whoever changed the package without a new version is told so (fault 41)."""
    repository, index = again
    repository.git("tag", "--delete", "stepwell-word-v0.1.0")
    repository.write("packages/stepwell-word/src/stepwell_word/more.py", "")
    repository.commit()
    done = repository.release("publish", index=index)
    assert done.returncode == 1
    assert "stepwell_word-0.1.0-py3-none-any.whl with OTHER BYTES than this one" in done.stdout
    assert "skipped    stepwell-tongue" in done.stdout
    assert "stepwell-word-v0.1.0" not in repository.tags()


def test_file_that_was_replaced_on_the_index_is_found(
    again: tuple[SmallRepository, PackageIndex],
) -> None:
    """The tag remembers what was published (fault 41)."""
    repository, index = again
    with (index.folder / "stepwell_word-0.1.0.tar.gz").open("ab") as file:
        file.write(b"\0")
    done = repository.release("publish", "stepwell-word", index=index)
    assert done.returncode == 1
    assert "has a stepwell_word-0.1.0.tar.gz with OTHER BYTES" in done.stdout


def test_change_of_what_is_published_needs_a_note(
    again: tuple[SmallRepository, PackageIndex],
) -> None:
    repository, index = again
    repository.replace("packages/stepwell-word/src/stepwell_word/__init__.py", "'a'", "'b'")
    repository.commit()
    done = repository.release("publish", index=index)
    assert done.returncode == 1
    assert "changed    stepwell-word 0.1.0: what is in its wheel has changed" in done.stdout
    assert "there      stepwell-tongue" in done.stdout

    repository.write("packages/stepwell-word/changes/7.fixed.md", "Says b.\n")
    repository.commit()
    done = repository.release("publish", index=index)
    assert (done.returncode, "waits for `prepare` (1 notes)" in done.stdout) == (0, True)


def test_next_versions_are_published_and_tell_what_is_withdrawn(
    again: tuple[SmallRepository, PackageIndex],
) -> None:
    """A dependent that is raised finds the version that it needs, which is a minute old."""
    repository, index = again
    repository.replace("packages/stepwell-tongue/pyproject.toml", ">=0.1,<1", ">=0.1,<0.2")
    repository.write("packages/stepwell-word/changes/7.removed.md", "It does not shout.\n")
    words = ["withdraw", "stepwell-word", "0.1.0", "--replacement", "0.2.0", "--reason", "Loud."]
    assert repository.release(*words).returncode == 0
    prepared = repository.release("prepare")
    assert "stepwell-tongue 0.1.0 → 0.1.1" in prepared.stdout, prepared.stderr
    repository.commit()
    done = repository.release("publish", index=index)
    assert done.returncode == 0, done.stdout
    pins = repository.read("dist/constraints.txt")
    assert "stepwell-tongue==0.1.1\nstepwell-word==0.2.0\n" in pins
    with zipfile.ZipFile(index.folder / "stepwell_word-0.2.0-py3-none-any.whl") as wheel:
        assert b"Loud." in wheel.read("stepwell_word/withdrawn.toml")


@pytest.mark.soak
def test_other_index_gets_the_bytes_of_the_tag(
    again: tuple[SmallRepository, PackageIndex], tmp_path: Path
) -> None:
    """What has changed since a version was tagged is not published under its number."""
    repository, index = again
    repository.replace("packages/stepwell-alone/src/stepwell_alone/__init__.py", "'a'", "'b'")
    repository.commit()
    with running_index(tmp_path / "other") as other:
        repository.release("publish", "--no-demo", "stepwell-alone", index=other)
        for file in other.folder.iterdir():
            assert file.read_bytes() == (index.folder / file.name).read_bytes()
        assert len(other.files()) == 2


def test_build_that_cannot_be_repeated_is_refused(
    small: SmallRepository, empty_index: PackageIndex
) -> None:
    """What differs is named (fault 42)."""
    small.write(
        "packages/stepwell-alone/hatch_build.py",
        "import pathlib\n"
        "from hatchling.builders.hooks.plugin.interface import BuildHookInterface\n"
        "class Hook(BuildHookInterface):\n"
        "    def initialize(self, version, build_data):\n"
        "        pathlib.Path(self.root, 'src/stepwell_alone/where.txt').write_text(self.root)\n",
    )
    hook = "\n[tool.hatch.build.hooks.custom]\n"
    small.replace(
        "packages/stepwell-alone/pyproject.toml", "\n[tool.towncrier]", f"{hook}\n[tool.towncrier]"
    )
    small.commit()
    done = small.release("publish", "stepwell-alone", index=empty_index)
    assert done.returncode == 1
    assert (
        "two builds of the same source differ: stepwell_alone-0.1.0-py3-none-any.whl in"
        in done.stdout
    )
    assert "stepwell_alone/where.txt" in done.stdout
    assert empty_index.files() == []


def test_what_lies_around_is_not_published(published: Published) -> None:
    """Files are built from the commit, so that secrets beside them stay here (fault 42)."""
    with tarfile.open(published.dist / "stepwell_word-0.1.0.tar.gz") as sdist:
        names = [Path(*Path(name).parts[1:]).as_posix() for name in sdist.getnames()]
    assert sorted(names) == [
        ".gitignore",
        "CHANGELOG.md",
        "PKG-INFO",
        "README.md",
        "changes/.gitkeep",
        "pyproject.toml",
        "src/stepwell_word/__init__.py",
        "tests/test_say.py",
    ]


NOT_READY = [
    ("changes/7.fixed.md", "It says a.", "1 notes wait in changes/, among them 7.fixed.md"),
    ("changes/7.mended.md", "It says a.", "changes/7.mended.md is no note. Call it <number>"),
    ("CHANGELOG.md", "# Changes\n", "the newest entry of CHANGELOG.md is none"),
    (
        "src/stepwell_alone/withdrawn.toml",
        '[[withdrawn]]\nversion = "0.1"\nreason = "Bad."\nreplacement = "0.1.1"\n',
        "withdraws 0.1, which is not an earlier one",
    ),
]


@pytest.mark.parametrize(("file", "text", "told"), NOT_READY)
def test_version_that_is_not_ready_is_not_built(
    small: SmallRepository, file: str, text: str, told: str
) -> None:
    small.write(f"packages/stepwell-alone/{file}", text)
    small.commit()
    done = small.release("build", "stepwell-alone")
    assert (done.returncode, told in done.stdout) == (1, True), done.stdout


def test_what_is_not_committed_is_not_published(small: SmallRepository) -> None:
    small.write("packages/stepwell-alone/src/stepwell_alone/more.py", "")
    done = small.release("build", "stepwell-alone")
    assert done.returncode == 1
    assert "src/stepwell_alone/more.py is not committed" in done.stdout


def test_packages_that_need_each_other_cannot_be_published(small: SmallRepository) -> None:
    small.add("stepwell-word", needs=["stepwell-tongue"])
    done = small.release("status")
    assert done.returncode == 1
    assert "stepwell-word → stepwell-tongue" in done.stderr
    assert "need each other, so that none can be published first" in done.stderr


def test_unknown_package_is_told_with_those_that_exist(small: SmallRepository) -> None:
    done = small.release("build", "stepwell-wrod")
    assert "no package 'stepwell-wrod'. There are: " in done.stderr


@pytest.mark.soak
def test_what_was_built_without_credentials_is_published_with_them(
    small: SmallRepository, empty_index: PackageIndex
) -> None:
    """The job that has them neither builds nor tests."""
    built = small.release("build", "stepwell-word")
    assert built.returncode == 0, built.stdout
    done = small.release("publish", "--built", "dist", "--no-demo", index=empty_index)
    assert done.returncode == 1
    assert "stepwell-alone 0.1.0 is not in dist. Build it first" in done.stdout
    assert small.tags() == ["stepwell-word-v0.1.0"]
    assert json.loads(small.release("unreleased").stdout) == ["stepwell-alone", "stepwell-tongue"]


def test_published_package_is_installed_with_pip(
    again: tuple[SmallRepository, PackageIndex], tmp_path: Path
) -> None:
    index = again[1].simple_with_credentials
    pip = [sys.executable, "-m", "pip", "--isolated", "install", "--no-cache-dir", "--quiet"]
    subprocess.run(
        [*pip, "--index-url", index, "--target", tmp_path, "stepwell-tongue"], check=True
    )
    assert (tmp_path / "stepwell_tongue/__init__.py").exists()
    assert (tmp_path / "stepwell_word/__init__.py").exists()
