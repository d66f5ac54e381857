// npm run pictures creates the pictures of the README and the docs: it starts a service with data of its own, fills it with the
// demo, and takes screenshots of the explorer. It needs Debian's chromium, or Google Chrome.
//
//   npm run pictures [-- <folder>]    also writes pictures of all pages in all states into the folder, in full length
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { chromium } from 'playwright-core';

const ROOT = path.resolve(import.meta.dirname, '..');
const FOLDER = path.join(ROOT, 'docs/pictures');
const TOKEN = `*:*.${'a'.repeat(56)}`;
const INGEST_TOKEN = `test:development.${'b'.repeat(56)}`;

/** A page is drawn when it has waited for no answer for this long. Some pages ask again every second. */
const QUIET_MS = 200;
const DRAWING_LIMIT_MS = 120_000;
const METRICS_OF_CROWD = 1_000;

/** Metrics of the demo that are removed before the pictures of ten metrics. A short catalogue shows cards instead of rows. */
const LEFT_OUT = [
  'cache_hit_ratio',
  'payments_attempts_total',
  'search_queries_total',
  'server_memory_bytes',
  'warehouse_queue_depth',
];

const PAGES_WITHOUT_METRIC = {
  metrics: '#/',
  explore: '#/explore',
  connect: '#/connect',
  health: '#/health',
  tokens: '#/tokens',
};
const PAGES = {
  metrics: '#/',
  counter: '#/explore?m0=shop_orders_total&by0=country&from=-48h&cmp=1',
  histogram: '#/explore?m0=http_request_seconds&from=-48h',
  gauges: '#/explore?m0=shop_open_carts&m1=nightly_export_rows&from=-48h',
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

/** The pages that the docs show, with their themes. */
const SHOWN = {
  counter: THEMES,
  metrics: ['light'],
  histogram: ['light'],
  connect: ['light'],
  health: ['light'],
  tokens: ['light'],
};

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
    PORT: '0',
    DATA_DIR: dataFolder,
    INIT_ADMIN_API_TOKENS: TOKEN,
    INIT_BACKEND_API_TOKENS: INGEST_TOKEN,
    INGEST_RATE_LIMIT_PER_MINUTE: '0',
  },
  stdio: ['ignore', 'pipe', 'pipe'],
});
const ended = once(server, 'exit');
const browser = await chromium.launch({ executablePath, args: ['--no-sandbox', '--disable-dev-shm-usage'] });
try {
  const url = await urlOfServer();
  await mkdir(FOLDER, { recursive: true });
  if (keptIn !== undefined) await mkdir(keptIn, { recursive: true });
  const rows = [...(await photographAll(url, 'empty', PAGES_WITHOUT_METRIC))];
  runDemo(url);
  await photographShown(url);
  for (const metric of LEFT_OUT) await request(url, 'DELETE', `/api/admin/metrics/${metric}`, TOKEN);
  rows.push(...(await photographAll(url, 'ten metrics', PAGES)));
  await pushCrowd(url);
  rows.push(...(await photographAll(url, 'a thousand metrics', PAGES_WITHOUT_METRIC)));
  await makeContactSheet(rows);
} finally {
  await browser.close();
  server.kill('SIGTERM');
  await ended;
  await rm(dataFolder, { recursive: true, force: true, maxRetries: 10 });
}

/** Waits until the service is ready, and returns its URL. */
function urlOfServer() {
  let output = '';
  return new Promise((resolve, reject) => {
    for (const stream of [server.stdout, server.stderr]) {
      stream.on('data', (chunk) => {
        output = (output + chunk).slice(-20_000);
        const ready = /ready at (http:\S+)/.exec(output);
        if (ready !== null) resolve(ready[1]);
      });
    }
    void ended.then(() => reject(new Error(`The service did not start:\n${output}`)));
  });
}

function runDemo(url) {
  const demo = path.join(ROOT, 'scripts/demo.mjs');
  const { status } = spawnSync(process.execPath, [demo, '--url', url, '--token', TOKEN, '--backfill-only'], {
    stdio: 'inherit',
  });
  if (status !== 0) throw new Error(`The demo ended with ${status}.`);
}

async function request(url, method, route, token, json) {
  const response = await fetch(url + route, {
    method,
    headers: { Authorization: token, 'Content-Type': 'application/json' },
    body: json === undefined ? undefined : JSON.stringify(json),
  });
  if (!response.ok) throw new Error(`${method} ${route} was answered ${response.status}.`);
}

/** Pushes many metrics, so that the catalogue has to be searched. */
async function pushCrowd(url) {
  const areas = ['checkout', 'cart', 'auth', 'search', 'mail'];
  const metrics = Array.from({ length: METRICS_OF_CROWD }, (_, index) => ({
    name: `${areas[index % areas.length]}_events_${index}_total`,
    value: (index * 37) % 100,
  }));
  await request(url, 'POST', '/api/client/metrics/custom', INGEST_TOKEN, { metrics });
}

