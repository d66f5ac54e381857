import { type CustomPage, scrapeCustom } from './custom-page.js';
import type { HistoryClient } from './history-client.js';
import type { Journal } from './journal.js';
import { pushedNameOf } from './series-name.js';
import { readStoredSamples, type StoredSamples } from './stored-samples.js';
import { type LedgerRequest, MARKER, sampleKey, TIED_OWN } from './workload.js';

const SCRAPE_TIMEOUT_MS = 10_000;
/** Maximum number of differences of one kind that are listed. */
const LISTED = 8;

export interface CheckContext {
  readonly databaseUrl: string;
  readonly urls: readonly string[];
  readonly journal: Journal;
  readonly history: HistoryClient;
  readonly hasKeys: boolean;
  /** True if, among one pusher's samples with equal times, the one with the highest number is stored last. */
  readonly hasOrder: boolean;
}

/** Collects the differences between two sources of the same data, as text. */
export class Differences {
  private readonly texts: string[] = [];

  addAll(kind: string, texts: readonly string[]): void {
    if (texts.length === 0) return;
    const more = texts.length > LISTED ? [`… ${texts.length} in all`] : [];
    this.texts.push(`${kind}:`, ...[...texts.slice(0, LISTED), ...more].map((text) => `    ${text}`));
  }

  get isEmpty(): boolean {
    return this.texts.length === 0;
  }

  toString(): string {
    return this.texts.join('\n');
  }
}

/** Compares all sources with each other while nothing is pushed. */
export async function compareAll(context: CheckContext): Promise<Differences> {
  const differences = new Differences();
  const stored = await readStoredSamples(context.databaseUrl);
  compareWithJournal(stored, context, differences);
  const pages = await Promise.all(context.urls.map((url) => scrapeCustom(url, SCRAPE_TIMEOUT_MS)));
  comparePages(pages, differences);
  for (const [index, page] of pages.entries()) {
    comparePageWithStored(`page of process ${index}`, page.values, stored, context, differences);
  }
  // Reading the history takes longest, and would only repeat the differences if the expositions are already wrong.
  if (differences.isEmpty) await compareHistory(pages[0]!, stored, context, differences);
  return differences;
}

/** Compares only the expositions, with each other and, if it is given, with one from before a restart. */
export async function comparePageTexts(
  urls: readonly string[],
  before: CustomPage | undefined,
): Promise<{ differences: Differences; page: CustomPage }> {
  const differences = new Differences();
  const pages = await Promise.all(urls.map((url) => scrapeCustom(url, SCRAPE_TIMEOUT_MS)));
  comparePages(before === undefined ? pages : [before, ...pages], differences);
  return { differences, page: pages[0]! };
}

function comparePages([first, ...others]: readonly CustomPage[], differences: Differences): void {
  for (const [index, other] of others.entries()) {
    differences.addAll(`lines of page ${index + 1} that are not on page 0`, minus(other.lines, first!.lines));
    differences.addAll(`lines of page 0 that are not on page ${index + 1}`, minus(first!.lines, other.lines));
  }
}

/**
 * Compares the stored samples with the journal. Every acknowledged request must be stored. An unacknowledged one may be stored.
 * Every stored request must be stored completely, once and as it was sent, and there may be no other samples. Samples that were deleted
 * must be gone, and those that were pushed during a deletion of their time may be gone. Samples that were acknowledged before a rename of
 * their metric must have the new name, and those that were pushed during it may have either name.
 */
function compareWithJournal(stored: StoredSamples, context: CheckContext, differences: Differences): void {
  const { journal, hasKeys } = context;
  const isStored = ({ items }: LedgerRequest) => stored.copies.has(sampleKey(items[0]!));
  const sent = [...journal.sent.values()];
  const missing = sent.filter((request) => journal.acknowledged.has(request.number) && !isStored(request));
  differences.addAll('acknowledged, and not stored', missing.map(nameOf));
  if (hasKeys) {
    const unacknowledged = sent.filter(({ number }) => !journal.acknowledged.has(number));
    differences.addAll('sent, and never acknowledged', unacknowledged.map(nameOf));
  }

  const expected = new Map<string, { least: number; most: number; underPushedName: number }>();
  for (const request of sent) {
    if (!isStored(request)) continue;
    for (const item of request.items) {
      const key = sampleKey(item);
      const copies = expected.get(key) ?? { least: 0, most: 0, underPushedName: 0 };
      expected.set(key, copies);
      const fate = journal.fateOf(request, item);
      if (fate === 'kept') copies.least++;
      if (fate !== 'deleted') copies.most++;
      if (fate !== 'deleted' && !journal.hasMoved(request, item)) copies.underPushedName++;
    }
  }
  const pushed = new Map<string, number>();
  for (const [key, copies] of stored.copies) {
    pushed.set(pushedNameOf(key), (pushed.get(pushedNameOf(key)) ?? 0) + copies);
  }
  const left = Array.from(expected).filter(
    ([key, { underPushedName }]) => underPushedName < (stored.copies.get(key) ?? 0),
  );
  differences.addAll(
    'samples that have their former name after a rename',
    left.map(([key, { underPushedName }]) => `${key}: at most ${underPushedName}, stored ${stored.copies.get(key)}`),
  );
  const keys = new Set([...expected.keys(), ...pushed.keys()]);
  const wrong = [...keys].flatMap((key) => {
    const { least, most } = expected.get(key) ?? { least: 0, most: 0 };
    const copies = pushed.get(key) ?? 0;
    if (copies >= least && copies <= most) return [];
    return [`${key}: sent and not deleted ${least === most ? least : `${least} to ${most}`}, stored ${copies}`];
  });
  differences.addAll('samples that are not stored as often as they were sent and not deleted', wrong);
}

