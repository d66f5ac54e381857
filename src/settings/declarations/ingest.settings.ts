import { setting, settingGroup } from '../setting.js';
import { ownHeapShares } from '../heap-shares.js';
import { byteSize, duration, oneOf, wholeNumber, yesOrNo } from '../rules/setting-rules.js';

/** A body becomes one string before it is parsed, and V8 refuses strings of 512 MiB; half of it leaves room. */
const MAX_BODY_BYTES = 256 * 1024 ** 2;

/** Ingestion: what a push may be. */
export const ingest = settingGroup({
  title: 'Ingestion',
  settings: {
    counterTemporality: setting({
      env: 'COUNTER_TEMPORALITY',
      default: 'delta',
      rule: oneOf('delta', 'cumulative'),
      description:
        'What the value of a counter says if neither the sample, its metric nor the token does: `delta` is added to ' +
        'the total, `cumulative` is the running total of the sender.',
    }),
    rateLimitPerMinute: setting({
      env: 'INGEST_RATE_LIMIT_PER_MINUTE',
      default: '6000',
      rule: wholeNumber(0, 10_000_000),
      description: 'Most push requests a minute of one token; beyond it 429 with `Retry-After`. `0` sets no limit.',
    }),
    maxBodyBytes: setting({
      env: 'INGEST_MAX_BODY_BYTES',
      default: '5242880',
      rule: byteSize(1, MAX_BODY_BYTES),
      description: 'Largest body of a push request, counted after decompression; beyond it 413.',
    }),
    maxSamples: setting({
      env: 'INGEST_MAX_SAMPLES',
      default: '10000',
      rule: wholeNumber(1, 1_000_000),
      description: 'Most samples in one push request.',
    }),
    cacheMemoryBytes: setting({
      env: 'INGEST_CACHE_MEMORY',
      whenUnset: '15 % of the heap beyond 80 MiB, from 4 MiB to 256 MiB',
      computed: () => ownHeapShares().cacheBytes,
      example: '64MiB',
      rule: byteSize(1024 ** 2, 16 * 1024 ** 3),
      description:
        'Memory for recognising items that are pushed again without reading them anew. With too little of it pushes take more ' +
        'processor time, and nothing is refused.',
    }),
    idempotencyRetentionSeconds: setting({
      env: 'IDEMPOTENCY_RETENTION',
      default: '24h',
      rule: duration('1m', '365d'),
      description:
        'How long an `Idempotency-Key` is remembered. A request that is sent again later than this is stored again, so ' +
        'keep it above the time for which senders retry.',
    }),
    pushgatewayPaths: setting({
      env: 'PUSHGATEWAY_PATHS',
      default: 'true',
      rule: yesOrNo(),
      description:
        'Whether `PUT`, `POST` and `DELETE /metrics/job/…` take what clients of Pushgateway send. They need a token that may ' +
        'push, as the password of basic auth.',
    }),
  },
});
