import { ConsoleLogger, type LogLevel } from '@nestjs/common';
import { redactText } from './redact-text.js';
import { redactValue } from './redact-value.js';

/** What an operator can set; `Settings.logging` fits. */
export interface JsonLoggerOptions {
  /** The least serious messages that are still logged. */
  readonly level: 'error' | 'warn' | 'info' | 'debug';
  /** `undefined`: text on a terminal, JSON otherwise. */
  readonly format?: 'json' | 'text' | undefined;
}

/** Nest calls `log` what the rest of the world calls `info`, and knows two levels more at the ends. */
const ENABLED_LEVELS: Readonly<Record<JsonLoggerOptions['level'], LogLevel[]>> = {
  error: ['fatal', 'error'],
  warn: ['fatal', 'error', 'warn'],
  info: ['fatal', 'error', 'warn', 'log'],
  debug: ['fatal', 'error', 'warn', 'log', 'debug', 'verbose'],
};

/** What Nest says of its own start, some thirty lines; with LOG_LEVEL=debug it is there. */
const NEST_START_CONTEXTS = new Set([
  'NestFactory',
  'InstanceLoader',
  'RoutesResolver',
  'RouterExplorer',
  'NestApplication',
]);

/**
 * The logger of the server: Nest's `ConsoleLogger`, one JSON object a line or, on a terminal, text, without secrets.
 *
 * `ConsoleLogger` has a `redact` option of its own, but for the names of properties only; texts, messages and stacks
 * it prints as they are. So everything is masked here, on the one way that all records take, before it is formatted.
 *
 * Only the server uses it. Inside a host's app our module logs through Nest's `Logger`, and the host decides.
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
      // Text that goes to a file should be free of escape codes; on a terminal Nest respects NO_COLOR.
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

  /** Text only: Nest prints the stack after the message, past `printMessages`. */
  protected override printStackTrace(stack: string): void {
    super.printStackTrace(redactValue(stack) as string);
  }

  /** Writes the level by the name under which it is set. */
  protected override getJsonLogObject(
    ...[message, options]: Parameters<ConsoleLogger['getJsonLogObject']>
  ): ReturnType<ConsoleLogger['getJsonLogObject']> {
    const record = super.getJsonLogObject(message, options);
    return { ...record, level: (record.level === 'log' ? 'info' : record.level) as LogLevel };
  }
}
