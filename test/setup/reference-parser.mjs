import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

/** The same interpreters as in test/support/reference-parser.ts. */
const INTERPRETERS = ['/usr/bin/python3', 'python3'];
const PROGRAM = fileURLToPath(new URL('../support/reference-parser.py', import.meta.url));

/**
 * Starts one reference parser for the whole run, because loading its package takes a third of a second. Test files find its port in
 * TEST_REFERENCE_PARSER, which stays unset if no interpreter has the package.
 *
 * @returns a function that stops the parser
 */
export async function startReferenceParser() {
  for (const interpreter of INTERPRETERS) {
    // The parser ends with its input, so also if this run is killed.
    const child = spawn(interpreter, [PROGRAM, 'serve'], { stdio: ['pipe', 'pipe', 'ignore'] });
    const port = await new Promise((resolve) => {
      child.once('error', () => resolve(undefined));
      child.once('exit', () => resolve(undefined));
      child.stdout.once('data', (chunk) => resolve(String(chunk).trim()));
    });
    if (port === undefined) continue;
    process.env.TEST_REFERENCE_PARSER = port;
    return () => child.stdin.end();
  }
  return () => undefined;
}
