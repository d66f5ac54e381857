import { InvalidEnvironmentError } from './invalid-environment.error.js';
import { loadSettings } from './settings.js';

function refusalOf(env: NodeJS.ProcessEnv): InvalidEnvironmentError {
  try {
    loadSettings(env);
  } catch (error) {
    if (error instanceof InvalidEnvironmentError) return error;
    throw error;
  }
  throw new Error('The environment was accepted.');
}

describe('loadSettings with values that are not allowed', () => {
  it.each([
    ['PORT', '12abc'],
    ['PORT', '0x50'],
    ['PORT', '65536'],
    ['PORT', '-1'],
    ['PORT', '80.5'],
    ['HOST', 'localhost:3000'],
    ['HOST', 'http://localhost'],
    ['HOST', 'a b'],
    ['CORS_ALLOWED_ORIGINS', 'app.example.org'],
    ['CORS_ALLOWED_ORIGINS', 'https://app.example.org/'],
    ['CORS_ALLOWED_ORIGINS', 'https://App.example.org'],
    ['CORS_ALLOWED_ORIGINS', 'https://app.example.org:443'],
    ['CORS_ALLOWED_ORIGINS', 'https://app.example.org,*'],
    ['CORS_ALLOWED_ORIGINS', 'null'],
    ['DATABASE_URL', 'mysql://localhost/metrics'],
    ['DATABASE_URL', 'localhost:5432'],
    ['DATABASE_URL', 'postgres://metrics:pa#ss@db/metrics'],
    ['DATABASE_POOL_SIZE', '1'],
    ['DATABASE_POOL_SIZE', '101'],
    ['MIGRATE_ON_START', 'on'],
    ['LOG_LEVEL', 'verbose'],
    ['INGEST_MAX_BODY_BYTES', '5MB'],
    ['INGEST_MAX_BODY_BYTES', '1GiB'],
    ['INGEST_MAX_SAMPLES', '0'],
    ['METRICS_PORT', 'tcp://10.0.0.1:9100'],
    ['SERIES_IDLE_HIDE', '24'],
    ['RETENTION_DAYS', '0'],
    ['COMPACTION_HORIZON_SECONDS', '0'],
    ['CHUNK_PERIOD', '7h'],
    ['CHUNK_PERIOD', '5s'],
    ['CHUNK_PERIOD', '2d'],
    ['UNLEASH_UPSTREAM_URL', 'unleash.example.com/api'],
    ['UNLEASH_UPSTREAM_URL', 'ftp://unleash.example.com'],
    ['UNLEASH_UPSTREAM_URL', 'https://user:secret@unleash.example.com'],
    ['UNLEASH_UPSTREAM_URL', 'https://unleash.example.com/api?project=x'],
    ['INIT_BACKEND_API_TOKENS', 'default:*.abc'],
    ['INIT_FRONTEND_API_TOKENS', 'default:*.abc'],
    ['INIT_CLIENT_API_TOKENS', 'abc'],
    ['INIT_ADMIN_API_TOKENS', 'default:development.abc'],
  ])('refuses %s=%s', (name, text) => {
    expect(refusalOf({ [name]: text }).problems.map((problem) => problem.name)).toEqual([name]);
  });

  it('lists every problem at once, in the order of the documentation', () => {
    expect(refusalOf({ METRICS_AUTH: 'yes', PORT: '12abc', SERIES_IDLE_HIDE: '24' }).message).toBe(
      [
        "3 environment variables can't be used:",
        '  PORT: found "12abc"; allowed: a whole number from 0 to 65535',
        '  METRICS_AUTH: found "yes"; allowed: one of `none`, `token`',
        '  SERIES_IDLE_HIDE: found "24"; allowed: a duration like `90s`, `30m`, `24h` or `7d`, or `never`',
        'See docs/settings.md for every variable, its default and what it does.',
      ].join('\n'),
    );
  });

  it('masks secrets', () => {
    const { message } = refusalOf({
      DATABASE_URL: 'mysql://metrics:hunter2@db/metrics',
      UNLEASH_UPSTREAM_URL: 'https://user:hunter2@unleash.example.com',
      INIT_BACKEND_API_TOKENS: 'default:*.hunter2',
      INIT_ADMIN_API_TOKENS: '*:*.hunter2,hunter2',
    });
    expect(message).not.toContain('hunter2');
    expect(message).toContain('DATABASE_URL: found mysql://***;');
    expect(message).toContain('INIT_BACKEND_API_TOKENS: found default:*.***;');
    expect(message).toContain('INIT_ADMIN_API_TOKENS: found *:*.***, ***;');
  });

  it('shortens a long value, and escapes control characters', () => {
    const { message } = refusalOf({ PORT: `1\u001b[2J${'9'.repeat(1000)}` });
    expect(message).toContain('"1\\u001b[2J999');
    expect(message.length).toBeLessThan(300);
  });

  it('refuses a queue that could never hold a full request', () => {
    expect(refusalOf({ INGEST_MAX_SAMPLES: '20', STORE_QUEUE_SAMPLES: '19' }).problems).toEqual([
      {
        name: 'STORE_QUEUE_SAMPLES',
        found: '"19"',
        allowed: 'at least INGEST_MAX_SAMPLES (now 20), or a full request could never be accepted',
      },
    ]);
  });
});
