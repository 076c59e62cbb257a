"""Traffic arrays: whom they reach, and what a rollback makes of them."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from console.domain.traffic import TrafficEntry, pinned, same, shares
from tests.engine.apps import entry

NAMES = [f"bot--v{number}" for number in range(38, 44)]
LABELS = ["stable", "candidate", "blue", "green", "old"]


@st.composite
def arrays(draw: st.DrawFn) -> tuple[TrafficEntry, ...]:
    """Any array ARM could show: named and latest, labelled each label once, weights that need not sum up."""
    labels = list(draw(st.permutations(LABELS)))
    entries = []
    for _ in range(draw(st.integers(0, 6))):
        label = labels.pop() if labels and draw(st.booleans()) else None
        weight = draw(st.integers(0, 100))
        if draw(st.integers(0, 4)) == 0:
            entries.append(TrafficEntry(weight, latest=True, label=label))
        else:
            entries.append(TrafficEntry(weight, draw(st.sampled_from(NAMES)), label=label))
    return tuple(entries)


EXISTING = st.sets(st.sampled_from(NAMES), min_size=2)


@given(arrays(), EXISTING, st.data())
@settings(max_examples=300, deadline=None)
def test_a_rollback_s_array_keeps_every_promise(
    entries: tuple[TrafficEntry, ...], existing: set[str], data: st.DataObject
) -> None:
    target = data.draw(st.sampled_from(sorted(existing)))
    latest = data.draw(st.sampled_from(sorted(existing)))

    made = pinned(entries, target, latest, existing)

    # The weights sum to 100, and all of it is the target's
    assert sum(one.weight for one in made) == 100
    assert shares(made, latest)[target] == 100
    # No name is left to whatever is deployed next
    assert not any(one.latest or one.revision is None for one in made)
    # Every label of a revision that exists is where it was, and stands once
    before = {one.label: one.resolved(latest) for one in entries if one.label}
    after = {one.label: one.revision for one in made if one.label}
    assert after == {label: name for label, name in before.items() if name in existing}
    assert len([one for one in made if one.label]) == len(after)
    # Every revision that had a share is still named, unless it no longer exists
    kept = {one.revision for one in made}
    assert {name for name in shares(entries, latest) if name in existing} <= kept
    # And doing it again changes nothing
    assert pinned(made, target, latest, existing) == made


def test_an_entry_of_a_revision_that_is_gone_is_dropped() -> None:
    made = pinned(
        (entry(60, 42), entry(40, 30), entry(0, 31, "old")), "bot--v41", "bot--v42", {"bot--v41", "bot--v42"}
    )

    assert made == (entry(100, 41), entry(0, 42))


def test_a_latest_entry_is_pinned_to_the_name_it_means_with_its_label() -> None:
    made = pinned((TrafficEntry(100, latest=True, label="live"),), "bot--v41", "bot--v42", {"bot--v41", "bot--v42"})

    assert made == (entry(100, 41), entry(0, 42, "live"))


def test_a_target_with_two_labels_keeps_both() -> None:
    made = pinned((entry(0, 41, "a"), entry(0, 41, "b"), entry(100, 42)), "bot--v41", None, {"bot--v41", "bot--v42"})

    assert made == (entry(100, 41, "a"), entry(0, 41, "b"), entry(0, 42))


def test_the_latest_entry_and_a_named_one_for_the_same_revision_are_one_share() -> None:
    both = (TrafficEntry(30, latest=True), entry(70, 42))

    assert shares(both, "bot--v42") == {"bot--v42": 100}


@pytest.mark.parametrize(
    ("left", "right", "equal"),
    [
        ((entry(100, 41), entry(0, 42)), (entry(0, 42), entry(100, 41)), True),
        ((entry(100, 41),), (entry(100, 41, "stable"),), False),
        ((entry(100, 41),), (entry(100, 42),), False),
        ((TrafficEntry(100, latest=True),), (entry(100, 42),), False),
        ((), (), True),
    ],
)
def test_two_arrays_say_the_same_whatever_their_order(
    left: tuple[TrafficEntry, ...], right: tuple[TrafficEntry, ...], equal: bool
) -> None:
    assert same(left, right) is equal


def test_the_wire_has_no_nulls_and_integers_only() -> None:
    assert entry(100, 41).wire() == {"weight": 100, "revisionName": "bot--v41"}
    assert TrafficEntry(0, latest=True, label="x").wire() == {"weight": 0, "latestRevision": True, "label": "x"}
