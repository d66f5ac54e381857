import type { CustomMetricsOptions } from '../../custom-metrics.options.js';

/** The time for which values hold, and the grid on which a range sees them. Infinity means until the next push. */
export interface HoldingRules {
  readonly gridMs: number;
  readonly gaugeTimeToLiveMs: number;
  readonly counterTimeToLiveMs: number;
}

/** Returns the rules that the settings make. There, a time to live of 0 means until the next push. */
export function holdingRulesOf({
  gridSeconds,
  gaugeTimeToLiveSeconds,
  counterTimeToLiveSeconds,
}: CustomMetricsOptions['promql']): HoldingRules {
  return {
    gridMs: gridSeconds * 1_000,
    gaugeTimeToLiveMs: gaugeTimeToLiveSeconds * 1_000 || Infinity,
    counterTimeToLiveMs: counterTimeToLiveSeconds * 1_000 || Infinity,
  };
}

/** Returns for how many milliseconds a value of a gauge, or of a counter, holds. */
export function timeToLiveMsOf(rules: HoldingRules, isGauge: boolean): number {
  return isGauge ? rules.gaugeTimeToLiveMs : rules.counterTimeToLiveMs;
}
