import protobuf from 'protobufjs/light.js';
import { assertLightJsonInSteps, type JsonLimits } from '../../../http/bodies/json-weight.js';
import { decodeJson } from '../../../http/bodies/parse-json.js';
import { asMessage, MalformedOtlpError } from '../mapping/otlp-fields.js';
import { readRequest } from './otlp-reader.js';
import type { OtlpRequest } from './otlp-request.js';
import { EXPORT_REQUEST } from './otlp-schema.js';

/**
 * Maximum number of fields in a request. Decoding can't be interrupted, and five megabytes of empty messages would block the
 * event loop for half a second. The densest body of that size that an exporter sends has half a million fields.
 */
const MAX_FIELDS = 800_000;

/**
 * Maximum number of messages in a request. An empty message takes two bytes on the wire and about 400 in memory, so a body of 1.6
 * MB could take 350 MB. For comparison, a Collector batch of eight thousand data points with twenty attributes each has 340,000
 * messages.
 */
const MAX_MESSAGES = 500_000;

/** Maximum length of a varint that is read as a number. Seven bytes hold 49 bits, which a double represents exactly. */
const MAX_NUMBER_BYTES = 7;

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
 * Reads an export of metrics. The generator yields while it checks the limits of JSON, and later after each data point. The
 * decoding in between is not interrupted.
 *
 * @throws MalformedOtlpError; UnreadableBodyError with status 413 for JSON that would take too long to parse
 */
export function* decodeRequest(body: Buffer, encoding: OtlpEncoding): Generator<void, OtlpRequest> {
  return yield* readRequest(asMessage(encoding === 'json' ? yield* parseJson(body) : decodeProtobuf(body), ''));
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

/** Reads protobuf, and enforces the limits while decoding, before the memory is allocated. */
class BoundedReader extends protobuf.BufferReader {
  private fields = 0;
  private messages = 0;

  override tag(): number {
    this.fields++;
    if (this.fields > MAX_FIELDS) throw tooMany(MAX_FIELDS, 'fields');
    return super.tag();
  }

  /**
   * Reads a count of an exponential histogram, and counts it as a field, because a packed list of any length has one tag. Counts
   * below 2^49 become numbers, because half a million objects of the class Long would take a quarter of a second.
   */
  override uint64(): protobuf.Long {
    this.fields++;
    if (this.fields > MAX_FIELDS) throw tooMany(MAX_FIELDS, 'fields');
    const end = Math.min(this.pos + MAX_NUMBER_BYTES, this.len);
    let value = 0;
    for (let at = this.pos, factor = 1; at < end; at++, factor *= 128) {
      const byte = this.buf[at]!;
      value += (byte & 127) * factor;
      if (byte < 128) {
        this.pos = at + 1;
        // The types of protobufjs know only Long, but a decoded field may have either form, as a field from JSON may.
        return value as unknown as protobuf.Long;
      }
    }
    return super.uint64();
  }

  /**
   * Reads the length of a message, of packed numbers, of a string or of bytes, and counts it as a message. The methods for
   * strings and bytes undo the count.
   */
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
    // The decoder checks that each message ends within its parent and that strings are UTF-8, and limits the nesting.
    return EXPORT_REQUEST.decode(new BoundedReader(body));
  } catch (error) {
    if (error instanceof MalformedOtlpError) throw error;
    throw new MalformedOtlpError(`is not a protobuf ExportMetricsServiceRequest: ${messageOf(error)}`);
  }
}

function* parseJson(body: Buffer): Generator<void, unknown> {
  yield* assertLightJsonInSteps(body, JSON_LIMITS);
  try {
    return JSON.parse(decodeJson(body));
  } catch (error) {
    throw new MalformedOtlpError(`is not valid JSON: ${messageOf(error)}`);
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
