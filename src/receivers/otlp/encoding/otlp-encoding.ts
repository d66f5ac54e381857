import protobuf from 'protobufjs/light.js';
import { assertLightJsonInSteps, type JsonLimits } from '../../../http/bodies/json-weight.js';
import { parseInPieces } from '../../../http/bodies/json-pieces.js';
import { toUtf8 } from '../../../http/bodies/parse-json.js';
import { asMessage, MalformedOtlpError } from '../mapping/otlp-fields.js';
import { BoundedReader } from './bounded-reader.js';
import { readRequest } from './otlp-reader.js';
import type { OtlpRequest } from './otlp-request.js';
import { EXPORT_REQUEST } from './otlp-schema.js';
import { decodeInPieces } from './protobuf-pieces.js';

const JSON_LIMITS: JsonLimits = { objects: 400_000, differentKeys: 20_000 };

/** The encoding of a request. Its answer has the same encoding. */
export type OtlpEncoding = 'protobuf' | 'json';

export const MEDIA_TYPES: Readonly<Record<OtlpEncoding, string>> = {
  protobuf: 'application/x-protobuf',
  json: 'application/json',
};

/** @returns undefined if the content type is neither protobuf nor JSON */
export function encodingOf(contentType: string | undefined): OtlpEncoding | undefined {
  const [mediaType] = (contentType ?? '').split(';', 1);
  const given = mediaType!.trim().toLowerCase();
  return given === MEDIA_TYPES.protobuf ? 'protobuf' : given === MEDIA_TYPES.json ? 'json' : undefined;
}

/**
 * Reads an export of metrics. The generator yields while it checks the limits of JSON, after each piece that is parsed or decoded,
 * and after each data point that is read.
 *
 * @throws MalformedOtlpError; UnreadableBodyError with status 413 for JSON that would take too long to parse
 */
export function* decodeRequest(body: Buffer, encoding: OtlpEncoding): Generator<void, OtlpRequest> {
  return yield* readRequest(asMessage(encoding === 'json' ? yield* parseJson(body) : yield* decodeProtobuf(body), ''));
}

/**
 * Encodes a message of the schema.
 *
 * @param message the message in its JSON form, with 64-bit integers as text
 */
export function encodeMessage(
  type: protobuf.Type,
  message: object,
  encoding: OtlpEncoding,
): { readonly mediaType: string; readonly bytes: Buffer } {
  const bytes =
    encoding === 'json' ? Buffer.from(JSON.stringify(message)) : type.encode(type.fromObject(message)).finish();
  return { mediaType: MEDIA_TYPES[encoding], bytes: Buffer.from(bytes) };
}

function* decodeProtobuf(body: Buffer): Generator<void, unknown> {
  try {
    // The decoder checks that each message ends within its parent and that strings are UTF-8, and limits the nesting.
    return yield* decodeInPieces(EXPORT_REQUEST, new BoundedReader(body));
  } catch (error) {
    if (error instanceof MalformedOtlpError) throw error;
    throw new MalformedOtlpError(`is not a protobuf ExportMetricsServiceRequest: ${messageOf(error)}`);
  }
}

function* parseJson(body: Buffer): Generator<void, unknown> {
  yield* assertLightJsonInSteps(body, JSON_LIMITS);
  try {
    return yield* parseInPieces(toUtf8(body));
  } catch (error) {
    throw new MalformedOtlpError(`is not valid JSON: ${messageOf(error)}`);
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
