/** How the hostile suite runs; all from the environment, so that one command line names a run. */
export interface HostileSettings {
  /** Decides which attacks are made, in which order, and what is in them. */
  readonly seed: number;
  /** Rounds over all routes go on for this long; 0 makes a single round. */
  readonly minutes: number;
  /** Series that are stored before the attacks begin, so that queries have something to read. */
  readonly storedSeries: number;
  /** Kinds of attack that each route meets in a round; the short form takes turns, so that each kind meets many routes. */
  readonly kindsPerRoute: number;
  /** Only routes whose name contains this text are attacked. */
  readonly only: string;
  /** Prints the table and each new worst attack. */
  readonly isWatched: boolean;
}

export function readHostileSettings(environment: NodeJS.ProcessEnv): HostileSettings {
  const minutes = numberOf(environment.HOSTILE_MINUTES) ?? 0;
  const isLong = minutes > 0;
  return {
    // The short form sends the same in every run: what fails, fails because of a change.
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
