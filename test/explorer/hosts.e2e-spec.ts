import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { type CanActivate, type ExecutionContext, Injectable, UnauthorizedException } from '@nestjs/common';
import { RouterModule } from '@nestjs/core';
import type { Request } from 'express';
import { CustomMetricsModule, type RequestWithMetricsSender } from '../../src/index.js';
import type { CustomMetricsForRootOptions } from '../../src/custom-metrics.module-definition.js';
import { type HostApp, type HostSetup, startHost } from '../support/host-app.js';
import { createTestDatabase, type TestDatabase } from '../support/test-database.js';

/** Knows people by a header, as the guard of an app may know them by its own cookie. */
@Injectable()
class AccountGuard implements CanActivate {
  canActivate(context: ExecutionContext): boolean {
    const request = context.switchToHttp().getRequest<Request & RequestWithMetricsSender>();
    const account = request.headers['x-account'];
    if (account !== 'analyst' && account !== 'shop') throw new UnauthorizedException('Who are you?');
    request.customMetricsSender = { name: account, scopes: account === 'analyst' ? ['read', 'scrape'] : ['ingest'] };
    return true;
  }
}

describe('the explorer in a host app', () => {
  let database: TestDatabase;
  let files: string;
  const running: HostApp[] = [];

  beforeAll(async () => {
    database = await createTestDatabase();
    files = mkdtempSync(path.join(tmpdir(), 'page-'));
    mkdirSync(path.join(files, 'assets'));
    writeFileSync(path.join(files, 'index.html'), '<!doctype html><meta name="api-base" content="../" />the page');
    writeFileSync(path.join(files, 'assets/main-ABCDEF12.js'), 'code');
  });

  afterEach(async () => {
    for (const host of running.splice(0)) await host.stop();
  });

  afterAll(async () => {
    await database.drop();
    rmSync(files, { recursive: true });
  });

  async function start(setup: Omit<HostSetup, 'databaseUrl'>): Promise<HostApp> {
    const host = await startHost({ databaseUrl: database.url, ...setup });
    running.push(host);
    return host;
  }

  /** Loads the page, and returns the URL of the session relative to it. */
  async function sessionUrlOf(host: HostApp, page: string): Promise<string> {
    const { status, text } = await host.request('GET', page);
    expect([status, text.includes('the page')]).toEqual([200, true]);
    expect((await host.request('GET', `${page}assets/main-ABCDEF12.js`)).text).toBe('code');
    const apiBase = /content="([^"]*)"/.exec(text)![1]!;
    return new URL(`${apiBase}api/explorer/session`, `http://host${page}`).pathname;
  }

  test('is off by default', async () => {
    const host = await start({});
    for (const at of ['/explorer', '/explorer/', '/api/explorer/session']) {
      expect([at, (await host.request('GET', at)).status]).toEqual([at, 404]);
    }
    const off = await start({ options: { explorer: false } });
    expect((await off.request('GET', '/explorer/')).status).toBe(404);
  });

  test('has the path that the host chooses, and leaves the root to the host', async () => {
    const host = await start({ options: { explorer: { path: 'admin/metrics-page', files } } });
    const at = await sessionUrlOf(host, '/admin/metrics-page/');
    expect(at).toBe('/api/explorer/session');
    const opened = await host.request('POST', at, { token: await host.token('read') });
    expect([opened.status, JSON.parse(opened.text)]).toEqual([201, expect.objectContaining({ scopes: ['read'] })]);
    expect((await host.request('GET', '/', { headers: { Accept: 'text/html' } })).status).toBe(404);
  });

  test.each<[string, Omit<HostSetup, 'databaseUrl'>]>([
    ['a global prefix', { configure: (app) => void app.setGlobalPrefix('v2/tools') }],
    [
      'a prefix of RouterModule',
      { imports: [RouterModule.register([{ path: 'v2/tools', module: CustomMetricsModule }])] },
    ],
  ])('works below %s', async (_kind, setup) => {
    const host = await start({ ...setup, options: { explorer: { files } } });
    const at = await sessionUrlOf(host, '/v2/tools/explorer/');
    expect(at).toBe('/v2/tools/api/explorer/session');
    expect((await host.request('POST', at, { token: await host.token('admin') })).status).toBe(201);
    const redirect = await fetch(`${host.url}/v2/tools/explorer`, { redirect: 'manual' });
    expect([redirect.status, redirect.headers.get('location')]).toEqual([302, 'explorer/']);
  });

  test('may name the API itself', async () => {
    const host = await start({ options: { explorer: { files, apiBase: '/behind/a/gateway/' } } });
    expect(await sessionUrlOf(host, '/explorer/')).toBe('/behind/a/gateway/api/explorer/session');
  });

  test('needs no sign-in where a guard of the host decides', async () => {
    const host = await start({ options: { guard: AccountGuard, explorer: { files } } });
    const at = await sessionUrlOf(host, '/explorer/');
    const as = (account: string) => ({ headers: { 'X-Account': account } });
    const analyst = await host.request('GET', at, as('analyst'));
    expect([analyst.status, JSON.parse(analyst.text)]).toEqual([
      200,
      expect.objectContaining({ signedInBy: 'host', tokenName: 'analyst', scopes: ['read'], expiresAt: null }),
    ]);
    expect(JSON.parse((await host.request('GET', at, as('shop'))).text)).toMatchObject({ scopes: [] });
    expect((await host.request('GET', at)).status).toBe(401);
    for (const method of ['POST', 'DELETE']) {
      expect([method, (await host.request(method, at, as('analyst'))).status]).toEqual([method, 404]);
    }
  });

  test('tells which groups of routes the host has', async () => {
    const host = await start({ options: { routes: { otlp: false, unleash: false }, explorer: { files } } });
    const shown = await host.request('GET', '/api/explorer/session', { token: await host.token('read') });
    expect(JSON.parse(shown.text)).toMatchObject({
      signedInBy: 'token',
      routes: ['push', 'remoteWrite', 'pushgateway', 'exposition', 'history', 'promql', 'admin'],
    });
  });

  test('says what is missing if its files are not there, and the rest works', async () => {
    const host = await start({
      appOptions: { logger: false },
      options: { explorer: { files: path.join(files, 'nowhere') } },
    });
    const { status, text } = await host.request('GET', '/explorer/');
    expect([status, text]).toEqual([
      503,
      expect.stringMatching(/explorer\.files is .*nowhere, and there is no index\.html/),
    ]);
    expect((await host.request('GET', '/api/history/metrics', { token: await host.token('read') })).status).toBe(200);
  });

  test.each<[string, unknown]>([
    ['a path with a slash at its start', { path: '/explorer' }],
    ['a path that leads upwards', { path: '../explorer' }],
    ['a path with a wildcard', { path: '*all' }],
    ['the API of another origin', { apiBase: 'https://elsewhere.example/' }],
    ['an unknown option', { paht: 'explorer' }],
    ['true', true],
  ])('refuses %s', (_kind, explorer) => {
    expect(() => CustomMetricsModule.forRoot({ explorer } as CustomMetricsForRootOptions)).toThrow(
      /explorer: found .*; allowed: false, or an object with path/,
    );
  });
});
