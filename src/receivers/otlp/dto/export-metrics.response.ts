/** What was not taken of an export. */
export class PartialSuccessResponse {
  /** How many data points, as text: protobuf's JSON has no numbers of 64 bits. */
  rejectedDataPoints: string;
  /** The first reasons: what was wrong, which limit, and what to do. */
  errorMessage: string;
}

/** OTLP's `ExportMetricsServiceResponse`. */
export class ExportMetricsResponse {
  /** Only if something was not taken. */
  partialSuccess?: PartialSuccessResponse;
}
