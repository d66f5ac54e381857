import { type LabelPairs, type Labels, readLabels } from './labels.js';
import type { MetricsProblem } from './metrics-problem.js';

/** Maximum delay of a timer. A timer with a longer delay would fire immediately. */
const MAX_TIMER_MS = 2 ** 31 - 1;

/** The options of a client. Only `url` and `token` are required. */
export interface MetricsClientOptions {
  /** The URL of the server, like `https://metrics.example.org`, or in browsers the path under which a proxy serves it. */
  url: string;
  /** A token with the scope `ingest`. */
  token: string;
  /** Labels that are added to every series. A label of the same name in a call overrides them. */
  labels?: Labels;
  /** The interval at which batches are created and sent, in milliseconds. The default is 5,000. */
  intervalMs?: number;
  /**
   * Maximum wait for an answer in milliseconds. It must be above the server's `STORE_WAIT_MS` (5 s by default). The default is
   * 10,000.
   */
  timeoutMs?: number;
  /**
   * The time for which a batch is retried after its first attempt, in milliseconds. It must be below the server's
   * `IDEMPOTENCY_RETENTION` (24 h by default), because a batch that is sent again after that is counted twice. The default is 23
   * h.
   */
  retryForMs?: number;
  /** Maximum number of samples in a request. It must not exceed the server's `INGEST_MAX_SAMPLES`. The default is 1,000. */
  maxBatchSamples?: number;
  /**
   * Maximum number of waiting batches. When it is reached, values are still added up, but not put into batches. The default is
   * 100.
   */
  maxQueueBatches?: number;
  /** Maximum number of bytes in waiting batches. The default is 4 MiB. */
  maxQueueBytes?: number;
  /**
   * Maximum number of series with values that are not in a batch yet. Values of further series are dropped. The default is
   * 10,000.
   */
  maxSeries?: number;
  /** Whether gauges are sent with the time of this machine. Use `false` if clocks can't be trusted. The default is true. */
  gaugeTimestamps?: boolean;
  /**
   * This is called when values are lost: once per interval for each reason, and once for each lost batch. By default, a warning
   * is written to the console.
   */
  onDropped?: (problem: MetricsProblem) => void;
  /** This is called for each failed attempt, and when the server has refused samples of a batch. */
  onError?: (problem: MetricsProblem) => void;
}

type NumberOption = 'intervalMs' | 'timeoutMs' | 'retryForMs' | (`max${string}` & keyof MetricsClientOptions);

/** The checked options with all defaults. */
export interface ResolvedOptions extends Required<Omit<MetricsClientOptions, 'url' | 'labels'>> {
  readonly endpoint: string;
  readonly labels: LabelPairs;
}

/**
 * Checks the options and adds defaults.
 *
 * @throws TypeError with the name of the wrong option, because an early failure is better than a client that sends nothing
 */
export function resolveOptions(options: MetricsClientOptions): ResolvedOptions {
  const whole = (name: NumberOption, byDefault: number): number => {
    const value = options[name] ?? byDefault;
    if (Number.isInteger(value) && value > 0 && value <= MAX_TIMER_MS) return value;
    throw new TypeError(`MetricsClient: ${name} must be a whole number from 1 to ${MAX_TIMER_MS}, not ${value}`);
  };
  const labels = readLabels(options.labels);
  if (labels === undefined) throw new TypeError('MetricsClient: labels must be strings, numbers or booleans');
  // Any other token would fail in every request.
  if (typeof options.token !== 'string' || !/^[!-~]+$/.test(options.token)) {
    throw new TypeError('MetricsClient: token must be visible ASCII. Is it set?');
  }
  return {
    endpoint: endpointOf(options.url),
    token: options.token,
    labels,
    intervalMs: whole('intervalMs', 5_000),
    timeoutMs: whole('timeoutMs', 10_000),
    retryForMs: whole('retryForMs', 23 * 3_600_000),
    maxBatchSamples: whole('maxBatchSamples', 1_000),
    maxQueueBatches: whole('maxQueueBatches', 100),
    maxQueueBytes: whole('maxQueueBytes', 4 * 2 ** 20),
    maxSeries: whole('maxSeries', 10_000),
    gaugeTimestamps: options.gaugeTimestamps ?? true,
    onDropped: options.onDropped ?? (({ message }) => console.warn(`metrics: ${message}`)),
    onError: options.onError ?? (() => undefined),
  };
}

/** Returns the URL of the push endpoint. In browsers, `url` may be a path on the same origin. */
function endpointOf(url: string): string {
  try {
    const base = new URL(url, (globalThis as { location?: { href: string } }).location?.href);
    if (!/^https?:$/.test(base.protocol)) throw new TypeError(base.protocol);
    base.pathname = `${base.pathname.replace(/\/+$/, '')}/api/client/metrics/custom`;
    return base.href;
  } catch (cause) {
    throw new TypeError(`MetricsClient: url must be like https://metrics.example.org, not ${url}`, { cause });
  }
}
