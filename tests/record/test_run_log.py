"""The run log keeps what it was told: private, append-only, in order, and elsewhere rather than not at all."""

from __future__ import annotations

import os
import sqlite3
import stat
import subprocess
import sys
import tempfile
import textwrap
import threading
from pathlib import Path

import pytest

from console.domain.run import Kind
from console.record.database import RecordError
from console.record.place import is_private, log_path, network_filesystem, spill_path, state_folder
from console.record.run_log import RunLog
from tests.record.ticking import Ticking

ROOT = Path(__file__).resolve().parents[2]
BIG = "x" * 20_000


@pytest.fixture
def clock() -> Ticking:
    return Ticking()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "state" / "bot.db"


@pytest.fixture
def log(path: Path, clock: Ticking) -> RunLog:
    return RunLog(path, clock)


@pytest.fixture
def blocked(tmp_path: Path) -> Path:
    """A place that nobody can write, root neither: a folder stands where the file should be."""
    path = tmp_path / "blocked" / "bot.db"
    path.mkdir(parents=True)
    return path


def kinds(log: RunLog, run: int) -> list[Kind]:
    return [event.kind for event in log.events(run)]


def confirmed(log: RunLog, *facts: Kind) -> int:
    """A confirmed run with these facts."""
    run = log.prepare("bot")
    log.append(run, Kind.CONFIRMED, by="alice")
    for fact in facts:
        log.append(run, fact, 0)
    return run


def fill(log: RunLog) -> None:
    """No page more fits on this log's disk."""
    store = log._stores[0]._connection
    store.execute(f"PRAGMA max_page_count = {store.execute('PRAGMA page_count').fetchone()[0]}")


def in_another_process(code: str, *arguments: object) -> str:
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-c", textwrap.dedent(code), *map(str, arguments)]
    told = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60)
    assert told.returncode == 0, told.stderr
    return told.stdout


def test_what_was_appended_is_read_back_in_order_by_anybody(log: RunLog, path: Path, clock: Ticking) -> None:
    run = confirmed(log, Kind.STARTED, Kind.INTENT)

    assert kinds(RunLog(path, clock), run) == [Kind.PREPARED, Kind.CONFIRMED, Kind.STARTED, Kind.INTENT]


def test_a_clock_that_is_set_back_does_not_reorder_a_run(log: RunLog, clock: Ticking) -> None:
    run = log.prepare("bot")
    log.append(run, Kind.CONFIRMED)
    clock.pass_time(-3600)
    log.append(run, Kind.STARTED, 0)
    log.append(run, Kind.OUTCOME, outcome="verified")

    assert kinds(log, run)[-3:] == [Kind.CONFIRMED, Kind.STARTED, Kind.OUTCOME]


