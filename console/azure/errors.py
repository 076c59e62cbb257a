"""Azure's errors in our words."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

from azure.core.exceptions import AzureError, ClientAuthenticationError, HttpResponseError, ServiceRequestError

from console.domain.clean import clean
from console.domain.failure import Failure, FailureKind

_ACTION = re.compile(r"perform action '([^']+)'")
_SCOPE = re.compile(r"over scope '([^']+)'")
_WAIT = re.compile(r"(?:retry|try again) after '?(\d+)'? second", re.IGNORECASE)
_TIMED_OUT = 408


def read_failure(error: AzureError, resource: str) -> Failure:
    """Why a read failed. What passes by itself, such as a 503, is `UNREACHABLE`: it may be tried again."""
    if _is_credential_error(error):
        return Failure(FailureKind.SIGN_IN, f"Not signed in to Azure: {_first_line(error)}")
    if isinstance(error, HttpResponseError) and error.status_code is not None:
        if 400 <= error.status_code < 500 and error.status_code != _TIMED_OUT:
            return _answered(error, resource, error.status_code)
        code, _ = _body(error)
        sentence = f"Azure gave no usable answer for {resource}: {error.status_code} {code}".rstrip()
        return Failure(FailureKind.UNREACHABLE, sentence, code, _request_id(error))
    return Failure(FailureKind.UNREACHABLE, f"Azure did not answer for {resource}: {_first_line(error)}")


def write_failure(error: AzureError, resource: str) -> Failure:
    """Why a write failed, and whether it may have taken effect all the same.

    Only a refused connection, a failed sign-in and a definite refusal (4xx but 408) leave the world untouched: a
    success that cannot be read, a redirect and every 5xx, whoever between us and Azure made it, do not.
    """
    if _is_credential_error(error):
        return Failure(FailureKind.SIGN_IN, f"Not signed in to Azure: {_first_line(error)}; nothing was sent")
    if isinstance(error, HttpResponseError) and error.status_code is not None:
        if 400 <= error.status_code < 500 and error.status_code != _TIMED_OUT:
            return _answered(error, resource, error.status_code)
        return _uncertain(f"Azure answered {error.status_code}", resource, error)
    if isinstance(error, ServiceRequestError):
        return Failure(
            FailureKind.UNREACHABLE, f"No connection to Azure for {resource}: {_first_line(error)}; nothing was sent"
        )
    return _uncertain("the connection broke", resource, error)


def _uncertain(what: str, resource: str, error: AzureError) -> Failure:
    sentence = (
        f"{what} after the request for {resource} may have arrived ({_first_line(error)}): do not send it again"
    )
    return Failure(FailureKind.UNKNOWN, sentence, request_id=_request_id(error))


def _answered(error: HttpResponseError, resource: str, status: int) -> Failure:
    code, message = _body(error)
    request = _request_id(error)
    match status:
        case 401:
            kind, sentence = FailureKind.SIGN_IN, f"Azure does not accept the sign-in (401 {code}): sign in again"
        case 403:
            kind, sentence = FailureKind.NOT_ALLOWED, _forbidden(message, resource)
        case 404:
            kind, sentence = FailureKind.NOT_FOUND, f"{resource} does not exist ({code or 404})"
        case 409:
            kind, sentence = FailureKind.CONFLICT, f"Azure is busy with {resource} ({code}): {message}"
        case 429:
            kind, sentence = FailureKind.THROTTLED, _throttled(error, message, resource)
        case _:
            kind, sentence = FailureKind.REJECTED, f"Azure refused for {resource}: {status} {code} {message}".rstrip()
    return Failure(kind, sentence, code, request)


def _forbidden(message: str, resource: str) -> str:
    action, scope = _ACTION.search(message), _SCOPE.search(message)
    if action is None:
        return f"Not allowed on {resource}: {message or 'Azure answered 403'}"
    return (
        f"Not allowed: {action.group(1)} on {scope.group(1) if scope else resource}. Ask for a role with that action"
    )


def _throttled(error: HttpResponseError, message: str, resource: str) -> str:
    headers: Mapping[str, str] = getattr(error.response, "headers", {})
    header = headers.get("Retry-After")
    told = _WAIT.search(message)
    seconds = header or (told.group(1) if told else None)
    wait = f"try again in {clean(seconds, 20)} s" if seconds else "try again in a minute"
    return f"Azure has had too many requests for {resource}; nothing changed: {wait}"


def _body(error: HttpResponseError) -> tuple[str, str]:
    """Azure's own code and message, cleaned; empty where the body is not Azure's envelope."""
    try:
        text = error.response.text() if error.response is not None else ""
        content: Any = json.loads(text)
        inner = content.get("error", content)
        return clean(str(inner.get("code", "")), 80), clean(str(inner.get("message", "")), 400)
    except (ValueError, AttributeError):
        return "", ""


def _request_id(error: AzureError) -> str:
    response = getattr(error, "response", None)
    return clean(response.headers.get("x-ms-request-id", ""), 80) if response is not None else ""


def _is_credential_error(error: AzureError) -> bool:
    """Whether getting a token failed; Azure's own 401 to a request is another matter."""
    return isinstance(error, ClientAuthenticationError) and error.status_code != 401


def _first_line(error: Exception) -> str:
    lines = str(error).strip().splitlines()
    return clean(lines[0] if lines else type(error).__name__, 200)
