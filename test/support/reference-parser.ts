import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import type { Socket } from 'node:net';
import { createInterface } from 'node:readline';
import type { ExpositionFormat } from '../../src/queries/exposition/format/exposition-format.js';

/** The interpreters to try: Debian's, which has the package python3-prometheus-client, and the first one on the path. */
const INTERPRETERS = ['/usr/bin/python3', 'python3'];

const IMPORTS = `
from prometheus_client.openmetrics.parser import text_string_to_metric_families as openmetrics
from prometheus_client.parser import text_string_to_metric_families as text
`;

/** A program that reads one exposition per line, as JSON, and answers with the families or with the error. */
const PROGRAM = `${IMPORTS}
import json, sys
for line in sys.stdin:
    asked = json.loads(line)
    try:
        parse = openmetrics if asked['format'] == 'openmetrics' else text
        families = [{'name': f.name, 'type': f.type, 'help': f.documentation, 'unit': f.unit,
                     'samples': [s.name for s in f.samples]} for f in parse(asked['page'])]
        answer = {'families': families}
    except Exception as error:
        answer = {'error': type(error).__name__ + ': ' + str(error)}
    print(json.dumps(answer), flush=True)
`;

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
const UTF8_PAGE = '# TYPE "a.b" gauge\\n{"a.b","c.d"="e"} 1\\n';

/** Returns whether the installed parser knows names in quotes. */
export function canReadQuotedNames(): boolean {
  const program = findReferenceInterpreter();
  return program !== undefined && spawnSync(program, ['-c', `${IMPORTS}\nlist(text('${UTF8_PAGE}'))`]).status === 0;
}

/** Returns the interpreter that has the parser, or undefined if none has it. */
export function findReferenceInterpreter(): string | undefined {
  return INTERPRETERS.find((program) => spawnSync(program, ['-c', IMPORTS]).status === 0);
}

/**
 * Runs the parser of Prometheus' own client for Python, which is the reference for OpenMetrics, and is stricter than the parser
 * of a Prometheus server. One process reads any number of expositions.
 */
export class ReferenceParser {
  private readonly answers: AsyncIterator<string>;
  /** The last answer that was waited for. The next one is read after it, because answers come in the order of the expositions. */
  private lastAnswer: Promise<unknown> = Promise.resolve();

  private constructor(private readonly child: ChildProcess) {
    // The parser must not keep the test process running. It ends with its input.
    for (const handle of [child, child.stdin as Socket, child.stdout as Socket]) handle.unref();
    this.answers = createInterface({ input: child.stdout! })[Symbol.asyncIterator]();
  }

  /** @throws Error if no interpreter has the parser; see {@link findReferenceInterpreter} */
  static start(): ReferenceParser {
    const program = findReferenceInterpreter();
    if (program === undefined) throw new Error('No Python has the package prometheus_client.');
    return new ReferenceParser(spawn(program, ['-c', PROGRAM], { stdio: ['pipe', 'pipe', 'inherit'] }));
  }

  /**
   * Reads an exposition.
   *
   * @throws Error that says why the exposition is not legal
   */
  async parse(page: string, format: ExpositionFormat): Promise<ReferenceFamily[]> {
    this.child.stdin!.write(`${JSON.stringify({ page, format })}\n`);
    const answer = this.lastAnswer.then(() => this.answers.next());
    this.lastAnswer = answer;
    const { value, done } = await answer;
    if (done) throw new Error('The reference parser has ended.');
    const { families, error } = JSON.parse(value) as { families?: ReferenceFamily[]; error?: string };
    if (families === undefined) throw new Error(`The reference parser refuses the page of ${format}: ${error}`);
    return families;
  }

  async stop(): Promise<void> {
    const ended = once(this.child, 'exit');
    this.child.stdin!.end();
    await ended;
  }
}
