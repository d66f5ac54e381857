import { setTimeout as sleep } from 'node:timers/promises';
import fc from 'fast-check';
import { parseExposition, seriesKey } from '../support/exposition-parser.js';
import {
  checkWithPromtool,
  isInstalled,
  OUT_OF_TIME,
  type Prometheus,
  type QueriedSeries,
  SCRAPE_TIMEOUT_SECONDS,
  startPrometheus,
} from '../support/prometheus.js';
import { type ScrapeProxy, startScrapeProxy } from '../support/scrape-proxy.js';
import { ADMIN_TOKEN, type Item, push, scrape, startServer, type TestServer } from '../support/server.js';
import { createTestDatabase, type TestDatabase } from '../support/test-database.js';

/** Another one can be tried with FUZZ_SEED. */
const SEED = Number(process.env.FUZZ_SEED ?? 20261124);
const BATCHES = 40;
const PAUSE_MS = 200;
const MIN_SCRAPES = 6;
const SETTLE_TIMEOUT_MS = 30_000;

/** An item as the generators make it. */
interface Pushed {
  readonly name: string;
  readonly value: number;
  readonly labels: Readonly<Record<string, string | number | boolean>>;
  readonly type?: string;
  readonly temporality?: string;
  readonly help?: string;
  readonly unit?: string;
}

/** Letters, so that not all names become the same underscores, and anything else. */
const codeUnit = fc.oneof(fc.integer({ min: 97, max: 122 }), fc.nat(0x7f), fc.nat(0xffff));
const codeUnits = fc.array(codeUnit, { minLength: 1, maxLength: 6 }).map((codes) => String.fromCharCode(...codes));
const syntax = fc.string({
  unit: fc.constantFrom('\\', '"', '\n', '{', '}', '=', ',', ' ', '#', 'a', '1'),
  minLength: 1,
});

/** Names that OpenMetrics would give to one and the same family, or that look like parts of another. */
const related = fc
  .tuple(
    fc.constantFrom('x', 'x_total', 'y_seconds', 'process_open', 'up'),
    fc.constantFrom('', '_total', '_created', '_count', '_sum', '_bucket', '_info', '_total_total', '_bytes_total'),
  )
  .map(([stem, suffix]) => stem + suffix);
const oddName = fc.oneof(
  codeUnits,
  syntax,
  fc.constantFrom(' ', '0', '1abc', ':', 'a:b', 'http.requests', 'größe', '🚀', '_total', '__proto__', 'constructor'),
  fc.constantFrom('x{a="b"}', 'a 1\ninjected 42\n# x', '# EOF', '# HELP x y', 'NaN', '\0', '\ud800', 'le'),
  fc.constantFrom(
    'up',
    'scrape_duration_seconds',
    'process_cpu_seconds',
    'custom_metrics_series',
    'nodejs_gc_duration_seconds_sum',
  ),
  fc.constantFrom('l'.repeat(199), 'l'.repeat(200), 'l'.repeat(201)),
);
const labelName = fc.oneof(
  codeUnits.map((text) => `l${text}`),
  syntax,
  fc.constantFrom('a', 'le', 'quantile', 'job', 'instance', 'a-b', 'a_b', 'größe', '1a', 'a:b', 'constructor'),
  fc.constantFrom('', '__name__', '__proto__', 'a="1"} 1\nevil{b', 'l'.repeat(200), 'l'.repeat(201)),
);
const labelValue = fc.oneof(
  codeUnits,
  syntax,
  fc.constantFrom<string | number | boolean>(
    '',
    ' ',
    '\\',
    '\\n',
    '"',
    '\0',
    '\ud83d',
    '🚀',
    'x"} 1\nevil 1\n#',
    1.5,
    true,
  ),
  fc.constantFrom('v'.repeat(1_000), 'v'.repeat(1_001)),
);
const labels = fc
  .array(fc.tuple(labelName, labelValue), { maxLength: 3 })
  .map((entries) => Object.fromEntries(entries));
/** Exact, so that a sum of them is the same in whatever order. */
const quarter = fc.integer({ min: -4, max: 4_000_000 }).map((quarters) => quarters / 4);
const double = fc.double({ noNaN: true, noDefaultInfinity: true });
const commentText = fc.option(
  fc.oneof(syntax, codeUnits, fc.constantFrom('seconds', 'bytes', 'total', 'h'.repeat(1_000), 'a\0b', '\r\n')),
  { freq: 4, nil: undefined },
);

const anyItem: fc.Arbitrary<Pushed> = fc.oneof(
  fc.record({ name: oddName, value: quarter, labels, help: commentText, unit: commentText }),
  fc.record({
    name: related,
    value: quarter,
    labels: fc.oneof(fc.constant({}), labels),
    type: fc.constantFrom('counter', 'gauge', undefined, undefined),
    temporality: fc.constantFrom('delta', 'cumulative', undefined, undefined, undefined),
    help: commentText,
    unit: commentText,
  }),
  fc.record({ name: codeUnits.map((text) => `gauge ${text} of doubles`), value: double, labels }),
);

