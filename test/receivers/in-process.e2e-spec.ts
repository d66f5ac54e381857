import { Injectable, Module } from '@nestjs/common';
import type { NestExpressApplication } from '@nestjs/platform-express';
import { Test } from '@nestjs/testing';
import { TypeOrmModule } from '@nestjs/typeorm';
import request from 'supertest';
import {
  CUSTOM_METRICS_ENTITIES,
  CustomMetrics,
  CustomMetricsModule,
  type CustomMetricsModuleOptions,
  CustomMetricsStub,
} from '../../src/index.js';
import { getJson, startServer } from '../support/server.js';
import { createTestDatabase, type TestDatabase } from '../support/test-database.js';

@Injectable()
class Shop {
  private readonly orders;
  private readonly stock;
  private readonly seconds;

  constructor(metrics: CustomMetrics) {
    this.orders = metrics.counter('orders_total', { help: 'Orders that were paid', labels: { shop: 'north' } });
    this.stock = metrics.gauge('stock');
    this.seconds = metrics.histogram('checkout_seconds', { unit: 'seconds', buckets: [0.1, 1] });
  }

  sell(country: string): void {
    this.orders.add(1, { country });
    this.stock.add(-1);
    this.seconds.observe(0.5);
  }

  fill(): void {
    this.stock.set(10);
  }
}

