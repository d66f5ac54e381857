/**
 * Size of a piece. `JSON.parse` takes at most a few milliseconds for any text of this size. For five megabytes of different short
 * strings it takes 400 ms, because V8 looks up each of them in a table of all strings.
 */
const PIECE_BYTES = 32 * 1_024;

/** Maximum nesting of lists and objects that are larger than a piece. OpenTelemetry exports nest about ten of them. */
const MAX_LARGE_DEPTH = 64;

/** The number of bytes that are scanned in about a millisecond. */
const BYTES_PER_STEP = 256 * 1_024;

const QUOTE = 0x22;
const COMMA = 0x2c;
const BACKSLASH = 0x5c;
const OPEN_BRACKET = 0x5b;
const CLOSE_BRACKET = 0x5d;
const OPEN_BRACE = 0x7b;
const CLOSE_BRACE = 0x7d;

const ONLY_SPACE = /^[ \t\n\r]*$/;

/** A list or an object that is larger than a piece, so its members are added piece by piece. */
interface LargeValue {
  readonly value: unknown[] | Record<string, unknown>;
  hasMembers: boolean;
  /** True from the end of a large member until the comma after it. */
  isAfterMember: boolean;
}

/**
 * Parses JSON with the same result as `JSON.parse`, and yields so that other work can run. A list or an object of up to 32 KiB is
 * parsed whole; the members of a larger one are parsed in pieces of about this size.
 *
 * @param bytes UTF-8 without a byte order mark
 * @throws SyntaxError if the text is not JSON, or if large lists and objects are nested more than 64 levels deep
 */
export function* parseInPieces(bytes: Buffer): Generator<void, unknown> {
  // Most exports are this small, and need no scan.
  if (bytes.length <= PIECE_BYTES) return JSON.parse(bytes.toString());
  const parser = new PieceParser(bytes);
  let nextStep = BYTES_PER_STEP;
  for (let position = 0; position < bytes.length; position++) {
    const byte = bytes[position]!;
    let hasParsed = false;
    if (byte === QUOTE) position = endOfString(bytes, position);
    else if (byte === COMMA) hasParsed = parser.separate(position);
    else if (byte === OPEN_BRACKET || byte === OPEN_BRACE) hasParsed = parser.open(position);
    else if (byte === CLOSE_BRACKET || byte === CLOSE_BRACE) hasParsed = parser.close(position);
    if (hasParsed || position >= nextStep) {
      nextStep = position + BYTES_PER_STEP;
      yield;
    }
  }
  return parser.end();
}

/** Returns the position of the quote that ends a string, or the length of the text. */
function endOfString(bytes: Buffer, start: number): number {
  let position = start + 1;
  for (; position < bytes.length; position++) {
    const byte = bytes[position]!;
    if (byte === QUOTE) break;
    // An escaped character can't end the string.
    if (byte === BACKSLASH) position++;
  }
  return position;
}

/**
 * Keeps track of the lists and objects that are open at the position of the scan, and builds the outermost of them if they are
 * large.
 */
class PieceParser {
  /** The positions of the opening brackets of all open lists and objects, outermost first. */
  private readonly starts: number[] = [];
  /** For each of them, the position of its last comma, or of its bracket if it has none. */
  private readonly separators: number[] = [];
  /** The open lists and objects that are known to be large. They are always the outermost ones. */
  private readonly large: LargeValue[] = [];
  /** The position of the first byte that is not parsed yet. It is inside the innermost large value, if there is one. */
  private parsedTo = 0;
  private root: LargeValue['value'] | undefined;

  constructor(private readonly bytes: Buffer) {}

  /** Notes a bracket that opens a list or an object. Like `separate` and `close`, it returns whether anything was parsed. */
  open(position: number): boolean {
    this.starts.push(position);
    this.separators.push(position);
    return this.parseBefore(position);
  }

  separate(position: number): boolean {
    const depth = this.separators.length;
    if (depth === 0) return false;
    this.separators[depth - 1] = position;
    if (this.large.length < depth || !this.large[depth - 1]!.isAfterMember) return this.parseBefore(position);
    this.parseMembers(position);
    return true;
  }

  close(position: number): boolean {
    const depth = this.starts.length;
    if (depth === 0) this.fail(position, 'a bracket closes nothing');
    const isLarge = this.large.length === depth;
    if (isLarge) this.endLarge(position);
    this.starts.pop();
    this.separators.pop();
    return isLarge;
  }

  /** Returns the value of the whole text. */
  end(): unknown {
    if (this.large.length > 0) this.fail(this.bytes.length, 'the text ends too early');
    if (this.root === undefined) return JSON.parse(this.bytes.toString());
    if (!ONLY_SPACE.test(this.textTo(this.bytes.length))) this.fail(this.bytes.length, 'more text follows the value');
    return this.root;
  }

