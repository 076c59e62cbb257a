"""How Azure's answers looked at a time and at an API version.

`Era` is what the service itself changed over the years, whatever version was asked for: headers, names, words.
`Dialect` is what an API version shows of a body. Both are read from the recordings.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

Limit = tuple[str, int]

GLOBAL_READS = "x-ms-ratelimit-remaining-subscription-global-reads"
READS = "x-ms-ratelimit-remaining-subscription-reads"
WRITES = "x-ms-ratelimit-remaining-subscription-writes"
DELETES = "x-ms-ratelimit-remaining-subscription-deletes"
GLOBAL_DELETES = "x-ms-ratelimit-remaining-subscription-global-deletes"
GLOBAL_WRITES = "x-ms-ratelimit-remaining-subscription-global-writes"
RESOURCE_REQUESTS = "x-ms-ratelimit-remaining-subscription-resource-requests"
SUPPORTED_VERSIONS = (
    "2022-01-01-preview, 2022-03-01, 2022-06-01-preview, 2022-10-01, 2022-11-01-preview, 2023-04-01-preview, "
    "2023-05-01, 2023-05-02-preview, 2023-08-01-preview"
)


@dataclass(frozen=True, slots=True)
class Era:
    """The service as it was from a day on.

    `patch_async`: PATCH answers carry Azure-AsyncOperation besides Location. `signed`: operation URLs carry a signed
    query, `signed_jobs`: PostgreSQL's as well. `deletes` counts those of other providers, `posts` their other writes
    too. `location`: the collection a Location header points into. `numbered`: revisions are named `--0000001` after
    the first. `starting`: provisioningState and runningState of a revision that is not ready yet.
    """

    since: date
    reads: Limit
    resource_requests: Limit
    posts: tuple[Limit, ...]
    deletes: tuple[Limit, ...] = ((DELETES, 14999),)
    patch_async: bool = True
    signed: bool = True
    signed_jobs: bool = True
    location: str = "containerappOperationResults"
    numbered: bool = True
    starting: tuple[str, str] = ("Provisioned", "Activating")
    app_segment: str = "containerapps"
    supported_versions: bool = False


ERAS = (
    Era(
        since=date(2022, 1, 1),
        reads=(READS, 11999),
        resource_requests=(RESOURCE_REQUESTS, 499),
        posts=((WRITES, 1199),),
        patch_async=False,
        signed=False,
        signed_jobs=False,
        location="containerappOperationStatuses",
        numbered=False,
        starting=("Provisioning", "Processing"),
        app_segment="containerApps",
    ),
    Era(
        since=date(2023, 1, 1),
        reads=(READS, 11999),
        resource_requests=(RESOURCE_REQUESTS, 699),
        posts=((WRITES, 1199),),
        patch_async=False,
        signed_jobs=False,
        numbered=False,
        starting=("Provisioning", "Processing"),
        supported_versions=True,
    ),
    Era(
        since=date(2024, 1, 1),
        reads=(READS, 11999),
        resource_requests=(RESOURCE_REQUESTS, 699),
        posts=((WRITES, 1199),),
        patch_async=False,
        numbered=False,
        starting=("Provisioning", "Processing"),
    ),
    Era(
        since=date(2024, 7, 1),
        reads=(READS, 11999),
        resource_requests=(RESOURCE_REQUESTS, 699),
        posts=((WRITES, 1199),),
        numbered=False,
    ),
    Era(
        since=date(2024, 9, 1),
        reads=(GLOBAL_READS, 16499),
        resource_requests=(RESOURCE_REQUESTS, 699),
        posts=((GLOBAL_WRITES, 11999), (WRITES, 799)),
        deletes=((GLOBAL_DELETES, 11999), (DELETES, 799)),
    ),
)
NEWEST = ERAS[-1]


def era_at(day: date) -> Era:
    """The era in force on a day; days before the first recording read as the first era."""
    return next((era for era in reversed(ERAS) if era.since <= day), ERAS[0])


@dataclass(frozen=True, slots=True)
class Dialect:
    """What an API version leaves out: dotted paths (lists are walked through), and nulls where `sparse`."""

    until: str
    hidden: frozenset[str]
    sparse: bool = False


PREVIEW_ONLY = frozenset(
    {
        "properties.patchingMode",
        "properties.configuration.targetLabel",
        "properties.configuration.revisionTransitionThreshold",
        "properties.configuration.identitySettings",
        "properties.configuration.runtime",
        "properties.configuration.ingress.targetPortHttpScheme",
        "properties.template.containers.imageType",
        "properties.template.scale.cooldownPeriod",
        "properties.template.scale.pollingInterval",
    }
)
BEFORE_2024 = PREVIEW_ONLY | {
    "properties.delegatedIdentities",
    "properties.configuration.ingress.additionalPortMappings",
}
BEFORE_2023 = BEFORE_2024 | {
    "properties.runningStatus",
    "properties.environmentId",
    "properties.workloadProfileName",
    "properties.latestReadyRevisionName",
    "properties.eventStreamEndpoint",
    "properties.configuration.ingress.exposedPort",
    "properties.configuration.maxInactiveRevisions",
    "properties.template.revisionSuffix",
    "properties.template.containers.resources.ephemeralStorage",
    "properties.runningState",
    "properties.runningStateDetails",
}
DIALECTS = (
    Dialect("2022-10", BEFORE_2023, sparse=True),
    Dialect("2024-02", BEFORE_2024),
    Dialect("2024-08", PREVIEW_ONLY),
)
FULL = Dialect("9999", frozenset())


def dialect_for(api_version: str) -> Dialect:
    """The shapes served at an API version; unknown and newer ones get the newest recorded shape."""
    return next((dialect for dialect in DIALECTS if api_version < dialect.until), FULL)


def spoken(body: Any, dialect: Dialect) -> Any:
    """The body as that version shows it."""
    return _prune(body, dialect, ())


def _prune(value: Any, dialect: Dialect, at: tuple[str, ...]) -> Any:
    if isinstance(value, list):
        return [_prune(item, dialect, at) for item in value]
    if not isinstance(value, dict):
        return value
    return {
        key: _prune(item, dialect, (*at, key))
        for key, item in value.items()
        if not _hidden(item, dialect, (*at, key))
    }


def _hidden(value: Any, dialect: Dialect, path: Iterable[str]) -> bool:
    return ".".join(path) in dialect.hidden or (dialect.sparse and value is None)
