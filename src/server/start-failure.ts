import { DatabaseUnavailableError } from './database/wait-for-database.js';

/** The reasons for which a port can't be opened, as clauses. */
const PORT_REASONS: Readonly<Record<string, string>> = {
  EADDRINUSE: 'is in use by another program',
  EACCES: 'may not be opened by this user',
  EADDRNOTAVAIL: 'is not at an address of this machine',
};

/**
 * Returns a sentence that is enough for the operator without a stack, because the cause is outside of the service, or undefined
 * for any other error.
 */
export function plainReasonOf(error: unknown): string | undefined {
  if (error instanceof DatabaseUnavailableError) return error.message;
  const { code, syscall, address, port } = error as NodeJS.ErrnoException & { address?: string; port?: number };
  const reason = syscall === 'listen' || syscall === 'bind' ? PORT_REASONS[code ?? ''] : undefined;
  if (reason === undefined) return undefined;
  return `Port ${port} at ${address} ${reason}. Set another one (PORT, METRICS_PORT, PROMQL_OPEN_PORT, HOST), or free it.`;
}
