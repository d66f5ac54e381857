/**
 * The end of a number or duration token. For an invalid token, `end` is the index at which reading stopped, for the error
 * message.
 */
export interface ScannedNumber {
  readonly kind: 'number' | 'duration' | 'bad';
  readonly end: number;
}

/**
 * Finds the end of the number or duration that starts at `start`. The tokens are the same as in Prometheus' scanner, so that
 * errors show the same text.
 */
export function scanNumberOrDuration(text: string, start: number): ScannedNumber {
  const scanner = new NumberScanner(text, start);
  if (scanner.isNumber()) return { kind: 'number', end: scanner.at };
  if (scanner.isRestOfDuration()) return { kind: 'duration', end: scanner.at };
  return { kind: 'bad', end: scanner.at };
}

class NumberScanner {
  constructor(
    private readonly text: string,
    public at: number,
  ) {}

  isNumber(): boolean {
    const start = this.at;
    let isHex = false;
    if (this.accept(/0/) && this.accept(/x/i)) {
      this.accept(/_/);
      isHex = true;
    }
    const digit = isHex ? /[\da-f]/i : /\d/;
    let hasPoint = false;
    let hasExponent = false;
    this.accept(/\./);
    this.accept(digit);
    while (this.sees(/[._e]/i) || this.sees(digit)) {
      if ((hasPoint && this.accept(/\./)) || (hasExponent && this.accept(/e/i))) return false;
      if (this.accept(/\./)) {
        hasPoint = true;
        if (this.accept(/[_.]/) || isHex) return false;
      } else if (this.accept(/e/i)) {
        hasExponent = true;
        this.accept(/[+-]/);
        if (this.accept(/[._e]/i) || this.isAtEnd()) return false;
      } else if (this.accept(/_/)) {
        if (this.accept(/[._e]/i) || this.isAtEnd()) return false;
      } else {
        while (this.accept(digit));
      }
    }
    return this.at > start && !this.sees(/\w/);
  }

  /** Reads the rest of a duration, after its first number. Invalid units (`hs`) are detected when the duration is parsed. */
  isRestOfDuration(): boolean {
    if (!this.accept(/[smhdwy]/)) return false;
    this.accept(/s/);
    while (this.accept(/\d/)) {
      while (this.accept(/\d/));
      if (!this.accept(/[smhdw]/)) return false;
      this.accept(/s/);
    }
    return !this.accept(/\w/);
  }

  private sees(pattern: RegExp): boolean {
    return !this.isAtEnd() && pattern.test(this.text[this.at]!);
  }

  private accept(pattern: RegExp): boolean {
    const isSeen = this.sees(pattern);
    if (isSeen) this.at++;
    return isSeen;
  }

  private isAtEnd(): boolean {
    return this.at >= this.text.length;
  }
}
