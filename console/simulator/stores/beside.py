"""The files that stand beside the database: migrations both ways, golden questions, recall questions."""

from __future__ import annotations

import json
from pathlib import Path

from console.simulator.stores.embedders import as_text
from console.simulator.stores.knowledge import QUESTIONS, RECALLED, document_of

HEAD, BEFORE, RENAMED = "8c1d02", "7b03e5", "4f2a91"
REVISIONS = (
    (BEFORE, "", "leaflets"),
    (HEAD, BEFORE, "name the medicine"),
    (RENAMED, HEAD, "rename leaflets.dosage to dosage_mg"),
)
EMBEDDERS = ("text-embedding-3-small", "text-embedding-ada-002")
MIGRATIONS = {
    (BEFORE, HEAD): "ALTER TABLE leaflets ADD COLUMN medicine TEXT NOT NULL DEFAULT '';",
    (HEAD, BEFORE): "ALTER TABLE leaflets DROP COLUMN medicine;",
    (HEAD, RENAMED): "ALTER TABLE leaflets RENAME COLUMN dosage TO dosage_mg;",
    (RENAMED, HEAD): "ALTER TABLE leaflets RENAME COLUMN dosage_mg TO dosage;",
}


def script(current: str, target: str) -> str:
    """What leads from one head to another, as `alembic upgrade|downgrade --sql` would print it."""
    down = (target, current) in ((BEFORE, HEAD), (HEAD, RENAMED))
    return (
        f"-- Running {'downgrade' if down else 'upgrade'} {current} -> {target}\n\n"
        f"{MIGRATIONS[current, target]}\n\n"
        f"UPDATE alembic_version SET version_num='{target}' WHERE alembic_version.version_num = '{current}';\n"
    )


def write(folder: Path) -> None:
    """Makes `migrations/{current}_to_{target}.sql` and their history, golden.toml and recall.toml in the folder."""
    migrations = folder / "migrations"
    migrations.mkdir(exist_ok=True)
    for current, target in MIGRATIONS:
        (migrations / f"{current}_to_{target}.sql").write_text(script(current, target), encoding="utf-8")
    (migrations / "history.txt").write_text(history(), encoding="utf-8")
    (folder / "golden.toml").write_text(golden(), encoding="utf-8")
    (folder / "recall.toml").write_text(recall(), encoding="utf-8")


def golden() -> str:
    """Eight questions with what a right answer says, and the document that it names."""
    lines = ["# The service's own exam.", 'path = "/chat"']
    for name, question, leaflet, expected in QUESTIONS:
        lines += [
            "",
            "[[question]]",
            f"name = {json.dumps(name)}",
            f"json = {{ question = {json.dumps(question)} }}",
            'at = "/answer"',
            f"contains = {json.dumps(expected)}",
            f"document = {json.dumps(document_of(leaflet))}",
        ]
    return "\n".join(lines) + "\n"


def recall() -> str:
    """Five questions with their vectors, and the document that an index must find first for each."""
    lines = ["# What an index must find; the vectors are what each embedder makes of the question.", "nearest = 1"]
    for name, question, leaflet, _ in RECALLED:
        lines += [
            "",
            "[[questions]]",
            f"name = {json.dumps(name)}",
            f"text = {json.dumps(question)}",
            f"documents = [{json.dumps(document_of(leaflet))}]",
            "[questions.vectors]",
            *(f"{json.dumps(one)} = {as_text(one, question)}" for one in EMBEDDERS),
        ]
    return "\n".join(lines) + "\n"


def history() -> str:
    """What `alembic history` prints, the newest first."""
    return "".join(f"{down or '<base>'} -> {revision}, {title}\n" for revision, down, title in reversed(REVISIONS))
