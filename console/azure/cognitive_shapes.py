"""Azure OpenAI's bodies as our data. States and options are open words and stay as Azure wrote them, cleaned.

Shapes: Microsoft.CognitiveServices accounts/deployments and models, api-version 2025-09-01 and older
(https://learn.microsoft.com/rest/api/aiservices/accountmanagement).
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from console.azure.metrics import Answered
from console.azure.shapes import moment
from console.domain.clean import clean
from console.domain.model import SHADOW_TAG, Deployment, Offer

Body = Mapping[str, Any]


def deployment(body: Body, watched: bool) -> Deployment:
    """One deployment; `body` is kept whole, for a write that must not forget anything."""
    properties, sku, system = _section(body, "properties"), _section(body, "sku"), _section(body, "systemData")
    model = _section(properties, "model")
    return Deployment(
        name=_word(body, "name"),
        model=_word(model, "name"),
        version=_word(model, "version"),
        upgrade=_word(properties, "versionUpgradeOption"),
        sku=_word(sku, "name"),
        capacity=_count(sku.get("capacity")),
        filter=_word(properties, "raiPolicyName"),
        state=_word(properties, "provisioningState"),
        format=_word(model, "format") or "OpenAI",
        created=moment(system.get("createdAt")),
        modified_at=moment(system.get("lastModifiedAt")),
        modified_by=_word(system, "lastModifiedBy"),
        tokens_per_min=_tokens(properties),
        body=json.dumps(body),
        watched=watched,
        etag=_word(body, "etag") or _word(body, "eTag"),
        shadow_of=_word(_section(body, "tags"), SHADOW_TAG),
        spillover=_word(properties, "spilloverDeploymentName"),
    )


def deployments(bodies: Iterable[Body], watched: Sequence[str]) -> tuple[Deployment, ...]:
    """Those of the configuration first and in its order; where it names none, all are watched."""
    names = [name.lower() for name in watched]
    found = [deployment(body, not names or _word(body, "name").lower() in names) for body in bodies]
    place = {name: index for index, name in enumerate(names)}
    return tuple(sorted(found, key=lambda one: (place.get(one.name.lower(), len(names)), one.name)))


def remembered(found: Sequence[Deployment], answered: Sequence[Answered]) -> tuple[Deployment, ...]:
    """With what each answered with before its present version, where calls were counted under both."""
    return tuple(_remembered(one, [seen for seen in answered if _is(seen, one)]) for one in found)


def _remembered(one: Deployment, seen: Sequence[Answered]) -> Deployment:
    own = next((entry for entry in seen if (entry.model, entry.version) == (one.model, one.version)), None)
    others = [entry for entry in seen if entry is not own and (own is None or entry.first < own.first)]
    if not others:
        return one
    latest = max(others, key=lambda entry: entry.last)
    return replace(one, before=f"{latest.model} {latest.version}", since=own.first if own is not None else None)


def _is(seen: Answered, one: Deployment) -> bool:
    return seen.deployment.lower() == one.name.lower()


def offers(bodies: Iterable[Body]) -> tuple[Offer, ...]:
    """The versions that may be deployed, as a location lists them, or an account, which leaves the envelope out."""
    found = (_offer(_section(body, "model") or body) for body in bodies)
    return tuple({(one.format, one.model, one.version): one for one in found if one.model}.values())


def settled(account: Body) -> bool:
    """Whether no other write of the account itself is under way."""
    return _word(_section(account, "properties"), "provisioningState").lower() in (
        "",
        "succeeded",
        "failed",
        "canceled",
    )


def location(account: Body) -> str:
    return _word(account, "location")


def identifier(account: Body) -> str:
    return _word(account, "id")


def _offer(model: Body) -> Offer:
    skus = [sku for sku in model.get("skus") or () if isinstance(sku, Mapping)]
    ends = {_word(sku, "name"): moment(sku.get("deprecationDate")) for sku in skus}
    return Offer(
        model=_word(model, "name"),
        version=_word(model, "version"),
        lifecycle=_word(model, "lifecycleStatus"),
        retires=moment(_section(model, "deprecation").get("inference")),
        default=model.get("isDefaultVersion") is True,
        skus=tuple(_word(sku, "name") for sku in skus),
        format=_word(model, "format") or "OpenAI",
        sku_ends={name: at for name, at in ends.items() if isinstance(at, datetime)},
        usage={_word(sku, "name"): _word(sku, "usageName") for sku in skus},
    )


def _tokens(properties: Body) -> int | None:
    """Tokens per minute, out of the rate limits, whose name Azure has written in two ways."""
    for limit in properties.get("rateLimits") or properties.get("ratelimits") or ():
        period, count = _number(limit.get("renewalPeriod")), _number(limit.get("count"))
        if limit.get("key") == "token" and period and count is not None:
            return round(count * 60 / period)
    return None


def _number(value: Any) -> float | None:
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else None


def _count(value: Any) -> int | None:
    number = _number(value)
    return None if number is None else int(number)


def _section(body: Body, key: str) -> Body:
    value = body.get(key)
    return value if isinstance(value, Mapping) else {}


def _word(body: Body, key: str) -> str:
    value = body.get(key)
    return clean(value, 300) if isinstance(value, str) else ""
