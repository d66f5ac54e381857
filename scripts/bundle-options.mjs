// The options that the bundles of the server and of the module have in common.
import { readFileSync, writeFileSync } from 'node:fs';

/** Makes code small. Names stay and lines stay short, so that a stack trace shows which function failed and roughly where. */
export const SMALL = { minifyWhitespace: true, minifySyntax: true, lineLimit: 500 };

/** Options of a bundle for Node. */
export const NODE_BUNDLE = {
  bundle: true,
  platform: 'node',
  format: 'esm',
  // Nest and TypeORM show and compare the names of classes.
  keepNames: true,
  ...SMALL,
  logLevel: 'warning',
  // Nest's plugin for Swagger writes some properties of decorators twice.
  logOverride: { 'duplicate-object-key': 'silent' },
};

/** The function of esbuild that gives a function its name. */
const NAMING = 'var __name=(target,value)=>__defProp(target,"name",{value,configurable:!0})';
const QUICK_NAMING =
  'var __name=(target,value)=>target.name===value?target:__defProp(target,"name",{value,configurable:!0})';

/**
 * Changes a bundle so that only those functions are given a name that had to be renamed. esbuild gives each function its name again,
 * whenever a closure is created, which was 6 % of the time of a small query.
 */
export function nameOnlyRenamed(file) {
  const code = readFileSync(file, 'utf8');
  // Without this check, an update of esbuild could undo the change without an error.
  if (code.includes('__name=') && !code.includes(NAMING)) throw new Error(`${file} names functions in another way.`);
  writeFileSync(file, code.replace(NAMING, QUICK_NAMING));
}
