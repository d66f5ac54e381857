/** The secrets of the tokens that the first start creates. They are shown only once. */
export interface FirstTokens {
  readonly admin: string;
  readonly ingest: string;
}

/** Stores the first tokens where the operator finds them, before they become valid. */
export interface FirstTokensKeeper {
  /** @returns false if they can't be stored; then no token is created, because its secret would be lost */
  keep(tokens: FirstTokens): Promise<boolean>;
  /** Removes the stored tokens, because another process has created its own in the meantime. */
  discard(): Promise<void>;
}
