/** The settings of the hostile suite. All come from the environment, so that one command line identifies a run. */
export interface HostileSettings {
  /** Decides which attacks are made, their order and their content. */
  readonly seed: number;
  /** Minutes for which rounds over all routes continue; 0 makes a single round. */
  readonly minutes: number;
  /** Number of series that are stored before the attacks begin, so that queries have data to read. */
  readonly storedSeries: number;
  /**
   * Number of kinds of attack for each route in a round. The short form takes turns, so that each kind is used on many routes.
   */
  readonly kindsPerRoute: number;
  /** Limits the attacks to routes whose name contains this text. */
  readonly only: string;
  /** True to print the table and each failure. */
  readonly isWatched: boolean;
}

export function readHostileSettings(environment: NodeJS.ProcessEnv): HostileSettings {
  const minutes = numberOf(environment.HOSTILE_MINUTES) ?? 0;
  const isLong = minutes > 0;
  return {
    // The short form sends the same requests in every run, so that a failure is due to a change.
    seed: numberOf(environment.HOSTILE_SEED) ?? 1,
    minutes,
    storedSeries: numberOf(environment.HOSTILE_SERIES) ?? (isLong ? 30_000 : 4_000),
    kindsPerRoute: numberOf(environment.HOSTILE_KINDS) ?? (isLong ? 8 : 2),
    only: environment.HOSTILE_ONLY ?? '',
    isWatched: isLong || environment.HOSTILE_SEED !== undefined,
  };
}

function numberOf(text: string | undefined): number | undefined {
  if (text === undefined || text === '') return undefined;
  const number = Number(text);
  if (!Number.isFinite(number) || number < 0) throw new Error(`Not a number: ${text}`);
  return number;
}
