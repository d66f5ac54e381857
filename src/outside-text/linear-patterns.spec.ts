import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { analyse } from 'scslre';
import ts from 'typescript';

const ROOT = path.resolve(import.meta.dirname, '../..');

/**
 * Two superlinear patterns that this test must detect. The first took seconds for 100,000 digits; the second scans each run of
 * slashes again from every slash in it.
 */
const SUPERLINEAR = [/^(?:\d+\.?\d*)$/, /\/+$/];

interface Found {
  readonly place: string;
  readonly literal: string;
}

function sourcesIn(folder: string): string[] {
  return readdirSync(path.join(ROOT, folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts') && !name.endsWith('.spec.ts') && !name.endsWith('.d.ts'))
    .map((name) => path.join(folder, name));
}

/** Returns the regular expression literals of a file, and the positions at which it builds one with `RegExp`. */
function patternsIn(file: string): { literals: Found[]; built: string[] } {
  const text = readFileSync(path.join(ROOT, file), 'utf8');
  const source = ts.createSourceFile(file, text, ts.ScriptTarget.Latest, true);
  const literals: Found[] = [];
  const built: string[] = [];
  const visit = (node: ts.Node): void => {
    const place = `${file}:${source.getLineAndCharacterOfPosition(node.getStart()).line + 1}`;
    if (ts.isRegularExpressionLiteral(node)) literals.push({ place, literal: node.text });
    else if ((ts.isNewExpression(node) || ts.isCallExpression(node)) && node.expression.getText() === 'RegExp') {
      built.push(place);
    }
    ts.forEachChild(node, visit);
  };
  visit(source);
  return { literals, built };
}

function regexOf(literal: string): RegExp {
  const end = literal.lastIndexOf('/');
  return new RegExp(literal.slice(1, end), literal.slice(end + 1));
}

/**
 * Returns whether the time for matching can grow faster than the text. With `Move`, this includes a new attempt from each
 * character.
 */
function isSuperlinear(regex: RegExp): boolean {
  return analyse(regex, { reportTypes: { Move: true } }).reports.length > 0;
}

describe('regular expressions', () => {
  const patterns = sourcesIn('src').map(patternsIn);

  it('take time that grows linearly with the text', () => {
    const literals = patterns.flatMap((ofFile) => ofFile.literals);
    expect(literals.length).toBeGreaterThan(100);
    expect(literals.filter(({ literal }) => isSuperlinear(regexOf(literal)))).toEqual([]);
  });

  it('are literals, which can be checked', () => {
    expect(patterns.flatMap(({ built }) => built)).toEqual([]);
  });

  it.each(SUPERLINEAR)('would fail this test with the pattern %s', (regex) => {
    expect(isSuperlinear(regex)).toBe(true);
  });
});
