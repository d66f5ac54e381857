import { setting, settingGroup } from '../setting.js';
import { byteSize, duration, hostName, originList, wholeNumber, wholeNumberOrAuto } from '../rules/setting-rules.js';
import { MAX_WAIT_MS } from './max-wait.js';

/** Every process follows all others, so beyond this number a further process costs more than it gains. */
const MAX_PROCESSES = 64;

/** Settings of the HTTP server. */
export const http = settingGroup({
  title: 'HTTP server',
  settings: {
    port: setting({
      env: 'PORT',
      serverOnly: true,
      default: '3000',
      rule: wholeNumber(0, 65_535),
      description: 'Port to listen on. `0` takes any free port, which is logged.',
    }),
    host: setting({
      env: 'HOST',
      serverOnly: true,
      default: '0.0.0.0',
      rule: hostName(),
      description: 'Address to listen on. `127.0.0.1` serves this machine only; `::` serves IPv6 as well.',
    }),
    processes: setting({
      env: 'PROCESSES',
      serverOnly: true,
      default: '1',
      rule: wholeNumberOrAuto(1, MAX_PROCESSES),
      description:
        'Number of processes that share the port, each on a core of its own. `auto` starts as many as the cores, the memory and the ' +
        'connections of Postgres allow. Limits and pools apply to each process: see [scale-out.md](scale-out.md#more-processes).',
    }),
    shutdownTimeoutMs: setting({
      env: 'SHUTDOWN_TIMEOUT_MS',
      serverOnly: true,
      default: '10000',
      rule: wholeNumber(0, MAX_WAIT_MS),
      description:
        'How many milliseconds a stopping server gives running requests before it closes their connections. ' +
        'Keep it below the grace period of whatever stops it (Docker: 10 s, Kubernetes: 30 s).',
    }),
    corsAllowedOrigins: setting({
      env: 'CORS_ALLOWED_ORIGINS',
      serverOnly: true,
      whenUnset: 'none',
      computed: () => [],
      example: 'https://app.example.org,http://localhost:5173',
      rule: originList(),
      description:
        'Origins whose web pages may push to `/api/client/metrics/custom`, `/api/push` and `/v1/metrics`, and query `/api/v1`. `*` ' +
        'allows all of them. Everybody who opens such a page can read its token.',
    }),
    bodiesMaxBytes: setting({
      env: 'HTTP_BODIES_MAX_BYTES',
      default: '64MiB',
      rule: byteSize(1, 1024 ** 4),
      description:
        'Memory for the bodies of all running requests, counted as received and again as decompressed. Beyond it requests are ' +
        'answered 503 with `Retry-After`. One token may use half of it. It is never less than four times `INGEST_MAX_BODY_BYTES`.',
    }),
    requestTimeoutSeconds: setting({
      env: 'HTTP_REQUEST_TIMEOUT',
      serverOnly: true,
      default: '30s',
      rule: duration('1s', '1h'),
      description:
        'How long the head and body of a request may take to arrive. Then it is answered 408, or the connection is closed. Responses ' +
        'may take longer.',
    }),
    maxConnections: setting({
      env: 'HTTP_MAX_CONNECTIONS',
      serverOnly: true,
      whenUnset: 'as many as the limit of open files (`ulimit -n`) allows in addition to connections to Postgres',
      example: '1000',
      rule: wholeNumber(16, 1_000_000),
      description:
        'Maximum number of open client connections. Beyond it, the oldest one without a request in progress is closed for a new one. ' +
        'If requests are in progress on all of them, the new one is closed.',
    }),
    maxPipelinedRequests: setting({
      env: 'HTTP_MAX_PIPELINED_REQUESTS',
      serverOnly: true,
      default: '100',
      rule: wholeNumber(1, 100_000),
      description:
        'Maximum number of requests that one connection may send without waiting for answers. They are handled one at a time. Beyond the ' +
        'limit a request is answered 503 with `Retry-After` and the connection is closed.',
    }),
  },
});
