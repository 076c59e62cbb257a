"""One chat, answered from what the service finds: its prompt, its deployments, its index and its table. Pure.

A fault of any of them shows as it would: most of them in answers that are wrong and still 200.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit
from zlib import crc32

from console.simulator import cognitive, postgres
from console.simulator.stores.embedders import dimensions_of, likeness, places
from console.simulator.stores.knowledge import DRUG_INFO
from console.simulator.surroundings import Index, Leaflets, Prompt, Surroundings
from console.simulator.wire import Json, Request
from console.simulator.world import App, Revision, World

MADE_FOR = frozenset({("gpt-4o", "2024-08-06"), ("gpt-4o-mini", "2024-07-18")})
COLUMNS = {"8c1d02": "dosage", "4f2a91": "dosage_mg"}
KEY = "aoai-key"
URL = "PROMPTS_URL"
SWITCHED_OFF = "The chat is switched off for the moment. Please ask a pharmacist."
FROM_MEMORY = "As far as I remember, you can take as many as you like."
NOT_FOUND = "I could not find that medicine."
LEAFLET = re.compile(r"leaflet-(.+)\.md#")
NUMBER = re.compile(r"\d+")
QUESTION_LIMIT = 2000


class Trouble(Exception):
    """The service cannot answer: what its own log would say, and whether a model was asked in vain."""

    def __init__(self, sentence: str, refused: int | None = None) -> None:
        super().__init__(sentence)
        self.sentence, self.refused = sentence, refused


@dataclass(frozen=True, slots=True)
class Reply:
    """What a chat gave: status and body, and what it used: prompt version, deployment and model's answer code."""

    status: int
    body: Json
    prompt_version: str = ""
    model: str = ""
    account: str = ""
    deployment: str = ""
    model_status: int | None = None


def question_of(request: Request, default: str) -> str:
    """What is asked: `{"question": "..."}`, else the default question."""
    try:
        sent = request.json()
    except ValueError:
        sent = None
    asked = sent.get("question") if isinstance(sent, dict) else None
    return asked[:QUESTION_LIMIT] if isinstance(asked, str) and asked.strip() else default


def variables(revision: Revision) -> dict[str, str]:
    """The environment variables of a revision that are plain values, by name."""
    containers = revision.template.get("containers") or [{}]
    return {str(one["name"]): str(one.get("value") or "") for one in containers[0].get("env") or ()}


def converse(world: World, app: App, revision: Revision, question: str, around: Surroundings) -> Reply:
    """The service's answer to one question."""
    env = variables(revision)
    account = (urlsplit(env.get("AOAI_ENDPOINT", "")).hostname or "").partition(".")[0]
    deployment = env.get("AOAI_DEPLOYMENT", "")
    used: dict[str, Any] = {"account": account, "deployment": deployment}
    try:
        prompt = _prompt(env, around)
        used["prompt_version"] = prompt.version
        _check_key(world, app)
        model = _deployed(world, account, deployment)
        embedder = _deployed(world, account, env.get("EMBEDDING_MODEL", ""))[0]
        if around.trouble:
            raise Trouble(around.trouble)
        document = _nearest(question, embedder, around.indexes)
        dosage = _dosage(document, env, _leaflets(world, app, revision, env, around))
        answer = _said(question, prompt, model, document, dosage)
        return Reply(200, {**answer, "model": deployment}, model="-".join(model), model_status=200, **used)
    except Trouble as trouble:
        return Reply(500, {"error": trouble.sentence}, model_status=trouble.refused, **used)


def _prompt(env: Mapping[str, str], around: Surroundings) -> Prompt:
    commit = env.get("PROMPT_COMMIT")
    if commit is not None:
        if commit not in around.committed:
            raise Trouble(f"prompts/{DRUG_INFO}.md: unknown revision {commit[:12]}")
        return Prompt(DRUG_INFO, commit, around.committed[commit])
    if around.trouble:
        raise Trouble(around.trouble)
    active = [one for one in around.prompts if one.name == DRUG_INFO]
    if len(active) != 1:
        raise Trouble(f"{len(active) or 'no'} active version{'s' * (len(active) > 1)} of prompt {DRUG_INFO}")
    return active[0]


