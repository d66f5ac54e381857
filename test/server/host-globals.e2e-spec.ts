import path from 'node:path';
import {
  type ArgumentsHost,
  type CallHandler,
  Catch,
  type ExceptionFilter,
  type NestInterceptor,
  ValidationPipe,
  VersioningType,
} from '@nestjs/common';
import { RouterModule } from '@nestjs/core';
import { ExpressAdapter, type NestExpressApplication } from '@nestjs/platform-express';
import type { NextFunction, Request, Response } from 'express';
import { map, type Observable } from 'rxjs';
import { CustomMetricsModule, IngestShortPath } from '../../src/index.js';
import { type HostApp, type HostSetup, startHost } from '../support/host-app.js';
import { createTestDatabase, type TestDatabase } from '../support/test-database.js';

/** Wraps what every handler returns, as many apps do. */
const wrapping: NestInterceptor = {
  intercept: (_context, next: CallHandler): Observable<unknown> =>
    next.handle().pipe(map((data: unknown) => ({ data }))),
};

@Catch()
class TeapotFilter implements ExceptionFilter {
  catch(_error: unknown, host: ArgumentsHost): void {
    host.switchToHttp().getResponse<Response>().status(418).send('teapot');
  }
}

type Globals = Pick<HostSetup, 'appOptions' | 'configure'>;

/** The compiled worker, because Jest can't start a worker from TypeScript. */
const WORKER = path.resolve('dist/src/queries/prometheus-api/worker/evaluation-worker.js');

const strict = { whitelist: true, forbidNonWhitelisted: true, transform: true, validateCustomDecorators: true };

const GLOBALS: Readonly<Record<string, Globals>> = {
  'a strict ValidationPipe': { configure: (app) => app.useGlobalPipes(new ValidationPipe(strict)) },
  'an interceptor that wraps answers': { configure: (app) => app.useGlobalInterceptors(wrapping) },
  'a filter for everything': { configure: (app) => app.useGlobalFilters(new TeapotFilter()) },
  'rawBody and the extended query parser': {
    appOptions: { rawBody: true },
    configure: (app) => app.set('query parser', 'extended'),
  },
  'versions in the URI': {
    configure: (app) => app.enableVersioning({ type: VersioningType.URI, defaultVersion: '3' }),
  },
  'versions in a header': {
    configure: (app) => app.enableVersioning({ type: VersioningType.HEADER, header: 'X-Version', defaultVersion: '3' }),
  },
  'versions in Accept': {
    configure: (app) => app.enableVersioning({ type: VersioningType.MEDIA_TYPE, key: 'version=', defaultVersion: '3' }),
  },
  'a middleware that sets an empty body': {
    configure: (app) =>
      app.use((request: Request, _response: Response, next: NextFunction) => {
        request.body ??= {};
        next();
      }),
  },
  'parsers for text and buffers': {
    configure: (app) => {
      app.useBodyParser('text', { type: 'text/*' });
      app.useBodyParser('raw', { type: 'application/x-protobuf' });
    },
  },
};

const EVERYTHING: Globals = {
  appOptions: { rawBody: true },
  configure: (app) => {
    for (const name of Object.keys(GLOBALS).filter((each) => !each.startsWith('versions')))
      GLOBALS[name]!.configure!(app);
    app.enableVersioning({ type: VersioningType.URI, defaultVersion: '3' });
  },
};

