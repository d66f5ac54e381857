// The options that the bundles of the server and of the module have in common.

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
 * Returns the code of a bundle, changed so that a function or class is given its name only if it had to be renamed. esbuild would also name
 * every other function, each time a closure is created. This took 6 % of the time of a small query.
 */
export function nameOnlyRenamed(code) {
  return withNaming(code, NAMING_OF_RENAMED);
}

/**
 * Does the same for a bundle that consists of one file, and names only classes. Comparing the name of each function takes time, too.
 */
export function nameOnlyClasses(code) {
  return withNaming(code.replaceAll('static{__name(this,', 'static{__nameClass(this,'), NAMING_OF_CLASSES);
}

function withNaming(code, naming) {
  // Without this check, an update of esbuild could undo the change without an error.
  if (code.includes('__name=') && !code.includes(NAMING)) throw new Error('esbuild names classes in another way.');
  return code.replace(NAMING, naming);
}
