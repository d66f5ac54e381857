import { parentPort } from 'node:worker_threads';
import type { SelectedSeries } from '../../../promql/evaluation/series/series-source.js';
import { PromqlError } from '../../../promql/evaluation/errors.js';
import { PrometheusError } from '../answers/prometheus.error.js';
import { answerParts } from './answer-parts.js';
import { type EvaluationTask, type MessageFromWorker, type MessageToWorker, PARTS_AHEAD } from './evaluation-task.js';
import type { PortableSeries } from './portable-series.js';
import { unpackSeries } from './packed-series.js';
import { readParts } from './read-parts.js';
import { selectedSeriesOf } from './view-columns.js';

/**
 * The main file of a worker thread. It receives the series of one task, then the task, answers it in parts, and waits for the
 * next. The main thread sends one task at a time.
 */
const port = parentPort!;

let seriesBySelector: PortableSeries[][] = [];
let parts: Generator<Uint8Array<ArrayBuffer>> | undefined;
let mayMake = 0;

port.on('message', (message: MessageToWorker) => {
  if (message.kind === 'series') {
    const unpacked = unpackSeries(message);
    for (const selector of message.selectors) {
      const known = (seriesBySelector[selector] ??= []);
      for (const series of unpacked) known.push(series);
    }
    return;
  }
  if (message.kind === 'task') {
    mayMake = PARTS_AHEAD;
    attempt(() => (parts = partsOf(message.task)));
  } else {
    mayMake++;
  }
  attempt(sendParts);
});

function partsOf(task: EvaluationTask): Generator<Uint8Array<ArrayBuffer>> {
  const given = seriesBySelector;
  seriesBySelector = [];
  const selected: SelectedSeries[][] = task.selections.map((selection, selector) =>
    (given[selector] ?? []).toSorted(byLabels).map((series) => selectedSeriesOf(series, selection, task.rules)),
  );
  return task.kind === 'query' ? answerParts(task, selected) : readParts(task, selected);
}

/** Orders series by their labels, so that the same query always gives the same answer, also for `topk` with equal values. */
function byLabels(a: PortableSeries, b: PortableSeries): number {
  if (a.name !== b.name) return a.name < b.name ? -1 : 1;
  return a.labelsText < b.labelsText ? -1 : 1;
}

function sendParts(): void {
  while (parts !== undefined && mayMake > 0) {
    const next = parts.next();
    if (next.done) parts = undefined;
    const bytes = next.done ? new Uint8Array(0) : next.value;
    send({ kind: 'part', bytes, isLast: next.done === true }, [bytes.buffer]);
    mayMake--;
  }
}

function attempt(task: () => void): void {
  try {
    task();
  } catch (error) {
    parts = undefined;
    seriesBySelector = [];
    send({ kind: 'failed', ...failureOf(error) });
  }
}

function failureOf(error: unknown): Pick<Extract<MessageFromWorker, { kind: 'failed' }>, 'errorType' | 'message'> {
  if (error instanceof PromqlError || error instanceof PrometheusError) {
    return { errorType: error.errorType, message: error.message };
  }
  if (error instanceof RangeError) {
    return { errorType: 'execution', message: `the query exceeds a limit of the JavaScript engine: ${error.message}` };
  }
  return { errorType: 'internal', message: error instanceof Error ? (error.stack ?? error.message) : String(error) };
}

function send(message: MessageFromWorker, transfer: ArrayBuffer[] = []): void {
  port.postMessage(message, transfer);
}
