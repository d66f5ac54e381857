/** A problem with one option. */
export interface OptionProblem {
  /** Its path, like `store.retentionDays`. */
  readonly path: string;
  /** Says what is wrong with it, and what is allowed. */
  readonly message: string;
}

/** Says why the options of a host are invalid. The message lists all problems, so that they can be fixed at once. */
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
