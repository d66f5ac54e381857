import { Setting } from '../setting.decorator.js';
import { durationOrNever, oneOf, wholeNumber } from '../setting-rules.js';

/** The page that Prometheus scrapes. */
export class ExpositionEnvironment {
  @Setting({
    group: 'exposition',
    default: 'none',
    rule: oneOf('none', 'token'),
    description: 'Who may read `/metrics`: everybody, or only who sends a token that may read.',
  })
  readonly METRICS_AUTH: 'none' | 'token';

  @Setting({
    group: 'exposition',
    whenUnset: 'the same as `PORT`',
    example: '9100',
    rule: wholeNumber(0, 65_535),
    description: 'A port of its own for `/metrics`, so that a firewall can keep it internal. `0` takes any free one.',
  })
  readonly METRICS_PORT: number | undefined;

  @Setting({
    group: 'exposition',
    default: '24h',
    rule: durationOrNever(),
    description:
      'How long after its last push a gauge stays on `/metrics`; its history remains, and a new push brings it ' +
      'back. Counters always stay.',
  })
  readonly SERIES_IDLE_HIDE: number;
}
