import type { Sender } from '../../ingestion/sender.js';

/** The sender of samples from the app itself, which has no token. */
export const APP_SENDER: Sender = { tokenId: null, labels: {}, defaultTemporality: null };
