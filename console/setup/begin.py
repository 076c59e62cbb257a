"""Looks around in Azure, asks, and drafts the configuration."""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import quote

from console.azure.arm import Arm
from console.azure.credentials import OnDeviceCode, credential_for
from console.azure.permissions import permitted_actions
from console.azure.survey import APPS, App, survey
from console.clock import Clock
from console.config import ConfigError
from console.config.settings import SignInSettings
from console.domain.clean import clean
from console.domain.failure import Failure
from console.setup.asking import Asker
from console.setup.file import Draft, draft
from console.setup.interview import Beginning, choose_app, interview
from console.setup.look import Seen, look
from console.setup.proposals import propose
from console.setup.text import render
from console.target import open_http

Say = Callable[[str], None]


class NothingVisible(Exception):
    """There is no app to write about; `sentence` says what may be in the way."""

    def __init__(self, sentence: str) -> None:
        super().__init__(sentence)
        self.sentence = sentence


async def begin(
    wanted: Beginning, asker: Asker, say: Say, clock: Clock, on_device_code: OnDeviceCode | None = None
) -> Draft:
    """The draft of a configuration. Raises Failure, NothingVisible, NoAnswer or ConfigError; writes nothing."""
    try:
        http, probes = open_http(wanted.azure, wanted.places.url)
    except OSError as error:
        raise ConfigError(f"{clean(str(wanted.azure.ca))} cannot be read: {clean(str(error))}.") from None
    try:
        arm = Arm(wanted.azure, credential_for(wanted.azure, on_device_code), http, clock)
        say(f"Signed in to Azure as {(await arm.identity()).name}.")
        found = await survey(arm, wanted.azure.subscription, wanted.group, wanted.app)
        for listing in (found.apps, found.servers, found.accounts):
            say(f"{listing.sentence}.")
        if not found.apps.items:
            raise NothingVisible("There is no container app to write about")
        proposal = choose_app(asker, propose(found))
        say(f"It is about {proposal.app.name} in {proposal.app.group}.")

        async def ask_service(app: App, path: str | None) -> Seen:
            return await look(app, probes, wanted.places.url or None, path)

        may_write = await _may_write(arm, wanted.azure, proposal.app)
        choice = await interview(asker, proposal, wanted, ask_service, may_write)
    finally:
        await http.aclose()
        await probes.aclose()
    return draft(wanted.output, choice.name, render(choice))


async def _may_write(arm: Arm, azure: SignInSettings, app: App) -> bool | None:
    """Whether we may shift the app's traffic; None where Azure does not say."""
    names = (quote(name, safe="") for name in (azure.subscription, app.group, app.name))
    scope = "/subscriptions/{}/resourceGroups/{}/providers/{apps}/{}".format(*names, apps=APPS)
    try:
        return (await permitted_actions(arm, scope)).allows(f"{APPS}/write")
    except Failure:
        return None
