import { readFileSync } from 'node:fs';
import path from 'node:path';
import {
  type CanActivate,
  Controller,
  type ExecutionContext,
  Get,
  Injectable,
  Module,
  SetMetadata,
} from '@nestjs/common';
import { APP_GUARD, ModulesContainer, Reflector, RouterModule } from '@nestjs/core';
import { CustomMetrics, CustomMetricsModule, type CustomMetricsRoutes } from '../../src/index.js';
import { type HostApp, type HostSetup, startHost } from '../support/host-app.js';
import { createTestDatabase, type TestDatabase } from '../support/test-database.js';

/**
 * Some requests for each route. None of them is answered 404 if the route is mounted, even with an empty body. The constant is
 * a record so that the compiler demands an entry for each new route.
 */
const REQUESTS: Readonly<Record<keyof CustomMetricsRoutes, readonly string[]>> = {
  push: ['POST /api/client/metrics/custom', 'POST /api/push'],
  pushgateway: ['PUT /metrics/job/shop'],
  otlp: ['POST /v1/metrics'],
  remoteWrite: ['POST /api/v1/write'],
  unleash: ['POST /api/client/metrics', 'GET /api/frontend'],
  exposition: ['GET /metrics', 'GET /internal-backstage/prometheus'],
  history: [
    'GET /api/history/metrics',
    'GET /api/history/labels',
    'GET /api/history/breakdown',
    'POST /api/history/sparklines',
    'GET /api/history/live',
    'GET /api/admin/custom-metrics',
  ],
  promql: ['GET /api/v1/query?query=1', 'GET /api/v1/labels', 'GET /api/v1/status/tsdb'],
  admin: [
    'GET /api/admin/refusals',
    'GET /api/admin/storage',
    'GET /api/admin/corrections',
    'GET /api/admin/renames',
    'POST /api/admin/metrics/x/rename',
    'DELETE /api/admin/metrics/x/samples',
    'PUT /api/admin/metrics/x',
    'GET /api/admin/tokens',
  ],
};

const NAMED_REQUESTS = Object.entries(REQUESTS).flatMap(([name, requests]) =>
  requests.map((request) => [name, ...request.split(' ')] as [name: string, method: string, path: string]),
);

const MODULE_DOCUMENT = path.resolve(import.meta.dirname, '../../docs/module.md');

