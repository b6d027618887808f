# The bot for a server. Two stages: what builds the environment stays behind.
# `docker build .`, or see docker-compose.yml, which brings PostgreSQL too.
FROM python:3.11-slim-bookworm AS build

ENV PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1
WORKDIR /app
COPY requirements.lock ./
# Every package is checked against its hash in the lock.
RUN python -m venv /opt/venv && /opt/venv/bin/pip install --require-hashes --requirement requirements.lock
COPY pyproject.toml alembic.ini ./
COPY bot ./bot
COPY migrations ./migrations
# The console script alone: the program is run from /app, where its migrations and texts lie.
RUN /opt/venv/bin/pip install --no-deps --no-build-isolation --editable . \
    && python -m compileall -q /app/bot /app/migrations

FROM python:3.11-slim-bookworm

ENV PATH=/opt/venv/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1
# The number is fixed: the files of secrets on the host are given to it.
RUN useradd --uid 10001 --no-create-home --home-dir /nonexistent --shell /usr/sbin/nologin shekteu
WORKDIR /app
COPY --from=build /opt/venv /opt/venv
COPY --from=build /app /app
COPY templates ./templates
USER 10001
ENTRYPOINT ["shekteu"]
# With a key that does not fit it says so once and waits, unhealthy, instead of being started again for ever: of the
# restart policies only `unless-stopped` and `always` bring it back after a reboot, and they know no exit code.
CMD ["run", "--hold"]
