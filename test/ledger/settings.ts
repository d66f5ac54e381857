/** How the ledger test runs; all from the environment, so that one command line tells a run. */
export interface LedgerSettings {
  /** Decides which fault comes when, and what is pushed. */
  readonly seed: number;
  /** Each is one fault and a second or two of pushing. */
  readonly cycles: number;
  /** Unless it is 0, every cycle is a failover to a standby that lags, and a check follows each. */
  readonly failovers: number;
  readonly cyclesPerCheck: number;
  readonly pushers: number;
  /** How many requests of a pusher share a series that is new. */
  readonly requestsPerNewSeries: number;
  /** Without Idempotency-Key nothing may be sent twice, and what was not acknowledged may be stored or not. */
  readonly hasKeys: boolean;
  /** Without the compaction everything stays in the log. */
  readonly hasCompaction: boolean;
  /** Without, the history of a process is only asked for series that its own page has shown. */
  readonly hasSharedReads: boolean;
  /** Leaves the data folder of Postgres behind, to look into after a failure. */
  readonly keepsData: boolean;
}

/** One fault of each kind: what fits into every run of the tests. */
const SHORT_FORM_CYCLES = 7;

export function readLedgerSettings(environment: NodeJS.ProcessEnv): LedgerSettings {
  const failovers = wholeNumber(environment.LEDGER_FAILOVERS) ?? 0;
  const isFailingOver = failovers > 0;
  return {
    seed: wholeNumber(environment.LEDGER_SEED) ?? Date.now() % 1_000_000,
    cycles: isFailingOver ? failovers : (wholeNumber(environment.LEDGER_CYCLES) ?? SHORT_FORM_CYCLES),
    failovers,
    cyclesPerCheck: isFailingOver ? 1 : (wholeNumber(environment.LEDGER_CYCLES_PER_CHECK) ?? 8),
    pushers: wholeNumber(environment.LEDGER_PUSHERS) ?? 10,
    // The more series a standby lacks, the more ids it gives a second time.
    requestsPerNewSeries: isFailingOver ? 8 : 40,
    hasKeys: environment.LEDGER_WITHOUT_KEYS !== '1',
    hasCompaction: environment.LEDGER_WITHOUT_COMPACTION !== '1',
    hasSharedReads: environment.LEDGER_WITHOUT_SHARED_READS !== '1',
    keepsData: environment.LEDGER_KEEP === '1',
  };
}

function wholeNumber(text: string | undefined): number | undefined {
  if (text === undefined || text === '') return undefined;
  const number = Number(text);
  if (!Number.isSafeInteger(number) || number < 0) throw new Error(`Not a whole number: ${text}`);
  return number;
}
