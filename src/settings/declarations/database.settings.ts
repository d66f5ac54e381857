import { setting, settingGroup } from '../setting.js';
import { anyText, postgresUrl, schemaNameText, wholeNumber, yesOrNo } from '../rules/setting-rules.js';

/** Settings of the database. */
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
        'The Postgres (14 or newer) that stores everything. The embedded one is for trials and for a single server: ' +
        'two servers must share a real Postgres.',
    }),
    schema: setting({
      env: 'DATABASE_SCHEMA',
      serverOnly: true,
      whenUnset: 'the first schema of the `search_path`, which is usually `public`',
      example: 'custom_metrics',
      rule: schemaNameText(),
      description:
        'The schema for all tables, views and functions, which is created if it does not exist. Upper and lower case count. Choose it before the first start: ' +
        'the server does not move tables. Two servers with different schemas can share a database.',
    }),
    poolSize: setting({
      env: 'DATABASE_POOL_SIZE',
      serverOnly: true,
      default: '10',
      rule: wholeNumber(2, 100),
      description:
        'Maximum number of connections of each process to Postgres. One writes the samples, so at least one more is needed to answer ' +
        'queries meanwhile. Keep the sum over all processes below the `max_connections` of Postgres.',
    }),
    startWaitSeconds: setting({
      env: 'DATABASE_START_WAIT_SECONDS',
      serverOnly: true,
      default: '30',
      rule: wholeNumber(0, 3_600),
      description:
        'How many seconds a start waits for a Postgres that is unavailable, starting or read-only, or that refuses the login. Then ' +
        'the process logs the reason and exits with code 1.',
    }),
    dataDir: setting({
      env: 'DATA_DIR',
      serverOnly: true,
      default: './data',
      rule: anyText('the path of a folder, which is created if necessary'),
      description:
        'Folder of the embedded Postgres, which is not used if `DATABASE_URL` is set. The first start also writes the tokens that it ' +
        'creates to `first-tokens.env` in this folder, unless it shows them on a terminal.',
    }),
    migrateOnStart: setting({
      env: 'MIGRATE_ON_START',
      serverOnly: true,
      default: 'true',
      rule: yesOrNo(),
      description:
        'Whether the server migrates the database to its own version when it starts. With `false` it refuses to start on ' +
        'an older version, which `custom-metrics migrate` upgrades.',
    }),
  },
});
