import { setting, settingGroup } from '../../setting.js';
import { ownHeapShares } from '../../heap-shares.js';
import { byteSize, duration, oneOf, wholeNumber, yesOrNo } from '../../rules/setting-rules.js';

/**
 * Maximum size of a body. The body becomes one string before it is parsed, and V8 refuses strings of 512 MiB. Half of that
 * leaves a margin.
 */
const MAX_BODY_BYTES = 256 * 1024 ** 2;

/** Settings of ingestion: limits and defaults of pushes. */
export const ingest = settingGroup({
  title: 'Ingestion',
  settings: {
    counterTemporality: setting({
      env: 'COUNTER_TEMPORALITY',
      default: 'delta',
      rule: oneOf('delta', 'cumulative'),
      description:
        'How the value of a counter is interpreted if neither the sample, its metric nor the token says so: `delta` is added to ' +
        'the total, `cumulative` is the running total of the client.',
    }),
    rateLimitPerMinute: setting({
      env: 'INGEST_RATE_LIMIT_PER_MINUTE',
      default: '6000',
      rule: wholeNumber(0, 10_000_000),
      description:
        'Maximum number of push requests of one token in a minute. Beyond it they are answered 429 with `Retry-After`. `0` sets no limit.',
    }),
    maxBodyBytes: setting({
      env: 'INGEST_MAX_BODY_BYTES',
      default: '5242880',
      rule: byteSize(1, MAX_BODY_BYTES),
      description: 'Maximum size of the body of a push request after decompression. A larger body is answered 413.',
    }),
    maxSamples: setting({
      env: 'INGEST_MAX_SAMPLES',
      default: '10000',
      rule: wholeNumber(1, 1_000_000),
      description: 'Maximum number of samples in one push request.',
    }),
    cacheMemoryBytes: setting({
      env: 'INGEST_CACHE_MEMORY',
      whenUnset: '15 % of the heap beyond 80 MiB, from 4 MiB to 256 MiB',
      computed: () => ownHeapShares().cacheBytes,
      example: '64MiB',
      rule: byteSize(1024 ** 2, 16 * 1024 ** 3),
      description:
        'Memory of the caches that recognise repeated items, so that they need not be parsed again. With too little memory, pushes ' +
        'take more processor time, but nothing is refused.',
    }),
    decodingMemoryBytes: setting({
      env: 'INGEST_DECODING_MEMORY',
      whenUnset: '20 % of the heap beyond 80 MiB, at least 8 MiB',
      computed: () => ownHeapShares().decodingBytes,
      example: '64MiB',
      rule: byteSize(1024 ** 2, 16 * 1024 ** 3),
      description:
        'Memory of the OTLP exports and remote write requests that are decoded and stored at the same time. Further ones wait for up ' +
        'to `STORE_WAIT_MS`, and are answered 503 after that, or if 32 times as much is waited for already.',
    }),
    idempotencyRetentionSeconds: setting({
      env: 'IDEMPOTENCY_RETENTION',
      default: '24h',
      rule: duration('1m', '365d'),
      description:
        'How long an `Idempotency-Key` is remembered. A request that is repeated later than this is stored again, so ' +
        'keep it above the time for which clients retry.',
    }),
    refusalsKept: setting({
      env: 'INGEST_REFUSALS_KEPT',
      default: '200',
      rule: wholeNumber(0, 1_000),
      description:
        'Maximum number of entries that `/api/admin/refusals` lists. An entry combines the refusals of all processes with the same token, ' +
        'reason and metric. The newest entries are kept, at most half of them for one token. With 0, refusals are not recorded.',
    }),
    pushgatewayPaths: setting({
      env: 'PUSHGATEWAY_PATHS',
      default: 'true',
      rule: yesOrNo(),
      description:
        'Whether `PUT`, `POST` and `DELETE /metrics/job/…` accept requests of Pushgateway clients. They need a token that may ' +
        'push, sent as the password of basic auth.',
    }),
  },
});
