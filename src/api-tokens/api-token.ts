import type { Temporality } from '../catalog/metric/metric.js';

export const SCOPES = ['ingest', 'frontend', 'read', 'scrape', 'admin'] as const;

/**
 * What a token may do. None implies another: an admin token does not push, as in Unleash 8, and a frontend token, which every
 * visitor of a page can read, pushes only where browsers do.
 */
export type Scope = (typeof SCOPES)[number];

/** A token as the service knows it: everything but the secret, of which only a hash is kept. */
export interface ApiToken {
  readonly id: number;
  readonly name: string;
  readonly scopes: readonly Scope[];
  /** Added to every sample that is pushed with it; they win over the sample's own. */
  readonly labels: Readonly<Record<string, string>>;
  readonly defaultTemporality: Temporality | null;
  readonly createdAt: Date;
  readonly expiresAt: Date | null;
  readonly revokedAt: Date | null;
  readonly lastUsedAt: Date | null;
}

/** What is asked for when a token is made. */
export interface NewApiToken {
  readonly name: string;
  readonly scopes: readonly Scope[];
  readonly labels?: Readonly<Record<string, string>>;
  readonly defaultTemporality?: Temporality | null;
  readonly expiresAt?: Date | null;
}
