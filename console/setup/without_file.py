"""An app that is named on the command line, as if a configuration named it: the code layer, read the safe way."""

from __future__ import annotations

from collections.abc import Mapping

from pydantic import ValidationError

from console.azure.az_profile import Known, default_subscription, known_subscription
from console.config import ConfigError, TargetSettings
from console.domain.clean import clean
from console.wanted import Wanted


def without_file(wanted: Wanted, environment: Mapping[str, str]) -> tuple[str, TargetSettings]:
    """The target's name and settings. What kind of environment it is nobody said: it is treated as production.

    Raises ConfigError where the app, its group or its subscription is not known.
    """
    if not wanted.app or not wanted.group:
        raise ConfigError("Without a configuration name both: --app APP and --group GROUP (-n and -g).")
    if wanted.target not in (None, wanted.app):
        raise ConfigError(f"--target names a target of a configuration; here the target is {clean(wanted.app, 60)}.")
    azure = {**subscription(wanted.subscription, environment), "resource_group": wanted.group}
    if wanted.credential:
        azure["credential"] = wanted.credential
    body = {"environment": "production", "azure": azure, "code": {"container_app": wanted.app}}
    try:
        return clean(wanted.app, 60), TargetSettings.model_validate(body)
    except ValidationError as error:
        why = "; ".join(clean(detail["msg"], 200) for detail in error.errors(include_url=False))
        raise ConfigError(f"The options do not name an app: {why}.") from None


def subscription(wanted: str | None, environment: Mapping[str, str]) -> dict[str, str]:
    """Which subscription, in which cloud: the one named, else AZURE_SUBSCRIPTION_ID, else az's own default.

    A name stands for the id that az knows by it. Raises ConfigError where none is named anywhere.
    """
    word = wanted or environment.get("AZURE_SUBSCRIPTION_ID") or ""
    known = known_subscription(environment, word) if word else default_subscription(environment)
    if known is not None:
        return _told(known)
    if word:
        return {"subscription": word}
    raise ConfigError(
        "No subscription is named: give --subscription, set AZURE_SUBSCRIPTION_ID, or choose one with "
        "`az account set --subscription NAME`."
    )


def _told(known: Known) -> dict[str, str]:
    return {"subscription": known.id, "cloud": known.cloud}
