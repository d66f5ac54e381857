import { Controller } from '@nestjs/common';

/**
 * `PrometheusModule` always mounts a controller. Ours is in the custom metrics module, where its page writes the registry
 * of this one and the custom series in one stream; so the module gets one without routes.
 */
@Controller()
export class NoMetricsController {}
