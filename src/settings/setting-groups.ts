import { archive } from './declarations/archive.settings.js';
import { correction } from './declarations/correction.settings.js';
import { database } from './declarations/database.settings.js';
import { explorer } from './declarations/explorer.settings.js';
import { exposition } from './declarations/exposition.settings.js';
import { forwarding } from './declarations/forwarding.settings.js';
import { history } from './declarations/history.settings.js';
import { http } from './declarations/http.settings.js';
import { ingest } from './declarations/receivers/ingest.settings.js';
import { instruments } from './declarations/receivers/instruments.settings.js';
import { logging } from './declarations/logging.settings.js';
import { otlp } from './declarations/receivers/otlp.settings.js';
import { promql } from './declarations/promql.settings.js';
import { series } from './declarations/series.settings.js';
import { sessions } from './declarations/sessions.settings.js';
import { store } from './declarations/store.settings.js';
import { tokens } from './declarations/tokens.settings.js';
import { unleash } from './declarations/receivers/unleash.settings.js';

/**
 * Every setting, in the order of the documentation. `docs/settings.md`, `.env.example`, the type of the options, their defaults
 * and all checks are derived from these declarations.
 */
export const SETTING_GROUPS = {
  http,
  database,
  logging,
  ingest,
  series,
  instruments,
  store,
  archive,
  correction,
  exposition,
  history,
  promql,
  otlp,
  unleash,
  forwarding,
  explorer,
  tokens,
  sessions,
} as const;
