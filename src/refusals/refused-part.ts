/** Something that the service has refused: an item of a push, or a whole request. */
export interface RefusedPart {
  /** The token of the push, or null if it is unknown. */
  readonly tokenId: number | null;
  readonly reason: string;
  readonly message: string;
  /** The name of the metric as the client sent it; undefined for a whole request. */
  readonly metric?: string;
  /** The value as the client sent it. */
  readonly value?: number;
}

/** A summary of refused parts with the same token, reason and metric. The message and the value are those of the latest one. */
export interface RefusalSummary {
  readonly tokenId: number | null;
  readonly reason: string;
  readonly metric: string;
  readonly message: string;
  readonly value: string | null;
  /** The times of the first and the latest refusal, in milliseconds since the epoch. */
  readonly firstAt: number;
  readonly lastAt: number;
  readonly count: number;
}

/** A stored summary, with the name of its token. */
export interface StoredRefusal extends Omit<RefusalSummary, 'tokenId'> {
  /** The name of the token, or null if the token is unknown. */
  readonly token: string | null;
}
