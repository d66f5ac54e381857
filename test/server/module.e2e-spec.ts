import { Module } from '@nestjs/common';
import type { NestExpressApplication } from '@nestjs/platform-express';
import { Test } from '@nestjs/testing';
import { TypeOrmModule } from '@nestjs/typeorm';
import request from 'supertest';
import {
  ApiTokensService,
  CUSTOM_METRICS_ENTITIES,
  CUSTOM_METRICS_MIGRATIONS,
  CustomMetrics,
  CustomMetricsModule,
  IngestShortPath,
} from '../../src/index.js';
import { createTestDatabase, type TestDatabase } from '../support/test-database.js';

/** Returns the answer to a request for the raw samples of a metric, as a host's own client would send it. */
async function historyOf(app: NestExpressApplication, metric: string, status = 200): Promise<unknown> {
  const { secret } = await app.get(ApiTokensService).create({ name: 'reader', scopes: ['read'] });
  const answer = await request(app.getHttpServer())
    .get(`/api/history/samples?metric=${metric}`)
    .set('Authorization', secret)
    .expect(status);
  return answer.body;
}

describe('CustomMetricsModule in a host app', () => {
  let database: TestDatabase;
  let app: NestExpressApplication;
  let ingestToken: string;

  beforeAll(async () => {
    database = await createTestDatabase();

    @Module({
      imports: [
        TypeOrmModule.forRoot({
          name: 'metrics',
          type: 'postgres',
          url: database.url,
          entities: CUSTOM_METRICS_ENTITIES,
          migrations: CUSTOM_METRICS_MIGRATIONS,
          migrationsTableName: 'custom_metrics_migration',
          migrationsRun: true,
        }),
        CustomMetricsModule.forRootAsync({
          dataSource: 'metrics',
          useFactory: () => ({ ingest: { counterTemporality: 'cumulative' }, series: { maxLabels: 2 } }),
        }),
      ],
    })
    class HostModule {}

    const host = await Test.createTestingModule({ imports: [HostModule] }).compile();
    // The body parser of Nest is enabled, as in most apps.
    app = host.createNestApplication<NestExpressApplication>({ logger: ['error'] });
    app.get(IngestShortPath).install(app);
    await app.listen(0, '127.0.0.1');
    const created = await app.get(ApiTokensService).create({ name: 'host', scopes: ['ingest'] });
    ingestToken = created.secret;
  });

  afterAll(async () => {
    await app?.close();
    await database.drop();
  });

  const pushed = (body: object, encoding?: string) => {
    const push = request(app.getHttpServer()).post('/api/client/metrics/custom').set('Authorization', ingestToken);
    return encoding === undefined ? push.send(body) : push.query({ not: 'short' }).send(body);
  };

  test.each([
    ['the short path', undefined],
    ['Express', 'express'],
  ])('accepts a push by %s with the options of the host', async (_way, way) => {
    const name = `host_${way ?? 'short'}_total`;
    for (const value of [5, 7]) await pushed({ metrics: [{ name, value }] }, way).expect(202);
    const refused = await pushed({ metrics: [{ name, value: 1, labels: { a: 1, b: 2, c: 3 } }] }, way).expect(202);
    expect(refused.body).toMatchObject({ accepted: 0, rejected: [{ index: 0, reason: 'too_many_labels' }] });
    const page = await request(app.getHttpServer()).get('/metrics').expect(200);
    expect(page.text).toContain(`${name} 7\n`);
  });

  test('stores a request with an Idempotency-Key only once, even if the parser of the host has read it', async () => {
    // The value is text, which is later coerced to a number in place. The body must be hashed before that.
    const body = (value: number) => ({ metrics: [{ name: 'host_keyed', value: String(value) }] });
    for (const way of [undefined, 'express']) {
      const send = (value: number) => pushed(body(value), way).set('Idempotency-Key', `host-${way}`);
      const first = await send(1).expect(202);
      expect(first.headers).not.toHaveProperty('idempotency-replayed');
      await send(1).expect(202).expect('Idempotency-Replayed', 'true');
      await send(2).expect(422);
    }
  });

  test('accepts pushes of its other receivers, even if the parsers of the host have read the body', async () => {
    const post = (path: string, type: string) =>
      request(app.getHttpServer()).post(path).set('Authorization', ingestToken).set('Content-Type', type);
    const impactMetrics = [{ name: 'receiver_unleash', type: 'gauge', samples: [{ value: 1 }] }];
    await post('/api/client/metrics', 'application/json').send({ appName: 'shop', impactMetrics }).expect(202);
    const points = { gauge: { dataPoints: [{ asInt: 2 }] } };
    const resourceMetrics = [{ scopeMetrics: [{ metrics: [{ name: 'receiver_otlp', ...points }] }] }];
    await post('/v1/metrics', 'application/json').send({ resourceMetrics }).expect(200, {});
    await post('/v1/metrics', 'application/x-protobuf').send(Buffer.alloc(0)).expect(200);
    await post('/api/push', 'text/plain').send('receiver_page 3\n').expect(202);
    await post('/metrics/job/receiver', 'text/plain').send('receiver_group 4\n').expect(200);
    // This is the content type of curl's --data-binary, because of which the host parses the exposition as a form.
    const form = await post('/api/push', 'application/x-www-form-urlencoded').send('receiver_page 3\n').expect(415);
    expect(form.body.message).toContain('Send it as text/plain');

    const { text } = await request(app.getHttpServer()).get('/metrics').expect(200);
    for (const line of ['receiver_otlp 2', 'receiver_page 3', 'receiver_group{job="receiver"} 4'])
      expect(text).toContain(`\n${line}\n`);
    expect(text).toMatch(/^receiver_unleash\{.*\} 1$/m);
  });

  test('answers errors of its routes in its own form, and leaves other routes to the host', async () => {
    const bad = await pushed({ metrics: [{ name: 'x' }] }).expect(400);
    expect(bad.body).toMatchObject({ name: 'BadDataError', details: [{ path: '/body/metrics/0/value' }] });
    const other = await request(app.getHttpServer()).get('/nowhere').expect(404);
    expect(other.body).toEqual({ message: 'Cannot GET /nowhere', error: 'Not Found', statusCode: 404 });
  });

  test('accepts samples from code', async () => {
    const result = await app.get(CustomMetrics).push([{ name: 'from_code', value: 4, labels: { a: 1 } }]);
    expect(result).toEqual({ accepted: 1, rejected: [] });
    const page = await request(app.getHttpServer()).get('/metrics').expect(200);
    expect(page.text).toContain('from_code{a="1"} 4\n');
  });
});

