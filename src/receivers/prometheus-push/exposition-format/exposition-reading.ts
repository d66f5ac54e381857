import { Refusal } from '../../../catalog/refusal.js';
import { BadDataError } from '../../../http/answers/errors.js';
import { inTurns } from '../../../scheduling/turns.js';
import type { TextLimits } from '../../../ingestion/text-lengths.js';
import type { IngestionMetrics } from '../../../ingestion/ingestion.metrics.js';
import type { RefusedItem } from '../../../ingestion/ingest-result.js';
import { parseExposition } from './exposition-parser.js';
import { ExpositionSyntaxError } from './exposition-syntax.error.js';
import type { Grouping } from '../grouping.js';
import { type ExpositionSamples, samplesOfExposition } from './exposition-samples.js';
import type { PushedFamily } from './pushed-family.js';
import type { ReceivedExposition } from './received-exposition.js';

const NOT_FINITE = new Refusal('value_invalid', 'An infinite value of the exposition was left out.');

const NOTHING_STORED = 'Nothing of this exposition was stored.';

/** Maximum number of refused lines in one answer. A person fixes about this many before the next attempt. */
const MAX_DETAILS = 20;

/** @throws BadDataError with the line number if the syntax is wrong */
export function parseReceived({ text, format }: ReceivedExposition, maxSamples: number): Promise<PushedFamily[]> {
  return namingLines(parseExposition(text, format, maxSamples));
}

/** @throws BadDataError with the line number if the syntax is right but the content is contradictory */
export function understandExposition(
  families: readonly PushedFamily[],
  limits: TextLimits,
  grouping?: Grouping,
): Promise<ExpositionSamples> {
  return namingLines(samplesOfExposition(families, limits, grouping));
}

async function namingLines<T>(steps: Generator<void, T>): Promise<T> {
  try {
    return await inTurns(steps);
  } catch (error) {
    if (!(error instanceof ExpositionSyntaxError)) throw error;
    throw new BadDataError([{ path: '/body', message: error.message }], `${error.message} ${NOTHING_STORED}`);
  }
}

/** Counts the infinite values of an accepted exposition in the same metric as the refused values of other endpoints. */
export function countInfinite(
  { infinite }: ExpositionSamples,
  metrics: IngestionMetrics,
  tokenId: number | null,
): void {
  if (infinite > 0) metrics.countRefusedAs(NOT_FINITE, infinite, tokenId);
}

/** Returns the error for an exposition with a valid syntax whose samples were refused. */
export function refusalOf({ lines }: ExpositionSamples, refused: readonly RefusedItem[]): BadDataError {
  const details = refused.slice(0, MAX_DETAILS).map(({ index, refusal }) => ({
    path: '/body',
    message: index < lines.length ? `Line ${lines[index]}: ${refusal.message}` : refusal.message,
  }));
  return new BadDataError(details, `${details[0]!.message} ${NOTHING_STORED}`);
}
