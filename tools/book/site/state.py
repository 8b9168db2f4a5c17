"""What is gathered from each page while it is read, in Sphinx's environment.

Sphinx reads pages in several processes, each of which ends with what it knows: only what stands in
the environment comes back, page by page.
"""


def keep(app, name: str, gather) -> None:
    """Keep ``gather(app, doctree)`` of each page in ``app.env.NAME[docname]``."""

    def begin(app):
        setattr(app.env, name, {})

    def read(app, doctree):
        getattr(app.env, name)[app.env.docname] = gather(app, doctree)

    def merge(app, env, docnames, other):
        getattr(env, name).update(getattr(other, name))

    app.connect("builder-inited", begin)
    app.connect("doctree-read", read)
    app.connect("env-merge-info", merge)
