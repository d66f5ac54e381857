/** The type of a family on a page: what pushed metrics can have, and those that only the service's own metrics have. */
export type FamilyType = 'counter' | 'gauge' | 'histogram' | 'summary' | 'unknown';
