"""The routes, one module per thing of the domain."""

from typing import Final

API: Final = "/api/v1"
"""What every address of the API begins with."""
