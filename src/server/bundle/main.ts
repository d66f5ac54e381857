import '../process/require-supported-node.js';
import { fileURLToPath } from 'node:url';
import { setFlagsFromString } from 'node:v8';
import type * as server from '../run-server.js';
import { Bundle } from './bundle.js';

const bundle = new Bundle<typeof server>(fileURLToPath(new URL('./run-server.cjs', import.meta.url)));
await bundle.load().runServer();
bundle.keepCompiledCode();
// The main thread has its heap already. V8 would use this option of the command line for worker threads as well, in place of their own
// limits, and a thread that evaluates queries would then keep 64 MB more. Compiled code is kept for the options of the command line,
// so it is written before.
setFlagsFromString('--max-semi-space-size=0');
