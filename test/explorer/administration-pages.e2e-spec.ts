import type { Page } from 'playwright-core';
import { browserUnderTest, describeInBrowser, openSignedIn, overflowOf, seriousFindings } from '../support/browser.js';
import { eventually } from '../support/eventually.js';
import { runExample } from '../support/examples.js';
import { ADMIN_TOKEN, createToken, push, scrape } from '../support/server.js';
import { serviceUnderTest } from '../support/service-under-test.js';
import { administeringStatus, readingStatus } from '../support/sessions.js';

const HOSTILE =
  '<img src=x onerror="document.title=1"><script>document.title=2</script>\u202Eevil \u05D0\u0627 Z\u0351\u036B\u0343\u0302';

describeInBrowser('Connect, Health and Tokens of the explorer', () => {
  const server = serviceUnderTest();
  const browser = browserUnderTest();

  afterEach(() => {
    expect(browser.complaints).toEqual([]);
  });

  async function open(hash: string, token = ADMIN_TOKEN, options = {}): Promise<Page> {
    const page = await openSignedIn(browser, `${server.url}/explorer/${hash}`, token, options);
    await page.getByRole('heading', { level: 1 }).waitFor();
    return page;
  }

  test('a token that is made on Connect stands in the program, which works, and can be copied without the clipboard API', async () => {
    const page = await open('#/connect');
    const program = page.getByLabel('Program for curl');
    expect(await program.innerText()).toContain('$INGEST_TOKEN');
    await page.getByLabel('Name of a new token').fill('from the page');
    await page.getByRole('button', { name: 'Create a token' }).click();
    await page.getByText('The new token is in the program').waitFor();
    const code = await program.innerText();
    expect(code).toMatch(/Authorization: cmk_/);
    expect(await runExample({ language: 'sh', code }, {})).toContain('202');
    await eventually(async () => expect(await scrape(server)).toContain('my_orders_total{country="de"} 3'));

    await page.evaluate(() => {
      const { navigator } = globalThis as unknown as { navigator: object };
      Object.defineProperty(navigator, 'clipboard', { value: undefined });
    });
    await page.getByRole('tabpanel').getByRole('button', { name: 'Copy' }).click();
    await page.getByText('Copied').waitFor();
    const field = page.getByLabel('Name of a new token');
    // The field that shows the copy is that of another kind of token.
    await page.getByRole('tab', { name: 'Pushgateway' }).click();
    await field.fill('');
    await field.press('Control+V');
    const oneLine = (text: string) => text.replaceAll(/\s+/g, ' ');
    const pasted = oneLine(await field.inputValue());
    // The field takes 200 characters.
    expect(pasted.length).toBeGreaterThan(150);
    expect(oneLine(code).startsWith(pasted)).toBe(true);
  });

  test('the kinds of clients can be reached by arrow keys', async () => {
    const page = await open('#/connect');
    await page.getByRole('tab', { name: 'curl' }).focus();
    await page.keyboard.press('ArrowRight');
    await page.getByLabel('Program for Node').waitFor();
    await page.keyboard.press('End');
    await page.getByLabel('Program for Pushgateway').waitFor();
    await page.keyboard.press('ArrowRight');
    await page.getByLabel('Program for curl').waitFor();
  });

  test('a token is made with scopes, labels and an end, shown once, and revoked after a question', async () => {
    const page = await open('#/tokens');
    await page.getByRole('button', { name: 'New token' }).click();
    const dialog = page.getByRole('dialog', { name: 'New token' });
    await dialog.getByLabel('Name, such as').fill(HOSTILE);
    await dialog.getByRole('button', { name: 'Label', exact: true }).click();
    await dialog.getByLabel('Name of label 1').fill('team');
    await dialog.getByLabel('Value of label 1').fill(HOSTILE);
    await dialog.getByLabel('It is valid').selectOption({ label: '30 days' });
    await dialog.getByRole('button', { name: 'Create' }).click();
    await page.getByText('It is shown only now').waitFor();
    const secret = (await page.locator('code').filter({ hasText: /^cmk_/ }).first().innerText()).trim();
    const pushWith = async () =>
      (await push(server, [{ name: 'by_new_token', value: 1 }], { Authorization: secret })).status;
    expect(await pushWith()).toBe(202);
    expect(await scrape(server)).toContain('by_new_token{team="<img src=x');

    await page.getByRole('button', { name: 'I have stored it' }).click();
    expect(await page.content()).not.toContain(secret);
    const row = page.getByRole('row').filter({ hasText: 'onerror' });
    expect(await row.innerText()).toMatch(/in 29 days/);
    await row.getByRole('button', { name: /^Revoke/ }).click();
    const question = page.getByRole('dialog', { name: 'Revoke this token?' });
    await question.getByRole('button', { name: 'Keep it' }).click();
    expect(await pushWith()).toBe(202);
    await row.getByRole('button', { name: /^Revoke/ }).click();
    await question.getByRole('button', { name: 'Revoke' }).click();
    await row.waitFor({ state: 'hidden' });
    await eventually(async () => expect(await pushWith()).toBe(401));
    expect(await page.title()).not.toMatch(/^\d$/);
    expect(await page.locator('img, script:not([src])').count()).toBe(0);
  });

  test('Health shows what was refused, as text, and what fills the service', async () => {
    const name = `refused_${HOSTILE}`;
    await push(server, [{ name: 'orders_total', value: 1, labels: { user: '1' } }]);
    await push(server, [{ name, value: 1, timestamp: '2001-01-01T00:00:00Z' }]);
    await push(server, [{ name: 'orders_total', value: -4 }]);
    const page = await open('#/health');
    await page.getByText('Everything works').waitFor();
    const refused = page.getByRole('row').filter({ hasText: 'negative delta' });
    expect(await refused.innerText()).toMatch(/orders_total\s+-4/);
    await page.getByRole('row').filter({ hasText: 'timestamp too old' }).filter({ hasText: 'onerror' }).waitFor();
    await page.getByText('this one').waitFor();
    await page.getByRole('link', { name: 'orders_total', exact: true }).click();
    await page.waitForURL(/#\/explore\?m0=orders_total/);
    expect(await page.title()).not.toMatch(/^\d$/);
  });

  test('a session without the scope admin has no tokens page and no controls, says why, and the service refuses it too', async () => {
    const page = await open('#/connect', await createToken(server, { name: 'reader', scopes: ['read'] }));
    expect(await page.getByRole('link', { name: 'Tokens' }).count()).toBe(0);
    expect(await page.getByRole('button', { name: 'Create a token' }).count()).toBe(0);
    await page.goto(`${server.url}/explorer/#/tokens`);
    await page.getByText('This page needs the scope admin, which the token reader does not have.').waitFor();
    await page.goto(`${server.url}/explorer/#/health`);
    await page.getByText('This part needs the scope admin').first().waitFor();
    await page.getByRole('heading', { name: 'Metrics with the most series' }).waitFor();
    await push(server, [{ name: 'guarded_total', value: 1 }]);
    await page.goto(`${server.url}/explorer/#/explore?m0=guarded_total`);
    await page.getByRole('button', { name: 'Newest pushes' }).waitFor();
    expect(await page.getByRole('button', { name: 'Remove' }).count()).toBe(0);
    const [secret] = await page.evaluate(() =>
      Object.values((globalThis as unknown as { sessionStorage: Record<string, string> }).sessionStorage),
    );
    expect([await readingStatus(server, secret!), await administeringStatus(server, secret!)]).toEqual([200, 403]);
  });

  // accessibility.e2e-spec.ts examines every page in both themes and widths.
  test.each([
    ['light', 1440],
    ['dark', 390],
  ] as const)('no page has serious faults for screen readers or is too wide: %s, %d px', async (colorScheme, width) => {
    const page = await open('#/connect', ADMIN_TOKEN, { colorScheme, viewport: { width, height: 844 } });
    for (const hash of ['connect', 'health', 'tokens']) {
      await page.goto(`${server.url}/explorer/#/${hash}`);
      await page.getByRole('main').locator('table, [role=tabpanel]').first().waitFor();
      expect({ hash, findings: await seriousFindings(page), overflow: await overflowOf(page) }).toEqual({
        hash,
        findings: [],
        overflow: 0,
      });
    }
    await page.getByRole('button', { name: 'New token' }).click();
    expect(await seriousFindings(page)).toEqual([]);
  });

  test('the list of keys opens by its key and by its button, also while single keys are off', async () => {
    const page = await open('#/health');
    await page.keyboard.press('?');
    const dialog = page.getByRole('dialog', { name: 'Keys' });
    await dialog.getByLabel('Use single-key shortcuts').uncheck();
    await page.keyboard.press('Escape');
    await page.keyboard.press('?');
    expect(await dialog.isVisible()).toBe(false);
    await page.getByRole('button', { name: 'Keys', exact: true }).click();
    await dialog.waitFor();
  });
});
