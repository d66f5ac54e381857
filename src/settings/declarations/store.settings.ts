import { setting, settingGroup } from '../setting.js';
import { wholeNumber, utcTime } from '../rules/setting-rules.js';
import { MAX_WAIT_MS } from './max-wait.js';

/** Settings of the sample store. */
export const store = settingGroup({
  title: 'Sample store',
  settings: {
    waitMs: setting({
      env: 'STORE_WAIT_MS',
      default: '5000',
      rule: wholeNumber(0, MAX_WAIT_MS),
      description:
        'How many milliseconds a request waits while Postgres is unavailable or data is locked. Then it is answered 503 with ' +
        '`Retry-After`. Reading, computing and deleting may take longer, and requests other than pushes wait for at least a second. ' +
        'Keep it below the timeout of the clients.',
    }),
    queueSamples: setting({
      env: 'STORE_QUEUE_SAMPLES',
      default: '2000000',
      rule: wholeNumber(1, 100_000_000),
      description:
        'Maximum number of samples that may wait in memory for their commit. Beyond it requests are answered 503 with `Retry-After`. ' +
        'It must be at least `INGEST_MAX_SAMPLES`.',
      atLeast: { other: 'ingest.maxSamples', reason: 'a full request could never be accepted' },
    }),
    retentionDays: setting({
      env: 'RETENTION_DAYS',
      default: '90',
      rule: wholeNumber(1, 36_500),
      description:
        'How many days raw samples are kept. Older samples are dropped, and pushes of older samples are refused.',
    }),
    retentionConfirmedBefore: setting({
      env: 'RETENTION_CONFIRMED_BEFORE',
      whenUnset: 'if more than a day of data expires at once, it is dropped at two days of data a day',
      computed: () => 0,
      example: '2026-08-01',
      rule: utcTime(),
      description:
        'Confirms that all data before this time may be dropped at once, after `RETENTION_DAYS` was lowered or the service was down ' +
        'for long. Without this protection, a clock of Postgres that is set ahead by mistake would delete the whole history.',
    }),
  },
});