describe('globals of a host', () => {
  let database: TestDatabase;
  let host: HostApp | undefined;

  beforeEach(async () => {
    database = await createTestDatabase();
  });

  afterEach(async () => {
    await host?.stop();
    host = undefined;
    await database.drop();
  });

  test.each([...Object.entries(GLOBALS), ['everything at once', EVERYTHING] as const])(
    'change nothing: %s',
    async (_name, globals) => {
      host = await startHost({ databaseUrl: database.url, options: { promql: { workerFile: WORKER } }, ...globals });
      const token = await host.token('ingest', 'read', 'admin', 'frontend');
      const request: HostApp['request'] = (...parameters) => host!.request(...parameters);
      const push = (path: string, body: object | string | Buffer, type?: string) =>
        request('POST', path, { token, body, headers: type === undefined ? {} : { 'Content-Type': type } });
      const answer = async (sent: ReturnType<typeof request>) => {
        const { status, text } = await sent;
        return [status, text];
      };

      const samples = [{ name: 'custom_total', value: 1, labels: { a: ' x ' } }];
      expect(await answer(push('/api/client/metrics/custom', { metrics: samples }))).toEqual([202, '']);
      const refused = await push('/api/client/metrics/custom', { metrics: [{ name: 'custom_total' }] });
      expect([refused.status, JSON.parse(refused.text)]).toEqual([
        400,
        expect.objectContaining({ name: 'BadDataError' }),
      ]);
      const impactMetrics = [{ name: 'impact', type: 'gauge', samples: [{ value: 2 }] }];
      const sdk = { appName: 'shop', instanceId: 'one', bucket: { start: 1, stop: 2, toggles: {} }, impactMetrics };
      expect(await answer(push('/api/client/metrics', sdk))).toEqual([202, '']);
      const edge = { applications: [], metrics: [], impactMetrics: [{ ...impactMetrics[0], name: 'edge' }] };
      expect(await answer(push('/api/client/metrics/bulk', edge))).toEqual([202, '']);
      expect(await answer(push('/api/frontend/client/metrics', sdk))).toEqual([200, 'OK']);
      const dataPoints = [{ asInt: 3 }];
      const resourceMetrics = [{ scopeMetrics: [{ metrics: [{ name: 'otlp', gauge: { dataPoints } }] }] }];
      expect(await answer(push('/v1/metrics', { resourceMetrics }))).toEqual([200, '{}']);
      expect(await answer(push('/v1/metrics', protobufGauge('otlp_binary'), 'application/x-protobuf'))).toEqual([
        200,
        '',
      ]);
      expect(await answer(push('/api/push', 'page 4\n', 'text/plain'))).toEqual([202, '']);
      expect(await answer(push('/metrics/job/shop', 'grouped 5\n', 'text/plain'))).toEqual([200, '']);

      const page = await request('GET', '/metrics', { headers: { Accept: 'text/plain;version=0.0.4' } });
      for (const line of ['custom_total{a=" x "} 1', 'otlp 3', 'page 4', 'grouped{job="shop"} 5']) {
        expect(page.text).toContain(`\n${line}\n`);
      }
      expect(page.text).toMatch(/^impact\{.*\} 2$/m);
      expect(page.text).toMatch(/^edge\{.*\} 2$/m);
      expect(page.text).toContain('\notlp_binary 7\n');
      const samplesPage = await request('GET', '/api/history/samples?metric=page&label=b=&limit=5', { token });
      expect(JSON.parse(samplesPage.text)).toMatchObject({ samples: [{ value: 4 }] });
      const form = new URLSearchParams([['query', 'page + 1']]).toString();
      const queried = await push('/api/v1/query', form, 'application/x-www-form-urlencoded');
      expect(JSON.parse(queried.text)).toMatchObject({
        status: 'success',
        data: { result: [{ value: [expect.anything(), '5'] }] },
      });
      const selectors = new URLSearchParams(
        Array.from({ length: 60 }, (): [string, string] => ['match[]', 'page']),
      ).toString();
      const listed = await push('/api/v1/series', selectors, 'application/x-www-form-urlencoded');
      expect(JSON.parse(listed.text)).toEqual({ status: 'success', data: [{ __name__: 'page' }] });
      const flags = await request('GET', '/api/v1/status/buildinfo', { token });
      expect(JSON.parse(flags.text)).toMatchObject({ status: 'success', data: { version: expect.any(String) } });

      const declared = await request('PUT', '/api/admin/metrics/declared', {
        token,
        body: { type: 'gauge', help: 'h' },
      });
      expect([declared.status, JSON.parse(declared.text)]).toEqual([
        200,
        expect.objectContaining({ name: 'declared' }),
      ]);
      const created = await push('/api/admin/tokens', { name: 'made', scopes: ['read'] });
      expect([created.status, JSON.parse(created.text)]).toEqual([201, expect.objectContaining({ name: 'made' })]);
      const { id } = JSON.parse(created.text) as { id: number };
      expect(await answer(request('DELETE', `/api/admin/tokens/${id}`, { token }))).toEqual([204, '']);
      const removal = await request('DELETE', '/api/admin/metrics/page?dryRun=true', { token });
      expect(JSON.parse(removal.text)).toMatchObject({ seriesCount: 1 });
      expect((await request('GET', '/api/history/metrics?nothing=1', { token })).status).toBe(400);
      expect((await request('GET', '/api/history/metrics')).status).toBe(401);
    },
  );
});

