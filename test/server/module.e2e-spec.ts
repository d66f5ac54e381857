import { Module } from '@nestjs/common';
import type { NestExpressApplication } from '@nestjs/platform-express';
import { Test } from '@nestjs/testing';
import { TypeOrmModule } from '@nestjs/typeorm';
import request from 'supertest';
import {
  ApiTokensService,
  CUSTOM_METRICS_ENTITIES,
  CUSTOM_METRICS_MIGRATIONS,
  CustomMetricsModule,
  IngestionService,
  IngestShortPath,
} from '../../src/index.js';
import { createTestDatabase, type TestDatabase } from '../support/test-database.js';

const SENDER = { tokenId: null, labels: {}, defaultTemporality: null };

/** The raw samples of a metric, as a host's own client would ask for them. */
async function historyOf(app: NestExpressApplication, metric: string): Promise<unknown> {
  const { secret } = await app.get(ApiTokensService).create({ name: 'reader', scopes: ['read'] });
  const answer = await request(app.getHttpServer())
    .get(`/api/history/samples?metric=${metric}`)
    .set('Authorization', secret)
    .expect(200);
  return answer.body;
}

describe('CustomMetricsModule in the app of somebody else', () => {
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
    // With the body parser of Nest on, as most apps have it.
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
  ])('takes a push by %s with the options of the host', async (_way, way) => {
    const name = `host_${way ?? 'short'}_total`;
    for (const value of [5, 7]) await pushed({ metrics: [{ name, value }] }, way).expect(202);
    const refused = await pushed({ metrics: [{ name, value: 1, labels: { a: 1, b: 2, c: 3 } }] }, way).expect(202);
    expect(refused.body).toMatchObject({ accepted: 0, rejected: [{ index: 0, reason: 'too_many_labels' }] });
    const page = await request(app.getHttpServer()).get('/metrics').expect(200);
    expect(page.text).toContain(`${name} 7\n`);
  });

  test('stores a request with an Idempotency-Key once, also if the parser of the host has read it', async () => {
    // Text that is coerced to a number in place: the body is looked at before that.
    const body = (value: number) => ({ metrics: [{ name: 'host_keyed', value: String(value) }] });
    for (const way of [undefined, 'express']) {
      const send = (value: number) => pushed(body(value), way).set('Idempotency-Key', `host-${way}`);
      const first = await send(1).expect(202);
      expect(first.headers).not.toHaveProperty('idempotency-replayed');
      await send(1).expect(202).expect('Idempotency-Replayed', 'true');
      await send(2).expect(422);
    }
  });

  test('has its other doors open, whatever the parsers of the host have read', async () => {
    const post = (path: string, type: string) =>
      request(app.getHttpServer()).post(path).set('Authorization', ingestToken).set('Content-Type', type);
    const impactMetrics = [{ name: 'door_unleash', type: 'gauge', samples: [{ value: 1 }] }];
    await post('/api/client/metrics', 'application/json').send({ appName: 'shop', impactMetrics }).expect(202);
    const points = { gauge: { dataPoints: [{ asInt: 2 }] } };
    const resourceMetrics = [{ scopeMetrics: [{ metrics: [{ name: 'door_otlp', ...points }] }] }];
    await post('/v1/metrics', 'application/json').send({ resourceMetrics }).expect(200, {});
    await post('/v1/metrics', 'application/x-protobuf').send(Buffer.alloc(0)).expect(200);
    await post('/api/push', 'text/plain').send('door_page 3\n').expect(202);
    await post('/metrics/job/door', 'text/plain').send('door_group 4\n').expect(200);
    // What curl says of --data-binary: then the host has taken the page for a form.
    const form = await post('/api/push', 'application/x-www-form-urlencoded').send('door_page 3\n').expect(415);
    expect(form.body.message).toContain('Send it as text/plain');

    const { text } = await request(app.getHttpServer()).get('/metrics').expect(200);
    for (const line of ['door_otlp 2', 'door_page 3', 'door_group{job="door"} 4'])
      expect(text).toContain(`\n${line}\n`);
    expect(text).toMatch(/^door_unleash\{.*\} 1$/m);
  });

  test('answers errors of its routes in its own form, and leaves other routes to the host', async () => {
    const bad = await pushed({ metrics: [{ name: 'x' }] }).expect(400);
    expect(bad.body).toMatchObject({ name: 'BadDataError', details: [{ path: '/body/metrics/0/value' }] });
    const other = await request(app.getHttpServer()).get('/nowhere').expect(404);
    expect(other.body).toEqual({ message: 'Cannot GET /nowhere', error: 'Not Found', statusCode: 404 });
  });

  test('takes samples from code', async () => {
    const receipt = await app.get(IngestionService).ingest([{ name: 'from_code', value: 4, labels: { a: 1 } }], SENDER);
    expect(receipt).toMatchObject({ accepted: 1, refused: [] });
    const page = await request(app.getHttpServer()).get('/metrics').expect(200);
    expect(page.text).toContain('from_code{a="1"} 4\n');
  });
});

describe('CustomMetricsModule with a DataSource of its own for the history', () => {
  test('reads samples from there, and everything else from the other', async () => {
    const database = await createTestDatabase();
    // Of the same schema and empty: what is pushed can't be in it.
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
      await app.get(IngestionService).ingest([{ name: 'elsewhere', value: 4, labels: {} }], SENDER);
      const page = await request(app.getHttpServer()).get('/metrics').expect(200);
      expect(page.text).toContain('elsewhere 4\n');
      expect(await historyOf(app, 'elsewhere')).toMatchObject({ samples: [] });
    } finally {
      await app.close();
      await database.drop();
      await elsewhere.drop();
    }
  });
});

describe('CustomMetricsModule with a DataSource whose rows come as text only', () => {
  test('reads the same samples', async () => {
    const database = await createTestDatabase();

    @Module({
      imports: [
        TypeOrmModule.forRoot({
          type: 'postgres',
          url: database.url,
          entities: CUSTOM_METRICS_ENTITIES,
          // Of the driver: statements are sent before the one before is answered, so their rows can't be told apart by bytes.
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
      for (const value of [0.1, -4e300])
        await app.get(IngestionService).ingest([{ name: 'texts', value, labels: {} }], SENDER);
      expect(await historyOf(app, 'texts')).toMatchObject({ samples: [{ value: 0.1 }, { value: -4e300 }] });
    } finally {
      await app.close();
      await database.drop();
    }
  });
});

describe('CustomMetricsModule with options that can not be used', () => {
  test('is refused with every problem, before anything is connected', async () => {
    const created = Test.createTestingModule({
      imports: [
        TypeOrmModule.forRoot({ type: 'postgres', url: 'postgres://127.0.0.1:1/none', manualInitialization: true }),
        CustomMetricsModule.forRoot({
          store: { retentionDays: NaN },
          // @ts-expect-error There is no such option.
          ingest: { maxSample: 5 },
        }),
      ],
    }).compile();
    await expect(created).rejects.toThrow(
      [
        "2 options of CustomMetricsModule can't be used:",
        '  store.retentionDays: found NaN; allowed: a whole number from 1 to 36500',
        '  ingest.maxSample: is not an option; did you mean ingest.maxSamples?',
      ].join('\n'),
    );
  });
});
