import { randomBytes } from 'node:crypto';
import pg from 'pg';
import { eventually } from '../support/eventually.js';
import { ADMIN_TOKEN, push, startServer, type TestServer } from '../support/server.js';
import { createTestDatabase, type TestDatabase } from '../support/test-database.js';

/**
 * Each case has a statement that makes the database unusable, and one that repairs it. `{db}` and `{role}` stand for the names
 * of the database and the role.
 */
const CASES: [name: string, spoil: string, mend: string][] = [
  ['is renamed', 'ALTER DATABASE {db} RENAME TO {db}_away', 'ALTER DATABASE {db}_away RENAME TO {db}'],
  ['refuses the login', 'ALTER ROLE {role} NOLOGIN', 'ALTER ROLE {role} LOGIN'],
  ['refuses the old password', `ALTER ROLE {role} PASSWORD 'changed'`, `ALTER ROLE {role} PASSWORD 'secret'`],
  ['has no connection left', 'ALTER ROLE {role} CONNECTION LIMIT 0', 'ALTER ROLE {role} CONNECTION LIMIT -1'],
  [
    'is read-only',
    'ALTER DATABASE {db} SET default_transaction_read_only = on',
    'ALTER DATABASE {db} RESET default_transaction_read_only',
  ],
];

/** Fails every push as a full disk does. Postgres can still start transactions, read and delete. */
const FILL_DISK = `
  CREATE FUNCTION fill_disk() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    RAISE 'could not extend file "base/1/2": No space left on device' USING ERRCODE = 'disk_full';
  END $$;
  CREATE TRIGGER full_disk BEFORE INSERT ON sample_batch FOR EACH STATEMENT EXECUTE FUNCTION fill_disk()`;

describe('a database that', () => {
  const role = `role_${randomBytes(6).toString('hex')}`;
  let database: TestDatabase;
  let name: string;
  let url: string;
  let admin: pg.Client;
  let server: TestServer;

  beforeAll(async () => {
    database = await createTestDatabase();
    const address = new URL(database.url);
    name = address.pathname.slice(1);
    address.pathname = '/postgres';
    admin = new pg.Client({ connectionString: address.href });
    await admin.connect();
    await admin.query(`CREATE ROLE ${role} LOGIN PASSWORD 'secret' IN ROLE pg_signal_backend`);
    await admin.query(`ALTER DATABASE ${name} OWNER TO ${role}`);
    const owner = new pg.Client({ connectionString: database.url });
    await owner.connect();
    await owner.query(`ALTER SCHEMA public OWNER TO ${role}; GRANT ALL ON ALL TABLES IN SCHEMA public TO ${role};
      GRANT ALL ON ALL SEQUENCES IN SCHEMA public TO ${role}`);
    await owner.end();
    address.pathname = `/${name}`;
    address.username = role;
    address.password = 'secret';
    url = address.href;
    server = await startServer({ DATABASE_URL: url, STORE_WAIT_MS: '500', COMPACTION_INTERVAL_SECONDS: '3600' });
  });

  afterAll(async () => {
    await server.kill();
    await database.drop();
    await admin.query(`DROP ROLE ${role}`);
    await admin.end();
  });

  async function change(statement: string): Promise<void> {
    const sql = statement.replaceAll('{db}', name).replaceAll('{role}', role);
    const terminate = `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = '${role}'`;
    // The service reconnects immediately, and a database can't be renamed while there are connections.
    await eventually(async () => {
      await admin.query(terminate);
      await admin.query(sql);
    });
    await admin.query(terminate);
  }

  const item = { name: 'unusable_total', value: 1 };
  const get = (path: string) => fetch(server.url + path, { headers: { Authorization: ADMIN_TOKEN } });
  const ask = () =>
    Promise.all([
      push(server, [item]),
      get('/api/history/samples?metric=unusable_total'),
      get('/api/admin/tokens'),
      get('/health/ready'),
    ]);

  interface Outage {
    readonly spoil: () => Promise<unknown>;
    readonly mend: () => Promise<unknown>;
    /** The status of requests that only read. */
    readonly reads?: number;
    readonly meanwhile?: () => Promise<void>;
  }

  async function expectOutage({ spoil, mend, reads = 503, meanwhile }: Outage): Promise<void> {
    await eventually(async () => expect((await ask()).map(({ status }) => status)).toEqual([202, 200, 200, 200]));
    const linesBeforeOutage = server.output().length;
    await spoil();
    try {
      await eventually(async () => {
        const answers = await ask();
        expect(answers.map(({ status }) => status)).toEqual([503, reads, reads, 503]);
        expect(answers[0].headers.get('retry-after')).toBe('1');
      });
      const linesBefore = server.output().length;
      await ask();
      expect(server.output().slice(linesBefore)).not.toMatch(/Postgres (?:does not take|takes) commits/);
      await meanwhile?.();
    } finally {
      await mend();
    }
    await eventually(async () => expect((await ask()).map(({ status }) => status)).toEqual([202, 200, 200, 200]));
    expect(server.output().slice(linesBeforeOutage)).not.toContain('secret');
  }

  test.each(CASES)('%s is an outage, which passes by itself', async (what, spoil, mend) => {
    // A read-only database can still be read.
    const reads = what === 'is read-only' ? 200 : 503;
    await expectOutage({ spoil: () => change(spoil), mend: () => change(mend), reads });
  });

  test('has a full disk is an outage, which passes by itself, and can still be read', async () => {
    const owner = new pg.Client({ connectionString: database.url });
    await owner.connect();
    const stored = () => owner.query('SELECT count(*) FROM metric_sample').then(({ rows }) => rows);
    try {
      await expectOutage({
        spoil: () => owner.query(FILL_DISK),
        mend: () => owner.query('DROP FUNCTION fill_disk CASCADE'),
        reads: 200,
        meanwhile: async () => {
          const before = await stored();
          expect((await push(server, [item])).status).toBe(503);
          expect(await stored()).toEqual(before);
        },
      });
    } finally {
      await owner.end();
    }
  });

  test('refuses the login: the start waits for it, and then reports it in one sentence', async () => {
    await change('ALTER ROLE {role} NOLOGIN');
    const waiting = startServer({ DATABASE_URL: url, DATABASE_START_WAIT_SECONDS: '60' });
    const failing = startServer({ DATABASE_URL: url, DATABASE_START_WAIT_SECONDS: '3' });
    await expect(failing).rejects.toThrow(/ended with 1:[^]*could not be used for 3 s \(DATABASE_START_WAIT_SECONDS\)/);
    await change('ALTER ROLE {role} LOGIN');
    const second = await waiting;
    expect(second.output()).toContain('Waiting up to 60 s for Postgres');
    await second.kill();
  });
});
