"""The build hook: an install of the service, or its wheel, has the pages in it."""

import sys
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface  # type: ignore[import-not-found, unused-ignore] # there while building only

sys.path.insert(0, str(Path(__file__).resolve().parent))

from webroot import NODE, Webroot


class PagesHook(BuildHookInterface[Any]):  # type: ignore[misc, unused-ignore] # as above
    """Builds `web/` before the package is put together."""

    PLUGIN_NAME = "custom"

    def dependencies(self) -> list[str]:
        """Ask for Node when something must be built."""
        return [NODE] if self._concerns_us and Webroot(Path(self.root)).must_be_built else []

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Bring the pages up to date; a failure ends the install."""
        del version, build_data
        if self._concerns_us:
            Webroot(Path(self.root)).update()

    @property
    def _concerns_us(self) -> bool:
        return bool(self.target_name == "wheel")
