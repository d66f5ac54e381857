/** The allowed values of a setting, both as the text of an environment variable and as the value that a host passes. */
export interface SettingRule<Value> {
  /** Describes the allowed texts by a noun phrase, which error messages and the documentation show unchanged. */
  readonly allowed: string;

  /** The noun phrase for the values that a host can pass as an option. If it is missing, `allowed` is used. */
  readonly allowedOption?: string;

  /**
   * Converts the text to the value. The text is never empty, because an empty variable counts as not set.
   *
   * @returns `undefined` if the text is not allowed.
   */
  read(text: string): Value | undefined;

  /** Returns whether a value is allowed as an option. */
  accepts(value: unknown): boolean;

  /** Masks a refused text for the log. Rules have this method if a refused text may contain a secret. */
  mask?(text: string): string;

  /** True if allowed texts are secrets, too. The server then also reads the text from a file. */
  readonly isSecret?: true;
}
