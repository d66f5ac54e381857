/** A problem with one option. */
export interface OptionProblem {
  /** The path of the option, like `store.retentionDays`. */
  readonly path: string;
  /** The message says what is wrong with the option and what is allowed. */
  readonly message: string;
}

/** The error for invalid options of a host. The message lists all problems, so that they can be fixed in one go. */
export class InvalidOptionsError extends Error {
  override readonly name = 'InvalidOptionsError';

  constructor(readonly problems: readonly OptionProblem[]) {
    super(
      [
        problems.length === 1
          ? "An option of CustomMetricsModule can't be used:"
          : `${problems.length} options of CustomMetricsModule can't be used:`,
        ...problems.map(({ path, message }) => `  ${path}: ${message}`),
        'See docs/settings.md of nestjs-custom-metrics for every option, its default and what it does.',
      ].join('\n'),
    );
  }
}
