import { setting, settingGroup } from '../setting.js';
import { oneOf } from '../rules/setting-rules.js';

/** Settings of logging. */
export const logging = settingGroup({
  title: 'Logging',
  prefix: 'LOG',
  settings: {
    level: setting({
      env: 'LOG_LEVEL',
      serverOnly: true,
      default: 'info',
      rule: oneOf('error', 'warn', 'info', 'debug'),
      description: 'The lowest level of messages that are logged.',
    }),
    format: setting({
      env: 'LOG_FORMAT',
      serverOnly: true,
      whenUnset: '`text` on a terminal, `json` otherwise',
      example: 'json',
      rule: oneOf('json', 'text'),
      description: 'The format of log lines: a JSON object for log collectors, or text for people.',
    }),
  },
});
