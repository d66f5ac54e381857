import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { type ExposedFamily, parseExposition, seriesKey } from '../support/exposition-parser.js';
import { type RecordedRequest, sendRecorded } from '../support/recorded-request.js';
import { ADMIN_TOKEN, INGEST_TOKEN, scrape, FRONTEND_TOKEN } from '../support/server.js';
import { serviceUnderTest } from '../support/service-under-test.js';

/** Recorded posts of impact metrics to Unleash, with the answers of its servers. */
const VECTORS_FILE = path.resolve(import.meta.dirname, '../../../shared/conformance/unleash-impact-vectors.json');

interface Vector {
  readonly id: string;
  readonly request: RecordedRequest;
  readonly responses: {
    readonly '8.2.0': { readonly status: number; readonly body: string; readonly exposition?: string };
  };
}

interface OtherAnswer {
  readonly status: number;
  readonly because: string;
}

const DROPPED_BY_EDGE = {
  status: 202,
  because: 'Edge drops a whole batch that is answered 400, and one bad item costs all',
};

/** The cases in which our status differs from that of Unleash 8.2.0. */
const OTHER_ANSWERS: Readonly<Record<string, OtherAnswer>> = {
  'bulk-impact-object': DROPPED_BY_EDGE,
  'bulk-impact-invalid': DROPPED_BY_EDGE,
  'bulk-impact-label-number': { status: 202, because: 'a number is a label value, as it is on /api/client/metrics' },
  'bulk-metric-other-env': { status: 202, because: 'applications and flag buckets are not kept, so not looked into' },
  'bulk-over-100k': { status: 202, because: 'bodies to 5 MiB are taken: 413 loses the batch' },
};

/** The cases in which our exposition shows other series than Unleash's after the same request, with the reasons. */
const OTHER_SERIES: Readonly<Record<string, string>> = {
  'counter-negative': 'a family without samples is not shown',
  'bulk-impact-negative': 'a family without samples is not shown',
  'empty-samples': 'a family without samples is not shown',
  'label-empty-value': 'an empty value is the absence of the label, and no reason to refuse',
  'label-bool': 'a boolean is a label value',
  'labels-null': 'null is no labels',
  'name-odd': 'a name that starts with a digit gets a _ instead of being dropped',
  'value-unsafe': 'past 2^53 is legal in Prometheus',
  'hist-other-buckets': 'other buckets reset nothing: both are there',
  'hist-non-cumulative': 'buckets that fall are no histogram',
  'hist-empty-buckets': 'the bucket +Inf is there, and equals the count',
  'hist-negative': 'a histogram does not fall',
  'bulk-impact-label-number': OTHER_ANSWERS['bulk-impact-label-number']!.because,
  'bulk-over-100k': OTHER_ANSWERS['bulk-over-100k']!.because,
};

const isThere = existsSync(VECTORS_FILE);
const vectors: Vector[] = isThere ? (JSON.parse(readFileSync(VECTORS_FILE, 'utf8')) as Vector[]) : [];

const SECRETS: Readonly<Record<string, string>> = {
  '{{CLIENT_TOKEN}}': INGEST_TOKEN,
  '{{FRONTEND_TOKEN}}': FRONTEND_TOKEN,
  '{{ADMIN_TOKEN}}': ADMIN_TOKEN,
};

function fill(text: string): string {
  return text.replaceAll(/\{\{[A-Z_]+\}\}/g, (placeholder) => SECRETS[placeholder] ?? placeholder);
}

/** Returns the values of counters and histograms, by series. */
function countersOf(families: readonly ExposedFamily[]): Map<string, number> {
  const growing = families.filter(({ type }) => type === 'counter' || type === 'histogram');
  return new Map(
    growing.flatMap(({ samples }) => samples.map((each) => [seriesKey(each.name, each.labels), each.value])),
  );
}

/** Returns the families without the service's own ones. */
function pushed(families: readonly ExposedFamily[]): ExposedFamily[] {
  return families.filter(({ name }) => !/^(?:custom_metrics|nodejs|process)_/.test(name));
}

const describeVectors = isThere ? describe : describe.skip;

