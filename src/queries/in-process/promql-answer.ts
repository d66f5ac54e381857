/** Seconds since the epoch and the value, as in Prometheus' API. The value is a text because JSON has no `NaN` and no `+Inf`. */
export type PromqlPoint = readonly [seconds: number, value: string];

/** The labels of a series in an answer, with its name as `__name__` unless an operation has removed it. */
export type PromqlLabels = Readonly<Record<string, string>>;

/** The result of a PromQL query, in the form of `data` in Prometheus' API. */
export type PromqlResult =
  | {
      readonly resultType: 'vector';
      readonly result: readonly { readonly metric: PromqlLabels; readonly value: PromqlPoint }[];
    }
  | {
      readonly resultType: 'matrix';
      readonly result: readonly { readonly metric: PromqlLabels; readonly values: readonly PromqlPoint[] }[];
    }
  | { readonly resultType: 'scalar' | 'string'; readonly result: PromqlPoint };

/** The answer to a PromQL query. */
export type PromqlAnswer = PromqlResult & {
  /** Reasons why the result may be incomplete or doubtful. */
  readonly warnings: readonly string[];
  /** Possible mistakes in the query. */
  readonly infos: readonly string[];
};