describe('CustomMetricsModule with a separate DataSource for the history', () => {
  test('refuses to read samples from it because it is not a standby, and reads everything else from the main one', async () => {
    const database = await createTestDatabase();
    // This database has the same schema but is empty, so it can't contain the pushed samples.
    const elsewhere = await createTestDatabase();
    const dataSource = { type: 'postgres', entities: CUSTOM_METRICS_ENTITIES } as const;

    @Module({
      imports: [
        TypeOrmModule.forRoot({ ...dataSource, url: database.url }),
        TypeOrmModule.forRoot({ ...dataSource, url: elsewhere.url, name: 'replica' }),
        CustomMetricsModule.forRoot({ historyDataSource: 'replica' }),
      ],
    })
    class HostModule {}

    const host = await Test.createTestingModule({ imports: [HostModule] }).compile();
    const app = host.createNestApplication<NestExpressApplication>({ logger: ['error'], bodyParser: false });
    try {
      await app.init();
      await app.get(CustomMetrics).push([{ name: 'elsewhere', value: 4 }]);
      const page = await request(app.getHttpServer()).get('/metrics').expect(200);
      expect(page.text).toContain('elsewhere 4\n');
      const history = await historyOf(app, 'elsewhere', 503);
      expect(history).toMatchObject({ message: expect.stringContaining('is not a standby of the main database') });
    } finally {
      await app.close();
      await database.drop();
      await elsewhere.drop();
    }
  });
});

describe('CustomMetricsModule with a DataSource that returns rows only as text', () => {
  test('reads the same samples', async () => {
    const database = await createTestDatabase();

    @Module({
      imports: [
        TypeOrmModule.forRoot({
          type: 'postgres',
          url: database.url,
          entities: CUSTOM_METRICS_ENTITIES,
          // With this option, the driver sends statements before earlier ones are answered, so their rows can't be distinguished
          // by bytes.
          extra: { pipeline: true },
        }),
        CustomMetricsModule.forRoot({}),
      ],
    })
    class HostModule {}

    const host = await Test.createTestingModule({ imports: [HostModule] }).compile();
    const app = host.createNestApplication<NestExpressApplication>({ logger: ['error'], bodyParser: false });
    try {
      await app.init();
      for (const value of [0.1, -4e300]) await app.get(CustomMetrics).push([{ name: 'texts', value }]);
      expect(await historyOf(app, 'texts')).toMatchObject({ samples: [{ value: 0.1 }, { value: -4e300 }] });
    } finally {
      await app.close();
      await database.drop();
    }
  });
});

describe('CustomMetricsModule with invalid options', () => {
  const message = [
    "2 options of CustomMetricsModule can't be used:",
    '  store.retentionDays: found NaN; allowed: a whole number from 1 to 36500',
    '  ingest.maxSample: is not an option; did you mean ingest.maxSamples?',
  ].join('\n');
  const options: object = { store: { retentionDays: NaN }, ingest: { maxSample: 5 } };

  test('is refused with all problems when it is imported', () => {
    expect(() => CustomMetricsModule.forRoot(options)).toThrow(message);
  });

  test('is refused before it opens a connection if they come from a factory', async () => {
    const created = Test.createTestingModule({
      imports: [
        TypeOrmModule.forRoot({ type: 'postgres', url: 'postgres://127.0.0.1:1/none', manualInitialization: true }),
        CustomMetricsModule.forRootAsync({ useFactory: () => options }),
      ],
    }).compile();
    await expect(created).rejects.toThrow(message);
  });
});
