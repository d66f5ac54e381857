/** The version of the service, as in `package.json`, which the bundled server does not have beside it. */
export const VERSION = '0.1.0';
