"""The machine is pure: handling changes nothing, and time does the same in one stride or in many."""

from __future__ import annotations

from datetime import timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from console.simulator.wire import Door, Request
from console.simulator.world import settle
from tests.simulator.driving import ARM, PHARMABOT, START, V40, V41, V42, Bench, named

WORDS = """
    scale ingress traffic secrets registries activeRevisionsMode revisionSuffix containers weight revisionName label
    latestRevision name image resources cpu minReplicas maxInactiveRevisions targetLabel rules volumes env value
"""
KEYS = WORDS.split()
PARTS = [*PHARMABOT.strip("/").split("/"), "revisions", V41, "activate", "replicas", "%2e%2e", "", "-", "admin"]
AROUND = ["Microsoft.DBforPostgreSQL", "flexibleServers", "pharmabot-db", "backups", "restart", "locations", "models"]
AROUND += ["Microsoft.CognitiveServices", "accounts", "pharmabot-openai", "deployments", "gpt4o-next", "metrics"]
AROUND += ["operationResults", "azureAsyncOperation", "checkNameAvailability", "Microsoft.Insights", "values"]
BEFORE = PHARMABOT.strip("/").split("/")[:5]


def test_handling_a_request_leaves_the_world_as_it_was() -> None:
    bench = Bench()
    before = bench.machine.world
    request = Request("POST", "http://service.test/chat", door=Door.SERVICE)
    first, effects = bench.machine.handle(request, START)
    again, _ = bench.machine.handle(request, START)
    assert first == again
    assert bench.machine.world is before
    assert effects.world is not before


def test_applying_the_effects_is_what_moves_the_machine_on() -> None:
    bench = Bench()
    url = f"{ARM}{PHARMABOT}?api-version=2026-07-01"
    _, effects = bench.machine.handle(Request("GET", url, {"Authorization": "Bearer x"}), START)
    bench.machine.apply(effects)
    assert bench.machine.world is effects.world


@settings(max_examples=50, deadline=None)
@given(strides=st.lists(st.floats(min_value=0, max_value=200), max_size=20))
def test_many_small_strides_lead_where_one_large_one_leads(strides: list[float]) -> None:
    bench = Bench()
    bench.act(V40, "activate")
    bench.act(V41, "deactivate")
    bench.shift(named(V42, 50), named(V40, 50))
    at, walked = START, bench.machine.world
    for stride in strides:
        at += timedelta(seconds=stride)
        walked = settle(walked, at)
    assert walked == settle(bench.machine.world, at)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-5, 200) | st.text(max_size=5) | st.just("pharmabot--v41"),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(KEYS), inner, max_size=4),
    max_leaves=20,
)

OBJECT = st.dictionaries(st.sampled_from(KEYS), JSON, max_size=4)
PROPERTIES = st.fixed_dictionaries({}, optional={"configuration": OBJECT, "template": OBJECT})


@settings(max_examples=300, deadline=None)
@given(method=st.sampled_from(["PATCH", "PUT"]), properties=JSON | PROPERTIES)
def test_no_body_however_strange_breaks_the_machine(method: str, properties: object) -> None:
    bench = Bench()
    answer = bench.ask(method, body={"properties": properties})
    assert answer.status in (201, 202, 400)
    assert bench.wait(3600).ask("GET").status == 200
    assert bench.ask("GET", f"{PHARMABOT}/revisions").status == 200
    bench.chat()


@settings(max_examples=100, deadline=None)
@given(method=st.sampled_from(["GET", "POST", "PUT", "PATCH", "DELETE"]), tail=st.lists(st.sampled_from(PARTS)))
def test_no_path_however_strange_breaks_the_machine(method: str, tail: list[str]) -> None:
    answer = Bench().ask(method, "/".join(["", *tail]), {})
    assert 200 <= answer.status < 500


@settings(max_examples=300, deadline=None)
@given(
    method=st.sampled_from(["GET", "POST", "PUT", "PATCH", "DELETE"]),
    depth=st.sampled_from([2, 4]),
    tail=st.lists(st.sampled_from(AROUND), max_size=6),
)
def test_no_path_around_the_apps_breaks_the_machine(method: str, depth: int, tail: list[str]) -> None:
    answer = Bench().ask(method, "/".join(["", *BEFORE[:depth], "providers", *tail]), {})
    assert 200 <= answer.status < 500
