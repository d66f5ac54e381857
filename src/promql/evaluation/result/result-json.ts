import type { QueryAnswer, ResultSeries } from '../evaluate.js';
import { sampleText } from './go-number.js';
import { sortedLabels } from '../series/labels.js';

/**
 * A chunk is yielded as soon as it has this many characters. The number is large enough to keep the number of writes low, and
 * small enough that a large answer is never held in one string.
 */
const CHUNK_LENGTH = 64 * 1024;

/**
 * Yields the `data` of Prometheus' answer to a query, in chunks of about 64 KiB. `resultType` comes first, because streaming
 * clients need to know it before the result.
 */
export function* resultJson(answer: QueryAnswer): Generator<string> {
  if (answer.resultType === 'scalar') {
    yield `{"resultType":"scalar","result":${point(answer.result.timestampMs, answer.result.value)}}`;
    return;
  }
  if (answer.resultType === 'string') {
    const { timestampMs, value } = answer.result;
    yield `{"resultType":"string","result":[${seconds(timestampMs)},${JSON.stringify(value)}]}`;
    return;
  }
  const isMatrix = answer.resultType === 'matrix';
  const times = new TimeTexts();
  let chunk = `{"resultType":"${answer.resultType}","result":[`;
  let separator = '';
  for (const series of answer.result) {
    const { timestamps, values } = series;
    chunk += `${separator}{"metric":${metric(series)},${isMatrix ? '"values":[' : '"value":'}`;
    separator = ',';
    const textOf = times.of(timestamps);
    for (let index = 0; index < values.length; index++) {
      chunk += `${index === 0 ? '' : ','}[${textOf(index)},"${sampleText(values[index]!)}"]`;
      if (chunk.length >= CHUNK_LENGTH) {
        yield chunk;
        chunk = '';
      }
    }
    chunk += isMatrix ? ']}' : '}';
  }
  yield `${chunk}]}`;
}

/** Formats the times of series. Most series of a range query share the array of their times, so its texts are written once. */
class TimeTexts {
  private last: Float64Array | undefined;
  private texts: readonly string[] | undefined;

  /** Returns a function that formats the time at an index. */
  of(timestamps: Float64Array): (index: number) => string {
    if (timestamps !== this.last) {
      this.last = timestamps;
      this.texts = undefined;
      return (index) => seconds(timestamps[index]!);
    }
    const texts = (this.texts ??= Array.from(timestamps, seconds));
    return (index) => texts[index]!;
  }
}

function metric({ labels }: ResultSeries): string {
  return JSON.stringify(Object.fromEntries(sortedLabels(labels)));
}

function point(timestampMs: number, value: number): string {
  return `[${seconds(timestampMs)},"${sampleText(value)}"]`;
}

/** Formats a time in seconds, with three decimals unless all of them are 0. */
function seconds(timestampMs: number): string {
  const whole = Math.round(timestampMs);
  return whole % 1000 === 0 ? (whole / 1000).toString() : (whole / 1000).toFixed(3);
}
