import type { Temporality } from '../catalog/metric/metric.js';

export const SCOPES = ['ingest', 'frontend', 'read', 'scrape', 'admin'] as const;

/**
 * A permission of a token. No scope implies another: an admin token can't push, as in Unleash 8, and a frontend token, which
 * every visitor of a page can read, can only push to the frontend API.
 */
export type Scope = (typeof SCOPES)[number];

/** A token without its secret, of which only a hash is stored. */
export interface ApiToken {
  readonly id: number;
  readonly name: string;
  readonly scopes: readonly Scope[];
  /** Labels that are added to every sample that is pushed with this token; they win over the sample's own. */
  readonly labels: Readonly<Record<string, string>>;
  readonly defaultTemporality: Temporality | null;
  readonly createdAt: Date;
  readonly expiresAt: Date | null;
  readonly revokedAt: Date | null;
  readonly lastUsedAt: Date | null;
}

/** The properties of a token that is to be created. */
export interface NewApiToken {
  readonly name: string;
  readonly scopes: readonly Scope[];
  readonly labels?: Readonly<Record<string, string>>;
  readonly defaultTemporality?: Temporality | null;
  readonly expiresAt?: Date | null;
}
