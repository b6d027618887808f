# Everything a newcomer types. Each target sets up what it needs.
.PHONY: run setup test identities thorough chaos burst links posters bench lists check lock clean
.DEFAULT_GOAL := run

export UV_PYTHON_DOWNLOADS := never
UV := .venv/bin/uv
# A virtual environment of the user's own must not be mistaken for ours.
unexport VIRTUAL_ENV
# What is compiled once is not compiled again by each process of the tests, and by each that these start.
unexport PYTHONDONTWRITEBYTECODE

.venv/bin/uv:
	@command -v python3 > /dev/null || { echo "Python 3.11 or newer is needed: on Debian, apt install python3 python3-venv"; exit 1; }
	@python3 -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Python 3.11 or newer is needed; python3 here is older."; exit 1; }
	@python3 -c 'import ensurepip, venv' 2> /dev/null || { echo "This Python lacks venv: on Debian, apt install python3-venv"; exit 1; }
	python3 -m venv .venv
	.venv/bin/pip install --quiet --disable-pip-version-check uv==0.13.9

# uv checks every package against its hash in the lock; it is called by its path, whatever PATH holds.
# Compiled here: the processes that open photos and draw papers write no file, and would compile each time what they load.
.venv/.run: .venv/bin/uv requirements.lock pyproject.toml
	$(UV) pip install --quiet --compile-bytecode --require-hashes -r requirements.lock
	$(UV) pip install --quiet --no-deps --no-build-isolation --editable .
	@touch $@

.venv/.dev: .venv/.run requirements-dev.lock
	$(UV) pip install --quiet --compile-bytecode --require-hashes -r requirements-dev.lock
	@touch $@

run: .venv/.run
	@.venv/bin/python -m bot run

# For those who want `.venv/bin/shekteu` before the first run.
setup: .venv/.run

test: .venv/.dev
	.venv/bin/python -m pytest

# The search for identities that `make test` makes with a few reporters, with many: prints where it looked and what it found.
identities: .venv/.dev
	REPORTERS=$(or $(REPORTERS),1000) .venv/bin/python -m pytest -n 0 tests/identities/test_identities.py

# The run that `make test` makes with 15 reports, with many: kills, storms, double deliveries, by webhook and polling.
chaos: .venv/.dev
	REPORTS=$(or $(REPORTS),1000) KILLS=$(or $(KILLS),200) .venv/bin/python -m tests.chaos

# What `make test` samples, in full: each state of the dialogue with each sort of content (a third of these pairs there,
# each state and each sort among them), 200 spoilt updates of each sort and 50 of each recorded one, 200 hostile
# pictures, 100 reporters, 60 reports in the chaos, the 1,200 reports of the pilot's month, a web of 500 pages that is
# watched, 2,000 links of an hour; and properties with ten times as many examples, other ones each time (`make test`
# tries the same).
thorough: .venv/.dev
	MATRIX=all FUZZ=200 HOSTILE=20 REPORTERS=100 CHAOS_REPORTS=60 PILOT_REPORTS=1200 PAGES=500 COUNT=2000 PEOPLE=100 EXAMPLES=5000 \
		.venv/bin/python -m pytest \
		tests/integration/test_dialogue_matrix.py tests/integration/test_fuzzed_updates.py \
		tests/integration/test_recorded_updates.py tests/integration/test_hostile_photos.py \
		tests/identities/test_identities.py tests/chaos/test_chaos.py \
		tests/journeys/test_pilot_month.py tests/evidence/test_watching.py tests/crowd \
		tests/unit/test_links_made.py tests/unit/test_links_properties.py tests/unit/test_links_platforms.py \
		tests/unit/test_receipts.py tests/unit/test_places.py tests/unit/test_sealing.py tests/unit/test_lifecycle.py \
		tests/unit/test_steps.py tests/unit/test_said.py tests/unit/test_desk_words.py tests/evidence/test_guard.py

# 5,000 reports in 5 minutes, offered to one desk that takes 20 messages a minute; the minutes are virtual.
burst: .venv/.dev
	BURST=$(or $(BURST),5000) .venv/bin/python -m pytest -n 0 -s tests/integration/test_bursts.py

# 10,000 links within an hour from 500 people, seven of ten named before; the hour is virtual. SEED repeats one.
links: .venv/.dev
	COUNT=$(or $(COUNT),10000) PEOPLE=$(or $(PEOPLE),500) .venv/bin/python -m pytest -n 0 -s tests/crowd

# 1,000 placements to A4 posters: time, memory, and each code read blurred, tilted and at 80 %.
posters: .venv/.dev
	COUNT=$(or $(COUNT),1000) .venv/bin/python -m tests.load.posters

# What the bot costs, as ratios to a bare aiogram echo in the same run. Wants a quiet machine, and some minutes.
bench: .venv/.dev
	.venv/bin/python -m tests.load.bench

# What an officer waits for at a million stored reports: lists, a search, the register, figures.
lists: .venv/.dev
	.venv/bin/python -m tests.load.lists

check: .venv/.dev
	.venv/bin/ruff check .
	.venv/bin/ruff format --check .
	.venv/bin/mypy
	.venv/bin/lint-imports
	.venv/bin/python -m bot check --texts

lock: .venv/bin/uv
	$(UV) pip compile --quiet --generate-hashes --no-emit-index-url --universal --python-version 3.11 pyproject.toml --group build -o requirements.lock
	$(UV) pip compile --quiet --generate-hashes --no-emit-index-url --universal --python-version 3.11 pyproject.toml --group build --group dev -c requirements.lock -o requirements-dev.lock
	$(UV) pip compile --quiet --generate-hashes --no-emit-index-url --universal --python-version 3.11 pyproject.toml --extra ocr -c requirements.lock -o requirements-ocr.lock

clean:
	rm -rf .venv build *.egg-info
