# Each target is one line that calls the tool; see tools/. Without make:
#   python tools/environment.py -m tools.book
# Another Python, another port:  make book PYTHON=python3.12,  make serve PORT=8080
PYTHON ?= python3
PORT ?= 8000
RUN = @$(PYTHON) tools/environment.py

help: ## list these targets
	@sed -n 's/^\([a-z-]*\):.* ## /  make \1\t/p' Makefile | expand -t 22

environment: ## make .venv, in which everything else runs
	$(RUN)

book: ## build the book in _build/html
	$(RUN) -m tools.book

runtime: ## fetch what runs in the browser; `make book` then gives the pages their doors to it
	$(RUN) --for runtime -m tools.book.runtime

serve: ## fetch the runtime and build the book if needed, and serve it on this machine
	$(RUN) --for runtime -m tools.book.serve --port $(PORT)

lab: ## open the chapters in JupyterLab on this machine
	$(RUN) --for lab -m jupyter lab

test: ## run every test; installs a browser and a sandbox where it may
	$(RUN) --for test -m tests

test-fast: ## run the tests of the package and of the chapters' form
	$(RUN) --for fast -m pytest -n logical --dist load code tests/package tests/chapters

test-oldest: ## run the package's tests with the oldest NumPy, matplotlib and ipywidgets allowed
	$(RUN) -m tools.versions oldest

test-newest: ## run the package's tests with the newest ones
	$(RUN) -m tools.versions newest

lint: ## check style and spelling
	$(RUN) --for lint -m ruff check && .venv/bin/ruff format --check && .venv/bin/codespell

pdf: ## print the book to _build/rectified.pdf
	$(RUN) --for browser -m tools.book.pdf

binder: ## assemble in _build/binder the tree that Binder opens
	$(RUN) -m tools.book.binder

homework: ## build and check the students' notebooks
	$(RUN) --for homework -m tools.homework check

grade: ## mark a class: make grade HW=definition SUBMITTED=folder-or-zip (see the page "Assign it")
	$(RUN) --for homework -m tools.homework grade

certificates: ## once for grading on a cluster: what its machines know each other by
	$(RUN) --for homework -m tools.homework certificates

scheduler: ## of a cluster: make scheduler LISTEN=tls://0.0.0.0:8786
	$(RUN) --for homework -m tools.homework scheduler

worker: ## of a cluster, on each machine: make worker SCHEDULER=tls://HOST:8786 WORKERS=4
	$(RUN) --for homework -m tools.homework worker

formgrader: ## nbgrader's page for the answers in words
	$(RUN) --for homework -m tools.homework formgrader

solution: ## the model solution: make solution HW=definition
	$(RUN) --for homework -m tools.homework solution

hub: ## a JupyterHub on this machine, for a trial with two made-up students
	$(RUN) --for hub -m tools.hub start

release: ## hand out the homeworks on the hub (or one: HW=definition)
	$(RUN) --for hub -m tools.hub release

collect: ## collect a homework from the hub and grade it: make collect HW=definition
	$(RUN) --for hub -m tools.hub collect

return: ## give the feedback back on the hub: make return HW=definition
	$(RUN) --for hub -m tools.hub return

rehearse: ## a class of made-up students on a hub, all at once: make rehearse STUDENTS=30
	$(RUN) --for hub -m tools.hub rehearse

bench: ## list what can be measured; make bench PART=build measures it, PART=all everything
	$(RUN) --for test -m tools.bench $(PART)

lock: ## compile requirements.txt from pyproject.toml (needs uv); UPGRADE=--upgrade for newest versions
	@uv pip compile pyproject.toml --group book --group test --group lint --universal --python-version 3.11 --no-emit-index-url --quiet $(UPGRADE) -o requirements.txt

clean: ## remove what was built (.venv stays, and the marks in grading/)
	@rm -rf _build .pytest_cache .ruff_cache .hypothesis conf.py

.PHONY: certificates scheduler worker hub release collect return rehearse homework grade formgrader solution help environment book runtime serve lab test test-fast test-oldest test-newest lint pdf binder bench lock clean
