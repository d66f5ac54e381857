// npm run pictures creates the pictures of the README and the docs: it starts a service with data of its own, fills it with the
// demo, and takes screenshots of the explorer. It needs Debian's chromium, or Google Chrome.
//
//   npm run pictures [-- <folder>]    also writes pictures of all pages in all states into the folder, in full length
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { chromium } from 'playwright-core';

const ROOT = path.resolve(import.meta.dirname, '..');
const FOLDER = path.join(ROOT, 'docs/pictures');
const PORT = '4390';
const URL = `http://127.0.0.1:${PORT}`;
const TOKEN = `*:*.${'a'.repeat(56)}`;
const INGEST_TOKEN = `test:development.${'b'.repeat(56)}`;

/** A page counts as drawn when it has waited for no answer for this long, or after the limit, because some pages ask again and again. */
const QUIET_MS = 700;
const DRAWING_LIMIT_MS = 8_000;
const METRICS_OF_CROWD = 1_000;

/** Metrics of the demo that are removed before the pictures of ten metrics. A short catalogue shows cards instead of rows. */
const LEFT_OUT = [
  'cache_hit_ratio',
  'payments_attempts_total',
  'search_queries_total',
  'server_memory_bytes',
  'warehouse_queue_depth',
];

const COUNTER = '#/explore?m0=shop_orders_total&by0=country&from=-48h&cmp=1';
const HISTOGRAM = '#/explore?m0=http_request_seconds&from=-48h';
const GAUGE = '#/explore?m0=shop_open_carts&m1=nightly_export_rows&from=-48h';
const PAGES_WITHOUT_METRIC = {
  metrics: '#/',
  explore: '#/explore',
  connect: '#/connect',
  health: '#/health',
  tokens: '#/tokens',
};
const PAGES = {
  metrics: '#/',
  counter: COUNTER,
  histogram: HISTOGRAM,
  gauges: GAUGE,
  promql: `#/explore?q0=${encodeURIComponent('sum by (country) (rate(shop_orders_total[1h]))')}&from=-48h`,
  connect: '#/connect',
  health: '#/health',
  tokens: '#/tokens',
};

/** The narrow pictures are those of a phone, whose scroll bars take no room. */
const SIZES = {
  wide: { viewport: { width: 1440, height: 900 } },
  narrow: { viewport: { width: 390, height: 844 }, isMobile: true, hasTouch: true },
};
const THEMES = ['light', 'dark'];

/** The pictures that pages of the docs show, by page and theme. */
const SHOWN = [
  ['counter', 'light'],
  ['counter', 'dark'],
  ['metrics', 'light'],
  ['histogram', 'light'],
  ['connect', 'light'],
  ['health', 'light'],
  ['tokens', 'light'],
];

const [keptIn] = process.argv.slice(2);

const executablePath = ['/usr/bin/chromium', '/usr/bin/google-chrome'].find(
  (program) => spawnSync(program, ['--version']).status === 0,
);
if (executablePath === undefined) throw new Error('The pictures need /usr/bin/chromium or /usr/bin/google-chrome.');

const dataFolder = await mkdtemp(path.join(tmpdir(), 'custom-metrics-pictures-'));
const server = spawn(process.execPath, [path.join(ROOT, 'dist/server/main.js')], {
  env: {
    PATH: process.env.PATH,
    HOST: '127.0.0.1',
    PORT,
    DATA_DIR: dataFolder,
    INIT_ADMIN_API_TOKENS: TOKEN,
    INIT_BACKEND_API_TOKENS: INGEST_TOKEN,
    INGEST_RATE_LIMIT_PER_MINUTE: '0',
  },
  stdio: 'ignore',
});
const ended = once(server, 'exit');
const browser = await chromium.launch({ executablePath, args: ['--no-sandbox', '--disable-dev-shm-usage'] });
try {
  await untilReady();
  await mkdir(FOLDER, { recursive: true });
  if (keptIn !== undefined) await mkdir(keptIn, { recursive: true });
  const sheet = [];
  await photographAll('empty', PAGES_WITHOUT_METRIC, sheet);
  run('scripts/demo.mjs', '--url', URL, '--token', TOKEN, '--backfill-only');
  await photographAll('shop', PAGES, sheet);
  for (const metric of LEFT_OUT) await remove(metric);
  await photographAll('ten', { metrics: PAGES.metrics, health: PAGES.health }, sheet);
  await pushCrowd();
  await photographAll('crowd', PAGES_WITHOUT_METRIC, sheet);
  await makeContactSheet(sheet);
} finally {
  await browser.close();
  server.kill('SIGTERM');
  await ended;
  await rm(dataFolder, { recursive: true, force: true, maxRetries: 10 });
}