/** What somebody pushes before the metric is declared a histogram, and what no bucket can have afterwards. */
const ODD_BOUNDS = ['0x10', 'NaN', ' ', ' 1', '1_000', 'Infinity', 'one', '1e', '+', 'x"'];
const BOUNDS = ['0.5', '1', '1e3', '-1', '.25', '5.', '+2'];
const observation = (histogram: string, infinity: string | undefined, otherBounds: readonly string[]) =>
  fc
    .tuple(
      fc.subarray([...BOUNDS, ...otherBounds]),
      fc.constantFrom<Record<string, string>>({}, { a: '\\"\n' }, { a: '🚀', b: 'x' }),
      fc.nat(10).map((count) => count / 4),
    )
    .map(([bounds, labels, value]): Pushed[] => [
      ...[...bounds, ...(infinity === undefined ? [] : [infinity])].map((le) => ({
        name: `${histogram}_bucket`,
        value,
        labels: { ...labels, le },
      })),
      { name: `${histogram}_sum`, value, labels },
      { name: `${histogram}_count`, value, labels },
    ]);
const histogramItems = fc.oneof(
  observation('h_declared', '+Inf', ODD_BOUNDS),
  observation('h_without_infinity', undefined, ODD_BOUNDS),
  observation('h_late', 'inf', [...ODD_BOUNDS, '']),
  fc.constant<Pushed[]>([
    { name: 'h_late_sum', value: 1, labels: { le: 'one' } },
    { name: 'h_late_count', value: 1, labels: { le: '5' } },
    { name: 'h_late_bucket', value: 1, labels: {} },
  ]),
);
const batch = fc
  .tuple(fc.array(anyItem, { minLength: 30, maxLength: 60 }), histogramItems)
  .map(([items, more]) => [...items, ...more]);

/** What Prometheus should know after all pushes, by the rules of the README and nothing of the server's code. */
interface Value {
  readonly name: string;
  readonly labels: Record<string, string>;
  readonly value: number;
}

/** Of one histogram and one set of labels. */
function shownParts(parts: readonly Value[]): Value[] {
  const count = parts.find(({ name }) => name.endsWith('_count'));
  const boundOf = ({ labels }: Value) => (/inf$/i.test(labels.le!) ? Infinity : Number(labels.le));
  const buckets = parts
    .filter((part) => part.name.endsWith('_bucket') && (count === undefined || boundOf(part) !== Infinity))
    .toSorted((a, b) => boundOf(a) - boundOf(b));
  let atLeast = -Infinity;
  const shown = buckets.map(({ name, labels, value }) => ({
    name,
    labels,
    value: (atLeast = Math.max(atLeast, value)),
  }));
  shown.push(...parts.filter(({ name }) => name.endsWith('_sum')));
  if (count === undefined) return shown;
  const value = Math.max(atLeast, count.value);
  const infinity = { name: count.name.replace(/_count$/, '_bucket'), labels: { ...count.labels, le: '+Inf' }, value };
  return [...shown, infinity, { ...count, value }];
}

class Expectation {
  private readonly types = new Map<string, string>();
  private readonly kinds = new Map<string, string>();
  private readonly values = new Map<string, Value>();
  private readonly histograms = new Set<string>();

  declareHistogram(name: string): void {
    this.histograms.add(name);
  }

  /** Of an item that the server took. */
  take({ name: pushedName, value, labels: pushedLabels, type: pushedType, temporality }: Pushed): void {
    const name = legalName(pushedName, /[^a-zA-Z0-9_:]/g);
    const labels: Record<string, string> = {};
    for (const [label, scalar] of Object.entries(pushedLabels)) {
      const text = String(scalar).toWellFormed().replaceAll('\0', '\ufffd');
      if (text !== '') labels[legalName(label, /[^a-zA-Z0-9_]/g)] = text;
    }
    const byName = /_(?:total|count|sum|bucket)$/.test(name) ? 'counter' : 'gauge';
    const type = this.types.get(name) ?? pushedType ?? byName;
    this.types.set(name, type);
    const key = seriesKey(name, labels);
    const takesChanges = pushedType === 'gauge' && temporality === 'delta';
    const kindOfGauge = this.kinds.get(key) ?? (takesChanges ? 'delta' : 'gauge');
    const kind = type === 'gauge' ? kindOfGauge : (this.kinds.get(key) ?? temporality ?? 'delta');
    this.kinds.set(key, kind);
    const before = this.values.get(key)?.value ?? 0;
    this.values.set(key, { name, labels, value: kind === 'delta' ? before + value : value });
  }

