"""Why there is no token, as a sentence that says what to do. azure-identity's own messages run over many lines."""

from __future__ import annotations

import re
from collections.abc import Mapping

from console.config.settings import SignInSettings
from console.domain.clean import clean

WORKLOAD = ("AZURE_CLIENT_ID", "AZURE_TENANT_ID", "AZURE_FEDERATED_TOKEN_FILE")
SECRET = ("AZURE_TENANT_ID", "AZURE_CLIENT_ID", "AZURE_CLIENT_SECRET")
CERTIFICATE = "AZURE_CLIENT_CERTIFICATE_PATH"

# Microsoft Entra ID: a refresh token that expired, was revoked or is too old, or a second factor wanted again
# (https://learn.microsoft.com/entra/identity-platform/reference-error-codes).
_EXPIRED = re.compile(r"AADSTS(50078|50076|50079|50173|70043|700082|700084|53003)|claims challenge|expired", re.I)
_AZ_CLOUDS = {"china": "AzureChinaCloud", "government": "AzureUSGovernment"}


def explained(settings: SignInSettings, error: Exception, environment: Mapping[str, str]) -> str:
    """One sentence for an error of azure-identity's, by the kind of credential; never a value of the environment."""
    text = str(error)
    match settings.credential:
        case "cli":
            return _cli(settings, text)
        case "device-code":
            return _device_code(text)
        case "managed-identity":
            return f"this machine has no managed identity that answers ({_first_line(text)})"
        case "workload-identity":
            return _variables(WORKLOAD, environment) or _first_line(text)
        case "environment":
            return _environment(text, environment)
        case _:
            return (
                "none of the usual ways worked (environment, workload identity, managed identity, az): "
                "run `az login`, or name one way as credential"
            )


def _cli(settings: SignInSettings, text: str) -> str:
    login = _login(settings)
    if "not found on path" in text:
        return (
            "az is not installed here, or not on PATH: install the Azure CLI, "
            'or sign in another way (credential = "device-code")'
        )
    if _EXPIRED.search(text):
        return f"the sign-in of az is not good any more: run `{login}`"
    if "az login" in text and "AADSTS" not in text:
        return f"az is not signed in: run `{login}`"
    if "Failed to invoke the Azure CLI" in text or "timed out" in text:
        return "az did not answer in time: try `az account get-access-token` by hand"
    return f"az gave no token: {_first_line(text)}"


def _login(settings: SignInSettings) -> str:
    cloud = f"az cloud set --name {_AZ_CLOUDS[settings.cloud]} && " if settings.cloud in _AZ_CLOUDS else ""
    tenant = f" --tenant {clean(settings.tenant, 80)}" if settings.tenant else ""
    return f"{cloud}az login{tenant}"


def _device_code(text: str) -> str:
    if _EXPIRED.search(text) or "imed out" in text:
        return "the device code was not entered in time: ask for another"
    return f"the device code did not sign in: {_first_line(text)}"


def _environment(text: str, environment: Mapping[str, str]) -> str:
    if "not fully configured" not in text:
        return f"the sign-in named by AZURE_CLIENT_ID was refused: {_first_line(text)}"
    missing = _variables(SECRET, environment) or "environment variables are missing"
    return f"{missing} (or {CERTIFICATE} instead of the secret)"


def _variables(names: tuple[str, ...], environment: Mapping[str, str]) -> str:
    missing = [name for name in names if not environment.get(name)]
    return f"{', '.join(missing)} {'is' if len(missing) == 1 else 'are'} not set" if missing else ""


def _first_line(text: str) -> str:
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    return clean(lines[0] if lines else "no reason given", 200)
