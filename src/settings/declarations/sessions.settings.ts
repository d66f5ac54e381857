import { setting, settingGroup } from '../setting.js';
import { duration, wholeNumber } from '../rules/setting-rules.js';

/** Settings of the sessions that a person opens by signing in. */
export const sessions = settingGroup({
  title: 'Sessions',
  prefix: 'SESSION',
  settings: {
    lifetimeSeconds: setting({
      env: 'SESSION_LIFETIME',
      default: '12h',
      rule: duration('1m', '30d'),
      description:
        'How long a person stays signed in to the explorer. A session ends earlier if its token expires or is revoked.',
    }),
    maxPerToken: setting({
      env: 'SESSION_MAX_PER_TOKEN',
      default: '20',
      rule: wholeNumber(1, 1_000),
      description: 'Maximum number of open sessions of one token. A new session beyond that ends the oldest one.',
    }),
    failuresPerMinute: setting({
      env: 'SESSION_FAILURES_PER_MINUTE',
      default: '10',
      rule: wholeNumber(0, 1_000_000),
      description:
        'Maximum number of attempts to sign in with a wrong token from one address in a minute. Further such attempts are answered ' +
        '429 with `Retry-After`. A valid token always signs in. `0` sets no limit.',
    }),
  },
});
