"""The settings of the layers beside the code, and of the service's own records."""

from __future__ import annotations

from typing import Literal, Self

from pydantic import Field, field_validator, model_validator

from console.config.section import FROM_ENVIRONMENT, Section, StoreSection


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

    @field_validator("remote", "branch", "push_branch")
    @classmethod
    def _a_name(cls, value: str) -> str:
        """What git takes for a branch, see `git help check-ref-format`; nothing that could be an option of git."""
        wrong = (value.startswith(("-", "/")), value.endswith(("/", ".", ".lock")), "//" in value, "@{" in value)
        if not value or any(wrong) or ".." in value or set(value) & set(" ~^:?*[\\"):
            raise ValueError("git does not take this name")
        return value

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
    """The Azure OpenAI account, and which of its deployments the service uses; none named: all of them.

    `standby` names, for a deployment, another of the account that the app may call in its place.
    """

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
    activated_at: str = ""
    progress: str = ""

    @field_validator("name", "embedder", "active")
    @classmethod
    def _needed(cls, value: str) -> str:
        if not value:
            raise ValueError("without this column nothing can be said of an index")
        return value


class EmbeddingSettings(StoreSection):
    """The registry of embedding indexes, and the questions that probe their recall.

    `vectors` names the table of an index's vectors ({index} is its name), `vector` and `document` its columns,
    `stamp` the column that says which embedder made a row, `written_at` when. `index_env` is the env name by which a
    revision chooses its index, where the registry does not; `embedders` says which embedder the value of a revision's
    env means, where that is a deployment's name. At least the share `recall_limit` of the recall questions must find
    their document; they are asked every `recall_every_s`, 0 only for plans and proofs.
    """

    url: str
    registry: str = "embedding_indexes"
    columns: EmbeddingColumns = EmbeddingColumns()
    vectors: str | None = None
    vector: str = "embedding"
    document: str = "id"
    written_at: str = ""
    stamp: str = ""
    index_env: str = ""
    embedders: dict[str, str] = Field(default_factory=dict)
    recall_questions: str | None = None
    recall_limit: float = Field(default=0.8, ge=0, le=1)
    recall_every_s: float = Field(default=60.0, ge=0)
    every_s: float = Field(default=10.0, gt=0)

    @field_validator("vectors")
    @classmethod
    def _names_the_index(cls, value: str | None) -> str | None:
        if value is not None and "{index}" not in value:
            raise ValueError('vectors names a table by its index, such as "docs_{index}"')
        return value


class SchemaSettings(StoreSection):
    """The database whose schema is migrated, and the server it stands on.

    `current` gives the head or heads. `history` is a query (revision, down, title, applied_at), or a command that
    prints lines as `alembic history` does; `scripts` is a folder of Alembic's migrations, which tells more: what each
    one drops. `changed` is a query (at, by) of the last migration. `down_sql` is a command whose standard output is
    the script from {current} down to {target}; commands run in the folder of the file, without a shell.

    `url_env` names what in a revision's env holds the database's address; where that is a secret, a restored server
    is reached through a new one, whose name begins with `secret` and whose value is `secret_value` with the new host
    for {host}: that is `env:NAME`, never the value itself.
    """

    server: str | None = None
    resource_group: str | None = None
    database: str | None = None
    current: str = "SELECT version_num FROM alembic_version"
    changed: str | None = None
    history: str | None = None
    scripts: str | None = None
    down_sql: str | None = "alembic downgrade {current}:{target} --sql"
    counts: tuple[str, ...] = ()
    lock_s: float = Field(default=3.0, gt=0, le=60)
    statement_s: float = Field(default=60.0, gt=0)
    command_s: float = Field(default=30.0, gt=0, le=600)
    restore_wait_s: float = Field(default=7200.0, gt=0)
    secret: str | None = None
    secret_value: str | None = None
    url_env: str | None = None

    @field_validator("secret_value")
    @classmethod
    def _never_here(cls, value: str | None) -> str | None:
        if value is not None and not value.startswith(FROM_ENVIRONMENT):
            raise ValueError('a secret never stands in this file: write secret_value = "env:NAME" instead')
        return value

    @field_validator("down_sql")
    @classmethod
    def _names_both(cls, value: str | None) -> str | None:
        if value is not None and "{target}" not in value:
            raise ValueError("down_sql wants {target}, and usually {current}: the heads it goes between")
        return value


class GoldenSettings(Section):
    """The service's own exam: a file of questions, how often it is held (0: on demand), and how long it may take."""

    questions: str = "golden.toml"
    every_s: float = Field(default=60.0, ge=0)
    within_s: float = Field(default=60.0, gt=0, le=600)
