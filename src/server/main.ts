// Starts the server from the separate compiled files. The program that is published is bundle/main.ts.
import './process/require-supported-node.js';
import { runServer } from './run-server.js';

await runServer();
