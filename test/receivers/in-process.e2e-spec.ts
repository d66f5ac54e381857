import { Injectable, Module } from '@nestjs/common';
import type { NestExpressApplication } from '@nestjs/platform-express';
import { Test } from '@nestjs/testing';
import { TypeOrmModule } from '@nestjs/typeorm';
import request from 'supertest';
import { CUSTOM_METRICS_ENTITIES, CustomMetrics, CustomMetricsModule, CustomMetricsStub } from '../../src/index.js';
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

  async function start(): Promise<NestExpressApplication> {
    @Module({
      imports: [
        TypeOrmModule.forRoot({ type: 'postgres', url: database.url, entities: CUSTOM_METRICS_ENTITIES }),
        // Nothing is stored by the clock in this test.
        CustomMetricsModule.forRoot({ instruments: { flushIntervalMs: 3_600_000 } }),
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

  test('never throw into the app, and count what can not be stored', async () => {
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

  test('are recorded by the stub in unit tests of the app', async () => {
    const metrics = new CustomMetricsStub();
    const testing = await Test.createTestingModule({
      providers: [Shop, { provide: CustomMetrics, useValue: metrics }],
    }).compile();
    testing.get(Shop).sell('de');
    expect(metrics.recorded).toContainEqual({ name: 'orders_total', value: 1, labels: { country: 'de' } });
  });
});
