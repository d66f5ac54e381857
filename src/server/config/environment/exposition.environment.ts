import { Setting } from '../rules/setting.decorator.js';
import { byteSize, duration, durationOrNever, oneOf, wholeNumber } from '../rules/setting-rules.js';

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

  @Setting({
    group: 'exposition',
    default: '1000',
    rule: wholeNumber(1, 100_000),
    description:
      'Maximum number of concurrent scrapes. Scrapes that come together share one page. Beyond it, a scrape that has taken ' +
      'more than 10 s gives way, or else the new one is answered 503 with `Retry-After`.',
  })
  readonly METRICS_MAX_SCRAPES: number;

  @Setting({
    group: 'exposition',
    default: '60s',
    rule: duration('1s', '1h'),
    description: 'How long the answer to one scrape may take before its connection is closed.',
  })
  readonly METRICS_TIMEOUT: number;

  @Setting({
    group: 'exposition',
    default: '64MiB',
    rule: byteSize(2 * 1024 ** 2, 1024 ** 4),
    description:
      'Memory for rendered pages that slow scrapers have not read yet. When it is used up, the slowest one loses its connection.',
  })
  readonly METRICS_BUFFER_BYTES: number;
}
