/** Tokens made on a first start, to be shown once. */
export interface FirstTokens {
  readonly admin: string;
  readonly ingest: string;
}

/** Takes first tokens to where their owner finds them, before they become valid. */
export interface FirstTokensKeeper {
  /** @returns false if they cannot be kept; none are created then, because nobody would ever know them */
  keep(tokens: FirstTokens): Promise<boolean>;
  /** Forgets them again: another process has created its own meanwhile. */
  discard(): Promise<void>;
}
