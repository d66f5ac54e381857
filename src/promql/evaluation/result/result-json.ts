import type { QueryAnswer, ResultSeries } from '../evaluate.js';
import { sampleText } from './go-number.js';
import { JsonBytes } from './json-bytes.js';
import { sortedLabels } from '../series/labels.js';

/**
 * A part is yielded as soon as it has this many bytes. The number is large enough to keep the number of messages and writes low,
 * and small enough that a large answer is never held as a whole.
 */
const PART_BYTES = 256 * 1024;

/** The texts before and after the `data` of an answer. */
export interface AroundResult {
  readonly before: string;
  readonly after: string;
}

/**
 * Yields the `data` of Prometheus' answer to a query as UTF-8, in parts of about 256 KiB. `resultType` comes first, because
 * streaming clients need to know it before the result.
 */
export function* resultJson(
  answer: QueryAnswer,
  { before, after }: AroundResult = { before: '', after: '' },
): Generator<Uint8Array<ArrayBuffer>> {
  const bytes = new JsonBytes();
  try {
    yield* dataJson(answer, { before, after }, bytes);
  } finally {
    bytes.close();
  }
}

function* dataJson(
  answer: QueryAnswer,
  { before, after }: AroundResult,
  bytes: JsonBytes,
): Generator<Uint8Array<ArrayBuffer>> {
  bytes.text(before);
  if (answer.resultType === 'scalar') {
    const { timestampMs, value } = answer.result;
    bytes.text(`{"resultType":"scalar","result":[${seconds(timestampMs)},"${sampleText(value)}"]}`);
  } else if (answer.resultType === 'string') {
    const { timestampMs, value } = answer.result;
    bytes.text(`{"resultType":"string","result":[${seconds(timestampMs)},${JSON.stringify(value)}]}`);
  } else {
    yield* seriesJson(answer, bytes);
  }
  bytes.text(after);
  yield bytes.take();
}

function* seriesJson(
  { resultType, result }: Extract<QueryAnswer, { resultType: 'matrix' | 'vector' }>,
  bytes: JsonBytes,
): Generator<Uint8Array<ArrayBuffer>> {
  const isMatrix = resultType === 'matrix';
  const beginnings = new PointBeginnings();
  bytes.text(`{"resultType":"${resultType}","result":[`);
  let separator = '';
  for (const series of result) {
    const { values } = series;
    bytes.text(`${separator}{"metric":${metric(series)},${isMatrix ? '"values":[' : '"value":'}`);
    separator = ',';
    beginnings.setTimes(series.timestamps);
    for (let index = 0; index < values.length; index++) {
      beginnings.write(index, bytes);
      bytes.sample(values[index]!);
      bytes.copy(END_OF_POINT, 0, END_OF_POINT.length);
      if (bytes.length >= PART_BYTES) yield bytes.take();
    }
    bytes.text(isMatrix ? ']}' : '}');
  }
  bytes.text(']}');
}

const encoder = new TextEncoder();
const END_OF_POINT = encoder.encode('"]');

/**
 * Writes the beginnings of points, up to the quote before the value. Most series of a range query share the array of their times,
 * so these are formatted only once.
 */
class PointBeginnings {
  private timestamps: Float64Array = new Float64Array(0);
  private isShared = false;
  /** The beginnings of all points of the shared array, and where each of them ends. */
  private shared = new Uint8Array(0);
  private readonly ends: number[] = [0];

  /** Sets the times of the next series. */
  setTimes(timestamps: Float64Array): void {
    if (timestamps !== this.timestamps) {
      this.timestamps = timestamps;
      this.isShared = false;
      return;
    }
    if (this.isShared) return;
    this.isShared = true;
    const texts = Array.from(timestamps, (_, index) => this.textOf(index));
    this.shared = encoder.encode(texts.join(''));
    this.ends.length = 1;
    // The texts have only ASCII characters, each of which is one byte.
    for (const text of texts) this.ends.push(this.ends.at(-1)! + text.length);
  }

  write(index: number, bytes: JsonBytes): void {
    if (this.isShared) bytes.copy(this.shared, this.ends[index]!, this.ends[index + 1]!);
    else bytes.text(this.textOf(index));
  }

  private textOf(index: number): string {
    return `${index === 0 ? '' : ','}[${seconds(this.timestamps[index]!)},"`;
  }
}

function metric({ labels }: ResultSeries): string {
  return JSON.stringify(Object.fromEntries(sortedLabels(labels)));
}

/** Formats a time in seconds, with three decimals unless all of them are 0. */
function seconds(timestampMs: number): string {
  const whole = Math.round(timestampMs);
  return whole % 1000 === 0 ? (whole / 1000).toString() : (whole / 1000).toFixed(3);
}
