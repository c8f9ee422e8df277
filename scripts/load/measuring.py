"""Latencies of the gateway and of the Triton calls alone, one at a time and at a rate, and what they say."""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field

from .recording import Calls
from .wire import Client

Work = Callable[[int], Awaitable[bool]]
"""Does what is to be measured for the essay of this number; whether it went well."""


@dataclass
class Sample:
    """Latencies in ms of what went well."""

    latencies: list[float] = field(default_factory=list)
    failures: int = 0

    def add(self, began: float, is_good: bool) -> None:
        if is_good:
            self.latencies.append((time.perf_counter() - began) * 1000)
        else:
            self.failures += 1

    def percentile(self, percent: float) -> float:
        """Linear between the two nearest; NaN of nothing."""
        ordered = sorted(self.latencies)
        if not ordered:
            return float("nan")
        place = (len(ordered) - 1) * percent / 100
        low = int(place)
        high = min(low + 1, len(ordered) - 1)
        return ordered[low] + (ordered[high] - ordered[low]) * (place - low)


def gateway(client: Client, requests: Sequence[bytes]) -> Work:
    async def work(number: int) -> bool:
        return (await client.exchange(requests[number % len(requests)])).status == 200

    return work


def floor(client: Client, recorded: Sequence[Calls]) -> Work:
    """The same calls in the same two waves, by a client that does nothing else."""

    async def in_turn(requests: list[bytes]) -> bool:
        replies = [await client.exchange(request) for request in requests]
        return all(reply.status == 200 for reply in replies)

    async def work(number: int) -> bool:
        calls = recorded[number % len(recorded)]
        first = await asyncio.gather(*(in_turn(requests) for requests in calls.first_wave.values()))
        return all(first) and await in_turn(calls.second_wave)

    return work


async def paired(first: Work, second: Work, count: int) -> tuple[Sample, Sample, Sample]:
    """Both for the same essay, one right after the other, in changing order; the third sample is second minus first."""
    samples = (Sample(), Sample())
    differences = Sample()
    for number in range(count):
        order = [(0, first), (1, second)]
        times = [0.0, 0.0]
        for which, work in order if number % 2 == 0 else reversed(order):
            began = time.perf_counter()
            samples[which].add(began, await work(number))
            times[which] = time.perf_counter() - began
        differences.latencies.append((times[1] - times[0]) * 1000)
    return samples[0], samples[1], differences


async def open_loop(work: Work, rate: float, seconds: float, seed: int = 1) -> Sample:
    """Starts work at random times, `rate` a second on average, whether or not what came before is done.

    A latency counts from the time at which the work was meant to start, so a stall is seen by everything that waits
    behind it. The same seed gives the same times.
    """
    source = random.Random(seed)
    sample = Sample()
    running: set[asyncio.Task[None]] = set()
    start = time.perf_counter()

    async def one(number: int, due: float) -> None:
        try:
            is_good = await work(number)
        except OSError:
            is_good = False
        sample.add(due, is_good)

    due, number = start + source.expovariate(rate), 0
    while due < start + seconds:
        await asyncio.sleep(max(0.0, due - time.perf_counter()))
        task = asyncio.create_task(one(number, due))
        running.add(task)
        task.add_done_callback(running.discard)
        due, number = due + source.expovariate(rate), number + 1
    await asyncio.gather(*running)
    return sample


async def closed_loop(work: Work, workers: int, seconds: float) -> tuple[Sample, float]:
    """`workers` at a time, each with the next essay as soon as it is done; the sample and the rate reached."""
    sample = Sample()
    begin = time.perf_counter()
    numbers = iter(range(1 << 60))

    async def worker() -> None:
        while time.perf_counter() < begin + seconds:
            began = time.perf_counter()
            sample.add(began, await work(next(numbers)))

    await asyncio.gather(*(worker() for _ in range(workers)))
    return sample, len(sample.latencies) / (time.perf_counter() - begin)
