import type pg from 'pg';
import { type FaultInjectingProxy, startFaultInjectingProxy } from './fault-injecting-proxy.js';
import type { TestServer } from './server.js';
import { started, storeUnderTest } from './service-under-test.js';

/** A compiled server with a proxy between it and its database. */
export interface ServiceBehindProxy {
  readonly server: TestServer;
  readonly proxy: FaultInjectingProxy;
  /** A connection to the same database that does not use the proxy. */
  readonly client: pg.Client;
}

/**
 * Gives a `describe` block (or a file) a server that reaches its database only through a proxy. The server is killed after the
 * tests, because it may be unable to stop cleanly.
 *
 * @param settings the environment of the server, without DATABASE_URL
 */
export function serviceBehindProxy(settings: Record<string, string>): ServiceBehindProxy {
  let proxy: FaultInjectingProxy | undefined;
  let server: TestServer | undefined;

  // Hooks run in the order of their definition, so this one comes before the database is dropped.
  afterAll(async () => {
    await server?.kill();
    await proxy?.stop();
  });

  const store = storeUnderTest('all');

  beforeAll(async () => {
    proxy = await startFaultInjectingProxy(store.url);
    server = await store.start({ DATABASE_URL: proxy.url, ...settings });
  });

  return {
    get server() {
      return started(server);
    },
    get proxy() {
      return started(proxy);
    },
    get client() {
      return store.client;
    },
  };
}
