"""Words, widths and what is worth painting: pure functions."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from rich.cells import cell_len

from console.domain.code import Condition
from console.domain.good import Choice, Good, Grade, History, Mark
from console.domain.signal import SignalState
from console.domain.snapshot import Layer, LayerStatus
from console.domain.traffic import TrafficEntry
from screens.drawing.changed import changed
from screens.drawing.dashboard import Focus, dashboard
from screens.drawing.footer import Item, footer
from screens.drawing.header import header
from screens.drawing.help import help_screen, without_console
from screens.drawing.text import Span, fit, fold, line, pad, plain, short, width_of, wrap
from screens.drawing.view import View, freshness, material
from screens.drawing.words import age, bar, clock, condition, image_name, sparkline
from tests.screens.scripted_desk import NOW, breached, code_state, nothing_good, plan, revision, snapshot

VIEW = View(
    NOW,
    "pharmabot",
    snapshot().environment,
    snapshot(),
    {"code": plan()},
    coordination="only you, this machine",
    connected=True,
)


@pytest.mark.parametrize(
    ("ago", "words"),
    [
        (timedelta(seconds=3), "3 s"),
        (timedelta(minutes=12), "12 min"),
        (timedelta(hours=5), "5 h"),
        (timedelta(hours=47), "47 h"),
        (timedelta(days=9), "9 d"),
        (-timedelta(minutes=1), "0 s"),
    ],
)
def test_ages_have_one_unit(ago: timedelta, words: str) -> None:
    assert age(NOW - ago, NOW) == words


def test_an_unknown_age_is_unknown() -> None:
    assert age(None, NOW) == "?"


def test_clocks() -> None:
    assert [clock(seconds) for seconds in (9, 74, 3723)] == ["00:09", "01:14", "1:02:03"]


@pytest.mark.parametrize(("percent", "drawn"), [(0, "░░░░"), (1, "█░░░"), (50, "██░░"), (99, "███░"), (100, "████")])
def test_only_nothing_is_empty_and_only_everything_is_full(percent: int, drawn: str) -> None:
    assert bar(percent, 4) == drawn


def test_sparklines_have_the_limits_scale() -> None:
    assert sparkline((0.0, 1.0), 10.0) == "▁▁"
    assert sparkline((0.0, 100.0), 10.0) == "▁█"
    assert sparkline((), 10.0) == ""


def test_text_loses_its_middle_and_never_its_end() -> None:
    assert short("pharmabot--very-long-suffix", 12) == "pharm…suffix"
    assert short("修订版修订版", 7) == "修…订版" or cell_len(short("修订版修订版", 7)) <= 7
    assert pad("ab", 4) == "ab  "
    assert width_of(fit(line("修订版"), 4)) == 4


def test_commands_are_folded_and_lose_nothing() -> None:
    command = "az " + "x" * 200 + " \\\n  --y"
    assert "".join(fold(command, 60)) == command.replace("\n", "")


def test_sentences_break_at_blanks_where_they_can() -> None:
    assert wrap("one two three", 7) == ["one two", "three"]
    assert all(cell_len(row) <= 5 for row in wrap("x" * 23 + " y", 5))


def test_images_are_told_apart_by_what_differs() -> None:
    assert image_name("acr.io/bot@sha256:9f3c1a77ab0251dd9e", 12) == "9f3c1a77ab02"
    assert image_name("acr.io:5000/bot:1.5.0-bad", 12) == "1.5.0-bad"


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({}, ("✔", "ready")),
        ({"health": "Unhealthy"}, ("✗", "Unhealthy")),
        ({"running": "ActivationFailed"}, ("✗", "ActivationFailed")),
        ({"active": False}, ("○", "inactive")),
        ({"replicas": 0, "running": "ScaledToZero"}, ("○", "zero")),
        ({"running": "Activating"}, ("●", "starting")),
    ],
)
def test_each_state_has_a_symbol_and_a_word(changes: dict[str, object], words: tuple[str, str]) -> None:
    assert condition(revision("v1", timedelta(days=1), **changes))[:2] == words
    assert Condition.READY.value == "ready"


def test_what_was_not_read_for_long_is_stale_whatever_it_is_called() -> None:
    layer = Layer(LayerStatus.OK, code_state(), NOW - timedelta(seconds=31))
    assert freshness(layer, NOW).word == "stale"
    assert freshness(replace(layer, at=NOW), NOW).word == "live"
    assert freshness(Layer(LayerStatus.ERROR), NOW).word == "error"
    assert freshness(Layer(LayerStatus.STALE, code_state(), NOW), NOW).word == "stale"


def test_only_what_matters_is_painted_at_once() -> None:
    shown = snapshot()
    later = replace(shown, at=NOW + timedelta(seconds=5), code=replace(shown.code, at=NOW))
    assert not material(shown, later)
    assert not material(shown, replace(later, signals=(breached(24.0),)))
    assert material(shown, replace(later, signals=(breached(40.0),)))
    assert material(shown, replace(later, signals=(replace(breached(), state=SignalState.NO_DATA),)))
    assert material(shown, replace(later, signals=()))
    assert material(shown, replace(later, code=replace(later.code, state=replace(code_state(), mode="Single"))))
    assert material(shown, replace(later, choice=Choice(None, "gone")))
    assert material(None, shown)


def words_of(view: View, width: int = 80) -> str:
    return "\n".join(plain(row) for row in changed(view, width))


def test_after_a_rollback_to_known_good_nothing_has_changed() -> None:
    back = code_state(traffic=(TrafficEntry(100, "pharmabot--v41"),))
    mark = Mark("pharmabot--v41", True, "bob", NOW - timedelta(days=2))
    view = replace(VIEW, snapshot=snapshot(back, history=History({mark.version: mark})))
    assert "= nothing changed: v41 serves, known good  (marked by bob, 2 d ago)" in words_of(view)
    assert "code = v41" in words_of(view)


def test_a_carried_version_is_not_called_known_good() -> None:
    good = Good("pharmabot--v41", Grade.CARRIED, "carried traffic until 19 Nov; quality not measured", NOW)
    view = replace(VIEW, snapshot=snapshot(choice=Choice(good, ""), history=History()))
    assert "changed since v41: carried, not known good" in words_of(view)


def test_a_canary_shows_its_share() -> None:
    canary = code_state(traffic=(TrafficEntry(10, "pharmabot--v42"), TrafficEntry(90, "pharmabot--v41")))
    assert "△ v41→v42 10 %" in words_of(replace(VIEW, snapshot=snapshot(canary)))


def test_without_a_good_version_the_reason_stands_there() -> None:
    assert "v42 is the only revision that exists" in words_of(replace(VIEW, snapshot=nothing_good()))


@pytest.mark.parametrize("width", [60, 80, 120])
def test_the_header_keeps_the_environment_whole_for_any_name(width: int) -> None:
    for name in ("p", "pharmabot", "x" * 500):
        text = plain(header(replace(VIEW, target=name, read_only=True), width))
        assert "PRODUCTION" in text
        assert "live 3 s ago" in text
        assert "READ-ONLY" in text
        assert len(text) == width


def test_the_footer_leaves_out_what_does_not_fit_whole_and_greys_with_a_reason() -> None:
    items = [Item("?", "help"), Item("q", "quit"), Item("r", "x", "read-only"), Item("z", "a" * 70)]
    assert plain(footer(items, 80)).rstrip() == " ? help  q quit  r: read-only"


@pytest.mark.parametrize("width", [60, 80, 100, 120, 200])
@pytest.mark.parametrize("height", [20, 24, 40, 60])
def test_the_dashboard_fills_exactly_its_terminal(width: int, height: int) -> None:
    many = snapshot(code_state(*(revision(f"v{n}", timedelta(hours=n)) for n in range(1, 40))))
    for view in (VIEW, replace(VIEW, snapshot=many), replace(VIEW, trouble="x " * 300, state_note="y " * 300)):
        rows = dashboard(view, Focus(cursor=30), [Item("?", "help")], width, height)
        assert len(rows) == height
        assert {width_of(row) for row in rows} == {width}
        assert plain(rows[-1]).startswith(" ? help")


def test_spans_are_plain_text() -> None:
    assert plain((Span("[bold]"), Span("[/]"))) == "[bold][/]"


# ---- every kind of app ----


def shown_at(view: View, width: int = 100, height: int = 40) -> str:
    return "\n".join(plain(row).rstrip() for row in dashboard(view, Focus(), [], width, height))


def viewing(state: object, **changes: object) -> View:
    made = snapshot(state)  # type: ignore[arg-type]
    return View(NOW, "pharmabot", made.environment, made, connected=True, **changes)  # type: ignore[arg-type]


def test_entries_of_the_array_that_reach_nobody_are_said_with_their_share() -> None:
    traffic = (
        TrafficEntry(70, "pharmabot--v42"),
        TrafficEntry(20, "pharmabot--v38"),
        TrafficEntry(10, "pharmabot--v40"),
        TrafficEntry(0, "pharmabot--v37"),
    )
    text = shown_at(viewing(code_state(traffic=traffic)))
    assert "✗ v38 gone, 20 % of the traffic reaches nobody" in text
    assert "✗ v40 not active, 10 % of the traffic reaches nobody" in text
    assert "v37" not in text


@pytest.mark.parametrize(
    ("mode", "narrow", "wide"),
    [
        ("Single", "single revision mode", "a new revision replaces the old one"),
        ("Labels", "labels mode", "weights belong to labels"),
        ("Multiple", "multiple revisions", "multiple revisions"),
        ("Sideways", "sideways mode", "sideways mode"),
    ],
)
def test_the_mode_is_said_in_the_panels_title(mode: str, narrow: str, wide: str) -> None:
    state = replace(code_state(), mode=mode)
    assert narrow in shown_at(viewing(state), 80)
    assert wide in shown_at(viewing(state), 120)


def test_internal_ingress_says_why_nothing_can_be_measured() -> None:
    state = replace(code_state(), external=False)
    for signals in ((), (replace(breached(), state=SignalState.ERROR, value=None),)):
        made = viewing(state)
        text = shown_at(replace(made, snapshot=replace(made.snapshot, signals=signals)))  # type: ignore[type-var]
        assert "internal ingress: only its own environment can call it" in text
    assert "internal ingress" not in shown_at(viewing(state))


def test_what_azure_did_not_tell_is_said() -> None:
    state = replace(code_state(), unread="label history: not allowed")
    assert "? label history: not allowed" in shown_at(viewing(state))


def test_a_change_of_config_alone_is_called_config() -> None:
    config = plan(differences=("same image; config: AOAI_DEPLOYMENT",))
    assert "config △ v41→v42 AOAI_DEPLOYMENT" in shown_at(viewing(code_state(), drafts={"code": config}))
    same = plan(differences=("same image; same env, other scale or resources",))
    assert "code △ v41→v42 same image name" in shown_at(viewing(code_state(), drafts={"code": same}))
    assert "code △ v41→v42  " in shown_at(viewing(code_state(), drafts={"code": plan()}))


def test_what_azure_calls_unhealthy_says_what_it_is_besides_where_there_is_room() -> None:
    assert "✗ Running, Unhealthy" in shown_at(viewing(code_state()), 120)
    assert "✗ Unhealthy" in shown_at(viewing(code_state()), 80)


def test_the_way_round_azure_and_the_script_stand_by_the_command_and_in_the_help() -> None:
    view = viewing(
        code_state(), drafts={"code": plan()}, bypass="./gateway send-to v41", script="/etc/x/rollback-pharmabot.sh"
    )
    text = shown_at(view, 120, 40)
    assert "Way round Azure: ./gateway send-to v41" in text
    assert "/etc/x/rollback-pharmabot.sh" in text
    cramped = shown_at(view, 80, 20)
    assert "az containerapp ingress traffic set" in cramped
    helped, _ = help_screen([*without_console(view.script, view.bypass)], 0, [], 80, 24)
    told = "\n".join(plain(row) for row in helped)
    assert "/etc/x/rollback-pharmabot.sh: the rollback by hand" in told
    assert "./gateway send-to v41" in told
