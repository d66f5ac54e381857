import type { CustomMetricsOptions } from '../../custom-metrics.options.js';

/**
 * The rules of the view `held`, in milliseconds: how long a pushed value holds, and the distance between the points of a range at
 * which the value is seen. Infinity means that a value holds until the next push.
 */
export interface HoldingRules {
  readonly gridMs: number;
  readonly gaugeTimeToLiveMs: number;
  readonly counterTimeToLiveMs: number;
}

/** Returns the rules that follow from the settings. In the settings, a time to live of 0 means until the next push. */
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

/** Returns the number of milliseconds for which a value of a gauge or of a counter holds. */
export function timeToLiveMsOf(rules: HoldingRules, isGauge: boolean): number {
  return isGauge ? rules.gaugeTimeToLiveMs : rules.counterTimeToLiveMs;
}
