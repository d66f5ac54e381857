// The numbers of the format that the encoder and the decoder share; the README describes the fields.

export const FORMAT_VERSION = 1;

/** The bit in the first byte of a directory that says that the entry of each vector contains the number of its base. */
export const HAS_BASES = 4;
/** The size of the header: version and widths, and the number of vectors. */
export const HEADER_BYTES = 2;
export const CHECKSUM_BYTES = 2;
/** The size of the fields of a vector in the directory: its number of times, the first time, and the last time. */
export const VECTOR_BYTES = 2 + 4 + 4;
/** Maximum number of samples of a member of a block. The directory stores their number in 16 bits. */
export const MAX_SAMPLES = 65_535;

/** The width of the fields that contain the width of another field. */
export const WIDTH_BITS = 6;

/** The four forms of an integer column, and the width of the field that selects one. */
export const FORM_BITS = 2;
export const FRAMED = 0;
export const FRAMED_DIFFERENCES = 1;
export const PLAIN = 2;
export const PLAIN_DIFFERENCES = 3;
/** The width of the field with the binary logarithm of the length of a frame. */
export const LOG_BITS = 4;
/** The unit of the slope of a line: slopes are written as multiples of it. */
export const SLOPE_UNIT = 1 / 256;

/** The three ways to encode which times of its base a vector has, and the width of the field that selects one. */
export const PRESENCE_BITS = 2;
export const BITMAP = 0;
export const MISSING = 1;
export const PRESENT = 2;

/** The modes of a member's values, and the width of the field that selects one. */
export const MODE_BITS = 2;
export const DECIMAL = 0;
export const BINARY = 1;
export const SUM = 2;
export const RAW = 3;
/** The width of the field with the exponent of ten. */
export const TEN_BITS = 5;
export const PATCH_COUNT_BITS = 16;
