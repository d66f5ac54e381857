/** One entry of an `Accept` header, such as `text/plain;version=0.0.4;q=0.5`. */
export interface MediaRange {
  /** The parts before and after the slash, in lower case. Either can be `*`. */
  readonly type: string;
  readonly subtype: string;
  /** The parameters other than `q`, with their names in lower case. */
  readonly parameters: ReadonlyMap<string, string>;
  readonly quality: number;
}

/** A media type that a route can answer with. */
export interface MediaOffer {
  /** The media type, for instance `text/plain`. */
  readonly mediaType: string;
  /** The `version` parameter. A range that names another version does not match, but a range without a version does. */
  readonly version?: string;
}

/** The offer that a client prefers, and the matching range of its `Accept` header. */
export interface AcceptedOffer<Offer extends MediaOffer> {
  readonly offer: Offer;
  readonly range: MediaRange;
}

/** Maximum length of a quality value. A longer one counts as invalid. */
const MAX_QUALITY_CHARACTERS = 10;

/**
 * Chooses among the media types that a route offers, according to RFC 9110, section 12.5.1: the most specific range that matches
 * an offer determines its quality. Among equally good offers, a named type wins over a wildcard; after that, the order of the
 * header decides, and then the order of the offers.
 *
 * Parameters other than `version` and `q` are ignored. Express' `request.accepts` requires that the offer has every parameter of
 * the header, so `version=1.0.0` or `charset=utf-8` would exclude the type that the client wants.
 *
 * @param header the header; a missing header accepts everything
 * @returns undefined if the client accepts none of the offers
 */
export function chooseOffer<Offer extends MediaOffer>(
  header: string | undefined,
  offers: readonly Offer[],
): AcceptedOffer<Offer> | undefined {
  const ranges = parseAccept(header ?? '*/*');
  let best: { offer: Offer; match: Match } | undefined;
  for (const offer of offers) {
    const match = matchOf(offer, ranges);
    if (match === undefined || match.range.quality === 0) continue;
    if (best === undefined || isBetter(match, best.match)) best = { offer, match };
  }
  return best && { offer: best.offer, range: best.match.range };
}

/** Reads an `Accept` header in linear time. Entries that are not media ranges are ignored. */
export function parseAccept(header: string): MediaRange[] {
  return splitOutsideQuotes(header, ',').flatMap((text) => {
    const [mediaType = '', ...pairs] = splitOutsideQuotes(text, ';');
    const [type = '', subtype = '', ...others] = mediaType.trim().toLowerCase().split('/', 3);
    if (type === '' || subtype === '' || others.length > 0) return [];
    const parameters = new Map<string, string>();
    for (const pair of pairs) {
      const equals = pair.indexOf('=');
      if (equals === -1) continue;
      const name = pair.slice(0, equals).trim().toLowerCase();
      if (!parameters.has(name)) parameters.set(name, unquoted(pair.slice(equals + 1).trim()));
    }
    const quality = qualityOf(parameters.get('q'));
    parameters.delete('q');
    return [{ type, subtype, parameters, quality }];
  });
}

interface Match {
  readonly range: MediaRange;
  /** The position of the range in the header. */
  readonly position: number;
  /** A number that increases from a full wildcard through `text/*` and `text/plain` to `text/plain;version=0.0.4`. */
  readonly specificity: number;
}

const NAMED_TYPE = 2;

function matchOf(offer: MediaOffer, ranges: readonly MediaRange[]): Match | undefined {
  let best: Match | undefined;
  ranges.forEach((range, position) => {
    const specificity = specificityOf(range, offer);
    if (specificity === undefined) return;
    const isMoreSpecific = best === undefined || specificity > best.specificity;
    const isEquallySpecificAndBetter = specificity === best?.specificity && range.quality > best.range.quality;
    if (isMoreSpecific || isEquallySpecificAndBetter) best = { range, position, specificity };
  });
  return best;
}

function specificityOf({ type, subtype, parameters }: MediaRange, offer: MediaOffer): number | undefined {
  const version = parameters.get('version');
  if (version !== undefined && version !== offer.version) return undefined;
  if (type === '*' && subtype === '*') return 0;
  const [offeredType, offeredSubtype] = offer.mediaType.split('/');
  if (type !== offeredType) return undefined;
  if (subtype === '*') return 1;
  if (subtype !== offeredSubtype) return undefined;
  return version === undefined ? NAMED_TYPE : NAMED_TYPE + 1;
}

function isBetter(one: Match, other: Match): boolean {
  if (one.range.quality !== other.range.quality) return one.range.quality > other.range.quality;
  const naming = (match: Match) => Math.min(match.specificity, NAMED_TYPE);
  if (naming(one) !== naming(other)) return naming(one) > naming(other);
  return one.position < other.position;
}

/** Reads a quality value. A missing or invalid one counts as 1, as in Prometheus' own library. */
function qualityOf(text: string | undefined): number {
  if (text === undefined || text === '' || text.length > MAX_QUALITY_CHARACTERS) return 1;
  const quality = Number(text);
  return quality >= 0 && quality <= 1 ? quality : 1;
}

function splitOutsideQuotes(text: string, separator: ',' | ';'): string[] {
  const parts: string[] = [];
  let isQuoted = false;
  let start = 0;
  for (let index = 0; index < text.length; index++) {
    const character = text[index];
    if (isQuoted && character === '\\') index++;
    else if (character === '"') isQuoted = !isQuoted;
    else if (!isQuoted && character === separator) {
      parts.push(text.slice(start, index));
      start = index + 1;
    }
  }
  parts.push(text.slice(start));
  return parts;
}

function unquoted(text: string): string {
  if (text.length < 2 || !text.startsWith('"') || !text.endsWith('"')) return text;
  return text.slice(1, -1).replaceAll(/\\(.)/gs, '$1');
}
