"""A JupyterHub for the course: students fetch, work and hand in; one line grades."""
