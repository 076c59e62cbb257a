"""A device code, shown inside the app: where to go, what to enter, until when."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC
from typing import TYPE_CHECKING, cast

from textual import events
from textual.app import ComposeResult
from textual.screen import ModalScreen

from screens.door import DeviceCode
from screens.drawing.sign_in import sign_in
from screens.drawing.text import Line
from screens.widgets.canvas import Canvas

if TYPE_CHECKING:
    from screens.console_app import ConsoleApp


def sentence(code: DeviceCode) -> str:
    """How to sign in, in one sentence."""
    until = code.expires_on.astimezone(UTC)
    return f"open {code.verification_uri} and enter the code {code.user_code} before {until:%H:%M}Z"


class SignIn(ModalScreen[None]):
    """Stands above everything until it is hidden, or until Azure has taken the sign-in."""

    AUTO_FOCUS = None
    DEFAULT_CSS = "SignIn { background: $background; }"

    def __init__(self, code: DeviceCode) -> None:
        super().__init__()
        self.code = code

    def compose(self) -> ComposeResult:
        yield Canvas(self._draw)

    def _draw(self, width: int, height: int) -> Sequence[Line]:
        now = cast("ConsoleApp", self.app).around.now()
        code = self.code
        return sign_in(code.verification_uri, code.user_code, code.expires_on, now, width, height)

    def replace(self, code: DeviceCode) -> None:
        """A newer code takes the older one's place."""
        self.code = code
        for canvas in self.query(Canvas):
            canvas.paint()

    def on_key(self, event: events.Key) -> None:
        """No key but esc does anything here."""
        event.stop()
        event.prevent_default()
        if event.key == "escape":
            self.dismiss(None)
