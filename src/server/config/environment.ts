import { ArchiveEnvironment } from './environment/archive.environment.js';
import { DatabaseEnvironment } from './environment/database.environment.js';
import { ExpositionEnvironment } from './environment/exposition.environment.js';
import { HistoryEnvironment } from './environment/history.environment.js';
import { HttpEnvironment } from './environment/http.environment.js';
import { IngestEnvironment } from './environment/ingest.environment.js';
import { LoggingEnvironment } from './environment/logging.environment.js';
import { OtlpEnvironment } from './environment/otlp.environment.js';
import { PromqlEnvironment } from './environment/promql.environment.js';
import { SeriesEnvironment } from './environment/series.environment.js';
import { StoreEnvironment } from './environment/store.environment.js';
import { TokensEnvironment } from './environment/tokens.environment.js';
import { UnleashEnvironment } from './environment/unleash.environment.js';

/**
 * The environment variables of the service, a class for each group: their names, defaults, rules and descriptions, in the order
 * of the documentation. `docs/settings.md` and `.env.example` are generated from them (`npm run docs:generate`).
 */
export const ENVIRONMENT_GROUPS = [
  HttpEnvironment,
  DatabaseEnvironment,
  LoggingEnvironment,
  IngestEnvironment,
  SeriesEnvironment,
  StoreEnvironment,
  ArchiveEnvironment,
  ExpositionEnvironment,
  HistoryEnvironment,
  PromqlEnvironment,
  OtlpEnvironment,
  UnleashEnvironment,
  TokensEnvironment,
] as const;

/** What the variables say. The rest of the code never sees it: it takes the grouped `Settings`. */
export interface Environment
  extends
    HttpEnvironment,
    DatabaseEnvironment,
    LoggingEnvironment,
    IngestEnvironment,
    SeriesEnvironment,
    StoreEnvironment,
    ArchiveEnvironment,
    ExpositionEnvironment,
    HistoryEnvironment,
    PromqlEnvironment,
    OtlpEnvironment,
    UnleashEnvironment,
    TokensEnvironment {}
