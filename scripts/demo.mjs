// npm run demo -- [--url http://127.0.0.1:3000] [--token TOKEN] [--days 14] [--backfill-only] [--remove] fills a service with the
// metrics of a shop: two weeks of history within seconds, then live pushes until Ctrl-C.
import { existsSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { randomNumbers } from './demo/chance.mjs';
import { Pusher } from './demo/pusher.mjs';
import { answers, DEMO_FOLDER, DemoError, firstAdminToken, Service, startService } from './demo/service.mjs';
import { METRICS, Shop } from './demo/shop.mjs';
import { DAY, HOUR, MINUTE, storyAt } from './demo/story.mjs';

/** The name of the demo's token. It distinguishes the metrics of the demo from others with the same names. */
const TOKEN_NAME = 'demo shop (npm run demo)';

const DEFAULT_URL = 'http://127.0.0.1:3000';
const LIVE_EVERY_MS = 2000;

/** The pauses between samples of the history, which are shorter in its last hours. */
const COARSE = 15 * MINUTE;
const FINE_FROM = 3 * HOUR;

const { values: options } = parseArgs({
  options: {
    url: { type: 'string' },
    token: { type: 'string' },
    days: { type: 'string', default: '14' },
    'backfill-only': { type: 'boolean', default: false },
    remove: { type: 'boolean', default: false },
  },
});
const leaving = new AbortController();
process.once('SIGINT', () => leaving.abort());
process.once('SIGTERM', () => leaving.abort());

try {
  await (options.remove ? remove() : run());
} catch (error) {
  if (!(error instanceof DemoError)) throw error;
  console.error(error.message);
  process.exitCode = 1;
}

async function run() {
  const days = Number(options.days);
  if (!(days > 0 && days <= 89)) throw new DemoError('--days needs a number from 1 to 89.');
  const own = await findOrStart();
  try {
    const service = new Service(own.url, adminToken(own));
    const tokenId = await refuseForeignMetrics(service);
    const [pushToken, since] = await prepare(service, tokenId);
    const now = Date.now();
    const shop = new Shop(storyAt(now), randomNumbers(7));
    const pusher = new Pusher(service, pushToken);
    await backfill(shop, pusher, Math.max(since, now - days * DAY), now);
    if (options['backfill-only']) return;
    console.log(await whereToLook(own));
    await pushLive(shop, pusher, now);
    console.log(`\nThe demo has stopped, and its metrics stay. ${howToRemove()}`);
  } finally {
    await own.stop?.();
  }
}

/** Returns a service that is already running, or starts one. */
async function findOrStart() {
  const url = options.url ?? DEFAULT_URL;
  if (await answers(url)) {
    console.log(`The demo uses the service at ${url}.`);
    return { url };
  }
  if (options.url !== undefined) throw new DemoError(`No service answers at ${url}.`);
  console.log('No service runs yet, so the demo starts one. It keeps its data in data/demo.');
  return startService(new URL(DEFAULT_URL).port);
}

function adminToken({ stop }) {
  const folder = stop === undefined ? (process.env.DATA_DIR ?? path.join(DEMO_FOLDER, '..')) : DEMO_FOLDER;
  const token = options.token ?? process.env.ADMIN_TOKEN ?? firstAdminToken(folder);
  if (token !== undefined) return token;
  throw new DemoError(
    'The demo needs a token with the scopes admin and read, in ADMIN_TOKEN or as --token. This command makes one:\n' +
      '  export ADMIN_TOKEN=$(npm run --silent tokens -- create --name demo-admin --scope admin --scope read | tail -n 1)',
  );
}

/** Returns the id of the token of an earlier demo. Without such a token, metrics with the same names belong to somebody else. */
async function refuseForeignMetrics(service) {
  const tokens = await service.ask('GET', '/api/admin/tokens');
  const earlier = tokens.filter(({ name }) => name === TOKEN_NAME);
  if (earlier.length === 0) {
    for (const name of Object.keys(METRICS)) {
      if ((await sizeOf(service, name)) === null) continue;
      throw new DemoError(
        `This service has a metric ${name} that is not from the demo. Give the demo another service: ` +
          'stop this one, and the demo starts its own.',
      );
    }
  }
  return earlier.find(({ revokedAt }) => revokedAt === null)?.id;
}

/** Returns the numbers of series and samples of a metric, or null if it does not exist. */
function sizeOf(service, name) {
  return service.ask('DELETE', `/api/admin/metrics/${name}?dryRun=true`);
}

/** Declares the metrics, creates a token for pushing, and returns the time of the newest sample of an earlier demo. */
async function prepare(service, oldTokenId) {
  if (oldTokenId !== undefined) await service.ask('DELETE', `/api/admin/tokens/${oldTokenId}`);
  const json = { name: TOKEN_NAME, scopes: ['ingest'] };
  const { token } = await service.ask('POST', '/api/admin/tokens', { json });
  for (const [name, { type, help, unit }] of Object.entries(METRICS)) {
    const temporality = type === 'gauge' ? undefined : 'delta';
    await service.ask('PUT', `/api/admin/metrics/${name}`, { json: { type, temporality, help, unit } });
  }
  const { metrics } = await service.ask('GET', '/api/history/metrics?search=cache_hit_ratio&limit=10');
  const newest = metrics.find(({ name }) => name === 'cache_hit_ratio')?.lastPushAt;
  return [token, newest == null ? 0 : Date.parse(newest)];
}

async function backfill(shop, pusher, from, to) {
  const started = performance.now();
  console.log(`Pushing the history from ${new Date(from).toISOString()} until now …`);
  for (let at = from; at < to;) {
    const step = to - at > FINE_FROM ? COARSE : MINUTE;
    const end = Math.min(at + step, to);
    await pusher.add(shop.samplesOf(at, end));
    at = end;
    if (leaving.signal.aborted) break;
  }
  await pusher.finish();
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  console.log(`${pusher.sent.toLocaleString('en')} samples of ${Object.keys(METRICS).length} metrics in ${seconds} s.`);
}

async function whereToLook({ url, link }) {
  const address = (await link?.()) ?? `${url}/explorer/`;
  return [
    '',
    `  See it:      ${address}`,
    ...(link === undefined ? ['               npm run tokens -- link   prints a link that signs in'] : []),
    '  Look for:    the flash sale in France 20 hours ago (shop_orders_total by country)',
    '               the provider that fails right now (payments_attempts_total by provider and outcome)',
    '               the slow search since yesterday (http_request_seconds by route)',
    '               the export that failed four nights ago (nightly_export_runs_total over 14 days)',
    `  Remove it:   ${howToRemove()}`,
    '',
    '  The shop goes on selling until you press Ctrl-C.',
  ].join('\n');
}

function howToRemove() {
  return '`npm run demo -- --remove` removes the metrics of the demo and its token.';
}

async function pushLive(shop, pusher, from) {
  let last = from;
  while (!leaving.signal.aborted) {
    await sleep(LIVE_EVERY_MS, undefined, { signal: leaving.signal }).catch(() => undefined);
    const now = Date.now();
    // If the machine was asleep, the shop fills the gap in small steps.
    for (; last < now; last = Math.min(last + MINUTE, now))
      await pusher.add(shop.samplesOf(last, Math.min(last + MINUTE, now)));
    await pusher.finish();
    if (process.stdout.isTTY) process.stdout.write(`\r  ${pusher.sent.toLocaleString('en')} samples pushed `);
  }
}

async function remove() {
  const url = options.url ?? DEFAULT_URL;
  if (!(await answers(url))) {
    if (options.url !== undefined || !existsSync(DEMO_FOLDER)) throw new DemoError(`No service answers at ${url}.`);
    await rm(DEMO_FOLDER, { recursive: true, force: true });
    console.log('Removed data/demo, the data of the service that the demo had started.');
    return;
  }
  const service = new Service(
    url,
    options.token ?? process.env.ADMIN_TOKEN ?? firstAdminToken(DEMO_FOLDER) ?? adminToken({}),
  );
  const tokens = (await service.ask('GET', '/api/admin/tokens')).filter(({ name }) => name === TOKEN_NAME);
  if (tokens.length === 0) throw new DemoError(`There was no demo at ${url}, so nothing is removed.`);
  for (const { id } of tokens.filter(({ revokedAt }) => revokedAt === null))
    await service.ask('DELETE', `/api/admin/tokens/${id}`);
  let removed = 0;
  for (const name of Object.keys(METRICS)) {
    const size = await service.ask('DELETE', `/api/admin/metrics/${name}`);
    if (size !== null) removed += 1;
  }
  console.log(`Removed ${removed} metrics of the demo at ${url}, and revoked its token.`);
}
