"""What no recording of PostgreSQL, Azure OpenAI and Azure Monitor shows, and the reading that was chosen."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Inferred:
    """One behaviour without recorded evidence: what the simulator does, and what that rests on."""

    behaviour: str
    choice: str
    ground: str


AROUND = (
    Inferred(
        "lists of subscriptions, resource groups and Azure OpenAI accounts",
        "the shapes of single resources, as recorded, in `value`",
        "recorded for one resource (cognitive-deployment-lifecycle), not for lists",
    ),
    Inferred(
        "Azure Monitor's metric AzureOpenAIRequests",
        "totals by ModelDeploymentName, ModelName, ModelVersion and StatusCode, as late as Requests",
        "the documentation of Azure OpenAI's metrics; never recorded",
    ),
    Inferred(
        "the Activity Log",
        "an event when a write begins, one when it is accepted and one when its operation ends, two minutes late; "
        "kept for 90 days; resourceUri means exactly that resource; the documented filters, and the two that az adds",
        "the documentation's shape; real delays go up to 20 minutes",
    ),
    Inferred(
        "what Azure does by itself in the Activity Log",
        "nothing: an upgraded model leaves another version and another etag, and the old lastModifiedBy",
        "never recorded; the reading under which it is hardest to find",
    ),
    Inferred(
        "a restore of a PostgreSQL server outside its window, or to another kind of network",
        "202, then Failed with InvalidParameterValue",
        "that validation comes with the operation is recorded for a PATCH (postgres-lro-failed); that networks "
        "do not mix is documented",
    ),
    Inferred(
        "a restore from a server that is not there, or to a name that is taken",
        "404 ResourceNotFound, 409 ServerNameAlreadyExists; checkNameAvailability says false",
        "never recorded",
    ),
    Inferred(
        "geo-restore",
        "always 400 GeoBackupsNotAvailable",
        "recorded for a server whose geo-backups were not there yet (postgres-geo-restore-400)",
    ),
    Inferred(
        "what comes along with a restored server",
        "size, version, login, databases; no backups, no tags, no virtual endpoints, network as sent",
        "postgres-pitr-restore shows the properties, not what lies below",
    ),
    Inferred(
        "a PostgreSQL server while it is being made, changed, stopped, started or deleted",
        "404 for 5 s, then Provisioning; Updating, Stopping, Stopped, Starting, Restarting, Dropping meanwhile",
        "the states are the SDK's; when each of them can be read was never recorded",
    ),
    Inferred(
        "a second write on a PostgreSQL server, or one on a stopped server",
        "409 ServerIsBusy; 409 OperationNotAllowed",
        "the first text from users, its status and the second are guesses",
    ),
    Inferred(
        "how long a PATCH, a DELETE and what lies in a server take",
        "60 s, 60 s, 8 s; Retry-After 15 for what is not the server itself",
        "recorded for databases; the spacing of polls for backups",
    ),
    Inferred(
        "an operation of PostgreSQL that is older than 8 hours",
        "404 OperationIdNotFound",
        "recorded between two and eleven hours (postgres-lro-timeout-and-vanished-operation)",
    ),
    Inferred(
        "operationResults of PostgreSQL other than those of restart, stop and start",
        "202 with a Location, then the same body; 204 after a DELETE",
        "only POSTs were recorded",
    ),
    Inferred(
        "virtual endpoints",
        "202 like every write; members must have the server itself; the first one is who answers",
        "the specification's example; documented: the writer endpoint always points to the primary",
    ),
    Inferred(
        "a PUT on a model deployment that exists",
        "200, Creating for 10 s, the old version answers until then; everything left out is lost or its default, "
        "also the sku (capacity 1) and the content filter",
        "Creating is recorded for a new one (cognitive-deployment-creating), PUT on an old one is not",
    ),
    Inferred(
        "a PATCH of a model deployment",
        "200 at once; sku and tags; a model in the body is not looked at",
        "the specification's type has no model",
    ),
    Inferred(
        "how long an account refuses another write",
        "409 RequestConflict for 10 s after a write that succeeded",
        "the text from users; in 2021 a deployment was deleted one second after its PUT",
    ),
    Inferred(
        "a model version that is not offered, or is retired",
        "400 DeploymentModelNotSupported, 400 ServiceModelDeprecated; what runs on it runs on",
        "never recorded; codes from practice",
    ),
    Inferred(
        "quota of models",
        "150,000 tokens a minute for all deployments of a model together; 400 InsufficientQuota; `usages` tells it",
        "the text from users; usages as documented",
    ),
    Inferred(
        "which models there are, and when they retire",
        "made up, counted from the stage's beginning; the same everywhere",
        "shapes from cognitive-models-list-location and the specification's example",
    ),
    Inferred(
        "paging of PostgreSQL and Azure OpenAI lists; nextLink keeps the other parameters",
        "as for apps",
        "never recorded",
    ),
)