describe('the short path in a host', () => {
  let database: TestDatabase;
  let host: HostApp | undefined;

  beforeEach(async () => {
    database = await createTestDatabase();
  });

  afterEach(async () => {
    await host?.stop();
    host = undefined;
    await database.drop();
  });

  const PATH = '/api/client/metrics/custom';

  async function start(setup: Partial<HostSetup>, pastGlobals?: boolean): Promise<void> {
    host = await startHost({
      databaseUrl: database.url,
      ...setup,
      configure: (app) => {
        setup.configure?.(app);
        app.get(IngestShortPath).install(app, { pastGlobals });
      },
    });
  }

  async function push(path: string) {
    return host!.request('POST', path, {
      token: await host!.token('ingest'),
      body: { metrics: [{ name: 'short_total', value: 1 }] },
    });
  }

  /** Returns whether a push was accepted on the short path. Express adds the header X-Powered-By to all of its answers. */
  const isShort = ({ status, headers }: { status: number; headers: Headers }) =>
    status === 202 && !headers.has('x-powered-by');

  test('answers only at the path of the route', async () => {
    await start({ configure: (app) => app.setGlobalPrefix('svc') });
    expect(isShort(await push(`/svc${PATH}`))).toBe(true);
    expect((await push(PATH)).status).toBe(404);
  });

  test('answers below the prefix of RouterModule', async () => {
    await start({ imports: [RouterModule.register([{ path: 'telemetry', module: CustomMetricsModule }])] });
    expect(isShort(await push(`/telemetry${PATH}`))).toBe(true);
    expect((await push(PATH)).status).toBe(404);
  });

  const closed = { canActivate: () => false };
  const passThrough: NestInterceptor = { intercept: (_context, next: CallHandler) => next.handle() };
  const seen: string[] = [];
  const middleware = (request: Request, _response: Response, next: NextFunction) => {
    seen.push(request.path);
    next();
  };

  test.each<[string, (app: NestExpressApplication) => void, number]>([
    ['global guards', (app) => app.useGlobalGuards(closed), 403],
    ['global interceptors', (app) => app.useGlobalInterceptors(passThrough), 202],
    ['middleware', (app) => app.use(middleware), 202],
  ])('does not go past %s unless the host allows it', async (_what, configure, status) => {
    await start({ configure });
    const answer = await push(PATH);
    expect([answer.status, isShort(answer)]).toEqual([status, false]);
    await host!.stop();
    await start({ configure }, true);
    expect(isShort(await push(PATH))).toBe(true);
  });

  test('is not used if a guard of the host replaces tokens', async () => {
    class ClosedGuard {
      canActivate(): boolean {
        return false;
      }
    }
    await start({ options: { guard: ClosedGuard } }, true);
    expect((await push(PATH)).status).toBe(403);
  });
});

describe('a host that does not run on Express', () => {
  test('gets an error of one sentence', async () => {
    const database = await createTestDatabase();

    class OtherAdapter extends ExpressAdapter {
      override getType(): string {
        return 'fastify';
      }
    }

    const started = startHost({ databaseUrl: database.url, adapter: new OtherAdapter() });
    await expect(started).rejects.toThrow('nestjs-custom-metrics works on Express only (@nestjs/platform-express)');
    await database.drop();
  });
});

/** Returns the bytes of an ExportMetricsServiceRequest with one gauge of the value 7. */
function protobufGauge(name: string): Buffer {
  const field = (number: number, bytes: Buffer) => Buffer.concat([Buffer.of((number << 3) | 2, bytes.length), bytes]);
  const value = Buffer.alloc(9);
  // Field 4 of a NumberDataPoint is `as_double`, a fixed64.
  value[0] = (4 << 3) | 1;
  value.writeDoubleLE(7, 1);
  const metric = Buffer.concat([field(1, Buffer.from(name)), field(5, field(1, value))]);
  return field(1, field(2, field(2, metric)));
}
