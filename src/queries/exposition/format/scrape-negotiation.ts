import { chooseOffer, type MediaOffer } from '../../../http/answers/accept.js';
import type { ExpositionFormat } from './exposition-format.js';

/** The format of a scrape's answer. */
export interface NegotiatedFormat {
  readonly format: ExpositionFormat;
  /** The `Content-Type` header of the answer. */
  readonly contentType: string;
}

interface FormatOffer extends MediaOffer {
  readonly format: ExpositionFormat;
  readonly version: string;
  /** The cases in which the answer says how it escapes names that are not legal in older versions. */
  readonly saysEscaping: 'never' | 'if asked' | 'always';
}

const TEXT: FormatOffer = { mediaType: 'text/plain', version: '0.0.4', format: 'text', saysEscaping: 'never' };

/** The offers, in the order of preference for clients that have no preference. */
const OFFERS: readonly FormatOffer[] = [
  TEXT,
  {
    mediaType: 'application/openmetrics-text',
    version: '1.0.0',
    format: 'openmetrics',
    // Older clients do not know the parameter, and OpenMetrics 1.0 does not define it.
    saysEscaping: 'if asked',
  },
  { mediaType: 'application/openmetrics-text', version: '0.0.1', format: 'openmetrics', saysEscaping: 'never' },
  { mediaType: 'text/plain', version: '1.0.0', format: 'text', saysEscaping: 'always' },
];

/** The escaping for a client that does not choose one. All names of this service are legal in it. */
const DEFAULT_ESCAPING = 'underscores';

/**
 * The schemes that leave the names of this service unchanged, which consist of letters, digits, `_` and `:`. The fourth scheme,
 * `dots`, would double every underscore. A client that asks for it gets `underscores`, and the answer says so.
 */
const ESCAPING_SCHEMES: ReadonlySet<string> = new Set(['allow-utf-8', 'underscores', 'values']);

/**
 * Chooses the format of a scrape by its `Accept` header, as Prometheus documents it. A client that accepts none of the formats
 * gets the text format anyway.
 *
 * Sources: https://prometheus.io/docs/instrumenting/content_negotiation/ and
 * https://prometheus.io/docs/instrumenting/escaping_schemes/
 */
export function negotiateScrape(accept: string | undefined): NegotiatedFormat {
  const { offer, range } = chooseOffer(accept, OFFERS) ?? { offer: TEXT, range: undefined };
  const { mediaType, version, format, saysEscaping } = offer;
  const asked = range?.parameters.get('escaping');
  const isSaid = saysEscaping === 'always' || (saysEscaping === 'if asked' && asked !== undefined);
  const escaping = isSaid ? `; escaping=${asked && ESCAPING_SCHEMES.has(asked) ? asked : DEFAULT_ESCAPING}` : '';
  return { format, contentType: `${mediaType}; version=${version}; charset=utf-8${escaping}` };
}