  /** By name and labels, as Prometheus shows them. */
  get series(): Map<string, number> {
    const all = new Map<string, number>();
    for (const { name, labels, value } of this.shown) {
      // Prometheus puts its own labels of these names there, and calls those of the page so.
      const { job, instance, ...others } = labels;
      const exposed = {
        ...others,
        ...(job === undefined ? {} : { exported_job: job }),
        ...(instance === undefined ? {} : { exported_instance: instance }),
      };
      all.set(seriesKey(name, exposed), value);
    }
    return all;
  }

  /** Buckets as a histogram needs them: none has less than the one below it, and `+Inf` is the count. */
  private get shown(): Value[] {
    const histograms = new Map<string, Value[]>();
    const shown: Value[] = [];
    for (const each of this.values.values()) {
      const histogram = /^(.*)_(?:bucket|sum|count)$/.exec(each.name)?.[1];
      if (histogram === undefined || !this.histograms.has(histogram)) {
        shown.push(each);
      } else if (this.canBeShown(each.name, each.labels)) {
        const { le: _le, ...labels } = each.labels;
        const key = seriesKey(histogram, labels);
        histograms.set(key, [...(histograms.get(key) ?? []), each]);
      }
    }
    for (const parts of histograms.values()) shown.push(...shownParts(parts));
    return shown;
  }

  /** A series from before the declaration of its histogram may be no part that a histogram can have. */
  private canBeShown(name: string, labels: Readonly<Record<string, string>>): boolean {
    const [, histogram, part] = /^(.*)_(bucket|sum|count)$/.exec(name) ?? [];
    if (histogram === undefined || !this.histograms.has(histogram)) return true;
    if (part !== 'bucket') return labels.le === undefined;
    return /^(?:[-+]?(?:\d+\.?\d*|\.\d+)(?:e[-+]?\d+)?|\+?Inf)$/i.test(labels.le ?? '');
  }
}

function legalName(name: string, forbidden: RegExp): string {
  return name.replaceAll(forbidden, '_').replace(/^(?=\d)/, '_');
}

async function declareHistogram(server: TestServer, name: string): Promise<void> {
  const response = await fetch(`${server.url}/api/admin/metrics/${name}`, {
    method: 'PUT',
    headers: { Authorization: ADMIN_TOKEN, 'Content-Type': 'application/json' },
    body: JSON.stringify({ type: 'histogram', help: 'A histogram\n"declared"\0' }),
  });
  expect(response.status).toBe(200);
}

/** Pushes a batch and tells the items that were taken. */
async function pushBatch(server: TestServer, items: readonly Pushed[]): Promise<Pushed[]> {
  const response = await push(server, items as unknown as Item[]);
  const text = await response.text();
  expect({ status: response.status, text: response.status === 202 ? '' : text }).toEqual({ status: 202, text: '' });
  const { rejected } = text === '' ? { rejected: [] } : (JSON.parse(text) as { rejected: { index: number }[] });
  const refused = new Set(rejected.map(({ index }) => index));
  return items.filter((_, index) => !refused.has(index));
}

async function expectBothPagesToParse(server: TestServer): Promise<void> {
  parseExposition(await scrape(server), 'text');
  parseExposition(await scrape(server, 'application/openmetrics-text'), 'openmetrics');
}

const hasPrometheus = isInstalled('prometheus') && isInstalled('promtool');
const describePrometheus = hasPrometheus ? describe : describe.skip;

