import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import path from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';
import type { ExpositionFormat } from '../../src/queries/exposition/format/exposition-format.js';

/** The interpreters to try: Debian's, for which there is the package python3-prometheus-client, and the first one on the path. */
const INTERPRETERS = ['/usr/bin/python3', 'python3'];

const PROGRAM = path.resolve(import.meta.dirname, 'reference-parser.py');

/** A family as the reference parser understands it. */
export interface ReferenceFamily {
  readonly name: string;
  readonly type: string;
  readonly help: string;
  readonly unit: string;
  /** The name of each sample. */
  readonly samples: readonly string[];
}

/** A page with names that only versions since 0.22 of the package can read. */
const UTF8_PAGE = '# TYPE "a.b" gauge\n{"a.b","c.d"="e"} 1\n';

/** Returns whether the installed parser knows names in quotes. */
export function canReadQuotedNames(): boolean {
  const program = findReferenceInterpreter();
  if (program === undefined) return false;
  const asked = JSON.stringify({ format: 'text', page: UTF8_PAGE });
  return spawnSync(program, [PROGRAM], { input: `${asked}\n` }).stdout.includes('"families"');
}

/** Finds the package without loading it, because loading it takes a third of a second. */
const PROBE = `import importlib.util, sys; sys.exit(importlib.util.find_spec('prometheus_client') is None)`;

let interpreter: { readonly found: string | undefined } | undefined;

/** Returns the interpreter that has the parser, or undefined if none has it. */
export function findReferenceInterpreter(): string | undefined {
  interpreter ??= { found: INTERPRETERS.find((program) => spawnSync(program, ['-c', PROBE]).status === 0) };
  return interpreter.found;
}

/**
 * Runs the parser of Prometheus' own client for Python, which is the reference for OpenMetrics, and is stricter than the parser
 * of a Prometheus server.
 */
export class ReferenceParser {
  private readonly answers: AsyncIterator<string>;
  /**
   * The promise of the last answer that was requested. The next answer is read after it, because answers come in the order of the
   * expositions.
   */
  private lastAnswer: Promise<unknown> = Promise.resolve();

  private constructor(
    private readonly input: Writable,
    output: Readable,
    private readonly ended: Promise<unknown>,
  ) {
    this.answers = createInterface({ input: output })[Symbol.asyncIterator]();
    // Whoever waits for an answer notices that the parser has failed.
    ended.catch(() => undefined);
  }

  /**
   * Connects to the parser of the test run (test/setup/reference-parser.mjs), because loading the package takes a third of a
   * second. Starts a parser if there is none. The parser does not keep this process running, and ends when its input ends.
   *
   * @returns undefined if no interpreter has the parser
   */
  static startIfInstalled(): ReferenceParser | undefined {
    const port = process.env.TEST_REFERENCE_PARSER;
    if (port !== undefined) {
      const socket = connect(Number(port), '127.0.0.1').unref();
      return new ReferenceParser(socket, socket, once(socket, 'close'));
    }
    const program = findReferenceInterpreter();
    if (program === undefined) return undefined;
    const child = spawn(program, [PROGRAM], { stdio: ['pipe', 'pipe', 'inherit'] });
    for (const handle of [child, child.stdin as unknown as Socket, child.stdout as unknown as Socket]) handle.unref();
    return new ReferenceParser(child.stdin, child.stdout, once(child, 'exit'));
  }

  /** @throws Error if no interpreter has the parser; see {@link findReferenceInterpreter} */
  static start(): ReferenceParser {
    const parser = ReferenceParser.startIfInstalled();
    if (parser === undefined) throw new Error('No Python has the package prometheus_client.');
    return parser;
  }

  /**
   * Reads an exposition.
   *
   * @throws Error that says why the exposition is not legal
   */
  async parse(page: string, format: ExpositionFormat): Promise<ReferenceFamily[]> {
    this.input.write(`${JSON.stringify({ page, format })}\n`);
    const answer = this.lastAnswer.then(() => this.answers.next());
    this.lastAnswer = answer;
    const { value, done } = await answer;
    if (done) throw new Error('The reference parser has ended.');
    const { families, error } = JSON.parse(value) as { families?: ReferenceFamily[]; error?: string };
    if (families === undefined) throw new Error(`The reference parser refuses the page of ${format}: ${error}`);
    return families;
  }

  async stop(): Promise<void> {
    this.input.end();
    await this.ended;
  }
}
