import { applyDecorators, Inject, Injectable, UseInterceptors } from '@nestjs/common';
import { ApiConsumes } from '@nestjs/swagger';
import { CUSTOM_METRICS_OPTIONS, type CustomMetricsOptions } from '../../custom-metrics.options.js';
import { BodyReader } from '../../http/bodies/body-reader.js';
import { JsonBodyInterceptor } from '../../http/bodies/json-body.js';

/** What an app with many flags and metrics sends by itself; 413 would silence its SDK for the lifetime of the process. */
const MIN_LIMIT_BYTES = 5 * 1024 * 1024;

/** Reads a body of an SDK: a smaller INGEST_MAX_BODY_BYTES is meant for senders who can send less at once. */
@Injectable()
class SdkJsonBodyInterceptor extends JsonBodyInterceptor {
  /** Each flag that was asked for is a key with two objects, and as many as fit into the body have to be taken. */
  protected override readonly jsonLimits = { objects: 300_000, differentKeys: 120_000 };

  protected override readonly maxBytes: number;

  constructor(@Inject(BodyReader) reader: BodyReader, @Inject(CUSTOM_METRICS_OPTIONS) options: CustomMetricsOptions) {
    super(reader, options);
    this.maxBytes = Math.max(options.ingest.maxBodyBytes, MIN_LIMIT_BYTES);
  }
}

/** The route reads a JSON body of at least 5 MiB. */
export function SdkJsonBody(): MethodDecorator {
  return applyDecorators(UseInterceptors(SdkJsonBodyInterceptor), ApiConsumes('application/json'));
}
