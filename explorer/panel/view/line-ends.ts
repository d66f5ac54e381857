import type { Line } from '../../api/types.js';
import type { ChartModel, LineEnd } from '../../chart/model.js';
import { numbersOf } from './panel-view.js';

/** The part of a chart that decides where a line ends. */
type Shape = Pick<ChartModel, 'kind' | 'times' | 'ends'>;

/**
 * Returns where stale markers have ended all series of a line. The value of a line holds until the next sample, even through
 * steps without a sample, so only a marker leaves a step without a last value.
 *
 * @param values the numbers that are drawn
 * @param own the aggregate that is computed only from the samples of a step, if the answer has several aggregates
 */
export function endsOf(
  { points }: Line,
  { kind, times, ends }: Shape,
  values: readonly (number | null)[],
  own?: string,
): LineEnd[] {
  const last = own === undefined ? values : numbersOf(points, 'last');
  const counts = own === undefined ? [] : numbersOf(points, 'count');
  const ofSamples = own === undefined ? [] : numbersOf(points, own);
  const middle = (step: number) => (times[step]! + ends[step]!) / 2;
  const found: LineEnd[] = [];
  for (const [step, value] of last.entries()) {
    if (value !== null) continue;
    const held = last[step - 1] ?? null;
    const sampled = ofSamples[step] ?? null;
    // The JSON of a point can't contain infinity. If a step has samples but no number, its number is infinite, so the line has
    // not ended there.
    if ((counts[step] ?? 0) > 0 ? sampled === null : held === null) continue;
    if (kind === 'steps') {
      const end = held === null ? { at: middle(step), value: sampled! } : { at: times[step]!, value: held };
      found.push({ step, ...end });
      continue;
    }
    const drawn = values.slice(0, step + 1).findLastIndex((each) => each !== null);
    if (drawn >= 0) found.push({ step, at: middle(drawn), value: values[drawn]! });
  }
  return found;
}
