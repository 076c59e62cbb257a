"""The settings of the layers beside the code, and of the service's own records."""

from __future__ import annotations

from typing import Literal, Self

from pydantic import Field, model_validator

from console.config.section import Section, StoreSection


class PromptColumns(Section):
    """What the columns of the prompts' table are called."""

    name: str = "name"
    version: str = "version"
    content: str = "content"
    is_active: str = "is_active"
    created_at: str = "created_at"
    created_by: str | None = None
    activated_at: str | None = None


class PointerSettings(Section):
    """Mode pointer: the table that names the active version of each prompt."""

    table: str = "active_prompts"
    name: str = "name"
    version: str = "version"
    updated_at: str | None = None


class PromptSqlSettings(Section):
    """Mode sql: the team's own statements.

    `versions` gives rows (name, version, created_at, is_active), `content` takes :name and :version, `activate` too.
    """

    versions: str
    content: str
    activate: tuple[str, ...] | str


class PromptSettings(StoreSection):
    """Where the system prompts are kept, and how their active version is chosen."""

    mode: Literal["flag", "pointer", "sql", "git"] = "flag"
    table: str = "system_prompts"
    columns: PromptColumns = PromptColumns()
    scope: tuple[str, ...] = ()
    pointer: PointerSettings = PointerSettings()
    sql: PromptSqlSettings | None = None
    cache_ttl_s: float = Field(default=60.0, ge=0)
    repo: str | None = None
    paths: tuple[str, ...] = ("prompts/**",)
    remote: str = "origin"
    branch: str = "main"
    push_branch: str = "rollback/{short}"
    commit: str | None = None
    deploy_wait_s: float = Field(default=1800.0, gt=0)

    @model_validator(mode="after")
    def _whole(self) -> Self:
        if self.mode == "git" and (self.repo is None or self.commit is None):
            raise ValueError('mode = "git" wants repo, and commit: the env name that holds the commit')
        if self.mode != "git" and self.url is None:
            raise ValueError(f'mode = "{self.mode}" wants url')
        if (self.mode == "sql") != (self.sql is not None):
            raise ValueError('mode = "sql" and the section sql belong together')
        return self


class CallColumns(Section):
    """What the columns of the call log are called; one that the service does not write is set to ""."""

    at: str = "at"
    prompt_name: str = "prompt_name"
    prompt_version: str = "prompt_version"
    revision: str = "revision"
    model: str = "model"
    request_id: str = "request_id"
    status: str = ""


class CallsSettings(StoreSection):
    """The service's own log of its calls."""

    url: str
    table: str = "llm_calls"
    columns: CallColumns = CallColumns()


class ModelSettings(Section):
    """The Azure OpenAI account, and which of its deployments the service uses."""

    account: str = Field(min_length=1)
    resource_group: str | None = None
    deployments: tuple[str, ...] = ()
    standby: dict[str, str] = Field(default_factory=dict)


class EmbeddingColumns(Section):
    """What the columns of the registry are called; one that it does not have is set to ""."""

    name: str = "name"
    embedder: str = "embedder"
    dimensions: str = "dimensions"
    rows: str = "rows"
    built_at: str = "built_at"
    active: str = "active"
    validated_at: str = ""


class EmbeddingSettings(StoreSection):
    """The registry of embedding indexes, and the questions that probe their recall.

    `vectors` names the table of an index's vectors ({index} is its name), `vector` and `document` its columns.
    """

    url: str
    registry: str = "embedding_indexes"
    columns: EmbeddingColumns = EmbeddingColumns()
    vectors: str | None = None
    vector: str = "embedding"
    document: str = "id"
    written_at: str = ""
    recall_questions: str | None = None


class SchemaSettings(StoreSection):
    """The database whose schema is migrated, and the server it stands on."""

    server: str | None = None
    resource_group: str | None = None
    database: str | None = None
    current: str = "SELECT version_num FROM alembic_version"
    history: str | None = None
    down_sql: str | None = "alembic downgrade {current}:{target} --sql"
    counts: tuple[str, ...] = ()
    secret: str | None = None
    url_env: str | None = None


class GoldenSettings(Section):
    """The service's own exam: a file of questions, and how often it is held; 0 only on demand."""

    questions: str = "golden.toml"
    every_s: float = Field(default=60.0, ge=0)
