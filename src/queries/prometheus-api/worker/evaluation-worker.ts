import { parentPort } from 'node:worker_threads';
import type { SelectedSeries } from '../../../promql/evaluation/series/series-source.js';
import { PromqlError } from '../../../promql/evaluation/errors.js';
import { PrometheusError } from '../answers/prometheus.error.js';
import { WorkerQuery } from './answer-parts.js';
import {
  type EvaluationTask,
  type MessageFromWorker,
  type MessageToWorker,
  PARTS_AHEAD,
  type QueryTask,
} from './evaluation-task.js';
import { byLabels, type PortableSeries } from './portable-series.js';
import { unpackSeries } from './packed-series.js';
import { readParts } from './read-parts.js';
import { selectedSeriesOf } from './view-columns.js';

/**
 * The main file of a worker thread. The thread receives the series of one task, then the task, answers it in parts, and waits
 * for the next task. The main thread sends one task at a time.
 */
const port = parentPort!;

let seriesBySelector: PortableSeries[][] = [];
let slicedTask: QueryTask | undefined;
let slicedQuery: WorkerQuery | undefined;
let parts: Generator<Uint8Array<ArrayBuffer>> | undefined;
let mayMake = 0;

port.on('message', (message: MessageToWorker) => {
  switch (message.kind) {
    case 'series':
      keepSeries(message);
      return;
    case 'begin':
      slicedTask = message.task;
      slicedQuery = new WorkerQuery(message.task);
      return;
    case 'fold':
      attempt(() => foldSlice(message.selector));
      return;
    case 'finish':
      begin(() => slicedQuery!.parts(selectedBy(slicedTask!)));
      break;
    case 'task':
      begin(() => partsOf(message.task));
      break;
    case 'taken':
      mayMake++;
  }
  attempt(sendParts);
});

function keepSeries({ selector, series, samples }: Extract<MessageToWorker, { kind: 'series' }>): void {
  const known = (seriesBySelector[selector] ??= []);
  for (const each of unpackSeries({ series, samples })) known.push(each);
}

function foldSlice(selector: number): void {
  // After a failure, which has been reported, the main thread can still send one slice.
  if (slicedQuery === undefined) return;
  const slice = seriesBySelector[selector] ?? [];
  seriesBySelector[selector] = [];
  slicedQuery.fold(selector, selectedSeries(slice, slicedTask!, selector));
  send({ kind: 'folded' });
}

function begin(make: () => Generator<Uint8Array<ArrayBuffer>>): void {
  mayMake = PARTS_AHEAD;
  attempt(() => {
    parts = make();
    forgetInput();
  });
}

function forgetInput(): void {
  seriesBySelector = [];
  slicedTask = undefined;
  slicedQuery = undefined;
}

function partsOf(task: EvaluationTask): Generator<Uint8Array<ArrayBuffer>> {
  const selected = selectedBy(task);
  return task.kind === 'query' ? new WorkerQuery(task).parts(selected) : readParts(task, selected);
}

function selectedBy(task: EvaluationTask): SelectedSeries[][] {
  const given = seriesBySelector;
  seriesBySelector = [];
  return task.selections.map((_, selector) => selectedSeries(given[selector] ?? [], task, selector));
}

function selectedSeries(series: readonly PortableSeries[], task: EvaluationTask, selector: number): SelectedSeries[] {
  return series.toSorted(byLabels).map((each) => selectedSeriesOf(each, task.selections[selector]!, task.rules));
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
    forgetInput();
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
