/**
 * The type of a family in the exposition. Only the service's own metrics are summaries. A counter that a format can't represent
 * is written as `unknown`.
 */
export type FamilyType = 'counter' | 'gauge' | 'histogram' | 'summary' | 'unknown';
