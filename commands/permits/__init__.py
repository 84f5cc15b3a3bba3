"""Permits to publish: due, reported, judged, corrected."""
