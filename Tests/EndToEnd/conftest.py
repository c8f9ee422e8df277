"""Fixtures: a Triton, a gateway in front of it, and gateways and Tritons of a test's own. No test may be skipped."""

import os
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from browser import OpenPage, WatchedPage, chromium, open_page
from essays import CANARY
from gateway_process import Gateway, StartGateway, running
from playwright.sync_api import Browser
from triton_process import Triton, TritonURLs


@pytest.fixture(scope="session")
def triton(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TritonURLs]:
    """The Triton that `make test` has started, else one started here. Tests only send requests to it."""
    urls = [os.environ.get(f"TRITON_{kind}_URL") for kind in ("HTTP", "GRPC", "METRICS")]
    if all(urls):
        yield TritonURLs(*urls)
        return
    server = Triton(tmp_path_factory.mktemp("triton"))
    server.start()
    yield TritonURLs(server.http_url, server.grpc_url, server.metrics_url)
    log = (server.run_folder / "triton.log").read_text(errors="replace")
    server.shut_down()
    assert not any(word in log.lower() for word in CANARY.split()), "essay text in Triton's log"


@pytest.fixture(scope="session")
def gateway(triton: TritonURLs, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gateway]:
    """A gateway with every default, over HTTP. At the end it must still be there, and exit with 0."""
    with running(tmp_path_factory.mktemp("gateway") / "gateway.log", triton.http_url) as gateway:
        gateway.wait_until("ready")
        yield gateway


@pytest.fixture(autouse=True)
def unharmed(request: pytest.FixtureRequest) -> Iterator[None]:
    """Whatever a test did to the shared gateway: the same process is still there and answers."""
    yield
    if "gateway" in request.fixturenames:
        shared: Gateway = request.getfixturevalue("gateway")
        assert shared.is_running, f"the gateway died with {shared.process.returncode}:\n{shared.log_text()[-2000:]}"
        assert shared.get("/health/live").status == 200


@pytest.fixture
def start_gateway(tmp_path: Path) -> Iterator[StartGateway]:
    """`start_gateway(triton_url, {"LIMITS_…": "…"}, "--flag", …)` gives a live gateway, stopped after the test."""
    with ExitStack() as stack:
        count = 0

        def start(triton_url: str, env: dict[str, str] | None = None, *arguments: str) -> Gateway:
            nonlocal count
            count += 1
            return stack.enter_context(running(tmp_path / f"gateway-{count}.log", triton_url, env, arguments))

        yield start


@pytest.fixture(scope="session")
def private_triton_process(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Triton]:
    server = Triton(tmp_path_factory.mktemp("private-triton"))
    yield server
    if server.pid is not None:
        server.thaw()
        server.shut_down()


@pytest.fixture
def private_triton(private_triton_process: Triton) -> Triton:
    """A Triton that the test may kill, stop, or give wrong models. It starts out whole."""
    return private_triton_process.restore()


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Headless Chromium. Playwright's event loop belongs to the thread as long as it runs: for these tests only."""
    with chromium() as found:
        yield found


@pytest.fixture
def open_at(browser: Browser) -> Iterator[OpenPage]:
    """`open_at(port, color_scheme="dark", …)` opens the page of a gateway of the test's own."""
    with ExitStack() as stack:
        yield lambda port, **options: stack.enter_context(open_page(browser, port, **options))


@pytest.fixture
def web(open_at: OpenPage, gateway: Gateway) -> WatchedPage:
    """The shared gateway's web page."""
    return open_at(gateway.port)


def _fail_if_skipped(report: pytest.TestReport | pytest.CollectReport) -> None:
    if report.skipped:
        report.outcome = "failed"
        report.longrepr = f"skipped, which no end-to-end test may be: {report.longrepr}"


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport() -> Iterator[None]:
    outcome = yield
    _fail_if_skipped(outcome.get_result())


@pytest.hookimpl(hookwrapper=True)
def pytest_make_collect_report() -> Iterator[None]:
    outcome = yield
    _fail_if_skipped(outcome.get_result())
