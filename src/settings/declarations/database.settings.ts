import { setting, settingGroup } from '../setting.js';
import { anyText, postgresUrl, wholeNumber, yesOrNo } from '../rules/setting-rules.js';

/** The database. */
export const database = settingGroup({
  title: 'Database',
  settings: {
    url: setting({
      env: 'DATABASE_URL',
      serverOnly: true,
      whenUnset: 'an embedded Postgres in `DATA_DIR`',
      example: 'postgres://metrics:change-me@localhost:5432/metrics',
      rule: postgresUrl(),
      description:
        'The Postgres (14 or newer) that keeps everything. The embedded one is for trying out and for one process: ' +
        'two processes must share a real one.',
    }),
    poolSize: setting({
      env: 'DATABASE_POOL_SIZE',
      serverOnly: true,
      default: '10',
      rule: wholeNumber(2, 100),
      description:
        'Most connections to Postgres at once. One writes the samples, so at least one more is needed to answer ' +
        'queries meanwhile. Keep the sum over all processes below the `max_connections` of Postgres.',
    }),
    startWaitSeconds: setting({
      env: 'DATABASE_START_WAIT_SECONDS',
      serverOnly: true,
      default: '30',
      rule: wholeNumber(0, 3_600),
      description:
        'How many seconds a start waits for a Postgres that is away, starting, read-only or refuses the login. Then the ' +
        'process says why and exits with code 1.',
    }),
    dataDir: setting({
      env: 'DATA_DIR',
      serverOnly: true,
      default: './data',
      rule: anyText('the path of a folder, which is created if need be'),
      description:
        'Folder of the embedded Postgres, which is not used with `DATABASE_URL`. The first start also writes `first-tokens.env` ' +
        'here, with the tokens that it creates, unless it shows them on a terminal.',
    }),
    migrateOnStart: setting({
      env: 'MIGRATE_ON_START',
      serverOnly: true,
      default: 'true',
      rule: yesOrNo(),
      description:
        'Whether the server brings the database to its own version at the start. With `false` it refuses to start on ' +
        'an older one, and `custom-metrics migrate` does it.',
    }),
  },
});