/** Opens the explorer, signed in, with a function that shows a page of it and waits until the page is drawn. */
async function openExplorer(url, device) {
  const context = await browser.newContext({ ...device, locale: 'en-GB', timezoneId: 'UTC' });
  const page = await context.newPage();
  const untilQuiet = watchRequests(page);
  await page.goto(`${url}/explorer/`);
  const field = page.locator('input[type=password]').first();
  await field.fill(TOKEN);
  await field.press('Enter');
  await field.waitFor({ state: 'hidden' });
  const show = async (hash) => {
    await page.goto(`${url}/explorer/${hash}`);
    await page.mouse.move(2, 2);
    await untilQuiet();
    await page.evaluate(() => document.activeElement?.blur());
  };
  return { context, page, show, untilQuiet };
}

/** Changes the theme of the system, and waits until the charts are drawn in it. */
async function setTheme(page, colorScheme) {
  await page.emulateMedia({ colorScheme });
  await twoFrames(page);
}

function twoFrames(page) {
  return page.evaluate(() => new Promise((then) => requestAnimationFrame(() => requestAnimationFrame(then))));
}

/** Takes the pictures that the docs show. */
async function photographShown(url) {
  const { context, page, show } = await openExplorer(url, SIZES.wide);
  for (const [name, themes] of Object.entries(SHOWN)) {
    await show(PAGES[name]);
    for (const theme of themes) {
      await setTheme(page, theme);
      const suffix = theme === 'dark' ? '-dark' : '';
      await page.screenshot({ path: path.join(FOLDER, `explorer-${name}${suffix}.png`), animations: 'disabled' });
    }
  }
  await context.close();
}

/**
 * Takes pictures of pages in both themes and widths. Each page is opened once for both themes.
 *
 * @returns the title and the small pictures of each page
 */
async function photographAll(url, state, pages) {
  const rows = Object.keys(pages).map((name) => ({ title: `${name}, ${state}`, pictures: [] }));
  for (const [size, device] of Object.entries(SIZES)) {
    const { context, page, show, untilQuiet } = await openExplorer(url, device);
    for (const [index, [name, hash]] of Object.entries(pages).entries()) {
      await show(hash);
      for (const theme of THEMES) {
        await setTheme(page, theme);
        const picture = await page.screenshot({ type: 'jpeg', quality: 80, animations: 'disabled' });
        rows[index].pictures.push({ size, picture });
        if (keptIn === undefined) continue;
        await scrollThrough(page, untilQuiet);
        const file = `${state.replaceAll(' ', '-')}-${name}-${theme}-${device.viewport.width}.png`;
        await page.screenshot({ path: path.join(keptIn, file), fullPage: true, animations: 'disabled' });
      }
    }
    await context.close();
  }
  return rows;
}

/** Scrolls through a page, because rows load their charts only when they become visible. */
async function scrollThrough(page, untilQuiet) {
  const heights = () => page.evaluate(() => [innerHeight, document.documentElement.scrollHeight]);
  for (let top = 0; ;) {
    const [visible, all] = await heights();
    top += visible;
    if (top >= all) break;
    await page.evaluate((to) => scrollTo(0, to), top);
    await untilQuiet();
  }
  await page.evaluate(() => scrollTo(0, 0));
}

/** Counts the requests of a page. The returned function waits until the page has waited for no answer for a while. */
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
    for (const deadline = changedAt + DRAWING_LIMIT_MS; Date.now() < deadline;) {
      // The page may be too busy to ask.
      await twoFrames(page);
      if (running.size === 0 && Date.now() - changedAt > QUIET_MS) return;
      await sleep(20);
    }
    const waiting = [...running].map((request) => request.url()).join(', ');
    throw new Error(`${page.url()} was not drawn within ${DRAWING_LIMIT_MS / 1000} s. It waits for ${waiting}.`);
  };
}

async function makeContactSheet(rows) {
  const cells = rows.map(({ title, pictures }) => {
    const images = pictures.map(
      ({ size, picture }) => `<img class="${size}" src="data:image/jpeg;base64,${picture.toString('base64')}">`,
    );
    return `<figure>${images.join('')}<figcaption>${title}</figcaption></figure>`;
  });
  const page = await browser.newPage({ viewport: { width: 1600, height: 900 } });
  await page.setContent(`<style>
    body { display: grid; grid-template-columns: auto auto; gap: 12px; margin: 12px; font: 13px sans-serif; background: #ddd; }
    figure { display: grid; grid-template-columns: repeat(4, auto); gap: 6px; justify-content: start; margin: 0; }
    figcaption { grid-column: 1 / -1; }
    img { height: 190px; }
  </style>${cells.join('')}`);
  await page.screenshot({ path: path.join(FOLDER, 'contact-sheet.jpg'), fullPage: true, type: 'jpeg', quality: 60 });
}
