// Starts the server from the separate compiled files. The published program is bundle/main.ts.
import './process/require-supported-node.js';
import { runServer } from './run-server.js';

await runServer();
