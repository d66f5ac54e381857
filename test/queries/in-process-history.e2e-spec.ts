import path from 'node:path';
import { Module } from '@nestjs/common';
import type { NestExpressApplication } from '@nestjs/platform-express';
import { Test } from '@nestjs/testing';
import { TypeOrmModule } from '@nestjs/typeorm';
import request from 'supertest';
import {
  ApiTokensService,
  CUSTOM_METRICS_ENTITIES,
  CustomMetrics,
  CustomMetricsHistory,
  CustomMetricsModule,
  type CustomMetricsModuleOptions,
  HistoryError,
} from '../../src/index.js';
import { createTestDatabase, type TestDatabase } from '../support/test-database.js';

const START = Math.floor(Date.now() / 60_000) * 60_000 - 600_000;
/** The compiled worker. Tests run the sources, but a thread can run only compiled code. */
const WORKER = path.resolve('dist/src/queries/prometheus-api/worker/evaluation-worker.js');

const at = (seconds: number) => new Date(START + seconds * 1_000);

describe('the history inside an app', () => {
  let database: TestDatabase;
  let app: NestExpressApplication;
  let history: CustomMetricsHistory;
  let token: string;

  beforeAll(async () => {
    database = await createTestDatabase();
    app = await start({ history: { maxPoints: 100 }, promql: { maxPoints: 100 } });
    history = app.get(CustomMetricsHistory);
    token = (await app.get(ApiTokensService).create({ name: 'reader', scopes: ['read'] })).secret;
    await app.get(CustomMetrics).push([
      { name: 'orders_total', value: 1, labels: { country: 'de' }, timestamp: at(0), help: 'Orders' },
      { name: 'orders_total', value: 2, labels: { country: 'de' }, timestamp: at(60) },
      { name: 'orders_total', value: 4, labels: { country: 'fr' }, timestamp: at(61) },
      { name: 'queue_length', value: 7, timestamp: at(30), unit: 'jobs' },
    ]);
  });

  afterAll(async () => {
    await app?.close();
    await database.drop();
  });

  async function start(options: CustomMetricsModuleOptions): Promise<NestExpressApplication> {
    @Module({
      imports: [
        TypeOrmModule.forRoot({ type: 'postgres', url: database.url, entities: CUSTOM_METRICS_ENTITIES }),
        CustomMetricsModule.forRoot({ ...options, promql: { ...options.promql, workerFile: WORKER } }),
      ],
    })
    class HostModule {}

    const host = await Test.createTestingModule({ imports: [HostModule] }).compile();
    const started = host.createNestApplication<NestExpressApplication>({ logger: ['error'] });
    await started.listen(0, '127.0.0.1');
    return started;
  }

  async function get(path: string, parameters: object): Promise<Record<string, unknown>> {
    const answer = await request(app.getHttpServer()).get(path).query(parameters).set('Authorization', token);
    expect(answer.status).toBe(200);
    return answer.body as Record<string, unknown>;
  }

  const range = { from: at(0), to: at(120) };
  const rangeTexts = { from: at(0).toISOString(), to: at(120).toISOString() };

  test('answers as the routes of the history do', async () => {
    expect(await history.metrics()).toEqual(await get('/api/history/metrics', {}));
    expect(await history.metrics({ search: 'QUEUE' })).toMatchObject({
      metrics: [{ name: 'queue_length', type: 'gauge', unit: 'jobs', seriesCount: 1 }],
    });
    expect(await history.series({ metric: 'orders_total', labels: { country: ['de', 'it'] } })).toEqual(
      await get('/api/history/series', { metric: 'orders_total', label: 'country=de' }),
    );
    expect(await history.samples({ metric: 'orders_total', ...range })).toEqual(
      await get('/api/history/samples', { metric: 'orders_total', ...rangeTexts }),
    );
    const points = { metric: 'orders_total', step: '1m', aggregate: 'sum', groupBy: 'country' } as const;
    expect(await history.query({ ...points, ...range })).toEqual(
      await get('/api/history/query', { ...points, ...rangeTexts }),
    );
    expect(await history.query({ ...points, ...range, step: 60, groupBy: [] })).toMatchObject({
      series: [{ points: [{ value: 1 }, { value: 6 }] }],
    });
  });

  test('lists labels and their values', async () => {
    expect(await history.labels()).toEqual(await get('/api/history/labels', {}));
    expect(await history.labels({ metric: 'orders_total', search: 'COUNT', ...range })).toEqual(
      await get('/api/history/labels', { metric: 'orders_total', search: 'COUNT', ...rangeTexts }),
    );
    expect(await history.labelValues('country', { metric: 'orders_total', order: 'series', limit: 1 })).toEqual(
      await get('/api/history/labels/country/values', { metric: 'orders_total', order: 'series', limit: 1 }),
    );
    expect(await history.labelValues('country', { excludedLabels: { country: 'de' } })).toMatchObject({
      total: 1,
      values: [{ value: 'fr', seriesCount: 1 }],
    });
  });

  test('compares the labels of a metric', async () => {
    const asked = { metric: 'orders_total', values: 1 };
    const comparison = await history.breakdown({ ...asked, ...range });
    expect(comparison).toEqual(await get('/api/history/breakdown', { ...asked, ...rangeTexts }));
    expect(comparison).toMatchObject({ total: { now: 7 }, labels: [{ name: 'country', values: [{ value: 'fr' }] }] });
    expect(await history.breakdown({ ...asked, excludedLabels: { country: ['fr'] }, ...range })).toMatchObject({
      total: { now: 3 },
    });
  });

  test('computes sparklines', async () => {
    const asked = { metrics: ['orders_total', 'queue_length', 'missing'], points: 2 };
    const answer = await request(app.getHttpServer())
      .post('/api/history/sparklines')
      .send({ ...asked, ...rangeTexts })
      .set('Authorization', token);
    const sparklines = await history.sparklines({ ...asked, ...range });
    expect(sparklines).toEqual(answer.body);
    expect(sparklines).toMatchObject({
      sparklines: [{ values: [1, 6] }, { now: 7 }, { error: expect.stringContaining('no metric missing') }],
    });
  });

  test('leaves out series with excluded labels', async () => {
    const excluded = { metric: 'orders_total', excludedLabels: { country: ['de', 'it'] } } as const;
    const texts = { metric: 'orders_total', label: ['country!=de', 'country!=it'] };
    expect(await history.series(excluded)).toEqual(await get('/api/history/series', texts));
    const { samples } = await history.samples({ ...excluded, ...range });
    expect(samples).toMatchObject([{ value: 4, labels: { country: 'fr' } }]);
    expect(await history.query({ ...excluded, ...range, step: 60, aggregate: 'sum' })).toMatchObject({
      series: [{ points: [{ value: 0 }, { value: 4 }] }],
    });
    expect(await history.samples({ ...excluded, labels: { country: ['de', 'fr'] }, ...range })).toMatchObject({
      samples,
    });
  });

  test('continues from page to page', async () => {
    const values: (number | null)[] = [];
    let cursor: string | null = null;
    do {
      const page: Awaited<ReturnType<CustomMetricsHistory['samples']>> = await history.samples({
        metric: 'orders_total',
        limit: 2,
        cursor,
        ...range,
      });
      values.push(...page.samples.map(({ value }) => Number(value)));
      cursor = page.nextCursor;
    } while (cursor !== null);
    expect(values).toEqual([1, 2, 4]);
  });

  test('streams a CSV', async () => {
    let csv = '';
    for await (const part of history.samplesCsv({ metric: 'orders_total', labels: { country: 'fr' }, ...range })) {
      csv += part;
    }
    expect(csv).toBe(`metric,at,value,country\r\norders_total,${at(61).toISOString()},4,fr\r\n`);
  });

  test('answers PromQL as the API of Prometheus does', async () => {
    const query = 'sum by (country) (orders_total)';
    const instant = await get('/api/v1/query', { query, time: at(120).toISOString() });
    expect(await history.promql(query, { time: at(120) })).toEqual({
      ...(instant.data as object),
      warnings: [],
      infos: [],
    });
    const steps = { start: at(0), end: at(120), step: 60 };
    const overTime = await get('/api/v1/query_range', {
      query,
      start: at(0).toISOString(),
      end: at(120).toISOString(),
      step: '60',
    });
    expect(await history.promqlRange(query, steps)).toMatchObject(overTime.data as object);
    expect(await history.promql('1 + 1')).toMatchObject({ resultType: 'scalar', result: [expect.any(Number), '2'] });
    expect(await history.promql(query, { limit: 1 })).toMatchObject({ warnings: [expect.any(String)] });
  });

  test('answers PromQL about samples that are read in several statements', async () => {
    const rows = 65; // One more than a single statement reads.
    for (let n = 0; n < rows; n++) {
      await app.get(CustomMetrics).push([{ name: 'scattered', value: n, timestamp: at(n) }]);
    }
    expect(await history.promql('scattered + 1', { time: at(120) })).toMatchObject({
      result: [{ value: [expect.any(Number), String(rows)] }],
    });
  });

  test('says why a request is refused', async () => {
    const reasons = async (answer: Promise<unknown>): Promise<object> => {
      const error = await answer.then(
        () => undefined,
        (reason: unknown) => reason,
      );
      expect(error).toBeInstanceOf(HistoryError);
      return error as HistoryError;
    };
    expect(await reasons(history.series({ metric: 'order_total' }))).toMatchObject({
      reason: 'not_found',
      message: expect.stringContaining('orders_total'),
    });
    expect(await reasons(history.samples({ metric: 'orders_total', from: new Date(NaN) }))).toMatchObject({
      reason: 'bad_data',
      message: expect.stringContaining('/query/from'),
    });
    expect(await reasons(history.metrics({ limit: 1e9 }))).toMatchObject({ reason: 'bad_data' });
    expect(await reasons(history.labels({ metric: 'order_total' }))).toMatchObject({ reason: 'not_found' });
    expect(await reasons(history.labelValues('1a'))).toMatchObject({
      reason: 'bad_data',
      message: expect.stringContaining('not a valid label name'),
    });
    expect(await reasons(history.breakdown({ metric: 'orders_total', values: 101 }))).toMatchObject({
      message: expect.stringContaining('/query/values'),
    });
    const tooMany = Array.from({ length: 25 }, () => 'orders_total');
    expect(await reasons(history.sparklines({ metrics: tooMany }))).toMatchObject({ reason: 'bad_data' });
    // @ts-expect-error There is no such parameter.
    expect(await reasons(history.metrics({ serch: 'x' }))).toMatchObject({
      message: expect.stringContaining('Did you mean search?'),
    });
    expect(await reasons(history.promql('sum('))).toMatchObject({ reason: 'bad_data' });
    expect(await reasons(history.promqlRange('1', { start: at(0), end: at(3_600), step: 1 }))).toMatchObject({
      reason: 'bad_data',
      message: expect.stringContaining('100 points'),
    });
  });

  test('refuses an answer that would hold the event loop for long, and answers the next', async () => {
    const small = await start({ history: { inProcessAnswerBytes: 64 * 1024 }, promql: { workers: 1 } });
    try {
      const query = 'label_replace(vector(1), "a", "b", "", "")';
      const request = { start: at(0), end: at(11_000), step: 1 };
      const asked = small.get(CustomMetricsHistory);
      await expect(asked.promqlRange(query, request)).rejects.toMatchObject({
        reason: 'execution',
        message: expect.stringContaining('history.inProcessAnswerBytes'),
      });
      expect(await asked.promql(query)).toMatchObject({ resultType: 'vector' });
    } finally {
      await small.close();
    }
  });

  test('stops with the reason of the signal that the caller passes', async () => {
    const reason = new Error('nobody waits');
    const signal = AbortSignal.abort(reason);
    const csv = async () => {
      for await (const part of history.samplesCsv({ metric: 'orders_total' }, { signal })) expect(part).toBeUndefined();
    };
    for (const answer of [
      history.metrics({}, { signal }),
      history.series({ metric: 'orders_total' }, { signal }),
      history.samples({ metric: 'orders_total' }, { signal }),
      history.query({ metric: 'orders_total' }, { signal }),
      history.labels({}, { signal }),
      history.labelValues('country', {}, { signal }),
      history.breakdown({ metric: 'orders_total' }, { signal }),
      history.sparklines({ metrics: ['orders_total'] }, { signal }),
      history.promql('orders_total', { signal }),
      history.promqlRange('1', { start: at(0), end: at(60), step: 60, signal }),
      csv(),
    ]) {
      await expect(answer).rejects.toBe(reason);
    }
    const running = new AbortController();
    const slow = history.promqlRange('count_over_time(vector(1)[1h:1s])', {
      start: at(-3_600),
      end: at(0),
      step: 36,
      signal: running.signal,
    });
    setTimeout(() => running.abort(reason), 1);
    await expect(slow).rejects.toBe(reason);
    expect(await history.promql('1')).toMatchObject({ resultType: 'scalar' });
  });
});
