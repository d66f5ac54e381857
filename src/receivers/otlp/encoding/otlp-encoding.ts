import protobuf from 'protobufjs/light.js';
import { assertLightJsonInSteps, type JsonLimits } from '../../../http/bodies/json-weight.js';
import { asMessage, MalformedOtlpError } from '../mapping/otlp-fields.js';
import { readRequest } from './otlp-reader.js';
import type { OtlpRequest } from './otlp-request.js';
import { EXPORT_REQUEST } from './otlp-schema.js';

/**
 * Decoding can't be interrupted, and five megabytes of nothing but empty messages would hold the event loop for half a second.
 * The fullest body of that size that an exporter sends has half a million fields.
 */
const MAX_FIELDS = 800_000;

/**
 * An empty message takes two bytes on the wire and some 400 in memory, so a body of 1.6 MB could take 350 MB. A batch of the
 * Collector, eight thousand data points with twenty attributes each, has 340,000 messages.
 */
const MAX_MESSAGES = 500_000;
const JSON_LIMITS: JsonLimits = { objects: 400_000, differentKeys: 20_000 };

/** How a request is written; it is answered in the same way. */
export type OtlpEncoding = 'protobuf' | 'json';

export const MEDIA_TYPES: Readonly<Record<OtlpEncoding, string>> = {
  protobuf: 'application/x-protobuf',
  json: 'application/json',
};

/** @returns undefined for what is neither of the two */
export function encodingOf(contentType: string | undefined): OtlpEncoding | undefined {
  const [mediaType] = (contentType ?? '').split(';', 1);
  const given = mediaType!.trim().toLowerCase();
  return given === MEDIA_TYPES.protobuf ? 'protobuf' : given === MEDIA_TYPES.json ? 'json' : undefined;
}

/**
 * Reads an export of metrics: decodes it in one go, and then takes a step for each data point.
 *
 * @throws MalformedOtlpError, UnreadableBodyError 413 for JSON that would take too long to parse
 */
export function* decodeRequest(body: Buffer, encoding: OtlpEncoding): Generator<void, OtlpRequest> {
  return yield* readRequest(asMessage(encoding === 'json' ? yield* parseJson(body) : decodeProtobuf(body), ''));
}

/** Writes a message of the schema. @param message in the form of JSON, 64-bit integers as text */
export function encodeMessage(
  type: protobuf.Type,
  message: object,
  encoding: OtlpEncoding,
): { readonly mediaType: string; readonly bytes: Buffer } {
  const bytes =
    encoding === 'json' ? Buffer.from(JSON.stringify(message)) : type.encode(type.fromObject(message)).finish();
  return { mediaType: MEDIA_TYPES[encoding], bytes: Buffer.from(bytes) };
}

/** Stops while it decodes, before the memory is taken. */
class BoundedReader extends protobuf.BufferReader {
  private fields = 0;
  private messages = 0;

  override tag(): number {
    this.fields++;
    if (this.fields > MAX_FIELDS) throw tooMany(MAX_FIELDS, 'fields');
    return super.tag();
  }

  /** Reads the length of a message, of packed numbers, of a text or of bytes; the last two are taken off the count again. */
  override size(): number {
    this.messages++;
    if (this.messages > MAX_MESSAGES) throw tooMany(MAX_MESSAGES, 'messages');
    return super.size();
  }

  override string(): string {
    this.messages--;
    return super.string();
  }

  override stringVerify(): string {
    this.messages--;
    return super.stringVerify();
  }

  override bytes(): Uint8Array {
    this.messages--;
    return super.bytes();
  }
}

function tooMany(limit: number, what: string): MalformedOtlpError {
  return new MalformedOtlpError(`has more than ${limit} ${what}; send fewer data points at once`);
}

function decodeProtobuf(body: Buffer): unknown {
  try {
    // Every message is checked against the end of the one around it, text for UTF-8, and the nesting is bounded.
    return EXPORT_REQUEST.decode(new BoundedReader(body));
  } catch (error) {
    if (error instanceof MalformedOtlpError) throw error;
    throw new MalformedOtlpError(`is no protobuf of an ExportMetricsServiceRequest: ${messageOf(error)}`);
  }
}

function* parseJson(body: Buffer): Generator<void, unknown> {
  yield* assertLightJsonInSteps(body, JSON_LIMITS);
  try {
    return JSON.parse(body.toString());
  } catch (error) {
    throw new MalformedOtlpError(`is no JSON: ${messageOf(error)}`);
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