async function untilReady() {
  for (let tries = 0; tries < 300; tries++) {
    const isReady = await fetch(`${URL}/health/ready`).then(
      ({ ok }) => ok,
      () => false,
    );
    if (isReady) return;
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
  throw new Error('The service did not start within a minute.');
}

function run(script, ...args) {
  const { status } = spawnSync(process.execPath, [path.join(ROOT, script), ...args], { stdio: 'inherit' });
  if (status !== 0) throw new Error(`${script} ended with ${status}.`);
}

async function remove(metric) {
  const response = await fetch(`${URL}/api/admin/metrics/${metric}`, {
    method: 'DELETE',
    headers: { Authorization: TOKEN },
  });
  if (!response.ok) throw new Error(`The removal of ${metric} was answered ${response.status}.`);
}

/** Pushes many metrics, so that the catalogue has to be searched. */
async function pushCrowd() {
  const areas = ['checkout', 'cart', 'auth', 'search', 'mail'];
  const metrics = Array.from({ length: METRICS_OF_CROWD }, (_, index) => ({
    name: `${areas[index % areas.length]}_events_${index}_total`,
    value: (index * 37) % 100,
  }));
  const response = await fetch(`${URL}/api/client/metrics/custom`, {
    method: 'POST',
    headers: { Authorization: INGEST_TOKEN, 'Content-Type': 'application/json' },
    body: JSON.stringify({ metrics }),
  });
  if (!response.ok) throw new Error(`The push was answered ${response.status}.`);
}

/** Takes screenshots of pages in both themes and widths, and keeps a small picture of each for the contact sheet. */
async function photographAll(state, pages, sheet) {
  for (const theme of THEMES) {
    for (const [size, device] of Object.entries(SIZES)) {
      const { viewport } = device;
      const context = await browser.newContext({ ...device, colorScheme: theme, locale: 'en-GB', timezoneId: 'UTC' });
      const page = await context.newPage();
      const untilDrawn = watchRequests(page);
      await page.goto(`${URL}/explorer/`);
      const field = page.locator('input[type=password]').first();
      await field.fill(TOKEN);
      await field.press('Enter');
      await field.waitFor({ state: 'hidden' });
      for (const [name, hash] of Object.entries(pages)) {
        await page.goto(`${URL}/explorer/${hash}`);
        await untilDrawn();
        await page.mouse.move(2, 2);
        await page.evaluate(() => document.activeElement?.blur());
        const isShown = state === 'shop' && size === 'wide' && SHOWN.some(([of, by]) => of === name && by === theme);
        if (isShown) {
          const suffix = theme === 'dark' ? '-dark' : '';
          await page.screenshot({ path: path.join(FOLDER, `explorer-${name}${suffix}.png`) });
        }
        if (state === 'shop' || name === 'metrics') {
          const picture = await page.screenshot({ type: 'jpeg', quality: 60 });
          sheet.push({ title: `${name}, ${state}, ${theme}, ${viewport.width}`, picture, size });
        }
        if (keptIn !== undefined) {
          await page.screenshot({
            path: path.join(keptIn, `${state}-${name}-${theme}-${viewport.width}.png`),
            fullPage: true,
          });
        }
      }
      await context.close();
    }
  }
}

/** Counts the requests of a page. The returned function waits until it has waited for no answer for a while. */
function watchRequests(page) {
  const running = new Set();
  let changedAt = Date.now();
  page.on('request', (request) => {
    // The stream of pushes stays open.
    if (!request.url().includes('/api/history/live')) running.add(request);
    changedAt = Date.now();
  });
  for (const end of ['requestfinished', 'requestfailed']) {
    page.on(end, (request) => {
      running.delete(request);
      changedAt = Date.now();
    });
  }
  return async () => {
    changedAt = Date.now();
    for (const deadline = Date.now() + DRAWING_LIMIT_MS; Date.now() < deadline;) {
      if (running.size === 0 && Date.now() - changedAt > QUIET_MS) return;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  };
}

async function makeContactSheet(sheet) {
  const cells = sheet.map(({ title, picture, size }) => {
    const source = `data:image/jpeg;base64,${picture.toString('base64')}`;
    return `<figure class="${size}"><img src="${source}"><figcaption>${title}</figcaption></figure>`;
  });
  const page = await browser.newPage({ viewport: { width: 1600, height: 900 } });
  await page.setContent(`<style>
    body { display: flex; flex-wrap: wrap; align-items: start; gap: 12px; margin: 12px; font: 12px sans-serif; background: #ddd; }
    figure { margin: 0; }
    .wide img { width: 300px; }
    .narrow img { width: 87px; }
  </style>${cells.join('')}`);
  await page.screenshot({ path: path.join(FOLDER, 'contact-sheet.jpg'), fullPage: true, type: 'jpeg', quality: 66 });
}
