import { setting, settingGroup } from '../setting.js';
import { oneOf } from '../rules/setting-rules.js';

/** The log. */
export const logging = settingGroup({
  title: 'Logging',
  prefix: 'LOG',
  settings: {
    level: setting({
      env: 'LOG_LEVEL',
      serverOnly: true,
      default: 'info',
      rule: oneOf('error', 'warn', 'info', 'debug'),
      description: 'The least serious messages that are still logged.',
    }),
    format: setting({
      env: 'LOG_FORMAT',
      serverOnly: true,
      whenUnset: '`text` on a terminal, `json` otherwise',
      example: 'json',
      rule: oneOf('json', 'text'),
      description: 'One JSON object a line for log collectors, or text for people.',
    }),
  },
});
