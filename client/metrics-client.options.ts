import { type LabelPairs, type Labels, readLabels } from './labels.js';
import type { MetricsProblem } from './metrics-problem.js';

/** Longest that a timer can wait; a longer one would fire at once. */
const MAX_TIMER_MS = 2 ** 31 - 1;

/** What a client is made with. Only `url` and `token` are needed. */
export interface MetricsClientOptions {
  /** Address of the server, like `https://metrics.example.org`, or a path below which a proxy serves it. */
  url: string;
  /** A token of the scope `ingest`. */
  token: string;
  /** Added to every series; a label of the same name in a call wins. */
  labels?: Labels;
  /** How often a batch is made and sent. Default 5,000. */
  intervalMs?: number;
  /** How long an answer is waited for. Above the server's `STORE_WAIT_MS`, 5 s. Default 10,000. */
  timeoutMs?: number;
  /**
   * How long after its first attempt a batch may be sent again. Below the server's `IDEMPOTENCY_RETENTION`, 24 h: a batch
   * that is sent again later is counted again. Default 23 h.
   */
  retryForMs?: number;
  /** Most samples in one request. Not above the server's `INGEST_MAX_SAMPLES`. Default 1,000. */
  maxBatchSamples?: number;
  /** Most batches that wait; beyond it values go on being added up in the process. Default 100. */
  maxQueueBatches?: number;
  /** The same in bytes. Default 4 MiB. */
  maxQueueBytes?: number;
  /** Most series that have values which are in no batch yet; values of further ones are dropped. Default 10,000. */
  maxSeries?: number;
  /** Whether gauges carry the time of this machine. `false` where clocks can't be trusted. Default true. */
  gaugeTimestamps?: boolean;
  /** Told what is lost: values once an interval for each reason, batches one by one. Default: a warning on the console. */
  onDropped?: (problem: MetricsProblem) => void;
  /** Told each failed attempt, and what the server did not take from a batch. */
  onError?: (problem: MetricsProblem) => void;
}

type NumberOption = 'intervalMs' | 'timeoutMs' | 'retryForMs' | (`max${string}` & keyof MetricsClientOptions);

/** The same, checked and complete. */
export interface ResolvedOptions extends Required<Omit<MetricsClientOptions, 'url' | 'labels'>> {
  readonly endpoint: string;
  readonly labels: LabelPairs;
}

/** @throws TypeError that says which option is wrong: better at the start than a client that sends nothing */
export function resolveOptions(options: MetricsClientOptions): ResolvedOptions {
  const whole = (name: NumberOption, byDefault: number): number => {
    const value = options[name] ?? byDefault;
    if (Number.isInteger(value) && value > 0 && value <= MAX_TIMER_MS) return value;
    throw new TypeError(`MetricsClient: ${name} must be a whole number from 1 to ${MAX_TIMER_MS}, not ${value}`);
  };
  const labels = readLabels(options.labels);
  if (labels === undefined) throw new TypeError('MetricsClient: labels must be texts, numbers or booleans');
  // Anything else would fail in every single request.
  if (typeof options.token !== 'string' || !/^[!-~]+$/.test(options.token)) {
    throw new TypeError('MetricsClient: token must be visible ASCII, is it set?');
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

/** Browsers may give a path of their own origin. */
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
