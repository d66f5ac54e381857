// Writes the few fields of protobuf messages that the pushes need, as arrays of bytes. Lengths and numbers of fields are small.

const VARINT = 0;
const FIXED64 = 1;
const LENGTH_DELIMITED = 2;

export function message(field, bytes) {
  return [(field << 3) | LENGTH_DELIMITED, bytes.length, ...bytes];
}

export function text(field, value) {
  return message(field, [...Buffer.from(value)]);
}

export function double(field, value) {
  const bytes = Buffer.alloc(8);
  bytes.writeDoubleLE(value);
  return [(field << 3) | FIXED64, ...bytes];
}

export function integer(field, value) {
  const bytes = [];
  let rest = BigInt(value);
  while (rest > 127n) {
    bytes.push(Number(rest & 127n) | 128);
    rest >>= 7n;
  }
  return [(field << 3) | VARINT, ...bytes, Number(rest)];
}
