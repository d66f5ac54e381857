import { BadDataError } from '../../../http/answers/errors.js';
import { formatDuration, parseDurationMs } from '../time.js';
import type { TimeRange } from '../time-range.js';

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** Round step lengths; each divides a day, so buckets begin at the same times every day (UTC). */
const NICE_STEPS = [
  ...[1, 5, 10, 15, 30].map((seconds) => seconds * SECOND),
  ...[1, 2, 5, 10, 15, 30].map((minutes) => minutes * MINUTE),
  ...[1, 2, 3, 6, 12].map((hours) => hours * HOUR),
  DAY,
];

/** The number of points that a chart of usual width can show. */
const DEFAULT_POINTS = 200;

/** Time split into buckets of one length; they begin at multiples of it since the epoch. */
export interface Grid {
  readonly stepMs: number;
  /** Start of the first bucket, ms since the epoch: at or before the beginning of the range. */
  readonly start: number;
  readonly count: number;
}

/**
 * Splits a range into buckets.
 *
 * @param step as requested; without it, one that gives about 200 points
 * @throws BadDataError also when there would be more points than the limit
 */
export function gridOf(range: TimeRange, step: string | undefined, maxPoints: number): Grid {
  const stepMs = step === undefined ? chooseStep(range, maxPoints) : readStep(step);
  const grid = cut(range, stepMs);
  if (grid.count <= maxPoints) return grid;
  throw new BadDataError([
    {
      path: '/query/step',
      message:
        `A step of ${formatDuration(stepMs)} gives ${grid.count} points, the limit (HISTORY_MAX_POINTS) is ${maxPoints}. ` +
        `Use step=${formatDuration(chooseStep(range, maxPoints))} or longer, a shorter range, or raise the limit.`,
    },
  ]);
}

/** Returns the bucket that contains a time; its index counts from 0. */
export function bucketOf({ start, stepMs }: Grid, time: number): number {
  return Math.floor((time - start) / stepMs);
}

/** Returns the round step that comes nearest to {@link DEFAULT_POINTS} without exceeding the limit. */
export function chooseStep(range: TimeRange, maxPoints: number): number {
  const ideal = (range.to - range.from) / DEFAULT_POINTS;
  const distance = (step: number) => Math.abs(Math.log(step / Math.max(ideal, 1)));
  const fitting = NICE_STEPS.filter((step) => cut(range, step).count <= maxPoints);
  if (fitting.length > 0) return fitting.reduce((best, step) => (distance(step) < distance(best) ? step : best));
  // Beyond a day only whole days are used. A range can touch one bucket more than its length needs.
  return Math.ceil((range.to - range.from) / DAY / Math.max(maxPoints - 1, 1)) * DAY;
}

function cut({ from, to }: TimeRange, stepMs: number): Grid {
  const first = Math.floor(from / stepMs);
  return { stepMs, start: first * stepMs, count: from === to ? 0 : Math.ceil(to / stepMs) - first };
}

function readStep(text: string): number {
  const stepMs = parseDurationMs(text);
  if (stepMs !== undefined && stepMs > 0 && Number.isSafeInteger(stepMs)) return stepMs;
  throw new BadDataError([
    {
      path: '/query/step',
      message: 'The `/query/step` property must be a duration above 0: 15s, 5m, 1h, 1d, or a number of seconds.',
    },
  ]);
}
