/** What a setting may be: as the text of an environment variable, and as the value that a host passes. */
export interface SettingRule<Value> {
  /** Describes the allowed texts: a noun phrase, shown as it is in error messages and in the documentation. */
  readonly allowed: string;

  /** Describes the allowed values of an option in the same way. Without it they are described like the texts. */
  readonly allowedOption?: string;

  /**
   * Turns the text into the value. Never gets an empty text: that counts as not set.
   *
   * @returns `undefined` when the text is not allowed.
   */
  read(text: string): Value | undefined;

  /** Tells whether a value is allowed as an option. */
  accepts(value: unknown): boolean;

  /** Makes a refused text fit for a log. A rule that has this is for a secret. */
  mask?(text: string): string;
}
