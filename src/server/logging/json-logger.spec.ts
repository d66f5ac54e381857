import { stripVTControlCharacters } from 'node:util';
import { Logger } from '@nestjs/common';
import fc from 'fast-check';
import { QueryFailedError } from 'typeorm';
import { JsonLogger, type JsonLoggerOptions } from './json-logger.js';

/** Returns everything that a function writes to stdout and stderr. */
function outputOf(work: () => void): string {
  const written: string[] = [];
  const write = (chunk: unknown): boolean => written.push(String(chunk)) > 0;
  const streams = [process.stdout, process.stderr].map((stream) =>
    jest.spyOn(stream, 'write').mockImplementation(write),
  );
  try {
    work();
  } finally {
    for (const stream of streams) stream.mockRestore();
  }
  return written.join('');
}

function recordOf(
  work: (logger: JsonLogger) => void,
  options: Partial<JsonLoggerOptions> = {},
): Record<string, unknown> {
  const logger = new JsonLogger({ level: 'debug', format: 'json', ...options });
  return JSON.parse(outputOf(() => work(logger))) as Record<string, unknown>;
}

const TOKEN = 'cmk_0123456789abcdefghij';

describe('JsonLogger', () => {
  it("leaves out Nest's own start messages unless the level is debug", () => {
    const say = (level: JsonLoggerOptions['level']) =>
      outputOf(() => new JsonLogger({ level, format: 'json' }).log('Mapped {/metrics, GET} route', 'RouterExplorer'));
    expect(say('info')).toBe('');
    expect(say('debug')).toContain('Mapped');
  });

  it('writes one JSON object per line', () => {
    const record = recordOf((logger) => logger.log('Listening', { port: 3000, password: 'hunter2' }, 'Main'));
    expect(record).toEqual({
      level: 'info',
      pid: process.pid,
      timestamp: expect.any(Number) as number,
      message: 'Listening',
      context: 'Main',
      params: { port: 3000, password: '***' },
    });
  });

  it('writes text if the format is text', () => {
    const logger = new JsonLogger({ level: 'info', format: 'text' });
    const line = outputOf(() => logger.log(`Unknown ${TOKEN}`, 'Main'));
    expect(line).toMatch(/^\[CustomMetrics\] .* LOG \[Main\] Unknown cmk_\*\*\*\n$/);
  });

  it.each([
    [true, /^\[CustomMetrics\]/],
    [undefined, /^\{/],
  ])('chooses the format by the terminal (%s) if none is set', (isTTY, expected) => {
    const terminal = Object.getOwnPropertyDescriptor(process.stdout, 'isTTY');
    Object.defineProperty(process.stdout, 'isTTY', { value: isTTY, configurable: true });
    try {
      const logger = new JsonLogger({ level: 'info' });
      expect(stripVTControlCharacters(outputOf(() => logger.log('hello')))).toMatch(expected);
    } finally {
      if (terminal) Object.defineProperty(process.stdout, 'isTTY', terminal);
      else delete (process.stdout as Partial<typeof process.stdout>).isTTY;
    }
  });

  it.each([
    ['error', ['fatal', 'error']],
    ['warn', ['fatal', 'error', 'warn']],
    ['info', ['fatal', 'error', 'warn', 'log']],
    ['debug', ['fatal', 'error', 'warn', 'log', 'debug', 'verbose']],
  ] as const)('at level %s writes %j', (level, expected) => {
    const logger = new JsonLogger({ level, format: 'json' });
    const written = (['fatal', 'error', 'warn', 'log', 'debug', 'verbose'] as const).filter(
      (method) => outputOf(() => logger[method]('message')) !== '',
    );
    expect(written).toEqual(expected);
  });

  it('keeps the stack of an error, whether it is passed as an object or as text', () => {
    const error = new Error(`bad ${TOKEN}`);
    const stack = expect.stringMatching(/^Error: bad cmk_\*\*\*\n +at /) as string;
    expect(recordOf((logger) => logger.error(error))).toMatchObject({ message: 'bad cmk_***', error: { stack } });
    expect(recordOf((logger) => logger.error('It broke', error))).toMatchObject({
      message: 'It broke',
      error: { stack },
    });
    expect(recordOf((logger) => logger.error('It broke', error.stack, 'Main'))).toMatchObject({
      stack,
      context: 'Main',
    });

    const text = new JsonLogger({ level: 'info', format: 'text' });
    for (const output of [outputOf(() => text.error(error)), outputOf(() => text.error('It broke', error.stack))]) {
      expect(output).toMatch(/Error: bad cmk_\*\*\*\n +at /);
    }
  });

  it('describes a failed query without its parameters', () => {
    const driverError = Object.assign(new Error('duplicate key'), {
      severity: 'ERROR',
      code: '23505',
      detail: 'Key (id)=(1).',
    });
    const error = new QueryFailedError('INSERT INTO t VALUES ($1)', ['parameter-1'], driverError);
    expect(recordOf((logger) => logger.error('Not stored', error)).error).toEqual({
      name: 'QueryFailedError',
      message: 'duplicate key',
      stack: expect.stringContaining(' at ') as string,
      severity: 'ERROR',
      code: '23505',
      detail: 'Key (id)=(1).',
    });
    const text = new JsonLogger({ level: 'info', format: 'text' });
    const output = outputOf(() => {
      text.error(error);
      text.warn('Not stored', { error });
      text.warn(new Error('Not stored', { cause: error }));
    });
    expect(output).toContain("code: '23505'");
    expect(output).not.toContain('parameter-1');
  });

  it('receives the messages of the loggers in the module', () => {
    const sink = new JsonLogger({ level: 'info', format: 'json' });
    Logger.overrideLogger(sink);
    try {
      const output = outputOf(() => new Logger('Store').warn(`Refused ${TOKEN}`, { samples: 3 }));
      expect(JSON.parse(output)).toMatchObject({
        level: 'warn',
        context: 'Store',
        message: 'Refused cmk_***',
        params: { samples: 3 },
      });
    } finally {
      Logger.overrideLogger(true);
    }
  });

  it('never prints a token, wherever it is', () => {
    const places: Readonly<Record<string, (text: string) => unknown>> = {
      text: (text) => text,
      property: (text) => ({ a: { b: [text] } }),
      name: (text) => ({ [text]: 1 }),
      map: (text) => new Map([[text, new Set([text])]]),
      error: (text) => new Error(text),
      cause: (text) => new Error('outer', { cause: { inner: new Error(text) } }),
      'error property': (text) => Object.assign(new Error('x'), { response: { body: text }, text }),
      'error name': (text) => Object.defineProperty(new Error('x'), 'name', { value: text }),
      aggregate: (text) => new AggregateError([new Error(text), text]),
      stack: (text) => `Error: ${text}\n    at ${text} (/srv/main.js:1:1)`,
      lazy: (text) => () => ({ text }),
      toJSON: (text) => ({ toJSON: () => text }),
      symbol: (text) => Symbol(text),
      array: (text) => [[[[[[[[text]]]]]]]],
      function: (text) => ({ f: Object.defineProperty(() => 0, 'name', { value: text }) }),
      'JSON in a text': (text) => JSON.stringify({ nested: JSON.stringify({ text }) }),
      regexp: (text) => ({ pattern: new RegExp(text.replaceAll(/[^\w-]/g, '')) }),
    };
    const token = fc.stringMatching(/^[A-Za-z0-9_-]{20,50}$/).map((body) => ({ text: `cmk_${body}`, body }));
    fc.assert(
      fc.property(
        fc.string(),
        token,
        fc.string(),
        fc.constantFrom('json' as const, 'text' as const),
        fc.constantFrom('log' as const, 'warn' as const, 'error' as const, 'fatal' as const, 'debug' as const),
        fc.array(fc.constantFrom(...Object.keys(places)), { minLength: 1, maxLength: 4 }),
        (before, { text, body }, after, format, method, names) => {
          const [message, ...parameters] = names.map((name) => places[name]!(before + text + after));
          const logger = new JsonLogger({ level: 'debug', format });
          const output = outputOf(() => logger[method](message, ...parameters));
          expect(output).not.toContain(body);
          expect(output).not.toBe('');
        },
      ),
      { numRuns: 1000 },
    );
  });
});
