"""All five layers as they stand in the sketch: two changed, one innocent, nothing else moved."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from console.domain.bundle import Bundle, Facet
from console.domain.change import Baseline, Change, Changes, Gap, Suspect
from console.domain.embedding import EmbeddingState, Index, Recall
from console.domain.golden import GoldenResult
from console.domain.good import Grade
from console.domain.model import Deployment, ModelState, Offer
from console.domain.plan import Note, Passage, Plan, Risk, StepRecord, Turn
from console.domain.prompt import Prompt, PromptState, PromptVersion
from console.domain.schema import Backup, Migration, SchemaState, Server
from console.domain.snapshot import Layer, LayerStatus, Snapshot
from tests.screens.scripted_desk import BY_HAND, NOW, ScriptedDesk, plan, snapshot

SQL = (
    "psql \"$PROMPTS\" <<'SQL'\nBEGIN;\nUPDATE system_prompts SET is_active = (version = 6) "
    "WHERE name = 'drug_info';\nCOMMIT;\nSQL"
)
TWELVE = NOW - timedelta(minutes=12)


def ago(**span: float) -> datetime:
    return NOW - timedelta(**span)


def ok(state: object, **span: float) -> Layer:
    return Layer(LayerStatus.OK, state, ago(**(span or {"seconds": 3})))


def prompt(name: str, count: int, **changes: object) -> Prompt:
    versions = tuple(
        PromptVersion(str(number), ago(days=10.0 * (count - number), minutes=12), "bob", f"note {number}")
        for number in range(count, 0, -1)
    )
    made = Prompt(name, versions, (str(count),), since=versions[0].created, was=str(count - 1))
    return replace(made, **changes)


def prompts(**changes: object) -> PromptState:
    drug = prompt("drug_info", 7, since=TWELVE, was_since=ago(days=34), calls=2113)
    triage = prompt("triage", 3, since=ago(days=41), was=None)
    return replace(PromptState("flag", "service.db", (drug, triage)), **changes)


def deployment(name: str, model: str, version: str, **changes: object) -> Deployment:
    made = Deployment(
        name, model, version, "NoAutoUpgrade", "Standard", 100, state="Succeeded", tokens_per_min=100_000
    )
    return replace(made, **changes)


def models(**changes: object) -> ModelState:
    stable = deployment("gpt4o-stable", "gpt-4o", "2024-11-20")
    mini = deployment(
        "gpt4o-mini", "gpt-4o-mini", "2024-07-18", upgrade="OnceNewDefaultVersionAvailable", tokens_per_min=50_000
    )
    offers = (
        Offer("gpt-4o", "2024-11-20", "GenerallyAvailable", NOW + timedelta(days=131), default=True),
        Offer("gpt-4o", "2024-08-06", "GenerallyAvailable", NOW + timedelta(days=40)),
        Offer("gpt-4o-mini", "2024-07-18", "GenerallyAvailable", NOW + timedelta(days=31)),
    )
    return replace(ModelState("pharmabot-openai", "swedencentral", (stable, mini), offers), **changes)


def indexes(**changes: object) -> EmbeddingState:
    made = EmbeddingState(
        "service.db",
        (
            Index("docs_v2", "text-embedding-3-large", 3072, 118_000, ago(hours=5), False, progress=98.0),
            Index("docs_v1", "text-embedding-3-small", 1536, 120_400, ago(days=90), True),
        ),
        {"pharmabot--v42": "text-embedding-3-small", "pharmabot--v41": "text-embedding-3-small"},
        ("pharmabot--v42",),
        recall=(Recall("docs_v1", 20, 19, ago(minutes=8)),),
    )
    return replace(made, **changes)


def server(**changes: object) -> Server:
    made = Server(
        "pharmabot-pg",
        "swedencentral",
        "Ready",
        "pharmabot-pg.postgres.database.azure.com",
        ago(days=7, hours=13),
        7,
        (Backup("b2", "Full", "Automatic", ago(hours=3)), Backup("b1", "Full", "Automatic", ago(hours=27))),
    )
    return replace(made, **changes)


def schema(**changes: object) -> SchemaState:
    made = SchemaState(
        "pharmabot-pg/app",
        ("4f2a91",),
        (
            Migration("4f2a91", "81bc02", "add leaflet language"),
            Migration("81bc02", "", "first tables"),
        ),
        {"pharmabot--v42": "4f2a91", "pharmabot--v41": "4f2a91"},
        server(),
        changed_at=ago(days=9),
        changed_by="bob",
    )
    return replace(made, **changes)


def bundle() -> Bundle:
    return Bundle.made(
        (
            Facet("code", "code", "pharmabot--v41", ago(days=2), words="v41"),
            Facet("prompt", "drug_info", "6", ago(days=34), words="v6"),
        )
    )


PROMPT_CHANGE = Change(
    "prompt", "drug_info", "6", "7", TWELVE, "alice", "activated_at", None, before_words="v6", after_words="v7"
)
CODE_CHANGE = Change(
    "code",
    "code",
    "pharmabot--v41",
    "pharmabot--v42",
    ago(minutes=17),
    "ci@contoso",
    "its creation",
    None,
    before_words="v41",
    after_words="v42",
)


def changes(**more: object) -> Changes:
    made = Changes(
        Baseline(bundle(), Grade.MARKED, ago(days=2), "known good 7a90 (marked by bob)"),
        (
            Suspect(PROMPT_CHANGE, 1, 8.0, "one minute before golden fell to 3/8, on both revisions alike"),
            Suspect(CODE_CHANGE, 2, 3.0, "6 min before, but golden is the same on v41 and v42"),
        ),
    )
    return replace(made, **more)


def golden(passed: int = 3) -> GoldenResult:
    failures = (("dose of ibuprofen", "lacks 'mg'"), ("interaction", "the leaflet is not cited"))
    return GoldenResult(passed, 8, ago(minutes=1), failures=failures if passed < 8 else ())


def layers(**others: Layer) -> dict[str, Layer]:
    made = {"prompt": ok(prompts()), "model": ok(models()), "embedding": ok(indexes()), "schema": ok(schema())}
    return {**made, **others}


def five(**more: object) -> Snapshot:
    """The sketch's dashboard."""
    body = {"layers": layers(), "changes": changes(), "golden": golden(), "bundle": bundle()}
    return snapshot(**{**body, **more})