function comparePageWithStored(
  source: string,
  values: ReadonlyMap<string, number>,
  stored: StoredSamples,
  { hasOrder }: CheckContext,
  differences: Differences,
): void {
  const known = [...stored.samplesOfSeries.keys()];
  differences.addAll(`stored, and not on the ${source}`, minus(known, [...values.keys()]));
  differences.addAll(`on the ${source}, and not stored`, minus([...values.keys()], known));
  const wrong: string[] = [];
  for (const [series, value] of values) {
    const sum = stored.sums.get(series);
    if (sum !== undefined && sum !== value) wrong.push(`${series}: shown ${value}, the stored deltas make ${sum}`);
    const newest = stored.newest.get(series);
    if (newest === undefined || newest.includes(value)) continue;
    wrong.push(`${series}: shown ${value}, stored last ${newest.join(' or ')}`);
  }
  // A pusher sends one request after another. Among equal times, the later arrival has the higher number.
  if (hasOrder) {
    for (const [series, newest] of stored.newest) {
      if (!series.startsWith(TIED_OWN)) continue;
      const last = Math.max(...newest);
      if (values.get(series) !== last) {
        wrong.push(
          `${series}: shown ${values.get(series)}, of equal times ${newest.join(', ')} the last to arrive is ${last}`,
        );
      }
    }
  }
  differences.addAll(`values of the ${source}`, wrong);
}

async function compareHistory(
  page: CustomPage,
  stored: StoredSamples,
  { urls, history, journal }: CheckContext,
  differences: Differences,
): Promise<void> {
  const metrics = new Set(Array.from(stored.samplesOfSeries.keys(), metricOf));
  for (const [index, url] of urls.entries()) {
    for (const metric of metrics) {
      const shown = new Map([...page.values].filter(([series]) => isOf(series, metric)));
      const last = await history.query(url, metric, 'last');
      differences.addAll(`last values of the history of process ${index}, and the pages`, unequal(last, shown));
      if (index !== journal.acknowledged.size % urls.length) continue;
      const counts = new Map([...stored.samplesOfSeries].filter(([series]) => isOf(series, metric)));
      const counted = await history.query(url, metric, 'count');
      differences.addAll(`samples counted by the history of process ${index}, and the view`, unequal(counted, counts));
    }
  }
  const markers = await history.values(urls[journal.acknowledged.size % urls.length]!, MARKER);
  const unique = new Set(markers);
  if (unique.size !== markers.length) {
    differences.addAll('markers', [
      `the pages of the history have ${markers.length}, of which ${unique.size} are different`,
    ]);
  }
  const missing = [...journal.acknowledged].filter((number) => !unique.has(number));
  differences.addAll('acknowledged, and not in the pages of the history', missing.map(String));
}

function nameOf({ number, pusher, body }: LedgerRequest): string {
  return `request ${number} of pusher ${pusher}: ${body}`;
}

function metricOf(series: string): string {
  return series.split('{', 1)[0]!;
}

function isOf(series: string, metric: string): boolean {
  return series === metric || series.startsWith(`${metric}{`);
}

function unequal(found: ReadonlyMap<string, number>, expected: ReadonlyMap<string, number>): string[] {
  return [...new Set([...found.keys(), ...expected.keys()])]
    .filter((key) => found.get(key) !== expected.get(key))
    .map((key) => `${key}: ${found.get(key)}, not ${expected.get(key)}`);
}

function minus(some: readonly string[], others: readonly string[]): string[] {
  const without = new Set(others);
  return some.filter((each) => !without.has(each));
}
