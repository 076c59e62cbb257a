"""A git repository read, reverted apart from the operator's tree, and pushed to once."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
import time
from pathlib import Path

import pytest

from console.domain.failure import Failure, FailureKind
from console.stores import git_command
from console.stores.git_command import environment, git
from console.stores.pushing import Pusher, may_push
from console.stores.repository import Repository
from console.stores.reverting import PREFIX, Conflict, prune, reverted
from tests.engine.apps import NOW
from tests.stores.git_world import PROMPT, GitWorld

PATHS = ("prompts/**",)


@pytest.fixture
def world(tmp_path: Path) -> GitWorld:
    """Four commits on main: two of prompts, one of the README between them, one of code after them."""
    made = GitWorld(tmp_path / "git")
    made.commit("Answer from leaflets only.\n", "Answer from leaflets only")
    made.commit("# bot\n", "Say where to ask", path="README.md")
    made.commit("Answer.\n", "shorter prompt")
    made.commit("pass\n", "tidy up", path="app.py")
    return made


@pytest.fixture
def repository(world: GitWorld) -> Repository:
    return Repository(world.clone, "origin", "main", ("rollback/*",))


async def bad_reverted(world: GitWorld, repository: Repository, base: int = 2) -> str:
    return await reverted(repository, world.commits[base], [world.commits[2]], None, "Revert it", NOW)


async def test_what_touched_the_prompts_is_told_newest_first(world: GitWorld, repository: Repository) -> None:
    found = await repository.touching(["main"], PATHS)

    assert [one.sha for one in found] == [world.commits[2], world.commits[0]]
    assert (found[0].subject, found[0].by, found[0].parents) == ("shorter prompt", "Alice", (world.commits[1],))
    assert await repository.touching([world.commits[1]], PATHS) == (found[1],)


async def test_what_others_pushed_is_fetched_without_moving_anything_of_the_operators(
    world: GitWorld, repository: Repository
) -> None:
    other = world.folder / "other"
    world.git("clone", "--quiet", str(world.origin), str(other), where=world.folder)
    world.git("config", "remote.origin.fetch", "+refs/heads/*:refs/heads/*")
    world.git(
        "-c", "user.name=Bob", "-c", "user.email=b@x", "commit", "--quiet", "--allow-empty", "-m", "new", where=other
    )
    world.git("push", "--quiet", "origin", "HEAD:main", "HEAD:rollback/one", where=other)
    newest = world.heads()["main"]
    before = world.untouched()

    assert await repository.tip() == world.commits[3]
    await repository.fetch()

    assert await repository.tip() == newest
    assert world.untouched() == before


async def test_a_commit_is_found_by_its_first_digits_and_by_nothing_else(
    world: GitWorld, repository: Repository
) -> None:
    sha = world.commits[2]
    world.git("branch", "deadbee")
    world.git("branch", sha[:8], world.commits[0])

    assert await repository.resolve(sha[:7]) == sha
    assert await repository.resolve(sha[:8].upper()) == sha
    assert await repository.known([sha, sha[:9], "f" * 40, "HEAD", ""]) == {sha: sha, sha[:9]: sha}
    for hostile in (
        "main",
        "HEAD",
        "deadbee",
        "--all",
        "-h",
        ":/shorter",
        "main@{1}",
        sha[:6],
        f"{sha}^",
        "",
        "a\nb",
    ):
        assert await repository.resolve(hostile) is None


async def test_an_ambiguous_beginning_is_no_commit(
    repository: Repository, monkeypatch: pytest.MonkeyPatch, world: GitWorld
) -> None:
    told = {"rev-parse": "a" * 40 + "\n" + "b" * 40, "cat-file": f"{'a' * 40} commit 1\n{'b' * 40} commit 1\n"}

    async def two(folder: Path, *arguments: str, **_: object) -> git_command.Said:
        return git_command.Said(0, told[arguments[0]].encode(), "")

    monkeypatch.setattr("console.stores.repository.git", two)

    assert await repository.resolve("aaaaaaa") is None


async def test_texts_and_differences_are_shown_cleaned(world: GitWorld, repository: Repository) -> None:
    hostile = world.commit("red \x1b[31m \u202e bell \x07\n", "\x1b]0;owned\x07 \u202esubject")

    text = await repository.text(hostile, PATHS)
    diff = await repository.diff(world.commits[2], hostile, PATHS)
    commit = (await repository.touching([hostile], PATHS, 1))[0]

    assert text.splitlines()[0] == f"--- {PROMPT}"
    assert "-Answer." in diff.splitlines()
    for shown in (text, diff, commit.subject):
        assert not {"\x1b", "\x07", "\u202e"} & set(shown)
        assert "\\x1b" in shown


async def test_large_files_links_and_programs_of_the_settings_are_left_alone(
    world: GitWorld, repository: Repository
) -> None:
    world.git("config", "diff.external", "touch /nonexistent/ran")
    (world.clone / "prompts" / "link.md").symlink_to("/etc/passwd")
    newest = world.commit("x" * 300_000, path="prompts/large.md")

    text = await repository.text(newest, PATHS)

    assert "(too large to show)" in text
    assert "passwd" not in text
    assert "root:" not in text
    assert "+xxx" in await repository.diff(world.commits[3], newest, ("prompts/large.md",))


async def test_a_revert_takes_exactly_that_commit_back_on_the_base_it_is_given(
    world: GitWorld, repository: Repository
) -> None:
    commit = await bad_reverted(world, repository)

    assert world.git("show", f"{commit}:{PROMPT}") == "Answer from leaflets only.\n"
    assert world.git("rev-parse", f"{commit}^").strip() == world.commits[2]
    assert await repository.differing(world.commits[2], commit) == (PROMPT,)
    assert "app.py" not in world.git("ls-tree", "--name-only", commit)
    assert await repository.differing(world.commits[0], commit, PATHS) == ()
    assert world.git("show", "--no-patch", "--format=%an <%ae> %cI", commit).startswith(
        "Alice <alice@example.org> 2026"
    )


async def test_the_operators_tree_index_branches_and_stash_are_never_touched(
    world: GitWorld, repository: Repository
) -> None:
    (world.clone / PROMPT).write_text("half a thought")
    world.git("stash", "--quiet")
    world.git("checkout", "--quiet", "-b", "mine")
    (world.clone / PROMPT).write_text("another half")
    (world.clone / "prompts" / "new.md").write_text("untracked")
    (world.clone / "staged.py").write_text("staged")
    world.git("add", "staged.py")
    marker = world.folder / "hook-ran"
    for name in ("post-checkout", "pre-commit", "commit-msg", "post-commit", "pre-push", "reference-transaction"):
        world.hook(world.clone / ".git", name, f"echo {name} >> {marker}; exit 1")
    before = world.untouched()

    assert await repository.dirty(PATHS)
    await repository.fetch()
    commit = await bad_reverted(world, repository)
    await Pusher(repository).push(commit, "rollback/one")

    after = world.untouched()
    pushed = f"{commit} commit\trefs/remotes/origin/rollback/one\n"
    assert after | {"refs": after["refs"].replace(pushed, "")} == before
    assert world.heads() == {"main": world.commits[3], "rollback/one": commit}
    assert not marker.exists()


async def test_variables_that_point_elsewhere_are_not_heeded(
    world: GitWorld, repository: Repository, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GIT_DIR", "/nonexistent")
    monkeypatch.setenv("GIT_INDEX_FILE", "/nonexistent/index")
    monkeypatch.setenv("GIT_WORK_TREE", "/nonexistent")

    assert await bad_reverted(world, repository)
    kept = environment({"GIT_DIR": "x", "GIT_SSH_COMMAND": "ssh -i key", "SSH_ASKPASS": "ask", "HOME": "/h"})
    assert ("GIT_DIR" in kept, "SSH_ASKPASS" in kept) == (False, False)
    assert (kept["GIT_SSH_COMMAND"], kept["GIT_TERMINAL_PROMPT"], kept["GIT_ASKPASS"]) == ("ssh -i key", "0", "")


async def test_a_conflict_names_its_paths_and_leaves_nothing(world: GitWorld, repository: Repository) -> None:
    newest = world.commit("Answer, but kindly.\n", "kinder")
    before = world.untouched()

    with pytest.raises(Conflict) as raised:
        await reverted(repository, newest, [world.commits[2]], None, "Revert it", NOW)

    assert raised.value.paths == (PROMPT,)
    assert world.untouched() == before
    assert list(Path(os.environ["TMPDIR"]).glob(f"{PREFIX}*")) == []


async def test_a_merge_is_taken_back_against_the_parent_that_is_chosen(
    world: GitWorld, repository: Repository
) -> None:
    world.git("checkout", "--quiet", "-b", "side", world.commits[0])
    world.commit("Be brief.\n", "tone", path="prompts/tone.md", push=False)
    world.git("checkout", "--quiet", "main")
    merge = world.merge("side")

    with pytest.raises(Failure, match="is a merge but no -m option was given"):
        await reverted(repository, merge, [merge], None, "Revert it", NOW)
    first = await reverted(repository, merge, [merge], 1, "Revert it", NOW)
    second = await reverted(repository, merge, [merge], 2, "Revert it", NOW)

    assert await repository.differing(world.commits[3], first) == ()
    assert await repository.differing(world.commits[4], second) == ()
    assert await repository.between(merge, world.commits[3]) == {merge, world.commits[4]}
    assert await repository.changed_paths(merge) == ("prompts/tone.md",)


async def test_what_a_killed_process_left_behind_is_removed_by_the_next(
    world: GitWorld, repository: Repository
) -> None:
    before = world.untouched()
    script = (
        "import asyncio, sys\n"
        "from pathlib import Path\n"
        "from datetime import datetime, UTC\n"
        "from console.stores import reverting\n"
        "from console.stores.repository import Repository\n"
        "async def stop(*_):\n"
        "    print('there', flush=True)\n"
        "    await asyncio.sleep(600)\n"
        "reverting._taken_back = stop\n"
        "base, commit = sys.argv[2:]\n"
        "clone = Repository(Path(sys.argv[1]), 'origin', 'main')\n"
        "asyncio.run(reverting.reverted(clone, base, [commit], None, 'm', datetime.now(UTC)))\n"
    )
    arguments = (str(world.clone), world.commits[3], world.commits[2])
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", script, *arguments, stdout=asyncio.subprocess.PIPE
    )
    assert process.stdout is not None
    assert await process.stdout.readline() == b"there\n"
    process.send_signal(signal.SIGKILL)
    await process.wait()
    left = list(Path(os.environ["TMPDIR"]).glob(f"{PREFIX}{process.pid}-*"))
    killed = world.untouched()

    commit = await bad_reverted(world, repository)

    assert len(left) == 1
    assert killed | {"worktrees": ""} == before | {"worktrees": ""}
    assert killed["worktrees"] != before["worktrees"]
    assert commit
    assert world.untouched() == before
    assert not left[0].exists()


async def test_a_worktree_that_another_living_process_uses_is_left_alone(
    world: GitWorld, repository: Repository, tmp_path: Path
) -> None:
    living = tmp_path / f"{PREFIX}{os.getppid()}-abc" / "tree"
    own = tmp_path / "own-tree"
    gone = tmp_path / f"{PREFIX}999999999-abc" / "tree"
    for place in (living, own, gone):
        world.git("worktree", "add", "--quiet", "--detach", str(place))

    await prune(repository)

    assert (living.exists(), own.exists(), gone.exists()) == (True, True, False)


async def test_a_revert_that_is_cancelled_leaves_no_worktree(world: GitWorld, repository: Repository) -> None:
    before = world.untouched()
    making = asyncio.create_task(bad_reverted(world, repository))
    while not list(Path(os.environ["TMPDIR"]).glob(f"{PREFIX}*")):
        await asyncio.sleep(0)
    making.cancel()
    with pytest.raises(asyncio.CancelledError):
        await making

    async with asyncio.timeout(10):
        while world.untouched() != before:
            await asyncio.sleep(0.01)


async def test_a_remote_that_cannot_be_written_is_known_without_sending(
    world: GitWorld, repository: Repository
) -> None:
    world.receiving('echo "ERROR: Permission to bot denied to alice." >&2; exit 1')
    commit = await bad_reverted(world, repository)

    refused = await may_push(repository, commit, "rollback/one")
    with pytest.raises(Failure) as raised:
        await Pusher(repository).push(commit, "rollback/one")

    assert refused == "ERROR: Permission to bot denied to alice"
    assert raised.value.kind is FailureKind.UNREACHABLE
    assert raised.value.sentence.endswith("nothing was sent")
    assert list(world.heads()) == ["main"]


async def test_a_push_is_tried_without_sending_anything(world: GitWorld, repository: Repository) -> None:
    commit = await bad_reverted(world, repository)

    assert await may_push(repository, commit, "rollback/one") == ""
    assert await repository.on_remote("rollback/one") is None
    assert list(world.heads()) == ["main"]


@pytest.mark.parametrize("hook", ["pre-receive", "update"])
async def test_a_protected_branch_refuses_the_push_itself(world: GitWorld, repository: Repository, hook: str) -> None:
    world.hook(world.origin, hook, 'echo "GH006: protected \033[31m branch" >&2; exit 1')
    commit = await bad_reverted(world, repository)

    assert await may_push(repository, commit, "rollback/one") == ""
    with pytest.raises(Failure) as raised:
        await Pusher(repository).push(commit, "rollback/one")

    assert raised.value.kind is FailureKind.REJECTED
    assert "hook declined" in raised.value.sentence
    assert "GH006: protected" in raised.value.sentence
    assert "\x1b" not in raised.value.sentence
    assert list(world.heads()) == ["main"]


async def test_a_branch_is_never_moved_by_force(world: GitWorld, repository: Repository) -> None:
    commit = await bad_reverted(world, repository)
    world.git("push", "--quiet", "origin", f"{world.commits[3]}:refs/heads/rollback/one")
    world.git("config", "remote.origin.push", "+refs/heads/*:refs/heads/*")

    assert "rejected" in await may_push(repository, commit, "rollback/one")
    with pytest.raises(Failure) as raised:
        await Pusher(repository).push(commit, "rollback/one")

    assert raised.value.kind is FailureKind.REJECTED
    assert world.heads()["rollback/one"] == world.commits[3]


async def test_a_remote_that_dies_after_taking_the_push_leaves_it_unknown_until_it_is_read(
    world: GitWorld, repository: Repository
) -> None:
    commit = await bad_reverted(world, repository)
    world.receiving(f'exec {sys.executable} {Path(__file__).parent / "cut_after.py"} "$1"')

    with pytest.raises(Failure) as raised:
        await Pusher(repository).push(commit, "rollback/one")

    assert raised.value.kind is FailureKind.UNKNOWN
    assert await repository.on_remote("rollback/one") == commit


async def test_a_remote_that_says_nothing_is_left_in_time_with_all_that_was_started(
    world: GitWorld, repository: Repository, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = world.folder / "pid"
    world.receiving(f"echo $$ > {place}; exec sleep 600")
    monkeypatch.setattr("console.stores.pushing.REMOTE_S", 1.0)
    commit = await bad_reverted(world, repository)
    started = time.monotonic()

    with pytest.raises(Failure) as raised:
        await Pusher(repository).push(commit, "rollback/one")

    assert raised.value.kind is FailureKind.UNKNOWN
    assert "no answer within 1 s" in raised.value.sentence
    assert time.monotonic() - started < 10
    async with asyncio.timeout(5):
        while _runs(int(place.read_text())):
            await asyncio.sleep(0.01)


async def test_a_remote_that_wants_a_password_fails_and_tells_no_secret(
    world: GitWorld, repository: Repository
) -> None:
    async def unauthorised(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        head = (
            'HTTP/1.1 401 No\r\nWWW-Authenticate: Basic realm="git"\r\nContent-Length: 0\r\nConnection: close\r\n\r\n'
        )
        writer.write(head.encode())
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(unauthorised, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    world.git("remote", "set-url", "origin", f"http://alice:hunter2@127.0.0.1:{port}/bot.git")

    async with asyncio.timeout(20), server:
        with pytest.raises(Failure) as raised:
            await repository.fetch()

    assert raised.value.kind is FailureKind.UNREACHABLE
    assert "hunter2" not in raised.value.sentence

    world.git("remote", "set-url", "origin", f"http://127.0.0.1:{port}/bot.git")
    server = await asyncio.start_server(unauthorised, "127.0.0.1", port)
    async with asyncio.timeout(20), server:
        with pytest.raises(Failure, match="could not read Username"):
            await repository.fetch()


async def test_secrets_in_addresses_are_not_told() -> None:
    said = git_command.Said(
        1, b"", "fatal: unable to access 'https://bob:hunter2@example.org/x': refused\nhint: no\n"
    )

    assert said.why == "fatal: unable to access 'https://***@example.org/x': refused"


async def test_a_push_must_go_to_one_address(world: GitWorld, repository: Repository) -> None:
    commit = await bad_reverted(world, repository)
    elsewhere = world.folder / "elsewhere.git"
    world.git("clone", "--quiet", "--bare", str(world.origin), str(elsewhere), where=world.folder)
    world.git("remote", "set-url", "--push", "origin", str(elsewhere))
    await Pusher(repository).push(commit, "rollback/one")

    assert await repository.on_remote("rollback/one") == commit
    assert list(world.heads()) == ["main"]

    world.git("remote", "set-url", "--add", "--push", "origin", str(world.origin))
    with pytest.raises(Failure, match="2 addresses to push to"):
        await Pusher(repository).push(commit, "rollback/two")
    assert list(world.heads()) == ["main"]


@pytest.mark.parametrize("branch", ["--force", "-f", "rollback/$(touch${IFS}x)", "rollback/a;b", "rollback/\u2028x"])
async def test_hostile_branch_names_are_only_names(world: GitWorld, repository: Repository, branch: str) -> None:
    commit = await bad_reverted(world, repository)

    await Pusher(repository).push(commit, branch)

    assert await repository.on_remote(branch) == commit
    assert world.heads()["main"] == world.commits[3]


async def test_a_name_that_git_does_not_take_is_never_sent(world: GitWorld, repository: Repository) -> None:
    commit = await bad_reverted(world, repository)

    for branch in ("rollback/a b", "rollback/..", "a:b", "rollback/*", ""):
        with pytest.raises(Failure) as raised:
            await Pusher(repository).push(commit, branch)
        assert raised.value.nothing_changed
    assert world.heads() == {"main": world.commits[3]}


async def test_a_shallow_clone_does_not_know_what_is_older(world: GitWorld, tmp_path: Path) -> None:
    place = tmp_path / "shallow"
    world.git("clone", "--quiet", "--depth=1", f"file://{world.origin}", str(place), where=world.folder)
    shallow = Repository(place, "origin", "main", ("rollback/*",))

    await shallow.fetch()

    assert await shallow.tip() == world.commits[3]
    assert await shallow.known([world.commits[2], world.commits[3]]) == {world.commits[3]: world.commits[3]}
    assert await shallow.shallow()
    await shallow.fetch_commit(world.commits[2])
    assert await shallow.resolve(world.commits[2]) == world.commits[2]


async def test_without_git_or_without_a_clone_it_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    nowhere = Repository(tmp_path / "nowhere", "origin", "main")
    with pytest.raises(Failure, match="cannot change to"):
        await nowhere.fetch()

    monkeypatch.setenv("PATH", "/nonexistent")
    with pytest.raises(Failure, match="git cannot be started"):
        await nowhere.tip()


async def test_who_waits_no_more_ends_git(world: GitWorld) -> None:
    fifo = world.folder / "fifo"
    os.mkfifo(fifo)
    waiting = asyncio.create_task(
        git(world.clone, "-c", f"alias.wait=!echo $$ > {world.folder}/pid; cat {fifo}", "wait")
    )
    pid = world.folder / "pid"
    while not (pid.exists() and pid.read_text().strip()):
        await asyncio.sleep(0.01)
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting

    async with asyncio.timeout(5):
        while _runs(int(pid.read_text())):
            await asyncio.sleep(0.01)


def _runs(process: int) -> bool:
    """Whether a process runs; one that nobody has buried yet does not."""
    try:
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False