describeVectors(isThere ? 'Unleash impact vectors' : `Unleash impact vectors (skipped: no ${VECTORS_FILE})`, () => {
  const server = serviceUnderTest({ INIT_FRONTEND_API_TOKENS: FRONTEND_TOKEN });
  let earlier = new Map<string, number>();

  async function page(): Promise<ExposedFamily[]> {
    return parseExposition(await scrape(server), 'text');
  }

  test.each(vectors.map((vector) => [vector.id, vector] as const))('%s', async (id, { request, responses }) => {
    const recorded = responses['8.2.0'];
    const answer = await sendRecorded(server.url, request, fill);

    expect(answer.status).toBe(OTHER_ANSWERS[id]?.status ?? recorded.status);
    if (answer.status < 300) expect(answer.body).toBe(recorded.status < 300 ? recorded.body : '');
    if (answer.status === recorded.status && answer.status >= 400) {
      expect(shapeOf(answer.body)).toEqual(shapeOf(recorded.body));
    }

    const now = pushed(await page());
    expectNothingReset(earlier, countersOf(now));
    earlier = countersOf(now);
    if (id in OTHER_SERIES || answer.status >= 400) return;
    // Unleash's exposition contains only the sequence of this vector, while ours contains everything that was pushed before.
    const shown = new Set(now.flatMap(({ samples }) => samples.map((each) => seriesKey(each.name, each.labels))));
    const theirs = parseExposition(
      (recorded.exposition ?? '').replaceAll(/\n\n|^\n/g, '\n').replace(/^\n/, ''),
      'text',
      'part',
    );
    for (const { samples } of theirs) {
      for (const { name, labels } of samples) expect(shown).toContain(seriesKey(name, labels));
    }
  });

  test('the first help text is kept', async () => {
    expect((await page()).find(({ name }) => name === 'hc')).toMatchObject({ type: 'counter', help: 'one' });
  });

  test('buckets of two sets are added up by bound, and the histogram stays one', async () => {
    const family = (await page()).find(({ name }) => name === 'h')!;
    expect(family.type).toBe('histogram');
    const values = family.samples.map(({ name, labels, value }) => [name, labels.le, value]);
    expect(values).toContainEqual(['h_count', undefined, 4]);
    expect(values).toContainEqual(['h_bucket', '+Inf', 4]);
    expect(values).toContainEqual(['h_sum', undefined, 12]);
  });

  test('refusals are counted, and logged without the content that was sent', async () => {
    const refused = (await page()).find(({ name }) => name === 'custom_metrics_samples_refused_total');
    const reasons = Object.fromEntries(refused!.samples.map(({ labels, value }) => [labels.reason, value]));
    expect(reasons).toMatchObject({ item_invalid: expect.any(Number), negative_delta: 2, type_conflict: 1 });
    const lines = server
      .output()
      .split('\n')
      .filter((line) => line.includes('Impact metrics were refused'));
    expect(lines).toHaveLength(1);
  });

  test('nothing unexpected is in the log', () => expect(server.output()).not.toContain('"level":"error"'));

  const hasPromtool = spawnSync('promtool', ['--version']).status === 0;
  const testPromtool = hasPromtool ? test : test.skip;
  testPromtool(hasPromtool ? 'the page parses for promtool' : 'promtool (skipped: not installed)', async () => {
    const { status, stderr } = spawnSync('promtool', ['check', 'metrics'], { input: await scrape(server) });
    // Status 3 means that the exposition parses, but has names that promtool does not recommend.
    expect({ status, errors: status === 1 ? stderr.toString() : '' }).toEqual({ status: 3, errors: '' });
  });

  test('the tables contain only real differences', () => {
    const byId = new Map(vectors.map((vector) => [vector.id, vector]));
    for (const [id, { status }] of Object.entries(OTHER_ANSWERS)) {
      expect({ id, isSame: byId.get(id)?.responses['8.2.0'].status === status }).toEqual({ id, isSame: false });
    }
    expect(Object.keys(OTHER_SERIES).filter((id) => !byId.has(id))).toEqual([]);
  });
});

function expectNothingReset(before: ReadonlyMap<string, number>, now: ReadonlyMap<string, number>): void {
  for (const [series, value] of before) {
    expect({ series, isKept: (now.get(series) ?? -Infinity) >= value }).toEqual({ series, isKept: true });
  }
}

/** Returns the comparable part of an error. Unleash reports only the first problem, while we report all of them. */
function shapeOf(text: string): object {
  const { name, message, details } = JSON.parse(text) as { name?: string; message: string; details?: object[] };
  return { name, message, detail: details?.[0] };
}
