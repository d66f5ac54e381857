import { Controller } from '@nestjs/common';

/**
 * A controller without routes for `PrometheusModule`, which always mounts one. The exposition is served by the custom metrics
 * module, which writes the registry of `PrometheusModule` and the custom series in one stream.
 */
@Controller()
export class NoMetricsController {}
