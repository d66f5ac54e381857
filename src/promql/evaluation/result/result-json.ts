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
  const pieces = answer.resultType === 'vector' ? vectorPieces : matrixPieces;
  let chunk = `{"resultType":"${answer.resultType}","result":[`;
  let separator = '';
  for (const series of answer.result) {
    chunk += separator;
    separator = ',';
    for (const piece of pieces(series)) {
      chunk += piece;
      if (chunk.length >= CHUNK_LENGTH) {
        yield chunk;
        chunk = '';
      }
    }
  }
  yield `${chunk}]}`;
}

function* vectorPieces(series: ResultSeries): Generator<string> {
  yield `{"metric":${metric(series)},"value":${point(series.timestamps[0]!, series.values[0]!)}}`;
}

function* matrixPieces(series: ResultSeries): Generator<string> {
  yield `{"metric":${metric(series)},"values":[`;
  for (let index = 0; index < series.values.length; index++) {
    yield `${index === 0 ? '' : ','}${point(series.timestamps[index]!, series.values[index]!)}`;
  }
  yield ']}';
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
