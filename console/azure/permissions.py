"""What we may do, as Azure itself lists it: actions with wildcards, and what each role takes back from its own.

`GET {scope}/providers/Microsoft.Authorization/permissions`
(https://learn.microsoft.com/rest/api/authorization/permissions/list-for-resource). Each entry is one role's
grant; its notActions take from its own actions only
(https://learn.microsoft.com/azure/role-based-access-control/role-definitions). Deny assignments and locks are not in
the list: Azure may refuse all the same.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Protocol

VERSION = "2022-04-01"


class Lists(Protocol):
    """What can read a list, page by page. Raises Failure."""

    async def listed(self, path: str, version: str, resource: str) -> tuple[Mapping[str, Any], ...]: ...


@dataclass(frozen=True, slots=True)
class Grant:
    """What one role gives."""

    actions: tuple[str, ...]
    not_actions: tuple[str, ...] = ()

    def allows(self, action: str) -> bool:
        given = any(_matches(pattern, action) for pattern in self.actions)
        return given and not any(_matches(pattern, action) for pattern in self.not_actions)


@dataclass(frozen=True, slots=True)
class Permissions:
    """Everything that our roles give at one scope."""

    grants: tuple[Grant, ...] = ()

    def allows(self, action: str) -> bool:
        """Whether some role gives `action`, compared without case."""
        return any(grant.allows(action) for grant in self.grants)


async def permitted_actions(arm: Lists, scope: str) -> Permissions:
    """What we may do at `scope`, a resource's or a group's id. Raises Failure, also where we may not ask."""
    path = f"{scope}/providers/Microsoft.Authorization/permissions"
    entries = await arm.listed(path, VERSION, "the permissions list")
    return Permissions(tuple(Grant(_words(one, "actions"), _words(one, "notActions")) for one in entries))


def _words(entry: Mapping[str, Any], key: str) -> tuple[str, ...]:
    return tuple(word for word in entry.get(key) or () if isinstance(word, str))


def _matches(pattern: str, action: str) -> bool:
    """A `*` stands for any characters, slashes too; nothing else is special."""
    return _compiled(pattern).fullmatch(action) is not None


@lru_cache(maxsize=1024)
def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(".*".join(re.escape(part) for part in pattern.split("*")), re.IGNORECASE)
