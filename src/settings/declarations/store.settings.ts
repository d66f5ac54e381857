import { setting, settingGroup } from '../setting.js';
import { wholeNumber, utcTime } from '../rules/setting-rules.js';
import { MAX_WAIT_MS } from './max-wait.js';

/** The sample store. */
export const store = settingGroup({
  title: 'Sample store',
  settings: {
    waitMs: setting({
      env: 'STORE_WAIT_MS',
      default: '5000',
      rule: wholeNumber(0, MAX_WAIT_MS),
      description:
        'How many milliseconds a push request is held while Postgres is away; after it 503 with `Retry-After`. ' +
        'Keep it below the timeout of the senders.',
    }),
    queueSamples: setting({
      env: 'STORE_QUEUE_SAMPLES',
      default: '2000000',
      rule: wholeNumber(1, 100_000_000),
      description:
        'Most samples that may wait in memory for their commit; beyond it 503 with `Retry-After`. At least ' +
        '`INGEST_MAX_SAMPLES`.',
      atLeast: { other: 'ingest.maxSamples', reason: 'a full request could never be accepted' },
    }),
    retentionDays: setting({
      env: 'RETENTION_DAYS',
      default: '90',
      rule: wholeNumber(1, 36_500),
      description: 'How many days raw samples are kept. Older ones are dropped, and pushes of older ones are refused.',
    }),
    retentionConfirmedBefore: setting({
      env: 'RETENTION_CONFIRMED_BEFORE',
      whenUnset: "what falls due at once beyond a day's worth is dropped two days' worth a day",
      computed: () => 0,
      example: '2026-08-01',
      rule: utcTime(),
      description:
        'Confirms that everything older than this may be dropped at once, after RETENTION_DAYS was lowered or the service was ' +
        'away for long. Without it a clock of Postgres that was set ahead by mistake would take the whole history.',
    }),
  },
});
