import { DatabaseSetupError } from '../database/schema/database-setup.error.js';
import { DatabaseUnavailableError } from './database/wait-for-database.js';
import { EmbeddedPostgresError } from './embedded-postgres/embedded-postgres.error.js';

/** Errors whose message tells the operator what is wrong and what to do. */
const OPERATOR_ERRORS = [DatabaseSetupError, DatabaseUnavailableError, EmbeddedPostgresError];

/** The reasons why a port can't be opened, worded as the ends of sentences that begin with the port. */
const PORT_REASONS: Readonly<Record<string, string>> = {
  EADDRINUSE: 'is in use by another program',
  EACCES: 'may not be opened by this user',
  EADDRNOTAVAIL: 'is not at an address of this machine',
};

/**
 * Returns a sentence for the operator if the cause of an error lies outside the service, so that no stack trace is needed.
 * Returns undefined for any other error.
 */
export function plainReasonOf(error: unknown): string | undefined {
  if (OPERATOR_ERRORS.some((type) => error instanceof type)) return (error as Error).message;
  const { code, syscall, address, port } = error as NodeJS.ErrnoException & { address?: string; port?: number };
  const reason = syscall === 'listen' || syscall === 'bind' ? PORT_REASONS[code ?? ''] : undefined;
  if (reason === undefined) return undefined;
  return `Port ${port} at ${address} ${reason}. Set another one (PORT, METRICS_PORT, PROMQL_OPEN_PORT, HOST), or free it.`;
}
