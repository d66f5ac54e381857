import { ConsoleLogger, type LogLevel } from '@nestjs/common';
import { redactText } from './redact-text.js';
import { redactValue } from './redact-value.js';

/** The options of the logger; `Settings.logging` has the same properties. */
export interface JsonLoggerOptions {
  /** The lowest level that is logged. */
  readonly level: 'error' | 'warn' | 'info' | 'debug';
  /** The format. If it is undefined, the output is text on a terminal, and JSON otherwise. */
  readonly format?: 'json' | 'text' | undefined;
}

/** Maps levels to those of Nest, which calls `info` `log` and has two additional levels, `fatal` and `verbose`. */
const ENABLED_LEVELS: Readonly<Record<JsonLoggerOptions['level'], LogLevel[]>> = {
  error: ['fatal', 'error'],
  warn: ['fatal', 'error', 'warn'],
  info: ['fatal', 'error', 'warn', 'log'],
  debug: ['fatal', 'error', 'warn', 'log', 'debug', 'verbose'],
};

/** The contexts of Nest's own start messages, which take about thirty lines and are logged only with LOG_LEVEL=debug. */
const NEST_START_CONTEXTS = new Set([
  'NestFactory',
  'InstanceLoader',
  'RoutesResolver',
  'RouterExplorer',
  'NestApplication',
]);

/**
 * Extends Nest's `ConsoleLogger` to mask secrets. The output is one JSON object per line, or text on a terminal.
 *
 * The `redact` option of `ConsoleLogger` masks only properties by their names, and leaves texts, messages and stacks unchanged.
 * This class therefore masks everything before it is formatted, in the method that all records pass through.
 *
 * Only the server uses this logger. In a host's app, our module logs through Nest's `Logger`, and the host chooses the logger.
 *
 * @example
 * ```ts
 * const app = await NestFactory.create(AppModule, { logger: new JsonLogger(settings.logging) });
 * ```
 */
export class JsonLogger extends ConsoleLogger {
  constructor({ level, format }: JsonLoggerOptions) {
    const isTerminal = process.stdout.isTTY;
    super({
      logLevels: ENABLED_LEVELS[level],
      json: (format ?? (isTerminal ? 'text' : 'json')) === 'json',
      // Text in a file should have no escape codes. On a terminal, Nest respects NO_COLOR.
      ...(!isTerminal && { colors: false }),
      prefix: 'CustomMetrics',
    });
  }

  protected override printMessages(
    messages: unknown[],
    context?: string,
    logLevel?: LogLevel,
    writeStreamType?: 'stdout' | 'stderr',
    errorStack?: unknown,
    params?: Record<string, unknown>,
  ): void {
    const isNestStart = logLevel === 'log' && NEST_START_CONTEXTS.has(context ?? '');
    if (isNestStart && !this.isLevelEnabled('debug')) return;
    super.printMessages(
      messages.map((message) => redactValue(this.resolveMessage(message))),
      context === undefined ? undefined : redactText(context),
      logLevel,
      writeStreamType,
      redactValue(errorStack),
      redactValue(params) as typeof params,
    );
  }

  /** Masks the stack in the text format, because Nest prints it outside of `printMessages`. */
  protected override printStackTrace(stack: string): void {
    super.printStackTrace(redactValue(stack) as string);
  }

  /** Writes the level with the name that the setting uses. */
  protected override getJsonLogObject(
    ...[message, options]: Parameters<ConsoleLogger['getJsonLogObject']>
  ): ReturnType<ConsoleLogger['getJsonLogObject']> {
    const record = super.getJsonLogObject(message, options);
    return { ...record, level: (record.level === 'log' ? 'info' : record.level) as LogLevel };
  }
}
