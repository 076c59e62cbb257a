"""What no recording shows, and the reading that was chosen: the one that flatters a rollback least."""

from __future__ import annotations

from console.simulator.inferred_around import AROUND, Inferred

APPS = (
    Inferred(
        "a second write while one is in progress",
        "409 ContainerAppOperationInProgress, for PUT, PATCH and DELETE",
        "text from users (azure-container-apps#1731); raw HTTP never recorded",
    ),
    Inferred(
        "activate, deactivate and restart during a write on the app",
        "409 as well",
        "unknown; the stricter reading",
    ),
    Inferred(
        "traffic weights that do not sum to 100, or name an unknown revision",
        "400 ContainerAppInvalidTrafficWeight, 400 ContainerAppRevisionNotFound",
        "documentation says 100; az checks it before sending",
    ),
    Inferred(
        "GET of a revision that does not exist",
        "404 ContainerAppRevisionNotFound",
        "the code appears in third-party simulators only",
    ),
    Inferred(
        "429 from Microsoft.App",
        "the 429 recorded from another provider: the wait in the text, no Retry-After unless asked for",
        "arm-throttling-and-gateway-errors",
    ),
    Inferred(
        "401 and 403",
        "401 with WWW-Authenticate; 403 AuthorizationFailed naming client, object id, action and scope",
        "ARM's documentation and practice",
    ),
    Inferred(
        "what lists show to somebody who may not read",
        "nothing, with a 200, in the subscription as in a group",
        "ARM leaves out of a list what the caller may not read; a 403 is possible as well",
    ),
    Inferred(
        "signing in, and how often az asks for an operation",
        "client credentials of Microsoft Entra; with HTTPS a retry-after-ms of 100, which Azure does not send",
        "az's own source; the pace is for tests against a stage that runs faster",
    ),
    Inferred(
        "a request to ARM that is not understood",
        "MissingApiVersionParameter, InvalidResourceType, SubscriptionNotFound, MethodNotAllowed, InvalidSkipToken, "
        "InvalidRequestContent",
        "ARM's documentation and practice",
    ),
    Inferred(
        "GET of an operation, a replica or a label history that does not exist",
        "404 OperationIdNotFound, ContainerAppReplicaNotFound, LabelHistoryNotFound",
        "the first is recorded for PostgreSQL (postgres-lro-timeout-and-vanished-operation), the others for nothing",
    ),
    Inferred(
        "Azure Monitor's metric Requests",
        "totals by revisionName, statusCodeCategory and statusCode, two minutes after a minute's end; one that has "
        "not arrived has no total; what the ingress answers itself counts for the revision that was meant",
        "the documentation of metrics and of their filter; the delay is what users see",
    ),
    Inferred(
        "Retry-After since 2024",
        "5 on a PUT's 201 and on operationResults, none on a PATCH's 202 nor on operationStatuses",
        "PowerShell recordings of 2023",
    ),
    Inferred(
        "api-versions newer than 2024-10-02-preview",
        "the shapes of 2024-10-02-preview for apps, of 2024-03-01 for revisions",
        "nothing newer was recorded",
    ),
    Inferred(
        "paging",
        "nextLink with $skipToken; pages of 1000, or as a scenario says",
        "never recorded; ARM's guidelines",
    ),
    Inferred(
        "when the ingress obeys a traffic PATCH",
        "8 s after it, before the operation says Succeeded; the app shows the new array at once",
        "the app's own view is recorded (single-mode-traffic-split-accepted); the ingress's is not",
    ),
    Inferred(
        "a share of traffic on an inactive or purged revision",
        "404 from the ingress; giving weight does not activate",
        "azure-container-apps#301, #410, #1345",
    ),
    Inferred(
        "a share on a revision that crash-loops or is not ready",
        "503 from the ingress",
        "azure-container-apps#723",
    ),
    Inferred(
        "whom `latestRevision: true` serves",
        "the latest ready revision, which a crash-looping one becomes when its start is over",
        "latestReadyRevisionName names a crashing revision (crashing-revision-app-succeeded)",
    ),
    Inferred(
        "traffic array in single mode",
        "stored and shown, ignored by the ingress",
        "tutor#127: such a rollback was a no-op",
    ),
    Inferred(
        "activation in single mode",
        "the other revisions go down at once",
        "one recording shows it in passing (revision-copy)",
    ),
    Inferred(
        "a label put back on a revision that is going down",
        "accepted, and the revision goes down all the same",
        "accepted is recorded (labels-mode); the end is not",
    ),
    Inferred(
        "which inactive revisions the retention limit takes",
        "the oldest; a limit of null is 100",
        "documentation says oldest first",
    ),
    Inferred(
        "a suffix that is taken, with another template",
        "400 ContainerAppRevisionSuffixInUse; a PATCH that leaves the suffix out keeps the old one and meets this",
        "merge patch semantics",
    ),
    Inferred(
        "replicas of a revision that is being activated",
        "1 from the start, while it is not ready",
        "recorded for new revisions (update-new-revision), assumed for old ones",
    ),
    Inferred(
        "a write that nobody will finish",
        "the app reads Failed, Operation expired, after 15 minutes, with the new traffic; the ingress keeps the old",
        "lro-never-finishes-app-failed, recorded for a PUT of a registry",
    ),
    Inferred(
        "replicas of a crashing or starting revision; label addresses; label histories; the permissions list",
        "the words of Kubernetes; `app---label`; the specification's example; ARM's documented shape",
        "never recorded",
    ),
    Inferred(
        "scale to zero",
        "asleep after 300 s without a request, `ScaledToZero`, woken by a request that waits 8 s, as do those that "
        "follow it, with `Activating` meanwhile; 503 after 240 s",
        "documented cool-down and request time limit; the word from vscode-azurecontainerapps#1088",
    ),
    Inferred(
        "replicas and load",
        "more replicas 20 s after a share has grown, fewer 300 s after it has shrunk; where a scenario says so, 503 "
        "for what is more than twice the load planned for a replica",
        "documented: scaling takes polling intervals, and ingress does not wait for it (azure-container-apps#184)",
    ),
    Inferred(
        "an image whose tag means another one now",
        "pulled by an activation or a restart; replicas that scaling adds run what the others run",
        "no recorded image carries a digest; when a node pulls anew is unknown",
    ),
    Inferred(
        "a queue's scale rule at 0 %",
        "read on as long as the revision is active and up",
        "scale rules other than HTTP pay no attention to traffic (documented)",
    ),
    Inferred(
        "internal ingress",
        "`app.internal.<environment>`; outside, the name does not resolve",
        "documented; an external environment would answer 404 instead",
    ),
)
INFERRED = APPS + AROUND