describe('the routes that a host chooses', () => {
  let database: TestDatabase;
  const running: HostApp[] = [];

  beforeAll(async () => {
    database = await createTestDatabase();
  });

  afterEach(async () => {
    for (const host of running.splice(0)) await host.stop();
  });

  afterAll(() => database.drop());

  async function start(setup: Omit<HostSetup, 'databaseUrl'>): Promise<HostApp> {
    const host = await startHost({ databaseUrl: database.url, ...setup });
    running.push(host);
    return host;
  }

  /** Returns the requests of NAMED_REQUESTS whose routes are mounted, which means that the answer is not 404. */
  async function mountedRequests(host: HostApp, prefix = ''): Promise<string[]> {
    const answers = await Promise.all(
      NAMED_REQUESTS.map(async ([name, method, at]) => ({
        request: `${name} ${method} ${at}`,
        isThere: (await host.request(method, prefix + at)).status !== 404,
      })),
    );
    return answers.filter(({ isThere }) => isThere).map(({ request }) => request);
  }

  const requestsOf = (...names: string[]) =>
    NAMED_REQUESTS.filter(([name]) => names.includes(name)).map((request) => request.join(' '));

  test('all exist by default, and otherwise as chosen', async () => {
    const everything = [...new Set(NAMED_REQUESTS.map(([name]) => name))];
    expect(await mountedRequests(await start({}))).toEqual(requestsOf(...everything));
    const some = ['push', 'otlp', 'exposition', 'promql'];
    const others = everything.filter((name) => !some.includes(name));
    for (const [on, off] of [
      [some, others],
      [others, some],
    ] as const) {
      const routes = Object.fromEntries(off.map((name) => [name, false]));
      expect(await mountedRequests(await start({ options: { routes } }))).toEqual(requestsOf(...on));
    }
  });

  test('are all named in docs/module.md', () => {
    const [, list] = /^`routes` has ([\s\S]*?)\n\n/m.exec(readFileSync(MODULE_DOCUMENT, 'utf8'))!;
    for (const name of Object.keys(REQUESTS)) expect(list).toContain(`\`${name}\``);
  });

  test('add no classes of routes that are off', async () => {
    const host = await start({ options: { routes: { otlp: false } } });
    const modules = [...host.app.get(ModulesContainer).values()].map(({ metatype }) => metatype.name);
    expect(modules).toContain('PrometheusPushModule');
    expect(modules).not.toContain('OtlpModule');
  });

  test('serve the page at a path of the host, in one of two apps of one process', async () => {
    const own = await start({ options: { routes: { exposition: { path: 'internal/page' } } } });
    const other = await start({});
    expect((await own.request('GET', '/internal/page')).text).toContain('custom_metrics_');
    expect((await own.request('GET', '/metrics')).status).toBe(404);
    expect((await own.request('GET', '/internal-backstage/prometheus')).status).toBe(404);
    expect((await other.request('GET', '/metrics')).text).toContain('custom_metrics_');
    expect((await other.request('GET', '/internal/page')).status).toBe(404);
  });

  test.each([
    [{ otl: false }, 'routes.otl: is not an option; did you mean routes.otlp?'],
    [{ history: 'no' }, 'routes.history: allowed: true or false'],
    [{ exposition: { path: '/:tenant/metrics' } }, 'routes.exposition: allowed: true, false, or { path:'],
  ])('are refused if they are misspelled: %j', (routes, message) => {
    expect(() => CustomMetricsModule.forRoot({ routes: routes as CustomMetricsRoutes })).toThrow(message);
  });

  test('get the prefix that RouterModule gives to the module', async () => {
    const host = await start({
      imports: [RouterModule.register([{ path: 'telemetry', module: CustomMetricsModule }])],
    });
    expect(await mountedRequests(host, '/telemetry')).toHaveLength(NAMED_REQUESTS.length);
    expect(await mountedRequests(host)).toEqual([]);
  });

  test('get the global prefix, except where it is excluded', async () => {
    const host = await start({
      configure: (app) => app.setGlobalPrefix('svc', { exclude: ['metrics', '/v1/metrics'] }),
    });
    const excluded = ['exposition GET /metrics', 'otlp POST /v1/metrics'];
    expect(await mountedRequests(host)).toEqual([excluded[1], excluded[0]]);
    const prefixed = await mountedRequests(host, '/svc');
    expect(prefixed).toHaveLength(NAMED_REQUESTS.length - excluded.length);
    // Frontend SDKs send requests from other origins. A middleware adds the CORS headers, and needs the prefix as well.
    const preflight = await host.request('OPTIONS', '/svc/api/frontend');
    expect(preflight.headers.get('access-control-allow-origin')).toBe('*');
  });

  test('pass a global guard of the host by its decorators, in this app only', async () => {
    const Public = () => SetMetadata('host:public', true);

    @Injectable()
    class EverythingIsPrivate implements CanActivate {
      constructor(private readonly reflector: Reflector) {}

      canActivate(context: ExecutionContext): boolean {
        return (
          this.reflector.getAllAndOverride<boolean | undefined>('host:public', [
            context.getHandler(),
            context.getClass(),
          ]) ?? false
        );
      }
    }

    @Controller('own')
    class OwnController {
      @Get()
      own(): string {
        return 'own';
      }
    }

    const setup = { controllers: [OwnController], providers: [{ provide: APP_GUARD, useClass: EverythingIsPrivate }] };
    const open = await start({ ...setup, options: { decorators: [Public()] } });
    const closed = await start(setup);
    const push = async (host: HostApp) =>
      (
        await host.request('POST', '/api/client/metrics/custom', {
          token: await host.token('ingest'),
          body: { metrics: [{ name: 'public_total', value: 1 }] },
        })
      ).status;
    expect(await push(open)).toBe(202);
    expect((await open.request('GET', '/metrics')).status).toBe(200);
    expect((await open.request('GET', '/own')).status).toBe(403);
    expect(await push(closed)).toBe(403);
    expect((await closed.request('GET', '/metrics')).status).toBe(403);
  });

  test('make the exports global if the host asks for it', async () => {
    @Injectable()
    class Orders {
      constructor(readonly metrics: CustomMetrics) {}
    }

    @Module({ providers: [Orders] })
    class OrdersModule {}

    const host = await start({ imports: [OrdersModule], options: { isGlobal: true } });
    expect(host.app.get(Orders, { strict: false }).metrics).toBeInstanceOf(CustomMetrics);
  });
});