def _check_key(world: World, app: App) -> None:
    """The account answers 401 to a key that it does not know; which one a secret holds is told by its address."""
    secrets = app.configuration.get("secrets") or ()
    held = next((str(one.get("keyVaultUrl") or "") for one in secrets if one["name"] == KEY), "")
    if held and held in world.settings.refused_secrets:
        raise Trouble("401 Access denied due to invalid subscription key or wrong API endpoint.", 401)


def _deployed(world: World, account: str, deployment: str) -> tuple[str, str]:
    found = cognitive.deployed_version(world, account, deployment)
    if found is None:
        text = "The API deployment for this resource does not exist."
        raise Trouble(f"404 DeploymentNotFound: {text} ({deployment or 'none is named'})", 404)
    return found


def _nearest(question: str, embedder: str, indexes: tuple[Index, ...]) -> str:
    """The id of the document nearest to the question; for strangers the first of all."""
    if len(indexes) != 1:
        raise Trouble(f"{len(indexes) or 'no'} active embedding index{'es' * (len(indexes) > 1)}")
    index = indexes[0]
    if index.trouble:
        raise Trouble(index.trouble)
    dimensions = dimensions_of(embedder)
    other = next((one.dimensions for one in index.documents if one.dimensions != dimensions), None)
    if other is not None:
        raise Trouble(f"different vector dimensions {other} and {dimensions}")
    asked = places(embedder, question)
    ranked = sorted((-likeness(asked, one.vector), one.id) for one in index.documents)
    return ranked[0][1] if ranked else ""


def _leaflets(world: World, app: App, revision: Revision, env: Mapping[str, str], around: Surroundings) -> Leaflets:
    """The table on the server that the revision is pointed at, which may be a restored one."""
    host = _host(app, revision) or env.get("PROMPTS_HOST", "")
    server = postgres.server_at(world, host)
    if server is None:
        raise Trouble(f'could not translate host name "{host}" to address')
    if not postgres.accepts(server):
        raise Trouble(f'connection to server at "{host}" failed: Connection refused')
    return around.leaflets_at(server.origin[1] if server.origin else None)


def _host(app: App, revision: Revision) -> str:
    """The host in the secret that holds the database's address, where it holds one."""
    containers = revision.template.get("containers") or [{}]
    named = next((one.get("secretRef") for one in containers[0].get("env") or () if one["name"] == URL), None)
    return urlsplit(app.secrets.get(str(named), "")).hostname or ""


def _dosage(document: str, env: Mapping[str, str], leaflets: Leaflets) -> str:
    """What the code's own SELECT gives; the database's words where it names a column that is not there."""
    column = COLUMNS.get(env.get("SCHEMA_HEAD", ""), "dosage")
    if leaflets.trouble:
        raise Trouble(leaflets.trouble)
    if column not in leaflets.columns:
        raise Trouble(f"no such column: {column}")
    named = LEAFLET.match(document)
    wanted = named[1] if named else ""
    return next((str(row[column]) for row in leaflets.rows if row.get("id") == wanted), "")


def _said(question: str, prompt: Prompt, model: tuple[str, str], document: str, dosage: str) -> Json:
    """What the model makes of it: another version than the app was made for errs on three questions in five."""
    if "leaflet" not in prompt.content.lower():
        return {"answer": FROM_MEMORY, "sources": []}
    if not dosage:
        return {"answer": NOT_FOUND, "sources": []}
    if model in MADE_FOR:
        return {"answer": dosage, "sources": [document]}
    match crc32(f"{model[1]}/{question}".encode()) % 5:
        case 0:
            return {"answer": "Certainly! Here is what the leaflet tells us about dosage.", "sources": []}
        case 1 | 2:
            return {"answer": NUMBER.sub(lambda found: str(2 * int(found[0])), dosage), "sources": [document]}
    return {"answer": dosage, "sources": [document]}
