# Everything a newcomer types. Each target sets up what it needs.
.PHONY: run test check lock clean
.DEFAULT_GOAL := run

export UV_PYTHON_DOWNLOADS := never
UV := .venv/bin/uv
# A virtual environment of the user's own must not be mistaken for ours.
unexport VIRTUAL_ENV

.venv/bin/uv:
	@python3 -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Python 3.11 or newer is needed."; exit 1; }
	python3 -m venv .venv
	.venv/bin/pip install --quiet --disable-pip-version-check uv

# `sync` takes away what the lock does not name, and puts uv itself aside: it is called by its path.
.venv/.run: .venv/bin/uv requirements.lock pyproject.toml
	$(UV) pip install --quiet --require-hashes -r requirements.lock
	$(UV) pip install --quiet --no-deps --no-build-isolation --editable .
	@touch $@

.venv/.dev: .venv/.run requirements-dev.lock
	$(UV) pip install --quiet --require-hashes -r requirements-dev.lock
	@touch $@

run: .venv/.run
	@.venv/bin/python -m bot run

test: .venv/.dev
	.venv/bin/python -m pytest

check: .venv/.dev
	.venv/bin/ruff check .
	.venv/bin/ruff format --check .
	.venv/bin/mypy
	.venv/bin/lint-imports
	.venv/bin/python -m bot check --texts

lock: .venv/bin/uv
	$(UV) pip compile --quiet --generate-hashes --no-emit-index-url --universal --python-version 3.11 pyproject.toml --group build -o requirements.lock
	$(UV) pip compile --quiet --generate-hashes --no-emit-index-url --universal --python-version 3.11 pyproject.toml --group build --group dev -c requirements.lock -o requirements-dev.lock

clean:
	rm -rf .venv build *.egg-info
