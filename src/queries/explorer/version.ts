/** The version of the service. It repeats the one in `package.json`, because the bundled server is shipped without that file. */
export const VERSION = '0.1.0';
