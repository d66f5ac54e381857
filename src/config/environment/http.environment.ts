import { Setting } from '../setting.decorator.js';
import { hostName, wholeNumber } from '../setting-rules.js';
import { MAX_WAIT_MS } from './max-wait.js';

/** The HTTP server. */
export class HttpEnvironment {
  @Setting({
    group: 'http',
    default: '3000',
    rule: wholeNumber(0, 65_535),
    description: 'Port to listen on. `0` takes any free one and logs which.',
  })
  readonly PORT: number;

  @Setting({
    group: 'http',
    default: '0.0.0.0',
    rule: hostName(),
    description: 'Address to listen on. `127.0.0.1` serves this machine only; `::` serves IPv6 as well.',
  })
  readonly HOST: string;

  @Setting({
    group: 'http',
    default: '10000',
    rule: wholeNumber(0, MAX_WAIT_MS),
    description:
      'How many milliseconds a stopping server gives the requests under way before it closes their connections. ' +
      'Keep it below the grace period of whatever stops it (Docker: 10 s, Kubernetes: 30 s).',
  })
  readonly SHUTDOWN_TIMEOUT_MS: number;
}
