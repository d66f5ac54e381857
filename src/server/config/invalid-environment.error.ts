/** A problem with one environment variable. */
export interface SettingProblem {
  readonly name: string;
  /** The value of the variable in a form that may be logged, with secrets masked. */
  readonly found: string;
  /** The allowed values. */
  readonly allowed: string;
}

/** The error for an invalid environment. The message lists every problem, so that they can be fixed in one go. */
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
