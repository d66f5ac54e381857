import { type ChildProcess, execFile, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, symlink } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { browserUnderTest, describeInBrowser } from '../support/browser.js';
import { heightsOf } from '../support/drawn-chart.js';
import { eventually } from '../support/eventually.js';
import { runExample } from '../support/examples.js';
import { steadyPort } from '../support/steady-port.js';

const run = promisify(execFile);
const ROOT = path.resolve(import.meta.dirname, '../..');
const LINK = /http:\S+\/explorer\/#\/signin\/cml_[\w-]{43}/;
const CTRL_C = '\x03';
const LIMIT_SECONDS = 60;

/** The limit for the time from the answer to the push until the page has drawn the chart. */
const DRAWN_LIMIT_SECONDS = 2;
const START_LIMIT_MS = 200_000;

const canRun =
  spawnSync('script', ['--version']).status === 0 &&
  spawnSync('git', ['rev-parse', '--git-dir'], { cwd: ROOT }).status === 0;

describeInBrowser('the first minute of a new user, after git clone and npm ci (needs script and git)', () => {
  const browser = browserUnderTest();
  let folder: string;
  let terminal: ChildProcess | undefined;

  beforeAll(async () => {
    folder = await mkdtemp(path.join(os.tmpdir(), 'custom-metrics-first-minute-'));
    await run('git', ['clone', '--quiet', ROOT, path.join(folder, 'clone')]);
    await symlink(path.join(ROOT, 'node_modules'), path.join(folder, 'clone/node_modules'));
  });

  afterAll(async () => {
    if (terminal !== undefined && terminal.exitCode === null) {
      const ended = once(terminal, 'exit');
      terminal.stdin!.write(CTRL_C);
      await ended;
    }
    await rm(folder, { recursive: true, force: true, maxRetries: 10 });
  });

  (canRun ? test : test.skip)(
    'leads from npm start to the chart of a pushed metric, by what the terminal and the page show',
    async () => {
      const steps: string[] = [];
      const startedAt = performance.now();
      const seconds = () => (performance.now() - startedAt) / 1000;
      const step = (text: string) => steps.push(`${seconds().toFixed(1).padStart(5)} s  ${text}`);

      terminal = spawn('script', ['-qefc', 'npm start', '/dev/null'], {
        cwd: path.join(folder, 'clone'),
        env: { PATH: process.env.PATH, HOME: folder, HOST: '127.0.0.1', PORT: String(await steadyPort()) },
        stdio: ['pipe', 'pipe', 'inherit'],
      });
      let output = '';
      terminal.stdout!.on('data', (chunk: Buffer) => {
        output += chunk.toString().replaceAll('\r', '');
      });
      const shown = (text: RegExp) =>
        eventually(
          () => {
            const [found] = text.exec(output) ?? [];
            if (found === undefined) throw new Error(`The terminal does not show ${text}:\n${output}`);
            return found;
          },
          { limitMs: START_LIMIT_MS },
        );
      await shown(/Explorer: .*gzip/);
      step('npm start has built everything');
      const link = await shown(LINK);
      step('the terminal shows a link that signs in');

      const context = await browser.open({ colorScheme: 'light', permissions: ['clipboard-read', 'clipboard-write'] });
      const page = await context.newPage();
      await page.goto(link);
      await page.getByText('Waiting for your first push').waitFor();
      step('the page of the link waits for the first push');
      await page.getByRole('button', { name: 'Create a token' }).click();
      await page.getByText('The new token is in the program').waitFor();
      await page.getByRole('tabpanel').getByRole('button', { name: 'Copy' }).click();
      await page.getByText('Copied').waitFor();
      step('its program has a token, and is copied');
      const code = await page.evaluate<string>('navigator.clipboard.readText()');
      expect(await runExample({ language: 'sh', code }, {})).toContain('202');
      step('the program has run, and the service has answered 202');
      const answeredAt = seconds();
      const figure = page.getByRole('figure', { name: /my_orders_total: 3 added/ });
      await figure.waitFor();
      await eventually(async () => expect((await heightsOf(figure)).some(Number)).toBe(true));
      step('the page has drawn the metric');

      const drawnAfter = seconds() - answeredAt;

      console.log(steps.join('\n'));
      expect(drawnAfter).toBeLessThan(DRAWN_LIMIT_SECONDS);
      expect(seconds()).toBeLessThan(LIMIT_SECONDS);
      expect(browser.complaints).toEqual([]);
    },
  );
});
