import protobuf from 'protobufjs/light.js';

/** Size of a piece. Decoding a piece takes at most a few milliseconds; decoding five megabytes of empty messages takes 250 ms. */
const PIECE_BYTES = 32 * 1_024;

/** Maximum nesting of messages that are larger than a piece. The decoder has the same limit for all messages. */
const MAX_DEPTH = 100;

const LENGTH_DELIMITED = 2;

type Fields = Record<string, unknown>;

/**
 * Decodes a message with the same result as `type.decode`, and yields so that other work can run. The bytes of some of its fields
 * are also a message of the same type, and merging such parts yields the whole message ("Last One Wins" in Protobuf's description
 * of the encoding). So the decoder gets a few fields at a time, and a field that is itself a large message is decoded in pieces
 * too.
 *
 * @param reader at the start of the message, which extends to the end of the reader
 * @throws RangeError or Error, like `type.decode`, and what the reader throws
 */
export function* decodeInPieces(type: protobuf.Type, reader: protobuf.Reader): Generator<void, object> {
  if (reader.len - reader.pos <= PIECE_BYTES) return type.decode(reader);
  return yield* decodeTo(reader.len, type, reader, new protobuf.Reader(reader.buf), 0);
}

/** @param walker finds the ends of the fields; unlike the reader, it does not count them */
function* decodeTo(
  end: number,
  type: protobuf.Type,
  reader: protobuf.Reader,
  walker: protobuf.Reader,
  depth: number,
): Generator<void, protobuf.Message> {
  if (depth > MAX_DEPTH) throw new Error('max depth exceeded');
  const message = type.create();
  let decodedTo = reader.pos;
  const decodeFields = (fieldsEnd: number) => {
    reader.pos = decodedTo;
    merge(message, type.decode(reader, fieldsEnd - decodedTo));
    decodedTo = fieldsEnd;
  };
  walker.pos = decodedTo;
  while (walker.pos < end) {
    const start = walker.pos;
    const tag = walker.tag();
    const field = type.fieldsById[tag >>> 3];
    if ((tag & 7) !== LENGTH_DELIMITED || !(field?.resolvedType instanceof protobuf.Type)) {
      walker.skipType(tag & 7, 0, tag >>> 3);
    } else {
      const length = walker.size();
      const fieldEnd = walker.pos + length;
      if (fieldEnd > end) throw new RangeError('index out of range');
      if (length > PIECE_BYTES) {
        decodeFields(start);
        // This makes the reader count the field as the decoder would, and moves it to the start of the content.
        reader.pos = start;
        reader.tag();
        reader.size();
        const value = yield* decodeTo(fieldEnd, field.resolvedType, reader, walker, depth + 1);
        merge(message, { [field.name]: field.repeated ? [value] : value });
        decodedTo = fieldEnd;
      }
      walker.pos = fieldEnd;
    }
    if (walker.pos - decodedTo >= PIECE_BYTES) {
      decodeFields(walker.pos);
      yield;
    }
  }
  if (walker.pos !== end) throw new RangeError('index out of range');
  decodeFields(end);
  return message;
}

function merge(message: Fields | protobuf.Message, part: Fields | protobuf.Message): void {
  const target = message as Fields;
  for (const [name, value] of Object.entries(part)) {
    const old = Object.hasOwn(target, name) ? target[name] : undefined;
    if (Array.isArray(old) && Array.isArray(value)) for (const element of value) old.push(element);
    else if (old instanceof protobuf.Message && value instanceof protobuf.Message) merge(old, value);
    else target[name] = value;
  }
}
