"""A grid's boundary: what is accepted as GeoJSON (RFC 7946) in WGS 84."""

from typing import Any, Final

from dispatch.domain.refusal import Unacceptable

POSITIONS_OF_RING: Final = 4
LONGITUDE: Final = 180
LATITUDE: Final = 90
HEIGHT: Final = 10_000


class BoundaryMalformed(Unacceptable):
    """A boundary is a GeoJSON Polygon or MultiPolygon of closed rings in WGS 84, without further members."""


def require_boundary(boundary: dict[str, Any] | None) -> dict[str, Any] | None:
    """Return `boundary`, which must be a Polygon or MultiPolygon or absent; otherwise `BoundaryMalformed`."""
    if boundary is None:
        return None
    shape, coordinates = boundary.get("type"), boundary.get("coordinates")
    further = boundary.keys() - {"type", "coordinates"}
    polygons = [coordinates] if shape == "Polygon" else coordinates if shape == "MultiPolygon" else None
    if further or not _all(polygons, _is_polygon):
        raise BoundaryMalformed
    return boundary


def _all(items: Any, test: Any) -> bool:
    return isinstance(items, list | tuple) and bool(items) and all(test(item) for item in items)


def _is_polygon(rings: Any) -> bool:
    return _all(rings, _is_ring)


def _is_ring(positions: Any) -> bool:
    if not _all(positions, _is_position) or len(positions) < POSITIONS_OF_RING:
        return False
    return bool(positions[0] == positions[-1])


def _is_position(position: Any) -> bool:
    if not _all(position, _is_number) or len(position) < 2:  # noqa: PLR2004 - longitude and latitude
        return False
    return bool(abs(position[0]) <= LONGITUDE and abs(position[1]) <= LATITUDE)


def _is_number(number: Any) -> bool:
    # The bound is a height's, in metres; it also keeps out what is not a number or infinite.
    return isinstance(number, int | float) and not isinstance(number, bool) and abs(number) <= HEIGHT
