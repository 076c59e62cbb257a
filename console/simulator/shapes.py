"""The shapes that a body may have, as far as the machine reads into it: everything else is taken as it comes."""

from __future__ import annotations

from typing import Any

from console.simulator.wire import refuse

Shape = Any

OBJECT: dict[str, Shape] = {}
CONTAINER = {
    "image": str,
    "imageType": str,
    "name": str,
    "resources": {"cpu": float, "memory": str},
}
CONFIGURATION = {
    "activeRevisionsMode": str,
    "targetLabel": str,
    "maxInactiveRevisions": int,
    "secrets": [{"name": str}],
    "registries": [{"server": str, "passwordSecretRef": str}],
    "ingress": {"transport": str, "traffic": [{"revisionName": str, "label": str}]},
}
TEMPLATE = {
    "revisionSuffix": str,
    "containers": [CONTAINER],
    "initContainers": [OBJECT],
    "volumes": [OBJECT],
    "scale": {"minReplicas": int, "maxReplicas": int, "rules": [OBJECT]},
}
BODY = {
    "location": str,
    "tags": OBJECT,
    "identity": OBJECT,
    "properties": {
        "configuration": CONFIGURATION,
        "template": TEMPLATE,
        "environmentId": str,
        "managedEnvironmentId": str,
    },
}
REQUIRED = {"secrets": "name", "containers": "name"}


def check_body(body: Any) -> None:
    """400 InvalidRequestContent where a part that is read has another shape; null is fine everywhere but in lists."""
    _check("the body", body, BODY)


def _check(where: str, value: Any, shape: Shape) -> None:
    if isinstance(shape, dict):
        _expect(where, isinstance(value, dict), "an object")
        for key, inner in shape.items():
            if value.get(key) is not None:
                _check(key, value[key], inner)
    elif isinstance(shape, list):
        _expect(where, isinstance(value, list), "an array")
        for one in value:
            _check(f"an entry of {where}", one, shape[0])
            needed = REQUIRED.get(where)
            _expect(where, needed is None or one.get(needed) is not None, f"an array whose entries have a {needed}")
    elif shape is float:
        _expect(where, isinstance(value, int | float) and not isinstance(value, bool), "a number")
    else:
        _expect(where, type(value) is shape, {str: "a string", int: "a whole number"}[shape])


def _expect(where: str, right: bool, wanted: str) -> None:
    if not right:
        raise refuse(400, "InvalidRequestContent", f"The request content was invalid: {where} must be {wanted}.")
