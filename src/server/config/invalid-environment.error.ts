/** One environment variable that can't be used. */
export interface SettingProblem {
  readonly name: string;
  /** What the variable holds, fit for a log: secrets are masked. */
  readonly found: string;
  /** What it may hold. */
  readonly allowed: string;
}

/** The environment can't be used. The message lists every problem, so that one look mends them all. */
export class InvalidEnvironmentError extends Error {
  override readonly name = 'InvalidEnvironmentError';

  constructor(readonly problems: readonly SettingProblem[]) {
    super(
      [
        problems.length === 1
          ? "An environment variable can't be used:"
          : `${problems.length} environment variables can't be used:`,
        ...problems.map(({ name, found, allowed }) => `  ${name}: found ${found}; allowed: ${allowed}`),
        'See docs/settings.md for every variable, its default and what it does.',
      ].join('\n'),
    );
  }
}
