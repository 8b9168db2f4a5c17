"""Measurements of the build, the pages, the package and the homework."""
