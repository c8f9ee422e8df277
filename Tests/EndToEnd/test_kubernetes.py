"""The manifests of deploy/kubernetes against Kubernetes' schemas, and against one another."""

import copy
from pathlib import Path
from typing import Any

import kubernetes_validate
import pytest
import yaml

FOLDER = Path(__file__).resolve().parents[2] / "deploy" / "kubernetes"
VERSION = "1.34"
# What a KServe predictor has besides a pod's own fields, of what kserve.yaml uses (kserve 0.21, V1beta1PredictorSpec).
# KServe's own schema cannot be had here, so a field that is missing in this table is an error.
KSERVE_FIELDS = {"minReplicas": int, "maxReplicas": int, "scaleMetric": str, "scaleTarget": int}


def manifests(name: str) -> list[dict[str, Any]]:
    return list(yaml.safe_load_all((FOLDER / name).read_text()))


RESOURCES = yaml.safe_load((FOLDER / "kustomization.yaml").read_text())["resources"]
ALL = {f"{item['kind']} {item['metadata']['name']}": item for name in RESOURCES for item in manifests(name)}
PODS = {name: ALL[f"Deployment {name}"]["spec"]["template"] for name in ("gateway", "triton")}


def containers() -> dict[str, dict[str, Any]]:
    predictor = manifests("kserve.yaml")[0]["spec"]["predictor"]
    specs = {name: pod["spec"] for name, pod in PODS.items()} | {"kserve": predictor}
    return {name: spec["containers"][0] | {"pod": spec} for name, spec in specs.items()}


@pytest.mark.parametrize("name", ALL)
def test_kubernetes_accepts_the_manifest(name):
    kubernetes_validate.validate(ALL[name], VERSION, strict=True)


def test_the_schemas_find_a_mistyped_field():
    wrong = copy.deepcopy(ALL["Deployment gateway"])
    wrong["spec"]["template"]["spec"]["containers"][0]["readinessprobe"] = {}
    with pytest.raises(kubernetes_validate.ValidationError):
        kubernetes_validate.validate(wrong, VERSION, strict=True)


def test_the_kserve_variant_is_a_pod_with_fields_of_kserve():
    (service,) = manifests("kserve.yaml")
    assert (service["apiVersion"], service["kind"]) == ("serving.kserve.io/v1beta1", "InferenceService")
    assert set(service) == {"apiVersion", "kind", "metadata", "spec"} and set(service["spec"]) == {"predictor"}
    predictor = dict(service["spec"]["predictor"])
    for field, kind in KSERVE_FIELDS.items():
        assert isinstance(predictor.pop(field), kind), field
    assert predictor["containers"][0]["name"] == "kserve-container"
    pod = {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "predictor"}, "spec": predictor}
    kubernetes_validate.validate(pod, VERSION, strict=True)


def test_the_kserve_variant_runs_triton_as_the_deployment_does():
    ours, theirs = containers()["triton"], containers()["kserve"]
    assert theirs["args"] == ours["args"]
    assert theirs["image"].startswith(ours["image"] + ":")
    # KServe renumbers the first port.
    assert theirs["ports"][1]["containerPort"] == 8001


def test_everything_selects_pods_that_are_there():
    labels = {name: pod["metadata"]["labels"] for name, pod in PODS.items()}
    for title, item in ALL.items():
        spec = item["spec"]
        selector = spec.get("podSelector", spec.get("selector", {}))
        if item["kind"] != "HorizontalPodAutoscaler":
            assert selector.get("matchLabels", selector) == labels[item["metadata"]["name"]], title
    target = ALL["HorizontalPodAutoscaler gateway"]["spec"]["scaleTargetRef"]
    assert f"{target['kind']} {target['name']}" in ALL
    assert "replicas" not in ALL["Deployment gateway"]["spec"], "the autoscaler's number would be overwritten"


def test_named_ports_exist():
    ports = {name: {port["name"] for port in containers()[name]["ports"]} for name in PODS}
    for name in PODS:
        for port in ALL[f"Service {name}"]["spec"]["ports"]:
            assert port["targetPort"] in ports[name]
        for rule in ALL[f"NetworkPolicy {name}"]["spec"]["ingress"]:
            assert {port["port"] for port in rule["ports"]} <= ports[name]
        for probe in ("startupProbe", "livenessProbe", "readinessProbe"):
            if probe in containers()[name]:
                assert containers()[name][probe]["httpGet"]["port"] in ports[name]


def test_the_gateway_calls_every_replica_of_triton_by_the_headless_service():
    service = ALL["Service triton"]["spec"]
    assert service["clusterIP"] == "None"
    port = next(port["port"] for port in service["ports"] if port["name"] == "grpc")
    environment = {entry["name"]: entry["value"] for entry in containers()["gateway"]["env"]}
    assert environment["TRITON_URL"] == f"grpc://triton:{port}"
    assert any(argument.startswith("--grpc-max-connection-age=") for argument in containers()["triton"]["args"])


def test_nothing_runs_as_root_or_writes_to_its_image():
    for name, container in containers().items():
        pod = container["pod"]
        assert pod["securityContext"]["runAsNonRoot"] is True, name
        assert pod["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}, name
        assert pod["automountServiceAccountToken"] is False, name
        assert container["securityContext"] == {
            "allowPrivilegeEscalation": False, "readOnlyRootFilesystem": True, "capabilities": {"drop": ["ALL"]},
        }, name  # fmt: skip
        assert container["resources"]["requests"] and container["resources"]["limits"]["memory"], name
