import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { analyse } from 'scslre';
import ts from 'typescript';

const ROOT = path.resolve(import.meta.dirname, '../..');

/** The pattern that took seconds for a text of 100,000 digits, and one that looks at each run of slashes from each slash on. */
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

/** Every regular expression of a file, as it is written there. */
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

/** Says how a pattern can take longer than its text is long; with `Move`, also by starting anew at each character. */
function isSuperlinear(regex: RegExp): boolean {
  return analyse(regex, { reportTypes: { Move: true } }).reports.length > 0;
}

describe('regular expressions', () => {
  const files = sourcesIn('src');

  it('take a time that grows with the text alone', () => {
    const literals = files.flatMap((file) => patternsIn(file).literals);
    expect(literals.length).toBeGreaterThan(100);
    expect(literals.filter(({ literal }) => isSuperlinear(regexOf(literal)))).toEqual([]);
  });

  it('are literals, which can be checked', () => {
    expect(files.flatMap((file) => patternsIn(file).built)).toEqual([]);
  });

  it.each(SUPERLINEAR)('would be refused if one were %s', (regex) => {
    expect(isSuperlinear(regex)).toBe(true);
  });
});
