#!/usr/bin/env python3
"""Prints the speed of the gateway's text code beside that of other libraries: one machine, one core, one session.

    taskset -c 1 Benchmarks/compare.py --bench Benchmarks/.build/release/bench --essays dev.jsonl [--write FILE]

Each library runs in its quickest form that this script knows of, and every form is measured; the texts are the same. The
rounds of the libraries are taken in turn, ours before and after them. On a machine with other work the ratio flatters
whose rounds are short, which are ours, so let it rest. To add a section, write a function that returns Markdown in a
module of comparison/ and name it in SECTIONS.
"""

import argparse
import os
import platform
import sys
import time
from pathlib import Path

from comparison.features import features_section
from comparison.tokenizer import tokenizer_section

SECTIONS = {"tokenizer": tokenizer_section, "features": features_section}


def machine() -> str:
    model = next(
        (line.split(":")[1].strip() for line in Path("/proc/cpuinfo").read_text().splitlines() if "model name" in line),
        platform.processor(),
    )
    load = f"load {os.getloadavg()[0]:.1f} of {os.cpu_count()} cores at the start"
    return f"{model}, one core, {load}, Python {platform.python_version()}, {time.strftime('%Y-%m-%d')}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--bench", type=Path, required=True, help="the binary of Benchmarks/Sources/bench")
    parser.add_argument("--essays", type=Path, required=True, help="a file of JSON lines with the key text")
    parser.add_argument("--write", type=Path, help="the Markdown goes there, too")
    parser.add_argument("sections", nargs="*", help=f"of {', '.join(SECTIONS)}; all unless named")
    options = parser.parse_args()
    if unknown := set(options.sections) - set(SECTIONS):
        parser.error(f"no section {', '.join(sorted(unknown))}")
    cores = len(os.sched_getaffinity(0))
    if cores != 1:
        sys.exit(f"compare: may use {cores} cores: start it with taskset -c N")
    parts = [f"# Benchmarks\n\nWritten by `make bench`. {machine()}."]
    parts += [SECTIONS[name](options.bench, options.essays) for name in options.sections or SECTIONS]
    text = "\n\n".join(parts) + "\n"
    print(text)
    if options.write:
        options.write.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
