"""What builds, publishes and grades the course; no chapter imports it."""
