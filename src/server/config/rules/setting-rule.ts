/** What the text of one environment variable may be, and the value it stands for. */
export interface SettingRule<Value> {
  /** A noun phrase, shown as it is in error messages and in the documentation. */
  readonly allowed: string;

  /**
   * Turns the text into the value. Never gets an empty text: that counts as not set.
   *
   * @returns `undefined` when the text is not allowed.
   */
  read(text: string): Value | undefined;

  /** Makes a refused text fit for a log. A rule that has this is for a secret. */
  mask?(text: string): string;
}
