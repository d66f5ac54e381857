import { setting, settingGroup } from '../setting.js';
import { httpUrl, pagePath, yesOrNo } from '../rules/setting-rules.js';

/** Settings of the explorer. */
export const explorer = settingGroup({
  title: 'Explorer',
  settings: {
    explorer: setting({
      env: 'EXPLORER',
      serverOnly: true,
      default: 'true',
      rule: yesOrNo(),
      description:
        'Whether the server serves its web page, the explorer, and lets people sign in. With `false`, the page and `/api/explorer` ' +
        'answer 404.',
    }),
    path: setting({
      env: 'EXPLORER_PATH',
      serverOnly: true,
      default: 'explorer',
      rule: pagePath(),
      description: 'Path of the explorer. A browser that opens `/` is redirected there.',
    }),
    publicUrl: setting({
      env: 'PUBLIC_URL',
      serverOnly: true,
      whenUnset: 'the address that the server listens on',
      example: 'https://metrics.example.org',
      rule: httpUrl(),
      description:
        'URL at which people reach the server, including the prefix of a proxy if there is one. Sign-in links start with it.',
    }),
  },
});
