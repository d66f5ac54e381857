export { EmbeddedPostgresError } from './embedded-postgres.error.js';
export type { EmbeddedPostgres } from './embedded-postgres.js';
export { type EmbeddedPostgresOptions, startEmbeddedPostgres } from './start.js';
