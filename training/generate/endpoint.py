"""A client of an OpenAI-compatible chat endpoint that does not press: a limit on requests a minute, back-off where the
server is in trouble, and a pause for every request where it says how long to wait."""

from __future__ import annotations

import asyncio
import email.utils
import random
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field

import httpx

RETRIED = frozenset({408, 409, 425, 429, 500, 502, 503, 504, 529})
HOPELESS = {
    401: "it refuses the key: set it in the variable that --key-env names",
    403: "it refuses the key: set it in the variable that --key-env names",
    404: "it has no such model or address: check --models, and --base-url, which ends in /v1 for most servers",
}
"""What every request would meet alike."""


class Refused(Exception):
    """The endpoint would refuse every request, so that the run must stop. The message says what to do."""


class Failed(Exception):
    """This request got no usable text; the next run tries it again. The message holds no text of an essay."""


class Troubled(Exception):
    """This attempt failed, and another may do better."""


@dataclass
class Pace:
    """Spaces the starts of requests evenly, and holds all of them back while the server asks for it."""

    requests_per_minute: float
    clock: Callable[[], float] = time.monotonic
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep
    free: float = field(default=0, init=False)
    """When the next request may go, by the clock."""
    lock: asyncio.Lock = field(default_factory=asyncio.Lock, init=False)

    async def turn(self) -> None:
        """Returns when the caller's request may go."""
        async with self.lock:
            while (wait := self.free - self.clock()) > 0:
                await self.sleep(wait)
            self.free = self.clock() + 60 / self.requests_per_minute

    def hold(self, seconds: float) -> None:
        """No request goes before so many seconds have passed."""
        self.free = max(self.free, self.clock() + seconds)


@dataclass(frozen=True)
class Patience:
    """How often and how long one request is tried."""

    attempts: int = 6
    timeout: float = 180
    """Seconds for one attempt."""
    first_wait: float = 1
    """Seconds before the second attempt; doubled each time, and shortened by chance by up to a half."""
    longest_wait: float = 120
    """Seconds; a server that asks for more ends the run, which can be taken up later."""

    def wait(self, attempt: int, chance: random.Random) -> float:
        return min(self.longest_wait, self.first_wait * 2**attempt) * chance.uniform(0.5, 1)


def retry_after(headers: Mapping[str, str], now: float) -> float | None:
    """Seconds that the server asks to wait: a number, or an HTTP date against `now` (seconds since 1970)."""
    value = headers.get("retry-after", "").strip()
    try:
        return max(0.0, float(value))
    except ValueError:
        pass
    try:
        return max(0.0, email.utils.parsedate_to_datetime(value).timestamp() - now)
    except (TypeError, ValueError):
        return None


@dataclass
class Endpoint:
    """`text` may be called many times at once."""

    http: httpx.AsyncClient
    pace: Pace
    patience: Patience
    chance: random.Random = field(default_factory=random.Random)

    async def text(self, body: Mapping[str, object]) -> tuple[str, str]:
        """The text that a chat completion answers `body` with, and why it ended ("stop", "length").

        Raises Failed after the last attempt, and Refused where no request can succeed."""
        problem = "no attempt"
        for attempt in range(self.patience.attempts):
            if attempt:
                await self.pace.sleep(self.patience.wait(attempt - 1, self.chance))
            await self.pace.turn()
            try:
                async with asyncio.timeout(self.patience.timeout):
                    response = await self.http.post("chat/completions", json=body)
                return self.read(response)
            except Troubled as trouble:
                problem = str(trouble)
            except TimeoutError:
                problem = f"no answer within {self.patience.timeout:g} s"
            except httpx.HTTPError as error:
                problem = type(error).__name__
        raise Failed(f"{problem} ({self.patience.attempts} attempts)")

    def read(self, response: httpx.Response) -> tuple[str, str]:
        status = response.status_code
        if status in HOPELESS:
            raise Refused(f"the endpoint answers {status}: {HOPELESS[status]}")
        if status in RETRIED:
            asked = retry_after(response.headers, time.time())
            if asked is not None:
                if asked > self.patience.longest_wait:
                    raise Refused(f"the endpoint answers {status} and asks for {asked:.0f} s of patience: run again "
                                  "later, or with a larger --longest-wait")
                self.pace.hold(asked)
            raise Troubled(f"status {status}")
        if status != 200:
            raise Failed(f"status {status}: {response.text[:200]!r}")
        try:
            choice = response.json()["choices"][0]
            text, reason = choice["message"]["content"], choice.get("finish_reason") or ""
        except (ValueError, LookupError, TypeError, AttributeError):
            raise Troubled("a reply that is not a chat completion") from None
        if not isinstance(text, str) or not text.strip():
            raise Troubled("a reply without text")
        return text, str(reason)
