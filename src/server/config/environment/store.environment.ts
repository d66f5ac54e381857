import { IsAtLeast, Setting } from '../rules/setting.decorator.js';
import { wholeNumber, utcTime } from '../rules/setting-rules.js';
import { MAX_WAIT_MS } from './max-wait.js';

/** The sample store. */
export class StoreEnvironment {
  @Setting({
    group: 'store',
    default: '5000',
    rule: wholeNumber(0, MAX_WAIT_MS),
    description:
      'How many milliseconds a push request is held while Postgres is away; after it 503 with `Retry-After`. ' +
      'Keep it below the timeout of the senders.',
  })
  readonly STORE_WAIT_MS: number;

  @Setting({
    group: 'store',
    default: '2000000',
    rule: wholeNumber(1, 100_000_000),
    description:
      'Most samples that may wait in memory for their commit; beyond it 503 with `Retry-After`. At least ' +
      '`INGEST_MAX_SAMPLES`.',
  })
  @IsAtLeast('INGEST_MAX_SAMPLES', 'a full request could never be accepted')
  readonly STORE_QUEUE_SAMPLES: number;

  @Setting({
    group: 'store',
    default: '90',
    rule: wholeNumber(1, 36_500),
    description: 'How many days raw samples are kept. Older ones are dropped, and pushes of older ones are refused.',
  })
  readonly RETENTION_DAYS: number;

  @Setting({
    group: 'store',
    whenUnset: "what falls due at once beyond a day's worth is dropped two days' worth a day",
    example: '2026-08-01',
    rule: utcTime(),
    description:
      'Confirms that everything older than this may be dropped at once, after RETENTION_DAYS was lowered or the service was ' +
      'away for long. Without it a clock of Postgres that was set ahead by mistake would take the whole history.',
  })
  readonly RETENTION_CONFIRMED_BEFORE: number | undefined;
}
