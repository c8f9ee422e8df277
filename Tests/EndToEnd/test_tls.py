"""TLS with a certificate of the tests' own: who speaks it, what is refused, and a new certificate while it runs."""

import http.client
import signal
import socket
import ssl
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from gateway_process import Gateway, eventually, run_gateway

NOWHERE = ["--triton", "http://127.0.0.1:1"]


class Certificate:
    """A self-signed certificate for 127.0.0.1 and its key, in two files."""

    def __init__(self, folder: Path, name: str) -> None:
        self.chain, self.key, self.name = folder / f"{name}.pem", folder / f"{name}.key", name
        subprocess.run(
            ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2",
             "-subj", f"/CN={name}", "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", self.key, "-out", self.chain],
            check=True, capture_output=True,
        )  # fmt: skip

    def copy_to(self, other: "Certificate") -> None:
        other.chain.write_bytes(self.chain.read_bytes())
        other.key.write_bytes(self.key.read_bytes())

    @property
    def settings(self) -> dict[str, str]:
        return {"TLS_CERTIFICATE": str(self.chain), "TLS_KEY": str(self.key)}


@pytest.fixture(scope="module")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> list[Certificate]:
    folder = tmp_path_factory.mktemp("certificates")
    return [Certificate(folder, name) for name in ("first", "second", "served")]


def connect(gateway: Gateway, trusted: Path) -> http.client.HTTPSConnection:
    context = ssl.create_default_context(cafile=str(trusted))
    return http.client.HTTPSConnection("127.0.0.1", gateway.port, timeout=10, context=context)


def live(connection: http.client.HTTPSConnection) -> http.client.HTTPResponse:
    connection.request("GET", "/health/live")
    reply = connection.getresponse()
    reply.read()
    return reply


def is_served(gateway: Gateway, trusted: Path) -> bool:
    """Whether a client that trusts this certificate alone gets an answer."""
    assert gateway.is_running, gateway.log_text()
    try:
        return live(connect(gateway, trusted)).status == 200
    except (ssl.SSLCertVerificationError, ConnectionRefusedError):
        return False


@pytest.fixture
def secure_gateway(certificates: list[Certificate], tmp_path: Path) -> Iterator[Gateway]:
    """A gateway that shows the first certificate, from files that a test may change."""
    first, _, served = certificates
    first.copy_to(served)
    gateway = Gateway(tmp_path / "gateway.log", NOWHERE, served.settings)
    try:
        eventually(lambda: is_served(gateway, first.chain), 20, "the gateway is live")
        yield gateway
        gateway.close()
    finally:
        gateway.process.kill()
        gateway.process.wait()


def test_only_tls_is_spoken_and_browsers_are_told_to_stay_with_it(
    secure_gateway: Gateway, certificates: list[Certificate]
) -> None:
    first, second, _ = certificates
    reply = live(connect(secure_gateway, first.chain))
    assert reply.status == 200
    assert reply.headers["strict-transport-security"] == "max-age=31536000"
    assert not is_served(secure_gateway, second.chain)
    with socket.create_connection(("127.0.0.1", secure_gateway.port), 5) as plain:
        plain.sendall(b"GET /health/live HTTP/1.1\r\nHost: x\r\n\r\n")
        assert b"200" not in plain.recv(1000)


@pytest.mark.filterwarnings("ignore:ssl.TLSVersion")
def test_versions_before_1_2_are_refused(secure_gateway: Gateway, certificates: list[Certificate]) -> None:
    context = ssl.create_default_context(cafile=str(certificates[0].chain))
    context.set_ciphers("ALL:@SECLEVEL=0")
    context.minimum_version, context.maximum_version = ssl.TLSVersion.TLSv1, ssl.TLSVersion.TLSv1_1
    with pytest.raises(ssl.SSLError, match="ALERT_PROTOCOL_VERSION"):
        live(http.client.HTTPSConnection("127.0.0.1", secure_gateway.port, timeout=10, context=context))


def test_a_new_certificate_is_taken_without_a_restart(
    secure_gateway: Gateway, certificates: list[Certificate]
) -> None:
    first, second, served = certificates
    old = connect(secure_gateway, first.chain)
    assert live(old).status == 200
    # Half a renewal: the certificate of one, the key of another.
    served.chain.write_bytes(second.chain.read_bytes())
    secure_gateway.process.send_signal(signal.SIGHUP)
    eventually(lambda: "the certificate stays as it was" in secure_gateway.log_text(), 10, "the mismatch is logged")
    assert is_served(secure_gateway, first.chain)
    second.copy_to(served)
    secure_gateway.process.send_signal(signal.SIGHUP)
    eventually(lambda: is_served(secure_gateway, second.chain), 10, "the second certificate is shown")
    assert not is_served(secure_gateway, first.chain)
    assert live(old).status == 200  # A connection that was there stays.


def test_files_that_do_not_belong_together_end_the_program(certificates: list[Certificate]) -> None:
    first, second, _ = certificates
    wrong = {
        "tls.key: does not belong": (first.chain, second.key),
        "tls.certificate: holds no certificate": (first.key, first.key),
        "tls.key: holds no private key": (first.chain, first.chain),
    }
    for problem, (chain, key) in wrong.items():
        settings = {"TLS_CERTIFICATE": str(chain), "TLS_KEY": str(key)}
        run = run_gateway("serve", "--check-config", env=settings, timeout=10)
        assert run.returncode != 0 and problem in run.stderr.decode(), run.stderr
