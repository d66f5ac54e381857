FROM node:24.22.3-slim AS base
WORKDIR /app
COPY package.json package-lock.json ./
# npm compares the packages of the workspace with the lock file.
COPY client/package.json client/
COPY module/package.json module/


# Compiles the service. The program of the bundler is an optional package.
FROM base AS build
RUN --mount=type=cache,target=/root/.npm npm ci --no-audit --no-fund
COPY tsconfig.json nest-cli.json ./
COPY migrations migrations
COPY src src
COPY explorer explorer
COPY scripts/bundle-server.mjs scripts/bundle-options.mjs scripts/build-explorer.mjs scripts/
RUN npx nest build && node scripts/bundle-server.mjs && node scripts/build-explorer.mjs


# Installs only the packages that are needed at run time, without compiler, tests and embedded Postgres.
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
# The layers are in the order of their changes: the one that changes least often comes first.
COPY --from=dependencies /app/node_modules node_modules
# `npm run tokens` must work in the container, and checks first whether the code must be built.
COPY scripts/build-if-stale.mjs scripts/
COPY LICENSE package.json ./
COPY --from=build /app/dist/explorer dist/explorer
COPY --from=build /app/dist/server dist/server
USER node
EXPOSE 3000
HEALTHCHECK --interval=10s --timeout=5s --retries=3 --start-period=60s --start-interval=1s \
  CMD ["node", "-e", "fetch(`http://127.0.0.1:${process.env.PORT || 3000}/health/ready`).then((answer) => process.exit(answer.ok ? 0 : 1), () => process.exit(1))"]
# The command does not use npm or a shell, so that node itself is process 1 and gets SIGTERM. The larger semi-space has room for the
# data of requests that wait for their commit, so that half as many more requests are accepted per second (docs/performance.md).
CMD ["node", "--max-semi-space-size=32", "--enable-source-maps", "dist/server/main.js"]
