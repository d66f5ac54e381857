import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { type Browser, type BrowserContext, type BrowserContextOptions, chromium, type Page } from 'playwright-core';

const BROWSER = ['/usr/bin/chromium', '/usr/bin/google-chrome'].find((program) => existsSync(program));

/** Describes tests in a real browser. Without one they are skipped, and the title says why. */
export const describeInBrowser: (title: string, tests: () => void) => void = (title, tests) =>
  (BROWSER === undefined ? describe.skip : describe)(`${title} (needs chromium)`, tests);

/** A browser that runs during the tests of its block, with a new profile for each context. */
export interface BrowserUnderTest {
  /** Opens a new profile. Errors on its pages are collected in `complaints`. */
  open(options?: BrowserContextOptions): Promise<BrowserContext>;
  /** Script errors, violations of the security policy, and requests to other machines, on all pages of the test. */
  readonly complaints: string[];
}

/** Every service of the tests is on this machine, so everything else that a page requests is from a foreign origin. */
const OWN_ORIGINS = /^(?:http:\/\/127\.0\.0\.1:|data:|blob:)/;

/**
 * Maximum wait for something on a page. A page usually takes a fraction of a second, but six panels took 15 s on a very busy
 * machine.
 */
const PATIENCE_MS = 45_000;

/** Gives a `describe` block a browser. Every test begins without profiles. */
export function browserUnderTest(): BrowserUnderTest {
  let browser: Browser;
  const complaints: string[] = [];
  const contexts: BrowserContext[] = [];

  beforeAll(async () => {
    browser = await chromium.launch({ executablePath: BROWSER!, args: ['--no-sandbox', '--disable-dev-shm-usage'] });
  });

  afterEach(async () => {
    const found = complaints.splice(0);
    for (const context of contexts.splice(0)) await context.close();
    // Hooks run in the order of their definition, so the complaints would be gone before a hook of the test file could check
    // them.
    expect(found).toEqual([]);
  });

  afterAll(async () => {
    await browser?.close();
  });

  return {
    complaints,
    open: async (options = {}) => {
      const context = await browser.newContext(options);
      context.setDefaultTimeout(PATIENCE_MS);
      contexts.push(context);
      context.on('request', (request) => {
        if (!OWN_ORIGINS.test(request.url())) complaints.push(`asks for ${request.url()}`);
      });
      context.on('page', (page) => {
        page.on('pageerror', (error) => complaints.push(String(error)));
        page.on('console', (message) => {
          if (/Content Security Policy|TrustedHTML|TrustedScript/i.test(message.text()))
            complaints.push(message.text());
        });
      });
      return context;
    },
  };
}

/** Opens a page of the explorer in a new profile, and signs in with the dialog. */
export async function openSignedIn(
  browser: BrowserUnderTest,
  address: string,
  token: string,
  options: BrowserContextOptions = {},
): Promise<Page> {
  const page = await (await browser.open(options)).newPage();
  await page.goto(address);
  await signInByDialog(page, token);
  return page;
}

/** Signs in with the dialog. */
export async function signInByDialog(page: Page, token: string): Promise<void> {
  await page.getByLabel('Token with the scope').fill(token);
  await page.getByRole('button', { name: 'Sign in', exact: true }).click();
  await page.getByRole('dialog').waitFor({ state: 'hidden' });
}

const AXE = readFileSync(path.resolve(import.meta.dirname, '../../node_modules/axe-core/axe.min.js'), 'utf8');

/** Returns the problems of a page that axe rates as serious or critical, one line for each rule. */
export async function seriousFindings(page: Page): Promise<string[]> {
  if (!(await page.evaluate(() => 'axe' in globalThis))) await page.evaluate(AXE);
  return page.evaluate(async () => {
    const { axe } = globalThis as unknown as {
      axe: { run(options: object): Promise<{ violations: Finding[] }> };
    };
    interface Finding {
      id: string;
      impact: string;
      nodes: { html: string }[];
    }
    const { violations } = await axe.run({ resultTypes: ['violations'] });
    return violations
      .filter(({ impact }) => impact === 'serious' || impact === 'critical')
      .map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html.slice(0, 200)).join(' | ')}`);
  });
}

/** Returns by how many pixels a page is wider than its window. */
export function overflowOf(page: Page): Promise<number> {
  return page.evaluate(() => {
    const { document, innerWidth } = globalThis as unknown as {
      document: { documentElement: { scrollWidth: number } };
      innerWidth: number;
    };
    return Math.max(0, document.documentElement.scrollWidth - innerWidth);
  });
}
