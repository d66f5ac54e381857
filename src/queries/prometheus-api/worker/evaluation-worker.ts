import { parentPort } from 'node:worker_threads';
import { DatabaseSchema } from '../../../database/schema/database-schema.js';
import { PromqlError } from '../../../promql/evaluation/errors.js';
import { SampleArrays } from '../../../sample-store/reading/columns/sample-arrays.js';
import { StoredSamples } from '../../../sample-store/reading/stored-samples.repository.js';
import { PrometheusError } from '../answers/prometheus.error.js';
import { WorkerQuery } from './parts/answer-parts.js';
import {
  type EvaluationTask,
  type MessageFromWorker,
  type MessageToWorker,
  PARTS_AHEAD,
  type ReadTask,
  type StoredInput,
} from './evaluation-task.js';
import { byLabels, type PortableSeries } from './portable-series.js';
import { unpackSeries } from './packed-series.js';
import { readParts } from './parts/read-parts.js';
import { RemoteStatements } from './statements/remote-statements.js';
import { StoredSelections } from './stored-selections.js';
import { selectedSeriesOf } from './view-columns.js';

/**
 * The main file of a worker thread. The thread receives the series of one task and then the task, or reads them itself through the
 * main thread, which runs its statements. It answers the task in parts, and waits for the next one. The main thread sends one task
 * at a time.
 */
const port = parentPort!;

let seriesBySelector: PortableSeries[][] = [];
let statements: RemoteStatements | undefined;
const arrays = new SampleArrays();
let parts: Generator<Uint8Array<ArrayBuffer>> | undefined;
let mayMake = 0;

port.on('message', (message: MessageToWorker) => {
  switch (message.kind) {
    case 'series':
      keepSeries(message);
      return;
    case 'read':
      void readAndBegin(message.task, message.stored);
      return;
    case 'page':
      statements?.receive(message.page);
      return;
    case 'names':
      statements?.receive(message.names);
      return;
    case 'task':
      attempt(() => begin(partsOf(message.task)));
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

/** Reads the series of a task, and then begins with its answer. */
async function readAndBegin(task: EvaluationTask, stored: StoredInput): Promise<void> {
  statements = new RemoteStatements((request, transfer) => send({ kind: 'request', request }, transfer));
  // The main thread sends a task only when the one before it is over.
  arrays.endTask();
  try {
    const query = task.kind === 'query' ? new WorkerQuery(task) : undefined;
    const view = new StoredSamples(statements, new DatabaseSchema(stored.schema));
    const selected = await new StoredSelections(task, stored, statements, view, query, arrays).read();
    statements = undefined;
    send({ kind: 'read' });
    begin(query?.parts(selected) ?? readParts(task as ReadTask, selected));
    sendParts();
  } catch (error) {
    fail(error);
  }
}

function begin(made: Generator<Uint8Array<ArrayBuffer>>): void {
  mayMake = PARTS_AHEAD;
  parts = made;
}

function partsOf(task: EvaluationTask): Generator<Uint8Array<ArrayBuffer>> {
  const given = seriesBySelector;
  seriesBySelector = [];
  const selected = task.selections.map((selection, selector) =>
    (given[selector] ?? []).toSorted(byLabels).map((each) => selectedSeriesOf(each, selection, task.rules)),
  );
  return task.kind === 'query' ? new WorkerQuery(task).parts(selected) : readParts(task, selected);
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
    fail(error);
  }
}

function fail(error: unknown): void {
  parts = undefined;
  statements = undefined;
  seriesBySelector = [];
  send({ kind: 'failed', ...failureOf(error) });
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
