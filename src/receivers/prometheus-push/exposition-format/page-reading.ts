import { Refusal } from '../../../catalog/refusal.js';
import { BadDataError } from '../../../http/answers/errors.js';
import { inTurns } from '../../../scheduling/turns.js';
import type { TextLimits } from '../../../ingestion/text-lengths.js';
import type { IngestionMetrics } from '../../../ingestion/ingestion.metrics.js';
import type { RefusedItem } from '../../../ingestion/ingest-result.js';
import { parseExposition } from './exposition-parser.js';
import { ExpositionSyntaxError } from './exposition-syntax.error.js';
import type { Grouping } from '../grouping.js';
import { type PageSamples, samplesOfPage } from './page-samples.js';
import type { PushedFamily } from './pushed-family.js';
import type { ReceivedPage } from './received-page.js';

const NOT_FINITE = new Refusal('value_invalid', 'An infinite value of the page was left out.');

const NOTHING_STORED = 'Nothing of this page was stored.';

/** As many lines as somebody mends before he tries again. */
const MAX_DETAILS = 20;

/** @throws BadDataError that names the line, for what can't be read */
export function parsePage({ text, format }: ReceivedPage, maxSamples: number): Promise<PushedFamily[]> {
  return namingLines(parseExposition(text, format, maxSamples));
}

/** @throws BadDataError that names the line, for what can be read and makes no sense */
export function understandPage(
  families: readonly PushedFamily[],
  limits: TextLimits,
  grouping?: Grouping,
): Promise<PageSamples> {
  return namingLines(samplesOfPage(families, limits, grouping));
}

async function namingLines<T>(steps: Generator<void, T>): Promise<T> {
  try {
    return await inTurns(steps);
  } catch (error) {
    if (!(error instanceof ExpositionSyntaxError)) throw error;
    throw new BadDataError([{ path: '/body', message: error.message }], `${error.message} ${NOTHING_STORED}`);
  }
}

/** Counts what a page that was taken had and can't be kept, as a refused value of any other endpoint. */
export function countInfinite({ infinite }: PageSamples, metrics: IngestionMetrics): void {
  if (infinite > 0) metrics.countRefusedAs(NOT_FINITE, infinite);
}

/** What a sender is told whose page can be read and can't be taken. */
export function refusalOf({ lines }: PageSamples, refused: readonly RefusedItem[]): BadDataError {
  const details = refused.slice(0, MAX_DETAILS).map(({ index, refusal }) => ({
    path: '/body',
    message: index < lines.length ? `Line ${lines[index]}: ${refusal.message}` : refusal.message,
  }));
  return new BadDataError(details, `${details[0]!.message} ${NOTHING_STORED}`);
}
