import { applyDecorators, Injectable, UseInterceptors } from '@nestjs/common';
import { ApiConsumes } from '@nestjs/swagger';
import type { RouteBodyLimits } from '../../http/bodies/body-reader.js';
import { JsonBodyInterceptor } from '../../http/bodies/json-body.js';

/**
 * Minimum of the body limit. An app with many flags and metrics sends up to this size, and a 413 would make its SDK stop sending
 * permanently.
 */
const MIN_LIMIT_BYTES = 5 * 1024 * 1024;

/**
 * Reads a body of an SDK. A smaller INGEST_MAX_BODY_BYTES does not apply, because that setting is meant for clients that can
 * send less at once.
 */
@Injectable()
class SdkJsonBodyInterceptor extends JsonBodyInterceptor {
  /** Each flag in use is a key with two objects, and as many flags as fit into the body must be accepted. */
  protected override readonly jsonLimits = { objects: 300_000, differentKeys: 120_000 };

  protected override get ingestLimits(): RouteBodyLimits {
    const { maxBytes, setting } = super.ingestLimits;
    return { maxBytes: Math.max(maxBytes, MIN_LIMIT_BYTES), setting };
  }
}

/** Declares that the route reads a JSON body with a limit of at least 5 MiB. */
export function SdkJsonBody(): MethodDecorator {
  return applyDecorators(UseInterceptors(SdkJsonBodyInterceptor), ApiConsumes('application/json'));
}
