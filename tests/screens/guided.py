"""A guide that follows a script: the real decision tree, evidence and runbooks by hand, a record in memory."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

from console.domain.decision import Leaf, Node, Taken, Tree
from console.domain.incident import Answered, Care, Incident
from console.domain.intent import ALL, FAST, FEATURE, Deed, Intent
from console.emergency import Option
from console.guidance.leaves import Meant, meant
from console.guidance.sight import Evidence
from console.guidance.tree import load

NOW = datetime(2025, 11, 21, 3, 12, 7, tzinfo=UTC)
RUNBOOK = """# Make the former prompt active again

`drug_info` serves **v7**. This makes *v6* active again, in one transaction.

## First look

- Which versions there are, and which is active.
- Whether the service keeps prompts in a cache, and for how long it does: a version that nobody reads any more is \
still answered from there.

```sh
az containerapp revision list -n pharmabot -g pharmabot-rg --subscription 00000000-0000-0000-0000-000000000000
psql "<prompts_url>" -c "SELECT name, version, is_active FROM system_prompts"
```

## Then

1. Run the plan, or the commands below.
2. Ask the golden questions.
"""

OPTIONS = (
    Option(
        1,
        "take back everything fast that changed",
        "code v42→v41, drug_info v7→v6",
        Intent(layer=ALL, way=FAST),
        stays=("schema 4f2a91: going down would lose data",),
    ),
    Option(2, "traffic only", "code v42→v41", Intent()),
    Option(3, "switch the feature off", "./flags off chat", Intent(Deed.SWITCH_OFF, FEATURE)),
)


@dataclass
class Filled:
    text: str = RUNBOOK
    missing: tuple[tuple[str, str], ...] = (("prompts_url", "its password is not shown here: the settings name it"),)


@dataclass
class Asked:
    evidence: Sequence[Evidence]


@dataclass
class ScriptedGuide:
    """`known` is the evidence by node id; `refuses` is what every write raises."""

    incidents: Callable[[], list[Incident]]
    known: dict[str, tuple[Evidence, ...]] = field(default_factory=dict)
    told: list[Answered] = field(default_factory=list)
    cares: list[Care] = field(default_factory=list)
    own: Tree | Exception | None = None
    wants: Meant | None = None
    refuses: Exception | None = None
    records: bool = True

    def tree(self) -> Tree:
        if isinstance(self.own, Exception):
            raise self.own
        return self.own or load()

    def asked(self, node: Node) -> Asked:
        return Asked(self.known.get(node.id, ()))

    def meant(self, leaf: Leaf) -> Meant:
        return self.wants or meant(leaf)

    def answer(self, taken: Taken, note: str = "") -> None:
        self._told(taken.node.id, taken.node.question, taken.answer.answer, note)

    def arrive(self, leaf: Leaf, path: Sequence[Taken] = (), note: str = "") -> None:
        self._told(leaf.id, "", leaf.title, note)
        for text in leaf.aftercare:
            if not any((one.leaf, one.text) == (leaf.id, text) for one in self.cares):
                self.cares.append(Care(len(self.cares) + 1, self._incident.id, leaf.id, text, False, "alice", NOW))

    def answers(self, incident: int) -> Sequence[Answered]:
        return tuple(self.told)

    def aftercare(self, incident: int) -> Sequence[Care]:
        return tuple(self.cares)

    def settle(self, incident: int, number: int, done: bool = True) -> Care | None:
        self._may()
        self.cares[number - 1] = replace(self.cares[number - 1], done=done)
        return self.cares[number - 1]

    def _told(self, node: str, question: str, answer: str, note: str) -> None:
        self._may()
        self.told.append(Answered(self._incident.id, NOW, "alice", node, question, answer, note))

    def _may(self) -> None:
        if self.refuses is not None:
            raise self.refuses

    @property
    def _incident(self) -> Incident:
        began = self.incidents()
        if not began:
            began.append(Incident(1, NOW, NOW - timedelta(minutes=11), "alice", "the decision tree was walked"))
        return began[-1]


def evidence() -> dict[str, tuple[Evidence, ...]]:
    """What the sketch's moment shows beside the first questions."""
    return {
        "emergency": (
            Evidence(
                (
                    "5xx: 0.3 %, limit 5, probe: ok",
                    "golden: 3 of 8, limit 7, golden questions: breached (dose of ibuprofen lacks 'mg')",
                ),
                "yes",
                "golden over the limit",
            ),
        ),
        "ours": (
            Evidence(("no evidence here: the provider's refusals are not counted",)),
            Evidence(("v42, which serves: 3/8", "v41: 3/8")),
        ),
        "changed": (
            Evidence(
                (
                    "1 prompt: drug_info v6→v7, by alice: one minute before golden fell to 3/8, on both alike",
                    "2 code: v41→v42, by ci@contoso: 6 min before, but golden is the same on v41 and v42",
                    "there were stretches in which nobody looked",
                ),
                "prompt",
                "drug_info v6→v7: one minute before golden fell to 3/8, on both revisions alike",
            ),
            Evidence(("v42, which serves: 3/8", "v41: 3/8")),
        ),
        "target_alive.prompt": (Evidence(("drug_info v6 exists",), "yes", "drug_info v6 exists"),),
    }
