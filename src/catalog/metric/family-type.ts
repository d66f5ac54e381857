/** The type of a family in the exposition. Pushed metrics are never summaries or unknown; the service's own metrics may be. */
export type FamilyType = 'counter' | 'gauge' | 'histogram' | 'summary' | 'unknown';
