"""PLATFORMS: sheets as questions of learning platforms, which mark them: Moodle's own XML, and QTI for all others."""
