// npm run pictures creates the pictures of the README and the docs: it starts a service with data of its own, fills it with the
// demo, and takes screenshots of the explorer. It needs Debian's chromium, or Google Chrome.
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

/** The time that a page gets to ask for its data and to draw it. */
const DRAWING_MS = 4_000;
const METRICS_OF_CROWD = 1_000;

const COUNTER = '#/explore?m0=shop_orders_total&by0=country&from=-48h&cmp=1';
const HISTOGRAM = '#/explore?m0=http_request_seconds&from=-48h';
const PAGES = {
  metrics: '#/',
  counter: COUNTER,
  histogram: HISTOGRAM,
  connect: '#/connect',
  health: '#/health',
  tokens: '#/tokens',
};

const SIZES = { wide: { width: 1440, height: 900 }, narrow: { width: 390, height: 844 } };
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
  const sheet = [];
  await photographAll('empty', { metrics: PAGES.metrics }, sheet);
  run('scripts/demo.mjs', '--url', URL, '--token', TOKEN, '--backfill-only');
  await photographAll('shop', PAGES, sheet);
  await pushCrowd();
  await photographAll('crowd', { metrics: PAGES.metrics }, sheet);
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
    for (const [size, viewport] of Object.entries(SIZES)) {
      const context = await browser.newContext({ viewport, colorScheme: theme, locale: 'en-GB', timezoneId: 'UTC' });
      const page = await context.newPage();
      await page.goto(`${URL}/explorer/`);
      const field = page.locator('input[type=password]').first();
      await field.fill(TOKEN);
      await field.press('Enter');
      await page.waitForTimeout(DRAWING_MS);
      for (const [name, hash] of Object.entries(pages)) {
        await page.goto(`${URL}/explorer/${hash}`);
        await page.waitForTimeout(DRAWING_MS);
        await page.mouse.move(2, 2);
        await page.evaluate(() => document.activeElement?.blur());
        const isShown = state === 'shop' && size === 'wide' && SHOWN.some(([of, by]) => of === name && by === theme);
        if (isShown) {
          const suffix = theme === 'dark' ? '-dark' : '';
          await page.screenshot({ path: path.join(FOLDER, `explorer-${name}${suffix}.png`) });
        }
        const picture = await page.screenshot({ type: 'jpeg', quality: 60 });
        sheet.push({ title: `${name}, ${state}, ${theme}, ${viewport.width}`, picture, size });
      }
      await context.close();
    }
  }
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
    .wide img { width: 380px; }
    .narrow img { width: 110px; }
  </style>${cells.join('')}`);
  await page.screenshot({ path: path.join(FOLDER, 'contact-sheet.jpg'), fullPage: true, type: 'jpeg', quality: 70 });
}
