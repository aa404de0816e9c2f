"""25 expectations on a folder of Parquet files, as large as the disk allows."""

import json
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import bench_expectations
from table import Row
from timing import python

from stepwell_data_check import expect

LARGEST = 20 * 2**30
SHARE_OF_DISK = 0.05
MOST_MEMORY = 1.5 * 2**30

CODE = """
import json, resource, sys, time
import polars as pl
from stepwell_data_check import DataCheck
started = time.perf_counter()
check = DataCheck(suite=json.loads(sys.argv[2]))
report = check.run(data=pl.scan_parquet(sys.argv[1])).report
assert report.verdict == "passed", report.summary
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
print(json.dumps([time.perf_counter() - started, peak]))
"""


def measure() -> Iterator[Row]:
    """The peak memory of a process, and how its time grows when the rows are twice as many."""
    with tempfile.TemporaryDirectory() as folder:
        files = _written(Path(folder))
        size = sum(file.stat().st_size for file in Path(folder).rglob("*.parquet"))
        half, _ = _checked(f"{folder}/half/*.parquet")
        whole, peak = _checked(f"{folder}/*/*.parquet")
    yield Row(
        f"25 expectations, {files:,},000,000 rows, {size / 2**30:.1f} GiB of Parquet, streamed",
        "peak memory ≤ 1.5 GiB; twice the rows take ≤ 2.2 × the time",
        f"{peak / 2**30:.2f} GiB; {whole / half:.2f} × ({half:.1f} s to {whole:.1f} s)",
        peak <= MOST_MEMORY and whole <= 2.2 * half,
    )


def _written(folder: Path) -> int:
    """The number of files, of a million rows each, half of them in `half` and half in `rest`."""
    frame = bench_expectations.frame()
    first = folder / "half" / "0.parquet"
    first.parent.mkdir()
    (folder / "rest").mkdir()
    frame.write_parquet(first)
    room = min(LARGEST, SHARE_OF_DISK * shutil.disk_usage(folder).free)
    files = max(2, 2 * int(room / first.stat().st_size / 2))
    for number in range(1, files):
        part = "half" if number < files / 2 else "rest"
        shutil.copyfile(first, folder / part / f"{number}.parquet")
    return files


def _checked(source: str) -> tuple[float, float]:
    """Seconds and peak memory. Uniqueness is left out: it holds every value in memory."""
    suite = [
        expect("column_values_to_not_be_null", "id_0") if "unique" in one["type"] else one
        for one in bench_expectations.suite()
    ]
    seconds, peak = json.loads(python("-c", CODE, source, json.dumps(suite)))
    return float(seconds), float(peak)
