import { existsSync } from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';

/** The error codes that show that the program of a thread, or a file that the program imports, does not exist. */
const MISSING_CODES: ReadonlySet<string> = new Set(['MODULE_NOT_FOUND', 'ERR_MODULE_NOT_FOUND']);

const CURE =
  'If a bundler has moved the code, let it make a file of nestjs-custom-metrics/evaluation-worker, and pass the path of that file ' +
  'as the option promql.workerFile.';

/** The error for a program of the worker threads that can't be found. */
export class MissingWorkerError extends Error {
  override readonly name = 'MissingWorkerError';

  constructor(reason: string) {
    super(`The worker that evaluates PromQL can't be started: ${reason} ${CURE}`);
  }
}

/**
 * Returns the URL of the program of the worker threads that the options name; undefined if they name none.
 *
 * @throws MissingWorkerError if there is no such file, because no query would be answered
 */
export function givenWorkerFile(given: string | undefined): URL | undefined {
  if (given === undefined) return undefined;
  const file = given.startsWith('file:') ? new URL(given) : pathToFileURL(path.resolve(given));
  if (!existsSync(file)) throw new MissingWorkerError(`promql.workerFile is ${given}, and there is no such file.`);
  return file;
}

/** Returns the error that explains why a thread could not load its program; undefined if it failed for another reason. */
export function missingWorkerOf(error: Error & { code?: string }): MissingWorkerError | undefined {
  return MISSING_CODES.has(error.code ?? '') || /^(?:Error: )?Cannot find (?:module|package) /.test(error.message)
    ? new MissingWorkerError(`${error.message.replace(/^Error: /, '').split('\n')[0]!}.`)
    : undefined;
}
