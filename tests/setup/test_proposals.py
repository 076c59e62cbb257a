"""What belongs together, and why; what Azure's own bodies say."""

from __future__ import annotations

import pytest

from console.azure.survey import Account, App, Listing, Server, Survey, read_account, read_app, read_server
from console.domain.snapshot import Environment
from console.setup.proposals import Proposal, environment_of, evident, propose


def found(*apps: App, servers: tuple[Server, ...] = (), accounts: tuple[Account, ...] = ()) -> tuple[Proposal, ...]:
    return propose(
        Survey(
            Listing("container apps", apps, "a/read", "/s"),
            Listing("PostgreSQL servers", servers, "b/read", "/s"),
            Listing("Azure OpenAI accounts", accounts, "c/read", "/s"),
        )
    )


BOT = App("pharmabot", "bot-rg")
SHOP = App("shop", "shop-rg")
BOT_DB = Server("pharmabot-db", "bot-rg", "pharmabot-db.postgres.database.azure.com")


@pytest.mark.parametrize(
    ("app", "server", "why"),
    [
        (BOT, BOT_DB, "same name, same group"),
        (BOT, Server("psql-pharmabot", "data-rg"), "same name, in group data-rg"),
        (App("ca-pharmabot-prod", "rg"), Server("psql-pharmabot-prod", "rg"), "same name, same group"),
        (App("ca-pharmabot-prod", "rg"), Server("psql-pharmabot-stg", "rg2"), ""),
        (BOT, Server("pharmabot-staging-db", "data-rg"), ""),
        (BOT, Server("pharmabot-prod-db", "data-rg"), "same name, in group data-rg"),
        (BOT, Server("warehouse", "bot-rg"), "the group has no other app"),
        (BOT, Server("warehouse", "data-rg"), ""),
        (App("app", "rg"), Server("db", "rg2"), ""),
        (
            App("web", "rg", env=(("DB_HOST", "warehouse.postgres.database.azure.com:5432"),)),
            Server("warehouse", "data-rg", "warehouse.postgres.database.azure.com"),
            "DB_HOST names it",
        ),
        (App("web", "rg", env=(("X", "big-warehouse-2"),)), Server("warehouse", "data-rg"), ""),
        (App("web", "rg", env=(("X", ""),)), Server("", "data-rg"), ""),
    ],
)
def test_a_server_belongs_to_an_app_for_a_reason(app: App, server: Server, why: str) -> None:
    (proposal,) = found(app, servers=(server,))
    assert [one.why for one in proposal.servers] == ([why] if why else [])


def test_what_another_app_names_is_not_taken_for_the_sake_of_a_group() -> None:
    naming = App("shop", "shop-rg", env=(("PGHOST", "warehouse"),))
    proposals = {one.app.name: one for one in found(BOT, naming, servers=(Server("warehouse", "bot-rg"),))}
    assert proposals["pharmabot"].servers == ()
    assert proposals["shop"].servers[0].why == "PGHOST names it"


def test_an_account_is_named_by_its_address() -> None:
    account = Account("oai-7", "ai-rg", "https://oai-7.openai.azure.com/")
    app = App("web", "rg", env=(("AOAI", "https://oai-7.openai.azure.com/openai/v1"),))
    (proposal,) = found(app, accounts=(account,))
    assert proposal.accounts[0].why == "AOAI names it"


def test_the_only_app_or_the_only_one_with_an_account_is_evident() -> None:
    account = Account("pharmabot-openai", "bot-rg")
    assert evident(found(SHOP)) is not None
    both = evident(found(SHOP, BOT, servers=(BOT_DB, Server("shop-db", "shop-rg")), accounts=(account,)))
    assert both is not None
    assert both.app is BOT
    assert evident(found(SHOP, BOT, servers=(BOT_DB,))) is None
    assert evident(()) is None


@pytest.mark.parametrize(
    ("name", "group", "told"),
    [
        ("bot", "rg", Environment.PRODUCTION),
        ("bot-staging", "rg", Environment.STAGING),
        ("bot", "rg-dev", Environment.STAGING),
        ("bot-prod", "rg-dev", Environment.PRODUCTION),
        ("devotion", "rg", Environment.PRODUCTION),
    ],
)
def test_names_say_the_environment_and_silence_is_production(name: str, group: str, told: Environment) -> None:
    assert environment_of(App(name, group)) is told


def test_nothing_visible_names_the_permission_and_the_scope() -> None:
    listing: Listing[App] = Listing("container apps", (), "Microsoft.App/containerApps/read", "/subscriptions/s")
    assert listing.sentence == (
        "0 container apps visible: this identity may lack read (Microsoft.App/containerApps/read on /subscriptions/s)"
    )


def test_values_of_the_environment_are_not_even_in_a_representation() -> None:
    body = {"properties": {"template": {"containers": [{"env": [{"name": "KEY", "value": "s3cret"}]}]}}}
    app = read_app(body)
    assert app.env == (("KEY", "s3cret"),)
    assert "s3cret" not in repr(app)
    assert "s3cret" not in repr(found(app))


def test_a_readiness_page_is_read_from_the_container() -> None:
    probes = [
        {"type": "Liveness", "httpGet": {"path": "/live"}},
        {"type": "Readiness", "httpGet": {"path": "/ready"}},
    ]
    body = {"properties": {"template": {"containers": [{"probes": probes}]}}}
    assert read_app(body).readiness == "/ready"


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"name": 7, "id": None, "properties": None},
        {"properties": {"template": {"containers": [None]}, "configuration": []}},
        {"properties": {"template": {"containers": [{"env": {"a": 1}, "probes": "x"}]}}},
    ],
)
def test_bodies_of_a_wrong_shape_are_empty_and_not_an_error(body: dict[str, object]) -> None:
    assert read_app(body).name == ""
    assert read_server(body).name == ""
    assert read_account(body, [body]).deployments == (":",)


def test_hostile_names_are_made_visible_where_they_enter() -> None:
    body = {"name": "bot\x1b[2J\u202e", "id": "/subscriptions/s/resourceGroups/g\u0007/providers/x"}
    assert read_app(body).name == "bot\\x1b[2J\\u202e"
    assert read_app(body).group == "g\\x07"
