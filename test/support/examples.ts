import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);
const ROOT = path.resolve(import.meta.dirname, '../..');
const INTERPRETERS: Readonly<Record<string, readonly string[]>> = {
  sh: ['bash', '-euc'],
  python: ['python3', '-c'],
  js: [process.execPath, '--input-type=module', '-e'],
};

/** A block of code in a documentation page. */
export interface Example {
  readonly language: string;
  readonly code: string;
}

/** Returns the code blocks of a section of a page, in order, without those that begin with `export` and only set variables. */
export function examplesIn(page: string, section: string): Example[] {
  const text = page.split(/^## /m).find((each) => each.startsWith(`${section}\n`))!;
  return [...text.matchAll(/^```(sh|python|js)\n([\s\S]*?)^```/gm)]
    .map(([, language, code]) => ({ language: language!, code: code! }))
    .filter(({ code }) => !code.startsWith('export '));
}

export async function hasCommand(command: string): Promise<boolean> {
  return run('bash', ['-c', `command -v ${command}`]).then(
    () => true,
    () => false,
  );
}

/**
 * Runs an example as a reader would, from the folder of the project.
 *
 * @returns the output
 */
export async function runExample({ language, code }: Example, environment: Record<string, string>): Promise<string> {
  const [command, ...args] = INTERPRETERS[language]!;
  // The folder is separate, because the SDK of Unleash leaves a file there that another user's run could not overwrite.
  const temporary = await mkdtemp(path.join(tmpdir(), 'custom-metrics-example-'));
  try {
    const env = { PATH: process.env.PATH, TMPDIR: temporary, ...environment };
    const { stdout } = await run(command!, [...args, code], { cwd: ROOT, env, timeout: 30_000 });
    return stdout;
  } finally {
    await rm(temporary, { recursive: true, force: true });
  }
}
