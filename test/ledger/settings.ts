/** The settings of the ledger test. All come from the environment, so that one command line identifies a run. */
export interface LedgerSettings {
  /** The seed of the random choices: when each fault happens, and what is pushed. */
  readonly seed: number;
  /** The number of cycles, each of which is one fault and a second or two of pushing. */
  readonly cycles: number;
  /** The number of failovers. If it is not 0, every cycle is a failover to a standby that lags, followed by a check. */
  readonly failovers: number;
  readonly cyclesPerCheck: number;
  readonly pushers: number;
  /** The number of requests after which a pusher changes to a new series. */
  readonly requestsPerNewSeries: number;
  /**
   * True to send an Idempotency-Key. Without it, nothing may be sent twice, and a request that was not acknowledged may or may
   * not be stored.
   */
  readonly hasKeys: boolean;
  /** True to run the compaction. Without it, everything stays in the log. */
  readonly hasCompaction: boolean;
  /**
   * True to ask any process for any series. If false, the history of a process is read only for series that its own exposition
   * has shown.
   */
  readonly hasSharedReads: boolean;
  /** True to keep the data folder of Postgres, to examine it after a failure. */
  readonly keepsData: boolean;
  /** The folder of the programs of a Postgres with Citus, to run on three servers of it. Without it, there is one Postgres. */
  readonly citusBinaries: string | undefined;
}

/** Number of cycles of the short form, one for each kind of fault. So few cycles fit into every run of the tests. */
const SHORT_FORM_CYCLES = 9;
/** The seed of the short form, which is always the same. `npm run test:ledger` draws one, unless it is given. */
const SHORT_FORM_SEED = '1';

export function readLedgerSettings(environment: NodeJS.ProcessEnv): LedgerSettings {
  const failovers = wholeNumber(environment.LEDGER_FAILOVERS) ?? 0;
  const isFailingOver = failovers > 0;
  return {
    seed: wholeNumber(environment.LEDGER_SEED ?? SHORT_FORM_SEED) ?? Date.now() % 1_000_000,
    cycles: isFailingOver ? failovers : (wholeNumber(environment.LEDGER_CYCLES) ?? SHORT_FORM_CYCLES),
    failovers,
    cyclesPerCheck: isFailingOver ? 1 : (wholeNumber(environment.LEDGER_CYCLES_PER_CHECK) ?? 8),
    pushers: wholeNumber(environment.LEDGER_PUSHERS) ?? 10,
    // The more series a standby lacks, the more ids it assigns a second time.
    requestsPerNewSeries: isFailingOver ? 8 : 40,
    hasKeys: environment.LEDGER_WITHOUT_KEYS !== '1',
    hasCompaction: environment.LEDGER_WITHOUT_COMPACTION !== '1',
    hasSharedReads: environment.LEDGER_WITHOUT_SHARED_READS !== '1',
    keepsData: environment.LEDGER_KEEP === '1',
    citusBinaries: environment.LEDGER_CITUS || undefined,
  };
}

function wholeNumber(text: string | undefined): number | undefined {
  if (text === undefined || text === '') return undefined;
  const number = Number(text);
  if (!Number.isSafeInteger(number) || number < 0) throw new Error(`Not a whole number: ${text}`);
  return number;
}
