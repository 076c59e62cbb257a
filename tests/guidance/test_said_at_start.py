"""A team's tree that cannot be walked is said when the console opens, not at 03:12."""

from __future__ import annotations

from pathlib import Path

from tests.rescue.rescued import rescue


def test_a_broken_tree_of_the_team_is_named_at_once_and_ours_is_silent(tmp_path: Path) -> None:
    team = tmp_path / "team"
    team.mkdir()
    (team / "decision-tree.toml").write_text('first = "nowhere"\n', encoding="utf-8")

    broken = rescue(
        "healthy",
        tmp_path / "broken",
        stop_at_plan=True,
        configured=lambda settings: settings.model_copy(update={"runbooks": str(team)}),
    )
    ours = rescue("healthy", tmp_path / "ours", stop_at_plan=True)

    assert "cannot be walked" in broken.desk.state_note
    assert ours.desk.state_note == ""
