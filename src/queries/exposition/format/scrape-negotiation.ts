import { chooseOffer, type MediaOffer } from '../../../http/answers/accept.js';
import { ESCAPING_SCHEMES, type EscapingScheme } from '../../../outside-text/escaped-name.js';
import type { ExpositionFormat } from './exposition-format.js';

/** The format of a scrape's answer. */
export interface NegotiatedFormat {
  readonly format: ExpositionFormat;
  /** The scheme by which names that only Prometheus 3 allows are escaped. */
  readonly escaping: EscapingScheme;
  /** The `Content-Type` header of the answer. */
  readonly contentType: string;
}

interface FormatOffer extends MediaOffer {
  readonly format: ExpositionFormat;
  readonly version: string;
  /**
   * True if the answer names its escaping scheme even if the client has not asked for one. It is false for older versions of the
   * formats, whose clients do not know this parameter.
   */
  readonly alwaysSaysEscaping: boolean;
}

const TEXT: FormatOffer = { mediaType: 'text/plain', version: '0.0.4', format: 'text', alwaysSaysEscaping: false };

/** The offers, in the order of preference for clients that have no preference. */
const OFFERS: readonly FormatOffer[] = [
  TEXT,
  { mediaType: 'application/openmetrics-text', version: '1.0.0', format: 'openmetrics', alwaysSaysEscaping: false },
  { mediaType: 'application/openmetrics-text', version: '0.0.1', format: 'openmetrics', alwaysSaysEscaping: false },
  { mediaType: 'text/plain', version: '1.0.0', format: 'text', alwaysSaysEscaping: true },
];

/** The escaping scheme for a client that asks for none, or for one that Prometheus does not define. */
export const DEFAULT_ESCAPING: EscapingScheme = 'underscores';

/**
 * Chooses the format of a scrape by its `Accept` header, as Prometheus documents it. A client that accepts none of the formats
 * gets the text format anyway.
 *
 * Sources: https://prometheus.io/docs/instrumenting/content_negotiation/ and
 * https://prometheus.io/docs/instrumenting/escaping_schemes/
 */
export function negotiateScrape(accept: string | undefined): NegotiatedFormat {
  const { offer, range } = chooseOffer(accept, OFFERS) ?? { offer: TEXT, range: undefined };
  const { mediaType, version, format, alwaysSaysEscaping } = offer;
  const asked = range?.parameters.get('escaping');
  const escaping = ESCAPING_SCHEMES.find((scheme) => scheme === asked) ?? DEFAULT_ESCAPING;
  const parameter = alwaysSaysEscaping || asked !== undefined ? `; escaping=${escaping}` : '';
  return { format, escaping, contentType: `${mediaType}; version=${version}; charset=utf-8${parameter}` };
}
