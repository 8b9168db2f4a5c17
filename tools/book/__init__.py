"""The book: its build (`__main__`), its Sphinx extension (`site`), and uses of the pages."""
