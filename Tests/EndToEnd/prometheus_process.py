"""Debian's Prometheus with this repository's configuration and rules, its targets replaced by servers under test."""

import json
import shutil
import subprocess
import urllib.error
import urllib.parse
import urllib.request
from pathlib import Path
from typing import Any

import yaml
from gateway_process import ROOT, eventually, free_port

CONFIGURATION = ROOT / "deploy" / "prometheus"


class Prometheus:
    """Scrapes every second, so that a test need not wait; everything else is as deployed."""

    def __init__(self, folder: Path, targets: dict[str, str]) -> None:
        self.folder = folder
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        shutil.copy(CONFIGURATION / "alerts.yml", folder)
        configuration = yaml.safe_load((CONFIGURATION / "prometheus.yml").read_text())
        configuration["global"] = {"scrape_interval": "1s", "evaluation_interval": "1s"}
        addresses = targets | {"prometheus": f"127.0.0.1:{self.port}"}
        for job in configuration["scrape_configs"]:
            job["static_configs"] = [{"targets": [addresses[job["job_name"]]]}]
        (folder / "prometheus.yml").write_text(yaml.safe_dump(configuration))
        with (folder / "prometheus.log").open("wb") as log:
            self.process = subprocess.Popen(
                [
                    "prometheus", f"--config.file={folder / 'prometheus.yml'}", f"--storage.tsdb.path={folder / 'data'}",
                    f"--web.listen-address=127.0.0.1:{self.port}",
                ],
                stdin=subprocess.DEVNULL, stdout=log, stderr=log,
            )  # fmt: skip

    def api(self, path: str, **parameters: str) -> Any:
        """`data` of a reply of the HTTP API; an error of the query is an assertion."""
        url = f"{self.url}/api/v1/{path}?{urllib.parse.urlencode(parameters)}"
        try:
            with urllib.request.urlopen(url, timeout=10) as reply:
                return json.loads(reply.read())["data"]
        except urllib.error.HTTPError as error:
            raise AssertionError(f"{path} {parameters}: {error.read().decode()}") from error

    def query(self, expression: str) -> list[dict[str, Any]]:
        """The instant vector: `metric` and `value` of each series."""
        return self.api("query", query=expression)["result"]

    def value(self, expression: str) -> float | None:
        """Of the only series; None where there is none."""
        result = self.query(expression)
        assert len(result) <= 1, f"{expression}: {result}"
        return float(result[0]["value"][1]) if result else None

    def wait_until_scraped(self) -> "Prometheus":
        def all_up() -> bool:
            if self.process.poll() is not None:
                raise RuntimeError((self.folder / "prometheus.log").read_text()[-3000:])
            try:
                return self.value("count(up == 1)") == 3
            except (urllib.error.URLError, ConnectionError, AssertionError):
                # It answers 503 while it starts.
                return False

        eventually(all_up, 30, "Prometheus has scraped all three")
        return self

    def stop(self) -> None:
        self.process.terminate()
        self.process.wait(20)
