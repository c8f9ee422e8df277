"""Where the gateway's CPU time goes, by `perf` (Debian's linux-perf), where it is installed and may be used."""

from __future__ import annotations

import shutil
import signal
import subprocess
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

# The innermost frame that has one of these names decides; names are Swift's mangled ones.
STAGES = (
    ("tagger", ("6TaggerV",)),
    ("parser", ("13ParserNetworkV", "6ParserV")),
    ("lemmas and other syntax", ("14SyntaxAnalyzerV", "10LemmatizerV")),
    ("other features", ("16FeatureExtractorO",)),
    ("cleaning, sentences, words, word pieces", ("11TextCleanerO", "8Features8DocumentV", "9WordPiece")),
    ("reply as JSON", ("11JSONEncoder",)),
    ("calls of Triton", ("12TritonClient", "curl_", "grpc_")),
    ("ensemble and explanation", ("11ExplanationV", "8EnsembleV")),
    ("HTTP server", ("19SelectableEventLoop", "11Hummingbird", "7NIOCore", "8NIOPosix")),
)
OTHER = "the rest: tasks, allocation, kernel"


def stage_of(frames: Iterable[str]) -> str:
    """- Parameter frames: names of a sample's functions, innermost first."""
    for frame in frames:
        for stage, names in STAGES:
            if any(name in frame for name in names):
                return stage
    return OTHER


def samples(script: str) -> Counter[str]:
    """Samples by stage in what `perf script -F ip,sym` prints: a line a frame, an empty line after each sample."""
    found: Counter[str] = Counter()
    frames: list[str] = []
    for line in [*script.splitlines(), ""]:
        if line.strip():
            frames.append(line)
        elif frames:
            found[stage_of(frames)] += 1
            frames = []
    return found


class CPUProfile:
    """Records a process from here to `finish`."""

    def __init__(self, pid: int, folder: Path) -> None:
        self.data = folder / "perf.data"
        self.process: subprocess.Popen[bytes] | None = None
        if perf := shutil.which("perf"):
            self.process = subprocess.Popen(
                [perf, "record", "-e", "cpu-clock", "-F", "999", "-g", "-o", self.data, "-p", str(pid)],
                stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)  # fmt: skip

    def finish(self) -> Counter[str]:
        """Samples by stage; none where there is no perf, or where the kernel does not allow it."""
        if self.process is None:
            return Counter()
        self.process.send_signal(signal.SIGINT)
        self.process.wait(30)
        if not self.data.exists():
            return Counter()
        script = subprocess.run(
            ["perf", "script", "-i", self.data, "-F", "ip,sym"], capture_output=True, text=True, check=False)  # fmt: skip
        return samples(script.stdout)
