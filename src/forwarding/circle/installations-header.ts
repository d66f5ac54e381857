/**
 * The header that names the installation that sends a request, and the installations whose samples the request may contain. Other
 * receivers of remote write ignore it.
 */
export const INSTALLATIONS_HEADER = 'x-custom-metrics-forwarded-by';

/** Maximum number of installations that a request names. The header then has 2.4 kB. */
export const MAX_INSTALLATIONS = 64;

const ID = /^[\da-f]{8}-[\da-f]{4}-[\da-f]{4}-[\da-f]{4}-[\da-f]{12}$/;

/** Returns the ids in a header. Everything else in it is ignored, because anybody may have sent it. */
export function installationsIn(header: string): string[] {
  return header
    .split(',', MAX_INSTALLATIONS)
    .map((text) => text.trim())
    .filter((text) => ID.test(text));
}
