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
