"""Manifests, held against the golden ones of the protocol."""

import json
from pathlib import Path
from typing import Any

import pytest

from toru_plugin import Manifest, ManifestError
from toru_plugin._manifest import parse_manifest

GOLDEN: dict[str, list[dict[str, Any]]] = json.loads(
    (Path(__file__).parents[3] / "spec" / "golden" / "manifests.json").read_text("utf-8")
)


@pytest.mark.parametrize("case", GOLDEN["valid"], ids=lambda case: case["name"])
def test_a_valid_golden_manifest_is_read(case: dict[str, Any]) -> None:
    assert parse_manifest(case["output"].encode()) == case["manifest"]


@pytest.mark.parametrize("case", GOLDEN["invalid"], ids=lambda case: case["name"])
def test_an_invalid_golden_manifest_is_refused_with_the_fields_at_fault(case: dict[str, Any]) -> None:
    with pytest.raises(ManifestError) as caught:
        parse_manifest(case["output"].encode())
    assert set(caught.value.problems) == set(case["fields"] or ["output"])


def test_a_manifest_has_the_id_as_its_route_unless_it_says_otherwise() -> None:
    manifest = Manifest(id="acme", name="ACME", version="1.0.0", icon="shield", license="MIT", isolation="iframe")
    assert manifest.fields() == {
        "id": "acme",
        "name": "ACME",
        "version": "1.0.0",
        "icon": "shield",
        "route": "/acme",
        "license": "MIT",
        "isolation": "iframe",
        "protocol": 2,
        "handles": ["http"],
    }


def test_the_error_names_every_field_that_is_wrong() -> None:
    with pytest.raises(ManifestError, match=r"id: .*; name: .*; icon: ") as caught:
        Manifest(id="my_plugin", name=" ", version="1", icon="Nope", route="/x")
    assert set(caught.value.problems) == {"id", "name", "icon"}
    with pytest.raises(ManifestError, match="id: is missing"):
        parse_manifest(b"{}")


def test_an_output_that_is_too_large_is_refused() -> None:
    with pytest.raises(ManifestError, match="allowed are 262144"):
        parse_manifest(b" " * (256 * 1024 + 1))
