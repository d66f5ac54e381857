import '../process/require-supported-node.js';
import { fileURLToPath } from 'node:url';
import type * as server from '../run-server.js';
import { Bundle } from './bundle.js';

const bundle = new Bundle<typeof server>(fileURLToPath(new URL('./run-server.cjs', import.meta.url)));
await bundle.load().runServer();
bundle.keepCompiledCode();