describePrometheus(hasPrometheus ? 'a real Prometheus' : 'a real Prometheus (skipped: not installed)', () => {
  let database: TestDatabase;
  let server: TestServer;

  beforeEach(async () => {
    database = await createTestDatabase();
    server = await startServer({ DATABASE_URL: database.url });
  });

  afterEach(async () => {
    await server?.stop();
    await database?.drop();
  });

  describe('scraping every second', () => {
    let prometheus: Prometheus;
    let openMetricsPage: ScrapeProxy;
    let textPage: ScrapeProxy;

    beforeEach(async () => {
      openMetricsPage = await startScrapeProxy(server.metricsUrl);
      textPage = await startScrapeProxy(server.metricsUrl, 'text/plain');
      prometheus = await startPrometheus({ openmetrics: openMetricsPage.url, text: textPage.url });
    });

    afterEach(async () => {
      await prometheus?.stop();
      await openMetricsPage?.stop();
      await textPage?.stop();
    });

    /** What is missing or wrong, as Prometheus has it now. */
    async function differencesIn(job: string, expected: ReadonlyMap<string, number>): Promise<string[]> {
      const found = new Map<string, string>();
      for (const { metric, value } of await prometheus.query(`{job="${job}"}`)) {
        const { __name__: name = '', job: _job, instance: _instance, ...labels } = metric;
        found.set(seriesKey(name, labels), value[1]);
      }
      return [...expected]
        .filter(([key, value]) => Number(found.get(key)?.replace('Inf', 'Infinity')) !== value)
        .map(([key, value]) => `${key}: ${value} expected, ${found.get(key)} found`);
    }

    /** Prometheus takes some seconds before its first scrape. */
    async function scrapesOfEachJob(): Promise<QueriedSeries[]> {
      for (;;) {
        const ups = await prometheus.query('up[1h]');
        if (ups.length === 2 && ups.every(({ values }) => values.length >= MIN_SCRAPES)) return ups;
        await sleep(500);
      }
    }

    test(`keeps up and knows every value, whatever is pushed (seed ${SEED})`, async () => {
      const expectation = new Expectation();
      for (const name of ['h_declared', 'h_without_infinity']) {
        await declareHistogram(server, name);
        expectation.declareHistogram(name);
      }
      let taken = 0;
      for (const [index, items] of fc.sample(batch, { seed: SEED, numRuns: BATCHES }).entries()) {
        const accepted = await pushBatch(server, items);
        for (const item of accepted) expectation.take(item);
        taken += accepted.length;
        if (index === BATCHES / 2) {
          await declareHistogram(server, 'h_late');
          expectation.declareHistogram('h_late');
        }
        await sleep(PAUSE_MS);
      }
      expect(taken).toBeGreaterThan(BATCHES * 10);

      const expected = expectation.series;
      expect(expected.size).toBeGreaterThan(300);
      const deadline = Date.now() + SETTLE_TIMEOUT_MS;
      for (const job of ['openmetrics', 'text']) {
        let differences = await differencesIn(job, expected);
        while (differences.length > 0 && Date.now() < deadline) {
          await sleep(500);
          differences = await differencesIn(job, expected);
        }
        expect({ job, differences: differences.slice(0, 10) }).toEqual({ job, differences: [] });
      }

      const ups = await scrapesOfEachJob();
      const durations = await prometheus.query('scrape_duration_seconds[1h]');
      const errors = (await prometheus.lastErrors()).filter((error) => error !== '' && !error.includes(OUT_OF_TIME));
      for (const { metric, values } of ups) {
        const taken = new Map(durations.find((each) => each.metric.job === metric.job)!.values);
        // On a busy machine a second may not be enough for a page; one that does not parse is refused in less.
        const downs = values.filter(([at, up]) => up !== '1' && Number(taken.get(at)) < SCRAPE_TIMEOUT_SECONDS);
        expect({ job: metric.job, downs, errors }).toEqual({ job: metric.job, downs: [], errors: [] });
      }
      // The two jobs have got the formats that they are called after.
      const sentTypes = ({ scrapes }: ScrapeProxy) => [...new Set(scrapes.map(({ contentType }) => contentType))];
      expect(sentTypes(openMetricsPage)).toEqual(['application/openmetrics-text; version=1.0.0; charset=utf-8']);
      expect(sentTypes(textPage)).toEqual(['text/plain; version=0.0.4; charset=utf-8']);
      // Nobody could smuggle a line in.
      expect(await prometheus.query('{__name__=~"evil|injected.*"}')).toEqual([]);

      await expectBothPagesToParse(server);
      const { status, output } = checkWithPromtool(await scrape(server));
      expect({ status, output: status === 1 ? output : '' }).toEqual({ status: 3, output: '' });
      expect(server.output()).not.toContain('"level":"error"');
    });
  });

  test("promtool has no remark on well-named metrics, the service's own among them", async () => {
    await declareHistogram(server, 'checkout_duration_seconds');
    await pushBatch(server, [
      { name: 'checkouts_total', help: 'Checkouts, by "outcome"', value: 3, labels: { outcome: 'paid' } },
      { name: 'baskets', help: 'Open baskets', value: 7, labels: {} },
      { name: 'payload_bytes_total', help: 'What was sent', unit: 'bytes', value: 512, labels: { path: 'C:\\\n"x"' } },
      ...['0.1', '1', '+Inf'].map((le) => ({ name: 'checkout_duration_seconds_bucket', value: 2, labels: { le } })),
      { name: 'checkout_duration_seconds_sum', value: 0.2, labels: {} },
      { name: 'checkout_duration_seconds_count', value: 2, labels: {} },
      // Refused, so that the counter of refusals is on the page.
      { name: 'checkouts_total', value: -1, labels: { outcome: 'paid' } },
    ]);
    const page = await scrape(server);
    expect(page).toContain('custom_metrics_samples_refused_total{');
    expect(checkWithPromtool(page)).toEqual({ status: 0, output: '' });
    await expectBothPagesToParse(server);
  });
});
