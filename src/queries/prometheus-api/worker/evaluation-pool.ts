import { Worker, type WorkerOptions } from 'node:worker_threads';
import { Inject, Injectable, type OnApplicationShutdown } from '@nestjs/common';
import { CUSTOM_METRICS_OPTIONS, type CustomMetricsOptions } from '../../../custom-metrics.options.js';
import { Turns } from '../../../scheduling/turns.js';
import { Conversation, type Part } from './conversation.js';
import type { EvaluationTask, StoredInput } from './evaluation-task.js';
import type { PortableSeries } from './portable-series.js';
import { givenWorkerFile } from './worker-file.js';

/**
 * Maximum number of series in one message. Each costs several microseconds, and the event loop serves pushes between messages.
 */
const SERIES_PER_MESSAGE = 500;

/** Maximum number of samples in one message, not counting those of its last series. Copying them takes several milliseconds. */
const SAMPLES_PER_MESSAGE = 250_000;

/** Size of the young generation of a worker's heap, which holds new objects. Most of them are short-lived labels and keys. */
const YOUNG_GENERATION_MB = 64;

/** The series that a selector sees. */
export interface SelectorInput {
  /** The index of the selector in the task's selections. */
  readonly selector: number;
  readonly series: Iterable<PortableSeries>;
}

/** The input of a task: the series with their samples, or a description of the samples that the worker reads itself. */
export type TaskInput =
  | { readonly given: readonly SelectorInput[] }
  | {
      readonly stored: StoredInput;
      /** Answers the requests of the worker until it has read everything. */
      readonly serve: (conversation: Conversation) => Promise<void>;
    };

/**
 * Manages worker threads that evaluate queries, so that no query can delay pushes or `/metrics`. The only way to interrupt a
 * worker is to end it; a new one replaces it when it is needed. The caller ensures that there are never more running tasks than
 * workers.
 */
@Injectable()
export class EvaluationPool implements OnApplicationShutdown {
  private readonly idle: Worker[] = [];
  private readonly all = new Set<Worker>();

  private readonly workerFile: URL | undefined;

  /** @throws MissingWorkerError if a file is given and does not exist */
  constructor(@Inject(CUSTOM_METRICS_OPTIONS) private readonly options: CustomMetricsOptions) {
    this.workerFile = givenWorkerFile(options.promql.workerFile);
  }

  async onApplicationShutdown(): Promise<void> {
    await Promise.all([...this.all].map((worker) => worker.terminate()));
  }

  /**
   * Runs a task.
   *
   * @param signal ends the task immediately
   * @returns the parts of its answer, as soon as the first one has arrived. The worker is busy until the parts end or fail, or
   *   the signal is aborted
   * @throws PrometheusError, or the signal's reason
   */
  async run(task: EvaluationTask, input: TaskInput, signal: AbortSignal): Promise<AsyncIterableIterator<Uint8Array>> {
    const conversation = new Conversation(this.idle.pop() ?? this.start(), signal);
    try {
      if ('given' in input) {
        const turns = new Turns();
        for (const each of input.given) await this.hand(conversation, each, { turns, signal });
        conversation.say({ kind: 'task', task });
      } else {
        conversation.say({ kind: 'read', task, stored: input.stored });
        await input.serve(conversation);
      }
      const first = await conversation.next();
      const release = once(() => this.release(conversation));
      signal.addEventListener('abort', release);
      return partsOf(conversation, first, () => {
        signal.removeEventListener('abort', release);
        release();
      });
    } catch (error) {
      this.release(conversation);
      throw error;
    }
  }

  /** Sends series to a worker in messages of bounded size. */
  private async hand(
    conversation: Conversation,
    { selector, series }: SelectorInput,
    { turns, signal }: { readonly turns: Turns; readonly signal: AbortSignal },
  ): Promise<void> {
    let batch: PortableSeries[] = [];
    let samples = 0;
    for (const each of series) {
      samples += each.values.length;
      if (batch.push(each) < SERIES_PER_MESSAGE && samples < SAMPLES_PER_MESSAGE) continue;
      conversation.hand(selector, batch);
      batch = [];
      samples = 0;
      await turns.give();
      signal.throwIfAborted();
    }
    conversation.hand(selector, batch);
  }

  /** Keeps a worker that is ready for the next task, and ends any other. */
  private release(conversation: Conversation): void {
    const { worker, isOver } = conversation;
    conversation.end();
    if (isOver && this.all.has(worker)) this.idle.push(worker);
    else void worker.terminate();
  }

  private start(): Worker {
    const options: WorkerOptions = {
      // A worker does not support every option of the main process, such as --max-semi-space-size.
      execArgv: ['--enable-source-maps'],
      resourceLimits: {
        maxOldGenerationSizeMb: Math.ceil(this.options.promql.workerMemoryBytes / 1024 ** 2),
        maxYoungGenerationSizeMb: YOUNG_GENERATION_MB,
      },
    };
    // webpack finds and bundles the worker only if `new Worker` and `new URL` are in one expression.
    const worker =
      this.workerFile === undefined
        ? new Worker(new URL('./evaluation-worker.js', import.meta.url), options)
        : new Worker(this.workerFile, options);
    this.all.add(worker);
    // Without a listener, an error would end the process. Code that waits for an answer has its own listener.
    worker.on('error', () => undefined);
    worker.once('exit', () => {
      this.all.delete(worker);
      const place = this.idle.indexOf(worker);
      if (place >= 0) this.idle.splice(place, 1);
    });
    worker.unref();
    return worker;
  }
}

/**
 * Returns the parts of an answer. The result is not a generator, because the `finally` of a generator that is ended before its
 * start does not run, and the worker would stay busy.
 */
function partsOf(conversation: Conversation, first: Part, release: () => void): AsyncIterableIterator<Uint8Array> {
  // While a client reads fast, parts can arrive without a break, and all of them would be passed on in one round of the event loop.
  const turns = new Turns();
  let ahead: Part | undefined = first;
  let isOver = false;
  const end = (): IteratorReturnResult<undefined> => {
    isOver = true;
    release();
    return { done: true, value: undefined };
  };
  return {
    [Symbol.asyncIterator]() {
      return this;
    },
    next: async () => {
      if (isOver) return end();
      try {
        if (turns.isUp) await turns.give();
        const part = ahead ?? (await conversation.next());
        ahead = undefined;
        if (part.isLast) return end();
        conversation.say({ kind: 'taken' });
        return { done: false, value: part.bytes };
      } catch (error) {
        end();
        throw error;
      }
    },
    return: () => Promise.resolve(end()),
  };
}

function once(task: () => void): () => void {
  let isDone = false;
  return () => {
    if (!isDone) task();
    isDone = true;
  };
}
