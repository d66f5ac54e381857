import type { FirstTokensOutcome } from './first-tokens-place.js';

/** The facts that a ready server shows to its operator. They are plain data, so that one process can send them to another one. */
export interface Announcement {
  /** The URL of the server on this machine, without a trailing slash. */
  readonly url: string;
  /** The URL that Prometheus scrapes. */
  readonly metricsUrl: string;
  /** The place of the first tokens, if this start has created any. */
  readonly firstTokens: FirstTokensOutcome;
  /** The explorer; undefined if it is switched off. */
  readonly explorer: AnnouncedExplorer | undefined;
  /** True if the data is in an embedded Postgres, which is meant for evaluation. */
  readonly isEmbedded: boolean;
}

/** The explorer of a running server. */
export interface AnnouncedExplorer {
  readonly url: string;
  /** A link that signs in once. There is one only if the first tokens are shown, because it is as secret as they are. */
  readonly signInLink: string | undefined;
}