  /**
   * Parses complete members and opens large values, as long as at least a piece is left and there is something to parse or open.
   */
  private parseBefore(position: number): boolean {
    let hasParsed = false;
    while (
      position - this.parsedTo >= PIECE_BYTES &&
      (this.starts.length > this.large.length || this.hasMembersToParse())
    ) {
      if (this.hasMembersToParse()) this.parseMembers(this.separators[this.large.length - 1]!);
      else this.openLarge();
      hasParsed = true;
    }
    return hasParsed;
  }

  private hasMembersToParse(): boolean {
    return this.large.length > 0 && this.separators[this.large.length - 1]! >= this.parsedTo;
  }

  /** Parses the members of the innermost large value up to the comma at a position. */
  private parseMembers(comma: number): void {
    const parent = this.large.at(-1)!;
    if (parent.isAfterMember) this.assertOnlySpaceTo(comma);
    else this.addMembers(parent, comma);
    parent.isAfterMember = false;
    this.parsedTo = comma + 1;
  }

  private addMembers(parent: LargeValue, end: number): void {
    const text = this.textTo(end);
    if (ONLY_SPACE.test(text)) this.fail(end, 'a value is missing');
    const { value } = parent;
    if (Array.isArray(value)) for (const member of this.parse(`[${text}]`, end) as unknown[]) value.push(member);
    else
      for (const [key, member] of Object.entries(this.parse(`{${text}}`, end) as object))
        setProperty(value, key, member);
    parent.hasMembers = true;
  }

  /** Begins to build the outermost open value that is not yet known to be large. */
  private openLarge(): void {
    const start = this.starts[this.large.length]!;
    if (this.large.length === MAX_LARGE_DEPTH)
      this.fail(start, `large values are nested more than ${MAX_LARGE_DEPTH} deep`);
    const parent = this.large.at(-1);
    const value = this.bytes[start] === OPEN_BRACKET ? [] : {};
    if (parent === undefined) {
      // If another value precedes this one, it is either unparsed text or the root.
      this.assertOnlySpaceTo(start);
      if (this.root !== undefined) this.fail(start, 'more text follows the value');
      this.root = value;
    } else {
      this.addLarge(parent, start, value);
    }
    this.large.push({ value, hasMembers: false, isAfterMember: false });
    this.parsedTo = start + 1;
  }

  private addLarge(parent: LargeValue, start: number, value: LargeValue['value']): void {
    if (parent.isAfterMember) this.fail(start, 'a comma is missing');
    if (Array.isArray(parent.value)) {
      this.assertOnlySpaceTo(start);
      parent.value.push(value);
    } else {
      const text = this.textTo(start);
      const colon = text.lastIndexOf(':');
      const key = this.parse(colon < 0 ? text : text.slice(0, colon), start);
      if (colon < 0 || typeof key !== 'string' || !ONLY_SPACE.test(text.slice(colon + 1))) {
        this.fail(start, 'a key is missing');
      }
      setProperty(parent.value, key, value);
    }
    parent.hasMembers = true;
  }

  private endLarge(position: number): void {
    const ended = this.large.pop()!;
    const closing = Array.isArray(ended.value) ? CLOSE_BRACKET : CLOSE_BRACE;
    if (this.bytes[position] !== closing) this.fail(position, 'a bracket of the other kind closes a value');
    // An empty value, and one whose last member is large, have no text left to parse.
    if (ended.isAfterMember || (!ended.hasMembers && ONLY_SPACE.test(this.textTo(position)))) {
      this.assertOnlySpaceTo(position);
    } else {
      this.addMembers(ended, position);
    }
    this.parsedTo = position + 1;
    const parent = this.large.at(-1);
    if (parent !== undefined) parent.isAfterMember = true;
  }

  private textTo(end: number): string {
    return this.bytes.toString('utf8', this.parsedTo, end);
  }

  private assertOnlySpaceTo(end: number): void {
    if (!ONLY_SPACE.test(this.textTo(end))) this.fail(end, 'a comma is missing');
  }

  private parse(text: string, end: number): unknown {
    try {
      return JSON.parse(text);
    } catch (error) {
      // The message of the error contains a position within the piece, which would mislead the client.
      return this.fail(
        end,
        error instanceof Error ? error.message.replace(/ (?:in JSON )?at position .*$/s, '') : String(error),
      );
    }
  }

  private fail(position: number, reason: string): never {
    throw new SyntaxError(`${reason}, between the positions ${this.parsedTo} and ${position}`);
  }
}

/** Sets a property as `JSON.parse` does: `__proto__` is a key like any other. */
function setProperty(object: Record<string, unknown>, key: string, value: unknown): void {
  if (key !== '__proto__') object[key] = value;
  else Object.defineProperty(object, key, { value, configurable: true, enumerable: true, writable: true });
}
