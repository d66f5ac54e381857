// Every program of this package imports this file first, so that the check runs before any other code.
import { isSupportedNode, SUPPORTED_NODE_VERSIONS } from './node-version.js';

/** The exit code EX_CONFIG of sysexits.h: the configuration is wrong, so restarting the process does not help. */
const EXIT_CONFIGURATION = 78;

if (!isSupportedNode(process.versions.node)) {
  console.error(
    `Node ${process.versions.node} cannot run this service safely, because a single crafted request can block it for many seconds ` +
      `(CVE-2026-21717); install Node ${SUPPORTED_NODE_VERSIONS}.`,
  );
  process.exit(EXIT_CONFIGURATION);
}
