import { browserUnderTest, describeInBrowser, openSignedIn } from '../support/browser.js';
import { heightsOf, stepAtCursor } from '../support/drawn-chart.js';
import { eventually } from '../support/eventually.js';
import { pushHistogram } from '../support/pushed-histogram.js';
import { ADMIN_TOKEN, getJson, push } from '../support/server.js';
import { serviceUnderTest } from '../support/service-under-test.js';

const HOUR = 3_600_000;
const COUNT = 100;

/** The numbers of observations up to each bound. */
const UP_TO = { 0.1: 10, 0.5: 60, 1: 97, '+Inf': COUNT };

describeInBrowser('histograms and PromQL in the explorer', () => {
  const server = serviceUnderTest();
  const browser = browserUnderTest();

  beforeAll(async () => {
    const timestamp = Date.now() - HOUR;
    await pushHistogram(server, 'page_seconds', { upTo: UP_TO, sum: 50, timestamp });
    await push(server, [
      { name: 'page_orders_total', value: 3, labels: { country: 'de' }, timestamp },
      { name: 'page_orders_total', value: 5, labels: { country: 'fr' }, timestamp },
    ]);
  });

  afterEach(() => {
    expect(browser.complaints).toEqual([]);
  });

  const open = (hash: string) => openSignedIn(browser, `${server.url}/explorer/${hash}`, ADMIN_TOKEN);

  test('the 95th percentile is that of PromQL, and the cells of the heatmap add up to the count', async () => {
    const page = await open('#/explore?m0=page_seconds&step0=1h&from=-6h');
    const figure = page.getByRole('figure');
    await figure.locator('canvas').waitFor();
    const query = `histogram_quantile(0.95, sum by (le) (sum_over_time(page_seconds_bucket{__view__="delta"}[6h])))`;
    const { data } = await getJson<{ data: { result: { value: [number, string] }[] } }>(
      server,
      `/api/v1/query?query=${encodeURIComponent(query)}`,
    );
    const number = page.locator('section p span[title]').first();
    expect(Number.parseFloat((await number.getAttribute('title'))!)).toBeCloseTo(Number(data.result[0]!.value[1]), 12);
    expect(await number.innerText()).toBe('973 ms');
    await page.getByText(`${COUNT} in all`).waitFor();

    const plot = (await figure.locator('.u-over').boundingBox())!;
    const cells = new Map<string, number>();
    // The pointer crosses every cell of the range: six or seven steps, and at most five rows.
    for (let column = 0; column < 21; column++) {
      for (let row = 0; row < 10; row++) {
        await page.mouse.move(plot.x + ((column + 0.5) / 21) * plot.width, plot.y + ((row + 0.5) / 10) * plot.height);
        const { time, numbers } = await stepAtCursor(figure);
        const [name, count] = Object.entries(numbers)[0]!;
        cells.set(`${time} ${name}`, Number(count));
      }
    }
    expect([...cells.values()].filter((count) => count > 0).toSorted((one, other) => one - other)).toEqual([
      3, 10, 37, 50,
    ]);
  });

  test('a histogram with more buckets than its axis has room for is drawn', async () => {
    const bounds = Array.from({ length: 30 }, (_, power) => [String(2 ** power), power + 1] as const);
    await pushHistogram(server, 'wide_seconds', {
      upTo: { ...Object.fromEntries(bounds), '+Inf': 31 },
      sum: 2 ** 31,
      timestamp: Date.now() - HOUR,
    });
    const page = await open('#/explore?m0=wide_seconds&from=-6h');
    const figure = page.getByRole('figure');
    await figure.locator('canvas').waitFor();
    await page.getByText('31 in all').waitFor();
    await eventually(async () => expect((await heightsOf(figure)).some(Number)).toBe(true));
  });

  test('PromQL is completed from the store, in an editor that is loaded when somebody asks for it', async () => {
    const page = await open('#/explore?m0=page_orders_total');
    const scripts: string[] = [];
    page.on('response', (response) => {
      if (/promql/.test(response.url()) && response.url().endsWith('.js')) scripts.push(response.url());
    });
    await page.getByRole('figure').waitFor();
    expect(scripts).toEqual([]);
    await page.getByRole('button', { name: 'PromQL', exact: true }).last().click();
    const editor = page.locator('.cm-content');
    await editor.click();
    expect(scripts).toHaveLength(1);
    await page.keyboard.type('page_ord', { delay: 20 });
    // For a moment after the list has opened, the editor takes Enter for a line break, so that nobody accepts what they have not seen.
    await page.getByRole('option', { name: /page_orders_total/ }).click();
    await page.keyboard.type('{cou', { delay: 20 });
    await page.getByRole('option', { name: 'country', exact: true }).click();
    await page.keyboard.type('="', { delay: 20 });
    await page.getByRole('option', { name: /fr/ }).waitFor();
  });

  test('an error in PromQL shows its place and the hint of the server, and the mended query its result', async () => {
    const page = await open(`#/explore?q0=${encodeURIComponent('sum(page_orders_total')}&inst0=1`);
    await page
      .getByRole('alert')
      .filter({ hasText: /1:\d+: parse error/ })
      .waitFor();
    await page.locator('.cm-content').click();
    await page.keyboard.press('End');
    await page.keyboard.type(')');
    await page.getByLabel('Values').getByRole('cell', { name: '8', exact: true }).waitFor();
    expect(await page.getByRole('alert').count()).toBe(0);
  });
});