describe('metrics from inside an app', () => {
  let database: TestDatabase;
  const started: NestExpressApplication[] = [];

  beforeAll(async () => {
    database = await createTestDatabase();
  });

  afterAll(async () => {
    for (const app of started) await app.close();
    await database.drop();
  });

  async function start(options: CustomMetricsModuleOptions = {}, url = database.url): Promise<NestExpressApplication> {
    @Module({
      imports: [
        TypeOrmModule.forRoot({ type: 'postgres', url, entities: CUSTOM_METRICS_ENTITIES }),
        // In this test, no timer triggers a commit.
        CustomMetricsModule.forRoot({ instruments: { flushIntervalMs: 3_600_000 }, ...options }),
      ],
      providers: [Shop],
    })
    class HostModule {}

    const host = await Test.createTestingModule({ imports: [HostModule] }).compile();
    const app = host.createNestApplication<NestExpressApplication>({ logger: ['error'] });
    await app.listen(0, '127.0.0.1');
    started.push(app);
    return app;
  }

  async function linesOf(app: NestExpressApplication, pattern: RegExp): Promise<string[]> {
    const { text } = await request(app.getHttpServer()).get('/metrics').expect(200);
    return text
      .split('\n')
      .filter((line) => pattern.test(line))
      .toSorted();
  }

  test('are stored together, shown like everything that is pushed, and not lost by a stop', async () => {
    const first = await start();
    const shop = first.get(Shop);
    shop.fill();
    for (const country of ['de', 'de', 'fr']) shop.sell(country);
    expect(await linesOf(first, /^orders_total/)).toEqual([]);
    await first.get(CustomMetrics).flush();
    expect(await linesOf(first, /^(?:orders_total|stock|checkout_seconds_(?:bucket|count|sum))[ {]/)).toEqual([
      'checkout_seconds_bucket{le="+Inf"} 3',
      'checkout_seconds_bucket{le="0.1"} 0',
      'checkout_seconds_bucket{le="1"} 3',
      'checkout_seconds_count 3',
      'checkout_seconds_sum 1.5',
      'orders_total{country="de",shop="north"} 2',
      'orders_total{country="fr",shop="north"} 1',
      'stock 7',
    ]);
    shop.sell('de');
    await first.close();

    const second = await start();
    expect(await linesOf(second, /^(?:orders_total|stock)[ {]/)).toEqual([
      'orders_total{country="de",shop="north"} 3',
      'orders_total{country="fr",shop="north"} 1',
      'stock 6',
    ]);
  });

  test('never throw into the app, and count what cannot be stored', async () => {
    const app = await start();
    const metrics = app.get(CustomMetrics);
    metrics.counter('wrong_total').add(-1);
    metrics.gauge('wrong').set(NaN);
    metrics.counter('').add(1);
    metrics.counter('fine_total').add(2);
    await metrics.flush();
    expect(await linesOf(app, /^(?:wrong|fine_total)/)).toEqual(['fine_total 2']);
    expect(await linesOf(app, /^custom_metrics_instrument_values_dropped_total\{reason="invalid_value"\}/)).toEqual([
      'custom_metrics_instrument_values_dropped_total{reason="invalid_value"} 2',
    ]);
  });

  test('keep histograms whole, even if one batch cannot hold everything', async () => {
    const empty = await createTestDatabase();
    // The tenth sample and the last series that still fit are those just before the count of the second histogram.
    const app = await start({ ingest: { maxSamples: 10 }, series: { limit: 10 } }, empty.url);
    try {
      const metrics = app.get(CustomMetrics);
      metrics.counter('before_total').add(1);
      const seconds = metrics.histogram('cut_seconds', { buckets: [0.1, 1] });
      for (const shop of ['a', 'b']) seconds.observe(0.5, { shop });
      await metrics.flush();
      expect(await linesOf(app, /^cut_seconds/)).toEqual([
        'cut_seconds_bucket{le="+Inf",shop="a"} 1',
        'cut_seconds_bucket{le="0.1",shop="a"} 0',
        'cut_seconds_bucket{le="1",shop="a"} 1',
        'cut_seconds_count{shop="a"} 1',
        'cut_seconds_sum{shop="a"} 0.5',
      ]);
    } finally {
      await app.close();
      await empty.drop();
    }
  });

  test('are pushed with times of their own, and refused items are reported one by one', async () => {
    const app = await start({ ingest: { maxSamples: 6 } });
    const metrics = app.get(CustomMetrics);
    const at = (secondsAgo: number) => new Date(Date.now() - secondsAgo * 1_000);
    const result = await metrics.push([
      { name: 'pushed', value: 2, labels: { room: 'a', floor: 1, empty: null }, timestamp: at(10) },
      { name: '', value: 1 },
      { name: 'pushed', value: 1, labels: { room: 'a', floor: 1 }, timestamp: at(20).getTime() },
      { name: 'pushed', value: 3, labels: ['a'] as unknown as Record<string, string> },
      { name: 'pushed_total', value: -1 },
      { name: 'pushed', value: NaN, help: 'Values of rooms' },
      { name: 'pushed', value: 4, timestamp: new Date(NaN) },
      { name: 'pushed_total', value: 5 },
      { name: 'pushed', value: 6, labels: { room: 'b' } },
      { name: 'pushed', value: 7, labels: { room: 'c' } },
    ]);
    expect(result).toMatchObject({
      accepted: 4,
      rejected: [
        { index: 1, reason: 'item_invalid', message: expect.stringContaining('name') },
        { index: 3, reason: 'item_invalid', message: expect.stringContaining('labels') },
        { index: 4, reason: 'negative_delta' },
        { index: 5, reason: 'value_invalid' },
        { index: 6, reason: 'item_invalid', message: expect.stringContaining('timestamp') },
        { index: 9, reason: 'too_many_samples' },
      ],
    });
    // The result contains no object of the store.
    expect(JSON.parse(JSON.stringify(result))).toEqual(result);
    expect(await linesOf(app, /^pushed/)).toEqual([
      'pushed_total 5',
      'pushed{floor="1",room="a"} 2',
      'pushed{room="b"} 6',
    ]);
  });

  test('keep names of any characters, which PromQL finds', async () => {
    const own = await createTestDatabase();
    const settings = { DATABASE_URL: own.url, NAME_VALIDATION: 'utf8' };
    try {
      const app = await start({ series: { nameValidation: 'utf8' } }, own.url);
      const metrics = app.get(CustomMetrics);
      metrics.gauge('größe.m²', { labels: { 'host.name': 'h' } }).set(4);
      metrics.counter('jobs.done').add(2, { 'job.kind': 'a' });
      await metrics.flush();
      await app.close();
      started.splice(started.indexOf(app), 1);
      const server = await startServer(settings);
      try {
        for (const [promql, series, value] of [
          ['{"größe.m²", "host.name"="h"}', { __name__: 'größe.m²', 'host.name': 'h' }, '4'],
          ['{"jobs.done"}', { __name__: 'jobs.done', 'job.kind': 'a' }, '2'],
        ] as const) {
          const answer = await getJson(server, `/api/v1/query?query=${encodeURIComponent(promql)}`);
          expect(answer).toMatchObject({ data: { result: [{ metric: series, value: [expect.anything(), value] }] } });
        }
      } finally {
        await server.stop();
      }
    } finally {
      await own.drop();
    }
  });

  test('are recorded by the stub in unit tests of the app', async () => {
    const metrics = new CustomMetricsStub();
    const testing = await Test.createTestingModule({
      providers: [Shop, { provide: CustomMetrics, useValue: metrics }],
    }).compile();
    testing.get(Shop).sell('de');
    await metrics.push([{ name: 'pushed', value: 3 }]);
    expect(metrics.recorded).toContainEqual({ name: 'pushed', value: 3, labels: {} });
    expect(metrics.recorded).toContainEqual({ name: 'orders_total', value: 1, labels: { country: 'de' } });
  });
});
