/** The refused data points of an export. */
export class PartialSuccessResponse {
  /** The number of refused data points, as text, because protobuf's JSON writes 64-bit integers as text. */
  rejectedDataPoints: string;
  /** The first reasons. Each says what was wrong, which limit applies, and how to fix it. */
  errorMessage: string;
}

/** OTLP's `ExportMetricsServiceResponse`. */
export class ExportMetricsResponse {
  /** The refused data points; absent if everything was accepted. */
  partialSuccess?: PartialSuccessResponse;
}
