import type { Landmark } from '../../../src/database/known-database.js';
import type {
  NewSampleBatch,
  RowFate,
  SampleBatchRepository,
} from '../../../src/sample-store/log/sample-batch.repository.js';

/** Gives one answer of a scripted store. It is called when the statement is sent. */
export type Answer<T> = () => Promise<T>;

/** Errors as node-postgres raises them. */
export const REFUSED = () => Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' });
export const LOST = () => new Error('Connection terminated unexpectedly');
export const OUT_OF_RANGE = () => Object.assign(new Error('integer out of range'), { code: '22003' });

export const answers =
  <T>(value: T): Answer<T> =>
  () =>
    Promise.resolve(value);

export const answersAfter =
  <T>(delayMs: number, value: T): Answer<T> =>
  () =>
    new Promise((resolve) => {
      setTimeout(resolve, delayMs, value);
    });

export const fails =
  (makeError: () => Error): Answer<never> =>
  () =>
    Promise.reject(makeError());

export const failsAfter =
  (delayMs: number, makeError: () => Error): Answer<never> =>
  async () => {
    await new Promise((resolve) => {
      setTimeout(resolve, delayMs);
    });
    throw makeError();
  };

/** Never answers, like a silent connection. */
export const isSilent: Answer<never> = () => new Promise(() => undefined);

/** An expected statement and its answer. With `repeatedly`, the answer is repeated until another statement is sent. */
export type ScriptedAnswer = readonly [statement: string, answer: Answer<unknown>, repetition?: 'repeatedly'];

/**
 * Stands in for the repository of the log: gives the answers of the script, one for each statement in order, and records the
 * statements. A statement that the script does not expect fails with an error that waiting cannot fix.
 */
export class ScriptedStore implements Pick<
  SampleBatchRepository,
  'append' | 'appendAgain' | 'settle' | 'hasRowOf' | 'distrustConnections'
> {
  /** The statements, such as `append 1: 10 11`, with the sequence and, if it has a batch, the ids of the series. */
  readonly asked: string[] = [];
  distrusted = 0;

  /** @param script the answers to the statements, in their order */
  constructor(private readonly script: ScriptedAnswer[]) {}

  append(batch: NewSampleBatch): Promise<number> {
    return this.answer('append', batch.sequence, batch);
  }

  appendAgain(batch: NewSampleBatch): Promise<RowFate> {
    return this.answer('appendAgain', batch.sequence, batch);
  }

  settle(_writerId: number, sequence: number): Promise<RowFate | null> {
    return this.answer('settle', sequence);
  }

  hasRowOf(_writer: Landmark, sequence: number): Promise<boolean> {
    return this.answer('hasRowOf', sequence);
  }

  distrustConnections(): void {
    this.distrusted++;
  }

  private answer<T>(statement: string, sequence: number, batch?: NewSampleBatch): Promise<T> {
    this.asked.push(`${statement} ${sequence}${batch === undefined ? '' : `: ${batch.seriesIds.join(' ')}`}`);
    if (this.script[0]?.[2] !== undefined && this.script[0][0] !== statement) this.script.shift();
    const [expected, answer, repetition] = this.script[0] ?? [];
    if (repetition === undefined) this.script.shift();
    if (expected !== statement || answer === undefined) {
      return Promise.reject(new Error(`The script says ${expected ?? 'nothing'}, and not ${statement}.`));
    }
    return answer() as Promise<T>;
  }
}
