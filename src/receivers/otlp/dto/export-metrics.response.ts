/** The refused data points of an export. */
export class PartialSuccessResponse {
  /** The number of refused data points, as text: protobuf's JSON writes 64-bit integers as text. */
  rejectedDataPoints: string;
  /** The first reasons. Each says what was wrong, which limit applies, and what to do. */
  errorMessage: string;
}

/** OTLP's `ExportMetricsServiceResponse`. */
export class ExportMetricsResponse {
  /** Present only if something was refused. */
  partialSuccess?: PartialSuccessResponse;
}
