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

/** The function with which esbuild gives functions and classes their names. */
const NAMING = 'var __name=(target,value)=>__defProp(target,"name",{value,configurable:!0})';
const NAMING_OF_RENAMED =
  'var __name=(target,value)=>target.name===value?target:__defProp(target,"name",{value,configurable:!0})';
const NAMING_OF_CLASSES =
  'var __name=target=>target,__nameClass=(target,value)=>__defProp(target,"name",{value,configurable:!0})';

/**
 * Changes a bundle so that only those functions and classes are given a name that had to be renamed. esbuild also names each other function,
 * whenever a closure is created, which was 6 % of the time of a small query.
 */
export function nameOnlyRenamed(file) {
  changeNaming(file, NAMING_OF_RENAMED);
}

/** Does the same for a bundle that is one file, and names only classes. Asking a function for its name takes time, too. */
export function nameOnlyClasses(file) {
  changeNaming(file, NAMING_OF_CLASSES, (code) => code.replaceAll('static{__name(this,', 'static{__nameClass(this,'));
}

function changeNaming(file, naming, change = (code) => code) {
  const code = readFileSync(file, 'utf8');
  // Without this check, an update of esbuild could undo the change without an error.
  if (code.includes('__name=') && !code.includes(NAMING)) throw new Error(`${file} names classes in another way.`);
  writeFileSync(file, change(code).replace(NAMING, naming));
}