def test_the_file_and_its_folder_are_for_its_owner_alone(log: RunLog, path: Path) -> None:
    log.prepare("bot")

    for name in (path, path.with_name("bot.db-wal"), path.with_name("bot.db-shm")):
        assert stat.S_IMODE(name.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700


def test_it_is_synced_and_journaled_ahead(log: RunLog) -> None:
    connection = log._stores[0]._connection

    assert connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    assert connection.execute("PRAGMA synchronous").fetchone() == (2,)


@pytest.mark.parametrize("attack", ["UPDATE events SET kind = 'x'", "DELETE FROM events"])
def test_a_fact_is_never_edited_and_never_removed(log: RunLog, path: Path, attack: str) -> None:
    confirmed(log)

    with sqlite3.connect(path) as connection, pytest.raises(sqlite3.DatabaseError, match="append-only"):
        connection.execute(attack)


def test_a_log_opened_twice_in_one_process_still_sees_what_another_process_appends(
    log: RunLog, path: Path, clock: Ticking
) -> None:
    # Given a log that this process has open, and has opened and closed a second time
    run = log.prepare("bot")
    RunLog(path, clock).close()

    # When another process appends and ends
    code = """
        import sys
        from pathlib import Path
        from console.clock import SystemClock
        from console.domain.run import Kind
        from console.record.run_log import RunLog
        log = RunLog(Path(sys.argv[1]), SystemClock())
        log.append(int(sys.argv[2]), Kind.READY, principal="bob")
        log.close()
    """
    in_another_process(code, path, run)

    # Then nothing is lost on either side
    assert kinds(log, run) == [Kind.PREPARED, Kind.READY]
    log.append(run, Kind.DISMISSED)
    assert kinds(RunLog(path, clock), run) == [Kind.PREPARED, Kind.READY, Kind.DISMISSED]


def test_two_writers_at_once_lose_nothing(path: Path, clock: Ticking) -> None:
    logs = [RunLog(path, clock), RunLog(path, clock)]
    run = logs[0].prepare("bot")

    def write(log: RunLog) -> None:
        for _ in range(50):
            log.append(run, Kind.PROGRESS, detail="x")

    threads = [threading.Thread(target=write, args=(log,)) for log in logs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert kinds(logs[0], run).count(Kind.PROGRESS) == 100
    assert [log.note for log in logs] == ["", ""]


def test_runs_of_two_consoles_never_share_a_number(path: Path, clock: Ticking) -> None:
    first, second = RunLog(path, clock), RunLog(path, clock)

    assert [log.prepare("bot") for log in (first, second, first, second)] == [1, 2, 3, 4]


def test_a_fact_with_a_condition_is_appended_only_while_it_holds(log: RunLog) -> None:
    run = confirmed(log)

    def alone(events: tuple[object, ...]) -> bool:
        return len(events) == 2

    assert log.append_if(alone, run, Kind.ADOPTED, 0) is True
    assert log.append_if(alone, run, Kind.ADOPTED, 0) is False
    assert kinds(log, run).count(Kind.ADOPTED) == 1


# ---- what is broken ----


@pytest.mark.parametrize("content", [b"this is not a database" * 80, b"SQLite format 3\x00" + b"\xff" * 4096])
def test_a_corrupt_log_is_set_aside_whole_and_named(path: Path, clock: Ticking, content: bytes) -> None:
    path.parent.mkdir(parents=True)
    path.write_bytes(content)

    log = RunLog(path, clock)

    # Then the old one is kept, the new one works, and the note says where the old one is
    (aside,) = path.parent.glob("*.corrupt-*")
    assert aside.read_bytes() == content
    assert aside.name in log.note
    assert log.path == path
    assert log.prepare("bot") == 1


def test_a_log_whose_pages_are_damaged_is_set_aside(log: RunLog, path: Path, clock: Ticking) -> None:
    for _ in range(40):
        log.append(log.prepare("bot"), Kind.PROGRESS, detail="x" * 500)
    log.close()
    content = bytearray(path.read_bytes())
    content[4096:12288] = b"\xa5" * 8192
    path.write_bytes(content)

    again = RunLog(path, clock)

    assert "corrupt" in again.note
    assert again.prepare("bot") == 1


def test_an_empty_file_is_a_new_log(path: Path, clock: Ticking) -> None:
    path.parent.mkdir(parents=True)
    path.touch()

    assert RunLog(path, clock).note == ""


def test_a_log_that_cannot_be_written_is_kept_elsewhere_and_says_so(blocked: Path, clock: Ticking) -> None:
    log = RunLog(blocked, clock)

    assert log.path == spill_path(blocked)
    assert str(log.path) in log.note
    assert kinds(log, confirmed(log)) == [Kind.PREPARED, Kind.CONFIRMED]
    assert stat.S_IMODE(log.path.stat().st_mode) == 0o600


def test_a_runner_that_is_given_the_spilled_file_reads_each_fact_once(blocked: Path, clock: Ticking) -> None:
    log = RunLog(blocked, clock)
    run = confirmed(log)

    assert kinds(RunLog(log.path, clock), run) == [Kind.PREPARED, Kind.CONFIRMED]


@pytest.mark.skipif(os.getuid() == 0, reason="root writes everywhere")
def test_a_read_only_folder_is_kept_elsewhere(path: Path, clock: Ticking) -> None:
    path.parent.mkdir()
    path.parent.chmod(0o500)

    assert RunLog(path, clock).path == spill_path(path)


def test_a_disk_that_fills_up_in_the_middle_of_a_run_costs_no_fact(log: RunLog, path: Path, clock: Ticking) -> None:
    # Given a run under way, another console that watches it, and a disk that is full from now on
    run = confirmed(log, Kind.STARTED)
    watching = RunLog(path, clock)
    fill(log)

    # When the run goes on
    clock.pass_time(1)
    log.append(run, Kind.INTENT, 0, request=BIG)
    clock.pass_time(1)
    log.append(run, Kind.OUTCOME, outcome="verified")

    # Then it is all there, in order, for its own process, the watching one, and the next
    wanted = [Kind.PREPARED, Kind.CONFIRMED, Kind.STARTED, Kind.INTENT, Kind.OUTCOME]
    assert "instead" in log.note
    for reader in (log, watching, RunLog(path, clock)):
        assert kinds(reader, run) == wanted
        assert [one.id for one in reader.runs()] == [run]


def test_a_file_size_limit_is_a_full_disk_too(tmp_path: Path) -> None:
    code = """
        import resource, signal, sys
        from pathlib import Path
        from console.clock import SystemClock
        from console.domain.run import Kind
        from console.record.database import RecordError
        from console.record.run_log import RunLog
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        log = RunLog(Path(sys.argv[1]), SystemClock())
        run = log.prepare("bot")
        resource.setrlimit(resource.RLIMIT_FSIZE, (200_000, 200_000))
        kept = 0
        try:
            for _ in range(100):
                log.append(run, Kind.PROGRESS, detail="x" * 20_000)
                kept += 1
        except RecordError as error:
            print("said", kept, len(log.events(run)) - 1, error.sentence)
    """
    word, kept, found, *sentence = in_another_process(code, tmp_path / "bot.db").split()

    assert (word, kept) == ("said", found)
    assert "cannot be written" in " ".join(sentence)


def test_after_a_spill_numbers_go_on_and_are_never_taken_twice(log: RunLog, path: Path, clock: Ticking) -> None:
    # Given two runs in the log, and a third that had to be spilled
    confirmed(log)
    confirmed(log)
    fill(log)
    log.append(2, Kind.PROGRESS, detail=BIG)
    third = confirmed(log)
    assert third == 3

    # When there is room again, and another console begins a run
    other = RunLog(path, clock)
    fourth = confirmed(other)

    # Then it is another number, and the history has all of them
    assert fourth == 4
    assert [run.id for run in other.runs()] == [4, 3, 2, 1]
    assert kinds(other, third) == [Kind.PREPARED, Kind.CONFIRMED]


def test_marks_that_were_spilled_count(log: RunLog, path: Path, clock: Ticking) -> None:
    log.mark("v41", True, "alice", "fine")
    fill(log)
    log.mark("v41", False, "bob", BIG)

    for reader in (log, RunLog(path, clock)):
        assert reader.history().known_bad("v41")


def test_a_later_mark_outweighs_one_that_had_to_be_spilled(log: RunLog, path: Path, clock: Ticking) -> None:
    fill(log)
    log.mark("v41", True, "alice", BIG)
    clock.pass_time(60)

    later = RunLog(path, clock)
    later.mark("v41", False, "bob", "it burns")

    assert RunLog(path, clock).history().known_bad("v41")


def test_nothing_that_can_be_written_is_an_error_that_says_why(blocked: Path, clock: Ticking) -> None:
    spill_path(blocked).parent.write_text("a file where the folder should be")

    with pytest.raises(RecordError, match="cannot be written"):
        RunLog(blocked, clock)


@pytest.mark.parametrize("mode", [0o777, 0o750, 0o705])
def test_a_folder_that_others_can_use_is_not_spilled_to(blocked: Path, clock: Ticking, mode: int) -> None:
    folder = spill_path(blocked).parent
    folder.mkdir(parents=True)
    folder.chmod(mode)

    with pytest.raises(RecordError):
        RunLog(blocked, clock)


def test_a_link_in_the_place_of_the_spill_is_not_followed(tmp_path: Path, blocked: Path, clock: Ticking) -> None:
    (tmp_path / "theirs").mkdir(mode=0o700)
    spill_path(blocked).parent.symlink_to(tmp_path / "theirs")

    assert not is_private(spill_path(blocked).parent)
    with pytest.raises(RecordError):
        RunLog(blocked, clock)


def test_what_somebody_else_left_in_the_temporary_folder_marks_nothing_good(
    log: RunLog, path: Path, clock: Ticking
) -> None:
    # Given a spill in a folder that is open to others, which calls v42 good
    folder = spill_path(path).parent
    folder.mkdir(mode=0o700)
    theirs = RunLog(spill_path(path), clock)
    theirs.mark("v42", True, "mallory", "trust me")
    theirs.close()
    folder.chmod(0o777)

    assert RunLog(path, clock).history().marks == {}


# ---- where it lives ----

MOUNTS = "\n".join(
    [
        "/dev/sda1 / ext4 rw 0 0",
        "server:/home /home nfs4 rw 0 0",
        "tmpfs /home/alice/scratch tmpfs rw 0 0",
        "//nas/share /mnt/with\\040space cifs rw 0 0",
        "me@host: /mnt/ssh fuse.sshfs rw 0 0",
        "broken line",
    ]
)


@pytest.mark.parametrize(
    ("folder", "kind"),
    [
        ("/var/lib/x", None),
        ("/home/alice/.local/state", "nfs4"),
        ("/home", "nfs4"),
        ("/homeland", None),
        ("/home/alice/scratch/x", None),
        ("/mnt/with space/x", "cifs"),
        ("/mnt/ssh", "fuse.sshfs"),
    ],
)
def test_a_network_filesystem_is_told_from_the_mounts(folder: str, kind: str | None) -> None:
    assert network_filesystem(Path(folder), MOUNTS) == kind


def test_a_log_on_a_network_filesystem_is_spilled(
    path: Path, clock: Ticking, monkeypatch: pytest.MonkeyPatch
) -> None:
    def remote(folder: Path, mounts: str) -> str | None:
        return "nfs4" if folder == path.parent else None

    monkeypatch.setattr("console.record.database.network_filesystem", remote)

    log = RunLog(path, clock)

    assert "network filesystem (nfs4)" in log.note
    assert log.path == spill_path(path)


def test_the_state_folder_is_the_named_one_else_xdg_else_below_home() -> None:
    assert state_folder({"ROLLBACK_STATE": "/a", "XDG_STATE_HOME": "/b"}) == Path("/a")
    assert state_folder({"XDG_STATE_HOME": "/b", "HOME": "/c"}) == Path("/b/rollback-console")
    assert state_folder({"HOME": "/c"}) == Path("/c/.local/state/rollback-console")


@pytest.mark.parametrize("name", ["../../etc/passwd", "a/b", "\x1b[2J", "x" * 300, "ünïcode"])
def test_a_target_s_name_never_leaves_the_folder(tmp_path: Path, name: str) -> None:
    path = log_path(tmp_path, name, "12345678")

    assert path.parent == tmp_path
    assert path.name.isprintable()
    assert len(path.name) < 120


def test_spills_are_per_user_below_the_temporary_folder(path: Path) -> None:
    assert spill_path(path) == Path(tempfile.gettempdir()) / f"rollback-console-{os.getuid()}" / "bot.db"
