import {
  applyDecorators,
  createParamDecorator,
  type ExecutionContext,
  Injectable,
  UseInterceptors,
} from '@nestjs/common';
import { ApiBody, ApiConsumes, ApiPayloadTooLargeResponse, ApiUnsupportedMediaTypeResponse } from '@nestjs/swagger';
import type { Request } from 'express';
import { UnreadableBodyError } from '../../http/answers/errors.js';
import { BodyInterceptor } from '../../http/bodies/body-interceptor.js';
import type { RouteBodyLimits } from '../../http/bodies/body-reader.js';
import { announcedLengthOf } from '../../http/bodies/snappy-block.js';
import { abbreviate } from '../../outside-text/abbreviate.js';
import type { WriteVersion } from './message/write-request.js';

/** The body of a request in Snappy's block format, and the version of its message. */
export interface RemoteWriteBody {
  readonly compressed: Buffer;
  /** The size of the message, as the body announces it; 0 if it will be refused. */
  readonly messageBytes: number;
  readonly version: WriteVersion;
}

type RemoteWriteHttpRequest = Request & { remoteWriteBody?: RemoteWriteBody };

const MEDIA_TYPE = 'application/x-protobuf';

/** The versions by the parameter `proto` of the content type. Without it, the message has version 1.0. */
const VERSIONS: ReadonlyMap<string | undefined, WriteVersion> = new Map([
  [undefined, '1.0'],
  ['prometheus.writerequest', '1.0'],
  ['io.prometheus.write.v2.request', '2.0'],
]);

/** Reads the bytes of a remote write request. */
@Injectable()
export class RemoteWriteBodyInterceptor extends BodyInterceptor<RemoteWriteHttpRequest> {
  protected limitsOf({ headers }: RemoteWriteHttpRequest): RouteBodyLimits {
    versionOf(headers['content-type']);
    const encoding = headers['content-encoding'];
    if (encoding !== undefined && encoding.trim().toLowerCase() !== 'snappy') {
      throw new UnreadableBodyError(
        415,
        `The content encoding ${JSON.stringify(abbreviate(encoding))} is not supported here: send snappy, in the block format.`,
      );
    }
    // Snappy's block format is inflated later, right before the message is decoded. Only the length that the body announces is
    // read here.
    const limits = this.ingestLimits;
    return { ...limits, encoding: 'identity', furtherBytesOf: (body) => inflatedBytesOf(body, limits.maxBytes) };
  }

  protected take(request: RemoteWriteHttpRequest, bytes: Buffer | undefined): void {
    const compressed: unknown = bytes ?? request.body;
    if (!Buffer.isBuffer(compressed)) throw new UnreadableBodyError(400, 'The request has no body.');
    const messageBytes = inflatedBytesOf(compressed, this.ingestLimits.maxBytes);
    request.remoteWriteBody = { compressed, messageBytes, version: versionOf(request.headers['content-type']) };
  }
}

/**
 * Returns the announced length of a body; 0 if it will be refused, because it is not in Snappy's format or announces more than
 * the limit.
 */
function inflatedBytesOf(body: Buffer, maxBytes: number): number {
  try {
    const length = announcedLengthOf(body);
    return length > maxBytes ? 0 : length;
  } catch {
    return 0;
  }
}

/** @throws UnreadableBodyError with status 415 for any other media type or version */
function versionOf(contentType: string | undefined): WriteVersion {
  const [mediaType, ...parameters] = (contentType ?? '')
    .toLowerCase()
    .split(';', 10)
    .map((part) => part.trim());
  const proto = parameters.find((parameter) => parameter.startsWith('proto='))?.slice('proto='.length);
  const version = mediaType === MEDIA_TYPE ? VERSIONS.get(proto?.replaceAll('"', '')) : undefined;
  if (version !== undefined) return version;
  throw new UnreadableBodyError(
    415,
    `The content type ${JSON.stringify(abbreviate(contentType ?? ''))} is not accepted here. Send ${MEDIA_TYPE} with ` +
      'proto=prometheus.WriteRequest or proto=io.prometheus.write.v2.Request.',
  );
}

/** Declares that the route reads a remote write request. */
export function ReadsRemoteWrite(): MethodDecorator {
  return applyDecorators(
    UseInterceptors(RemoteWriteBodyInterceptor),
    ApiConsumes(MEDIA_TYPE),
    ApiBody({
      description: 'A WriteRequest of version 1.0, or a Request of version 2.0, in the block format of Snappy',
      schema: { type: 'string', format: 'binary' },
    }),
    ApiPayloadTooLargeResponse({ description: 'The body is larger than INGEST_MAX_BODY_BYTES, compressed or not' }),
    ApiUnsupportedMediaTypeResponse({
      description: 'The body is not a remote write message, or is not compressed with snappy',
    }),
  );
}

/** Injects the body that {@link ReadsRemoteWrite} has read. */
export const CurrentRemoteWriteBody = createParamDecorator(
  (_data: undefined, context: ExecutionContext): RemoteWriteBody => {
    const { remoteWriteBody } = context.switchToHttp().getRequest<RemoteWriteHttpRequest>();
    if (remoteWriteBody === undefined)
      throw new Error('@CurrentRemoteWriteBody() needs @ReadsRemoteWrite() on the route');
    return remoteWriteBody;
  },
);
