import { Setting } from '../rules/setting.decorator.js';
import { oneOf } from '../rules/setting-rules.js';

/** The log. */
export class LoggingEnvironment {
  @Setting({
    group: 'logging',
    default: 'info',
    rule: oneOf('error', 'warn', 'info', 'debug'),
    description: 'The least serious messages that are still logged.',
  })
  readonly LOG_LEVEL: 'error' | 'warn' | 'info' | 'debug';

  @Setting({
    group: 'logging',
    whenUnset: '`text` on a terminal, `json` otherwise',
    example: 'json',
    rule: oneOf('json', 'text'),
    description: 'One JSON object a line for log collectors, or text for people.',
  })
  readonly LOG_FORMAT: 'json' | 'text' | undefined;
}
