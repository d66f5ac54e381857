import pg from 'pg';
import { startServer, type TestServer } from './server.js';
import { createTestDatabase, type TestDatabase } from './test-database.js';

/** A compiled server on a database of its own, which runs during the tests of its block. */
export interface ServiceUnderTest extends TestServer {
  readonly databaseUrl: string;
}

/**
 * Gives a `describe` block (or a file) a server on a database of its own. The server starts before the tests, and is stopped
 * after them as an orchestrator would stop it.
 *
 * @param settings the environment of the server, without DATABASE_URL
 */
export function serviceUnderTest(settings: Record<string, string> = {}): ServiceUnderTest {
  let database: TestDatabase | undefined;
  let server: TestServer | undefined;

  beforeAll(async () => {
    database = await createTestDatabase();
    server = await startServer({ DATABASE_URL: database.url, ...settings });
  });

  afterAll(async () => {
    await server?.stop();
    await database?.drop();
  });

  return {
    get databaseUrl() {
      return started(database).url;
    },
    get url() {
      return started(server).url;
    },
    get metricsUrl() {
      return started(server).metricsUrl;
    },
    get process() {
      return started(server).process;
    },
    output: () => started(server).output(),
    stop: () => started(server).stop(),
    kill: () => started(server).kill(),
  };
}

/** A migrated database, with a connection to it and with the servers that tests start on it. */
export interface StoreUnderTest {
  readonly url: string;
  readonly client: pg.Client;
  /** Starts a server on the database. It is stopped before the database is dropped, unless the test has ended it. */
  start(settings?: Record<string, string>): Promise<TestServer>;
}

/**
 * Gives a `describe` block (or a file) a database without a server.
 *
 * @param scope `all` shares the database between the tests of the block, `each` creates a new one for every test
 */
export function storeUnderTest(scope: 'all' | 'each'): StoreUnderTest {
  const [before, after] = scope === 'all' ? [beforeAll, afterAll] : [beforeEach, afterEach];
  let database: TestDatabase | undefined;
  let client: pg.Client | undefined;
  let servers: TestServer[] = [];

  before(async () => {
    database = await createTestDatabase();
    client = new pg.Client({ connectionString: database.url });
    await client.connect();
  });

  after(async () => {
    await Promise.all(servers.filter(isRunning).map((server) => server.stop()));
    servers = [];
    await client?.end();
    await database?.drop();
  });

  return {
    get url() {
      return started(database).url;
    },
    get client() {
      return started(client);
    },
    start: async (settings = {}) => {
      const server = await startServer({ DATABASE_URL: started(database).url, ...settings });
      servers.push(server);
      return server;
    },
  };
}

function isRunning({ process }: TestServer): boolean {
  return process.exitCode === null && process.signalCode === null;
}

/** Returns a value that a hook sets, and throws if the hook has not set it. */
export function started<T>(value: T | undefined): T {
  if (value === undefined) throw new Error('This exists only while the tests of its block run.');
  return value;
}
