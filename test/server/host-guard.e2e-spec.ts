import { type CanActivate, type ExecutionContext, Injectable, Module, UnauthorizedException } from '@nestjs/common';
import type { Request } from 'express';
import { ApiTokensService, type MetricsSender, type RequestWithMetricsSender } from '../../src/index.js';
import { type HostApp, startHost } from '../support/host-app.js';
import { createTestDatabase, type TestDatabase } from '../support/test-database.js';

/** Accounts of the host, as its guard knows them. */
@Injectable()
class Accounts {
  private readonly senders: Readonly<Record<string, MetricsSender>> = {
    shop: { name: 'shop', scopes: ['ingest'], labels: { team: 'a' } },
    'shop moved': { name: 'shop', scopes: ['ingest'], labels: { team: 'b' } },
    cumulative: { name: 'meter', scopes: ['ingest'], defaultTemporality: 'cumulative' },
    reader: { name: 'reader', scopes: ['read', 'scrape', 'admin'] },
    fourth: { name: 'fourth', scopes: ['ingest'] },
    wrong: { name: 'wrong', scopes: ['everything' as 'read'] },
  };

  find(key: string | undefined): MetricsSender | undefined {
    return this.senders[key ?? ''];
  }
}

@Module({ providers: [Accounts], exports: [Accounts] })
class AccountsModule {}

@Injectable()
class AccountGuard implements CanActivate {
  constructor(private readonly accounts: Accounts) {}

  canActivate(context: ExecutionContext): boolean {
    const request = context.switchToHttp().getRequest<Request & RequestWithMetricsSender>();
    const key = request.headers['x-account'];
    if (key === 'forgotten') return true;
    if (key === 'blocked') return false;
    const sender = this.accounts.find(String(key));
    if (sender === undefined) throw new UnauthorizedException('Who are you?');
    request.customMetricsSender = sender;
    return true;
  }
}

describe('a guard of the host in place of API tokens', () => {
  let database: TestDatabase;
  let host: HostApp;

  const start = () =>
    startHost({
      databaseUrl: database.url,
      options: {
        guard: AccountGuard,
        imports: [AccountsModule],
        exposition: { auth: 'token' },
        ingest: { rateLimitPerMinute: 1_000 },
        tokens: { maxSenders: 3 },
      },
    });

  beforeAll(async () => {
    database = await createTestDatabase();
    host = await start();
  });

  afterAll(async () => {
    await host?.stop();
    await database.drop();
  });

  const as = (account: string, headers: Record<string, string> = {}) => ({
    headers: { 'X-Account': account, ...headers },
  });
  const push = (account: string, name: string, value: number, headers?: Record<string, string>) =>
    host.request('POST', '/api/client/metrics/custom', {
      ...as(account, headers),
      body: { metrics: [{ name, value }] },
    });
  const page = async () => (await host.request('GET', '/metrics', as('reader'))).text;

  test('decides who may do what, in its own words', async () => {
    expect((await push('shop', 'guarded_total', 2)).status).toBe(202);
    const unknown = await push('nobody', 'guarded_total', 2);
    expect([unknown.status, unknown.text]).toEqual([401, expect.stringContaining('Who are you?')]);
    expect((await push('blocked', 'guarded_total', 2)).status).toBe(403);
    const reader = await push('reader', 'guarded_total', 2);
    expect([reader.status, reader.text]).toEqual([403, expect.stringContaining('scope ingest')]);
    expect((await host.request('GET', '/api/v1/labels', as('reader'))).status).toBe(200);
    expect((await host.request('GET', '/api/v1/labels', as('shop'))).status).toBe(403);
    expect((await host.request('GET', '/metrics')).status).toBe(401);
    expect(await page()).toContain('guarded_total{team="a"} 2\n');
  });

  test('decides labels and temporality, with every request', async () => {
    for (const account of ['shop', 'shop moved', 'shop', 'shop moved']) await push(account, 'moving_total', 1);
    for (const value of [3, 5]) await push('cumulative', 'metered_total', value);
    const text = await page();
    expect(text).toContain('moving_total{team="a"} 2\n');
    expect(text).toContain('moving_total{team="b"} 2\n');
    expect(text).toContain('metered_total 5\n');
  });

  test('answers 500 if the guard itself is wrong', async () => {
    expect((await push('forgotten', 'x', 1)).status).toBe(500);
    expect((await push('wrong', 'x', 1)).status).toBe(500);
  });

  test('makes tokens unnecessary: none can be presented or made over HTTP', async () => {
    const { secret } = await host.app.get(ApiTokensService).create({ name: 'token', scopes: ['ingest', 'admin'] });
    const request = { token: secret, body: { metrics: [] } };
    expect((await host.request('POST', '/api/client/metrics/custom', request)).status).toBe(401);
    expect((await host.request('GET', '/api/admin/tokens', as('reader'))).status).toBe(404);
    expect(
      (await host.request('PUT', '/api/admin/metrics/declared', { ...as('reader'), body: { type: 'gauge' } })).status,
    ).toBe(200);
  });

  test('keeps what belongs to a sender: its rate, and its keys over a restart', async () => {
    const remaining = async (account: string) =>
      Number((await push(account, 'rated', 1)).headers.get('ratelimit-remaining'));
    const [first, other, second] = [
      await remaining('shop'),
      await remaining('cumulative'),
      await remaining('shop moved'),
    ];
    expect(second).toBe(first - 1);
    expect(other).not.toBe(first - 1);

    const keyed = { 'Idempotency-Key': 'order-17' };
    expect((await push('shop', 'keyed_total', 1, keyed)).headers.get('idempotency-replayed')).toBeNull();
    expect((await push('cumulative', 'keyed_total', 1, keyed)).headers.get('idempotency-replayed')).toBeNull();
    await host.stop();
    host = await start();
    expect((await push('shop', 'keyed_total', 1, keyed)).headers.get('idempotency-replayed')).toBe('true');
    expect(await page()).toContain('keyed_total{team="a"} 1\n');
  });

  test('bounds the number of senders, and shuts one out whose row is revoked', async () => {
    const tooMany = await push('fourth', 'guarded_total', 1);
    expect([tooMany.status, tooMany.text]).toEqual([403, expect.stringContaining('tokens.maxSenders')]);
    const tokens = host.app.get(ApiTokensService);
    const row = (await tokens.list()).find(({ name }) => name === 'shop');
    await tokens.revoke(row!.id);
    const refused = await push('shop', 'guarded_total', 1);
    expect([refused.status, refused.text]).toEqual([403, expect.stringContaining('revoked')]);
    expect((await push('cumulative', 'guarded_total', 1)).status).toBe(202);
    expect((await push('fourth', 'guarded_total', 1)).status).toBe(202);
  });

  test('knows of a revocation at once, although a load of the tokens began just before it', async () => {
    const tokens = host.app.get(ApiTokensService);
    for (let round = 0; round < 100; round++) {
      const { token } = await tokens.create({ name: `token ${round}`, scopes: ['ingest'] });
      expect(tokens.isUsable(token)).toBe(true);
      const revoking = tokens.revoke(token.id);
      const loading = tokens.refresh();
      await revoking;
      expect(tokens.isUsable(token)).toBe(false);
      await loading;
    }
  });
});
