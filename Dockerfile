FROM node:24.22.3-slim AS base
WORKDIR /app
COPY package.json package-lock.json ./
# The packages of the workspace; npm compares them with the lock file.
COPY client/package.json client/
COPY module/package.json module/


# Compiles.
FROM base AS build
RUN --mount=type=cache,target=/root/.npm npm ci --omit=optional --no-audit --no-fund
COPY tsconfig.json nest-cli.json ./
COPY migrations migrations
COPY src src
RUN npx nest build && rm dist/.tsbuildinfo


# What is needed at run time: no compiler, no tests, no embedded Postgres.
FROM base AS dependencies
RUN --mount=type=cache,target=/root/.npm npm ci --omit=dev --omit=optional --no-audit --no-fund


FROM node:24.22.3-slim
ARG VERSION=0.1.0
ARG REVISION=
LABEL org.opencontainers.image.title="nestjs-custom-metrics" \
      org.opencontainers.image.description="Custom metrics, kept: push over HTTP with a token, every raw sample in Postgres, live values for Prometheus, the whole history to query." \
      org.opencontainers.image.licenses="Apache-2.0" \
      org.opencontainers.image.version="$VERSION" \
      org.opencontainers.image.revision="$REVISION"
WORKDIR /app
ENV NODE_ENV=production \
    NPM_CONFIG_UPDATE_NOTIFIER=false
# From the layer that changes least to the one that changes most.
COPY --from=dependencies /app/node_modules node_modules
# `npm run tokens` works in the container, too; before it runs, it looks whether the code must be built.
COPY scripts/build-if-stale.mjs scripts/
COPY LICENSE package.json ./
COPY --from=build /app/dist dist
USER node
EXPOSE 3000
HEALTHCHECK --interval=10s --timeout=5s --retries=3 --start-period=60s --start-interval=1s \
  CMD ["node", "-e", "fetch(`http://127.0.0.1:${process.env.PORT || 3000}/health/ready`).then((answer) => process.exit(answer.ok ? 0 : 1), () => process.exit(1))"]
# Not through npm or a shell: node itself is process 1 and gets SIGTERM.
# Room for what requests that wait for their commit hold: half as many again are taken per second (docs/performance.md).
CMD ["node", "--max-semi-space-size=64", "--enable-source-maps", "dist/src/server/main.js"]