def write(kind: str, title: str, risk: Risk = Risk.REVERSIBLE) -> StepRecord:
    return StepRecord(kind, title, SQL, risk, True, {}, turns=True)


def prompt_plan(**more: object) -> Plan:
    body: dict[str, object] = {
        "layer": "prompt",
        "app": "system_prompts",
        "origin": ("drug_info 7",),
        "goal": "drug_info 6",
        "reason": "served for 34 d before v7, in the known good bundle 7a90",
        "grade": "proved",
        "title": "Roll back prompt drug_info → v6",
        "differences": (),
        "shifts": (),
        "steps": (
            write("flip_prompt", "drug_info → v6"),
            StepRecord("prove_prompt", "v6 is the only active version", "", Risk.REVERSIBLE, False, {}),
            StepRecord("prove_answers", "golden questions", "", Risk.REVERSIBLE, False, {}),
        ),
        "turns": (Turn("prompt", "drug_info", "v7", "v6"),),
        "passages": (
            Passage("drug_info v7 → v6", "@@ -1,2 +1,2 @@\n-Never give a dose.\n+Always give the dose in mg."),
        ),
        "golden": (("", "3/8"), ("drug_info 6", "8/8")),
        "checked": (Note("you may write system_prompts"), Note("v6 exists, 214 characters")),
        "unknown": ("v41 has never run with drug_info v6",),
        "stays": ("code v42",),
        "afterwards": ("the service may go on with v7 for 60 s (its cache)",),
        "by_hand": SQL,
    }
    return plan(**{**body, **more})


def whole_plan(**more: object) -> Plan:
    """`R`: code and prompt at once."""
    body: dict[str, object] = {
        "layer": "all",
        "origin": ("81cc",),
        "goal": "7a90",
        "reason": "known good 7a90, marked by bob",
        "title": "Roll everything back → 7a90",
        "differences": (),
        "steps": (
            write("flip_prompt", "drug_info → v6"),
            StepRecord("shift_traffic", "traffic → v41 100 %", BY_HAND, Risk.REVERSIBLE, True, {}, turns=True),
            write("run_down", "migration 4f2a91 → 81bc02", Risk.LOSSY),
        ),
        "turns": (
            Turn("code", "code", "v42", "v41"),
            Turn("prompt", "drug_info", "v7", "v6"),
            Turn("schema", "head", "4f2a91", "81bc02"),
        ),
        "golden": (("pharmabot--v42", "3/8"), ("pharmabot--v41", "8/8")),
        "by_hand": f"{SQL}\n{BY_HAND}",
    }
    return plan(**{**body, **more})


def with_five(desk: ScriptedDesk, shown: Snapshot | None = None) -> ScriptedDesk:
    """The desk with plans for what changed."""
    desk.shown = shown or five()
    desk.layered = {
        "prompt": prompt_plan(),
        "all": whole_plan(),
        "model": "gpt4o-stable has not changed since 7a90",
        "embedding": "docs_v1 serves already",
        "schema": "4f2a91 is the head of 7a90 too",
    }
    desk.texts = {
        "7": "You are a pharmacist.\nNever give a dose.\nCite the leaflet.",
        "6": "You are a pharmacist.\nAlways give the dose in mg.\nCite the leaflet.",
    }
    return desk


@dataclass
class Seen:
    """A stretch that was observed."""

    bundle: Bundle
    since: datetime
    until: datetime


def observed() -> tuple[Seen, ...]:
    later = Bundle.made(
        (
            Facet("code", "code", "pharmabot--v42", ago(minutes=17), words="v42"),
            Facet("prompt", "drug_info", "7", TWELVE, words="v7"),
        )
    )
    return (Seen(bundle(), ago(hours=3), ago(minutes=40)), Seen(later, ago(minutes=11), NOW))


GAP = Gap(ago(minutes=40), ago(minutes=18))
