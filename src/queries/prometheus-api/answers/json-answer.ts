/** Writes the warnings and infos of an answer as Prometheus does, without empty lists. */
export function notesJson(warnings: readonly string[], infos: readonly string[] = []): string {
  return (
    (warnings.length > 0 ? `,"warnings":${JSON.stringify(warnings)}` : '') +
    (infos.length > 0 ? `,"infos":${JSON.stringify(infos)}` : '')
  );
}
