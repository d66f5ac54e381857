import { execFile } from 'node:child_process';
import path from 'node:path';
import { promisify } from 'node:util';
import { ADMIN_TOKEN, getJson, push } from '../support/server.js';
import { serviceUnderTest } from '../support/service-under-test.js';

const ROOT = path.resolve(import.meta.dirname, '../..');

interface Listed {
  metrics: { name: string; type: string; seriesCount: number; unit: string | null }[];
}

describe('the demo', () => {
  const server = serviceUnderTest();

  async function demo(...args: string[]): Promise<{ stdout: string; stderr: string; code: number }> {
    const command = ['scripts/demo.mjs', '--url', server.url, '--token', ADMIN_TOKEN, ...args];
    return promisify(execFile)(process.execPath, command, { cwd: ROOT, timeout: 120_000 }).then(
      (result) => ({ ...result, code: 0 }),
      (error: { stdout: string; stderr: string; code: number }) => error,
    );
  }

  const names = async () =>
    ((await getJson(server, '/api/history/metrics?families=true&limit=100')) as Listed).metrics.map(({ name }) => name);

  const totalOf = async (query: string) => {
    const { data } = (await getJson(server, `/api/v1/query?query=${encodeURIComponent(query)}`)) as {
      data: { result: { value: [number, string] }[] };
    };
    return Number(data.result[0]?.value[1]);
  };

  test('refuses a service in which somebody else uses one of its names', async () => {
    await push(server, [{ name: 'search_queries_total', value: 1 }]);
    const { code, stderr } = await demo('--backfill-only');
    expect(code).toBe(1);
    expect(stderr).toContain('has a metric search_queries_total that is not from the demo');
    expect(await names()).toEqual(['search_queries_total']);
    await fetch(`${server.url}/api/admin/metrics/search_queries_total`, {
      method: 'DELETE',
      headers: { Authorization: ADMIN_TOKEN },
    });
  });

  test('pushes two weeks that add up', async () => {
    const { code, stdout, stderr } = await demo('--backfill-only');
    expect([code, stderr]).toEqual([0, '']);
    expect(stdout).toMatch(/\d samples of 15 metrics in/);
    const { metrics } = (await getJson(server, '/api/history/metrics?families=true&limit=100')) as Listed;
    expect(metrics).toContainEqual(
      expect.objectContaining({ name: 'http_request_seconds', type: 'histogram', unit: 'seconds' }),
    );
    expect(metrics).toContainEqual(expect.objectContaining({ name: 'shop_open_carts', type: 'gauge' }));

    const orders = await totalOf('sum(shop_orders_total)');
    expect(orders).toBeGreaterThan(50_000);
    expect(await totalOf('sum(sum_over_time(shop_orders_total{__view__="delta"}[15d]))')).toBe(orders);
    expect(await totalOf('sum(shop_order_value_count)')).toBe(orders);
    expect(await totalOf('sum(payments_attempts_total{outcome="paid"})')).toBe(orders);
    expect(await totalOf('sum(nightly_export_runs_total)')).toBe(14);
    // The sale was 20 hours ago, and ran for two.
    const french = (from: string) =>
      totalOf(`sum(sum_over_time(shop_orders_total{__view__="delta",country="fr"}[2h] offset ${from}))`);
    expect(await french('18h')).toBeGreaterThan(2.5 * (await french('186h')));
  });

  test('goes on where an earlier demo ended, and counts nothing twice', async () => {
    const orders = await totalOf('sum(shop_orders_total)');
    expect((await demo('--backfill-only')).code).toBe(0);
    const later = await totalOf('sum(shop_orders_total)');
    expect(later).toBeGreaterThanOrEqual(orders);
    expect(later).toBeLessThan(orders * 1.01);
  });

  test('is removed without a trace, and leaves everything else', async () => {
    await push(server, [{ name: 'shop_visits_of_mine_total', value: 1 }]);
    const { code, stdout } = await demo('--remove');
    expect([code, stdout]).toEqual([0, expect.stringContaining('Removed 15 metrics')]);
    expect(await names()).toEqual(['shop_visits_of_mine_total']);
    const tokens = (await getJson(server, '/api/admin/tokens')) as { name: string; revokedAt: string | null }[];
    expect(tokens.filter(({ name, revokedAt }) => name.startsWith('demo') && revokedAt === null)).toEqual([]);
  });
});
