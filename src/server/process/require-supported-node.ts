// Imported first by every program of this package: nothing else has run by then.
import { isSupportedNode, SUPPORTED_NODE_VERSIONS } from './node-version.js';

/** sysexits.h: the configuration is wrong; restarting the process will not help. */
const EXIT_CONFIGURATION = 78;

if (!isSupportedNode(process.versions.node)) {
  console.error(
    `Node ${process.versions.node} cannot run this service safely, because a single crafted request can stop it for many seconds ` +
      `(CVE-2026-21717); install Node ${SUPPORTED_NODE_VERSIONS}.`,
  );
  process.exit(EXIT_CONFIGURATION);
}
