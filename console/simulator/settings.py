"""What stays as it is while a world runs: who and where, how long things take, what a scenario turns."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field

from console.simulator.behaviour import Behaviour
from console.simulator.era import NEWEST, Era


@dataclass(frozen=True, slots=True)
class Timings:
    """How long things take, in seconds; medians of the recordings where there are any.

    `create_s`: from a write to the new revision's createdTime. `ready_s`: from there to ready. `traffic_reaches_s`:
    from a traffic PATCH to the ingress obeying it, `mode_reaches_s` likewise for a mode. `*_done_s`: until the
    operation says Succeeded. `held_s`: how long the ingress holds a request for a revision that is waking up.
    `metrics_late_s`: from the end of a minute until Azure Monitor knows it, `log_late_s`: until its log has a write.
    `server_*_s`: a PostgreSQL server's operations; `small_job_s` those on what lies in it. `deployment_s`: how long a
    model deployment says Creating, `account_busy_s` how long its account then refuses another write.
    """

    create_s: float = 6
    ready_s: float = 13
    slow_ready_s: float = 40
    crash_s: float = 8
    activate_s: float = 2
    deactivate_s: float = 1
    deprovision_s: float = 30
    traffic_reaches_s: float = 8
    mode_reaches_s: float = 10
    traffic_done_s: float = 12
    template_done_s: float = 13
    mode_done_s: float = 15
    put_done_s: float = 12
    delete_done_s: float = 18
    expire_s: float = 900
    cooldown_s: float = 300
    cold_start_s: float = 8
    held_s: float = 240
    scale_out_s: float = 20
    metrics_late_s: float = 120
    log_late_s: float = 120
    server_appears_s: float = 5
    server_create_s: float = 270
    server_restore_s: float = 290
    server_update_s: float = 60
    server_restart_s: float = 110
    server_stop_s: float = 330
    server_start_s: float = 500
    server_delete_s: float = 60
    first_backup_s: float = 350
    backup_s: float = 94
    small_job_s: float = 8
    job_expires_s: float = 7200
    account_s: float = 40
    deployment_s: float = 10
    account_busy_s: float = 10


@dataclass(frozen=True, slots=True)
class Settings:
    """What a scenario may turn.

    `names_itself`: the service tells its revision in the `x-revision` header. `bad_share`: share of a bad image's
    chat answers that are 5xx. `page_size`: entries of a list before a nextLink. `images`: how images behave whose tag
    does not say it; `tags`: what a mutable tag means now, to whoever pulls it. `demand`: the replicas that the scaler
    wants for all of the traffic, 0 where they do not follow it; `burst`: how many times the load that the scaler
    plans for a replica it can really answer. `poll_ms`: when az is told to ask for an operation again.
    `model_quota`: thousands of tokens per minute that the subscription may give to all deployments of one model.
    `refused_secrets`: addresses in Key Vault whose values the Azure OpenAI account does not know.
    """

    seed: str = "rehearsal"
    era: Era = NEWEST
    timings: Timings = Timings()
    page_size: int = 1000
    names_itself: bool = True
    bad_share: float = 0.2
    images: Mapping[str, Behaviour] = field(default_factory=dict)
    tags: Mapping[str, str] = field(default_factory=dict)
    demand: float = 0.0
    burst: float = math.inf
    poll_ms: int | None = None
    model_quota: int = 150
    refused_secrets: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Account:
    """Who and where: the identifiers that appear in URLs, bodies and error messages. Secrets come from the shell."""

    subscription: str = "00000000-0000-0000-0000-000000000000"
    tenant: str = "11111111-1111-1111-1111-111111111111"
    client_id: str = "22222222-2222-2222-2222-222222222222"
    object_id: str = "33333333-3333-3333-3333-333333333333"
    caller: str = "oncall@pharmabot.example"
    admin_token: str = ""
    client_secret: str = ""
    app_url: str = ""
    groups: tuple[str, ...] = ()
    domains: Mapping[str, str] = field(default_factory=dict)
