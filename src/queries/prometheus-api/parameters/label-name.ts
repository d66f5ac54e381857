const PREFIX = 'U__';

/**
 * Reverses Prometheus' "values" escaping of names: the prefix `U__`, `__` for `_`, and for other characters their hexadecimal
 * codes, such as `_2e_` for the dot. Grafana uses this form for names that would otherwise not fit into a path.
 *
 * @returns the original name; the unchanged text if it is not escaped, or not escaped correctly
 */
export function unescapeLabelName(name: string): string {
  if (!name.startsWith(PREFIX)) return name;
  const escaped = name.slice(PREFIX.length);
  if (!/^(?:[a-zA-Z0-9:]|__|_[0-9a-fA-F]{1,6}_)*$/.test(escaped)) return name;
  let isLegal = true;
  const plain = escaped.replaceAll(/__|_([0-9a-fA-F]{1,6})_/g, (_match, hex?: string) => {
    if (hex === undefined) return '_';
    const code = parseInt(hex, 16);
    if (code > 0x10ffff || (code >= 0xd800 && code <= 0xdfff)) {
      isLegal = false;
      return '';
    }
    return String.fromCodePoint(code);
  });
  return isLegal ? plain : name;
}
